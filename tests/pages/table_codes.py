"""Entering codes, in 青春家园."""

from datetime import timedelta

from app.league.codes.models import ClassCode
from tests import factories as make
from tests.pages.matrix import PERSONAS, Row, everyone, signed_in, staff

TOKEN = "abcdefgh23456789"


def class_code(world, session, vault):
    """A running code of B1, where three are expected."""
    world.branch_b1.expected_members = 3
    row = ClassCode(
        organisation_id=world.branch_b1.id, code="491152", token=TOKEN, opened_at=make.NOW,
        expires_at=make.NOW + timedelta(days=30), opened_by_name="管理",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return {"token": TOKEN}


def cadre_code(world, session, vault):
    """Any letters: the page of an invitation says nothing of it before it is taken up."""
    return {"token": "A" * 26}


YOUTHS = {name: 200 for name in PERSONAS if name in ("anonymous", "youth", "other_youth")}
ROWS = [
    Row("GET", "/jia/code", everyone(200)),
    Row("POST", "/jia/code", {**signed_in(422), "anonymous": 200}),
    Row("POST", "/jia/code/class", {**signed_in(303), "anonymous": 200}),
    Row("GET", "/jia/i/<token>", everyone(200), thing="class_code"),
    Row("POST", "/jia/i/<token>", signed_in(303), thing="class_code"),
    Row("GET", "/jia/cadre", {**YOUTHS, **staff(303)}),
    Row("POST", "/jia/cadre", everyone(422)),
    Row("GET", "/jia/cadre/<token>", everyone(200), thing="cadre_code"),
    Row("POST", "/jia/cadre/accept", signed_in(422)),
]
THINGS = {"class_code": class_code, "cadre_code": cadre_code}
