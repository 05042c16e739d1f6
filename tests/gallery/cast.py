"""The league of the tables of pages, played by the demonstration's people and organisations."""

from sqlalchemy import select

from app.demonstration import pilot, staff
from app.kernel.access.rules import Role
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.operations import New, create_many
from tests import factories as make
from tests.world import World

LOGINS = {
    "system": staff.SYSTEM,
    "province": staff.PROVINCE,
    "city_a": staff.CITY,
    "school_s": staff.NORMAL,
    "school_t": staff.VOCATIONAL,
    "delegate_c": staff.DELEGATE,
    "secretary_b1": staff.SECRETARY,
    "youth": staff.YOUTH,
    "other_youth": staff.MEMBER,
}
PERSONAS = ("anonymous", *LOGINS, "publisher")
"""Whoever looks at the pages; the tables know some more, who are the same at other places."""


def assemble(work: Work) -> World:
    """Give every role of the tables to somebody of the demonstration; make the few that it lacks."""
    world = World()
    for persona, phone in LOGINS.items():
        index = work.vault.index("phone", phone)
        world.people[persona] = work.session.scalars(select(Account).where(Account.phone_index == index)).one()
    world.orgs |= _places(work)
    world.people["publisher"] = make.account(work.session, work.vault, "信息发布员")
    make.appoint(work.session, world.people["publisher"], world.province, Role.PUBLISHER)
    work.session.flush()
    return world


def _places(work: Work) -> dict[str, Organisation]:
    normal = _by_code(work, pilot.NORMAL_SCHOOL)
    province = work.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
    city = _by_code(work, pilot.SHUOZHOU)
    class_branch, other_branch = (_child(work, normal, name) for name in (pilot.CLASS_BRANCH, None))
    vocational = _by_code(work, pilot.VOCATIONAL_SCHOOL)
    [college] = create_many(work, normal, [New(Kind.COLLEGE, "会计学院团总支")])
    return {
        "province": province,
        "city_a": city,
        "school_s": normal,
        "college_c": college,
        "branch_b1": class_branch,
        "branch_b2": other_branch,
        "branch_b3": other_branch,
        "school_t": vocational,
        "branch_t1": _child(work, vocational, None),
    }


def _by_code(work: Work, code: str) -> Organisation:
    return work.session.scalars(select(Organisation).where(Organisation.code == code)).one()


def _child(work: Work, parent: Organisation, name: str | None) -> Organisation:
    """The branch of that name; without a name, the last one."""
    branches = select(Organisation).where(Organisation.parent_id == parent.id, Organisation.kind == Kind.BRANCH)
    if name:
        branches = branches.where(Organisation.name == name)
    return work.session.scalars(branches.order_by(Organisation.id.desc()).limit(1)).one()
