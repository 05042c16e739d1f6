"""Applications waiting in the demonstration: most of them clean, some with the flaws that real ones have."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.demonstration.staff import Places, open_account
from app.kernel.work import Actor, Work
from app.league.accounts.passwords import hash_password
from app.league.invented import SCHOOLS_OF_ORIGIN, Invented, Inventor
from app.league.joining.intake import Facts
from app.league.joining.models import RosterEntry
from app.league.joining.operations import submit
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.people.facts import name_columns, name_key
from app.league.people.models import Door, Person, Standing
from app.league.people.protect import open_id_number

Flaw = Callable[[Facts], Facts]
CLEAN_IN_CLASS = 22
OFF_ROSTER = 4
CLEAN_ELSEWHERE = 24
MISSING_NAME = "温如玉"
"""On the roster and not heard of yet: somebody for the list of who is missing."""


def columns(one: Invented, inventor: Inventor, *, member: bool, degree: str, number: int) -> dict[str, Any]:
    """The plain facts of an invented person."""
    joined = one.joined_league_on
    return {
        **name_columns(one.name),
        "sex": one.sex,
        "birth_date": one.birth_date,
        "ethnicity": one.ethnicity,
        "native_place": one.native_place,
        "education": degree,
        "political_status": "03" if member else "13",
        "joined_league_on": joined if member else None,
        "joined_league_at": inventor.dice.choice(SCHOOLS_OF_ORIGIN) if member else "",
        "certificate_number": f"649{number % 100000:05d}" if member else "",
        "development_number": f"{joined.year}14{inventor.next_serial():06d}" if member and joined.year >= 2017 else "",
        "dues_paid_through": f"{inventor.today.year}-{max(inventor.today.month - 1, 1):02d}" if member else "",
    }


def hand_in(work: Work, inventor: Inventor, places: Places, branches: list[Organisation]) -> None:
    """Fill the queue: the class's roster with its clean forms, strangers to it, and each flaw at least once."""
    secret = hash_password(f"{work.vault.secret('demonstration')}", memory_kib=work.settings.password_cost)
    sender = _Sender(work, inventor, secret)
    in_class = [inventor.person(youngest=18, oldest=21) for _ in range(CLEAN_IN_CLASS)]
    flawed = [(inventor.person(youngest=18, oldest=22), flaw) for flaw in _flaws(work, branches)]
    members = work.session.scalars(select(Person.name).where(Person.organisation_id == places.class_branch.id))
    expected = [*members, *(one.name for one in in_class), *(one.name for one, _ in flawed), MISSING_NAME]
    _expect(work, places.class_branch, expected)
    for one in in_class:
        sender.send(one, places.class_branch)
    for one, flaw in flawed:
        sender.send(one, places.class_branch, flaw)
    for _ in range(OFF_ROSTER):
        sender.send(inventor.person(), places.class_branch)
    others = [branch for branch in branches if branch.id != places.class_branch.id]
    for _ in range(CLEAN_ELSEWHERE):
        sender.send(inventor.person(), inventor.dice.choice(others[:12]))


def _expect(work: Work, branch: Organisation, names: list[str]) -> None:
    rows = [
        RosterEntry(organisation_id=branch.id, name=name, name_key=name_key(name), created_at=work.now)
        for name in names
    ]
    work.session.add_all(rows)
    work.session.flush()
    counters.move(work.session, branch.path, {"roster": len(rows)})


class _Sender:
    """Hands in applications as their owners would, some days apart."""

    def __init__(self, work: Work, inventor: Inventor, password_hash: str) -> None:
        self.work, self.inventor, self.password_hash = work, inventor, password_hash
        self.sent = 0

    def send(self, one: Invented, branch: Organisation, flaw: Flaw = lambda facts: facts) -> None:
        """One application of a new account."""
        self.sent += 1
        account = open_account(self.work, one.phone, one.name, self.password_hash)
        plain = columns(one, self.inventor, member=True, degree="31", number=50_000 + self.sent)
        del plain["name_key"], plain["name_initials"]
        facts = flaw(Facts(**plain, id_number=one.id_number, phone=one.phone, standing=Standing.MEMBER))
        moment = self.work.now - timedelta(minutes=37 * self.sent)
        acting = replace(self.work, now=moment, actor=Actor("web", account.id, account.name))
        submit(acting, account, branch, facts, door=(Door.PC, Door.WECHAT, Door.APP)[self.sent % 3])


def _flaws(work: Work, branches: list[Organisation]) -> list[Flaw]:
    """One application each: dates alike, joined at twelve, over age, a number of another form, known elsewhere."""
    known = work.session.scalars(select(Person).where(Person.organisation_id == branches[-1].id).limit(1)).one()
    number = open_id_number(work.vault, known)
    return [
        lambda facts: replace(facts, joined_league_on=facts.birth_date),
        lambda facts: replace(facts, joined_league_on=facts.birth_date.replace(year=facts.birth_date.year + 12, day=1)),
        lambda facts: replace(facts, development_number="201614000001"),
        lambda facts: replace(facts, certificate_number="12"),
        lambda facts: replace(facts, id_number=number, birth_date=known.birth_date, sex=known.sex, name=known.name),
    ]
