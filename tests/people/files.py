"""Makers for tests of files: a file on record, as bulk loading leaves it."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.kernel.vault import Vault
from app.kernel.work import Actor, Work
from app.league.organisations.models import Organisation
from app.league.people.facts import name_columns
from app.league.people.loading import NewFile, load
from app.league.people.models import Person, Standing
from tests import factories as make


def working(session: Session, vault: Vault) -> Work:
    """A unit of work of a command, for makers outside a test."""
    return Work(session, make.NOW, Actor("command"), vault, Settings())


def facts(name: str = "王小明", **values: Any) -> dict[str, Any]:
    """The plain columns of a file."""
    return {
        **name_columns(name),
        "sex": "1",
        "birth_date": date(2006, 5, 17),
        "ethnicity": "01",
        "native_place": "山西省朔州市朔城区",
        "education": "21",
        "political_status": "03",
        "occupation": "会计",
        "id_type": "resident",
        "standing": Standing.MEMBER,
        "joined_league_on": date(2020, 5, 4),
        "joined_league_at": "演示中学",
        "certificate_number": "00000001",
        "development_number": "",
        "dues_paid_through": "2026-03",
        **values,
    }


def file_at(
    work: Work, organisation: Organisation, name: str = "王小明", *, verified: bool = True, **values: Any
) -> Person:
    """One file at ``organisation``, flushed. ``number`` and ``phone`` are fresh unless given."""
    number = values.pop("number", None) or make.id_number(values.get("birth_date", date(2006, 5, 17)))
    phone = values.pop("phone", None) or make.phone()
    values.setdefault("sex", "1" if int(number[16]) % 2 else "2")
    file = NewFile(facts(name, **values), number, phone, work.now)
    load(work, [(organisation, [file])], verified=verified)
    return work.session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
