"""Applications of a generated branch: those that wait, some with flaws, and those that were decided in past years."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.generation.people import Crowd
from app.kernel.audit.record import entry, record_all
from app.kernel.db import bulk
from app.kernel.db.base import table_of
from app.kernel.ids import new_public_id
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.joining import flags
from app.league.joining.intake import Facts
from app.league.joining.models import Decision, JoinRequest, Lane, RequestState, Verdict
from app.league.organisations import counters
from app.league.organisations.models import Organisation
from app.league.people.models import Door, Person
from app.league.people.operations import COPIED
from app.league.people.protect import seal_file_fields

WAITING, REJECTED, APPROVED = 0.045, 0.015, 0.03
"""Applications per file: those that wait, and those whose end is still on record."""
FLAWED = 0.08
"""Of those that wait."""
DOORS = tuple(door for door in Door if door is not Door.IMPORT)

Flaw = Callable[[Facts], Facts]
FLAWS: tuple[Flaw, ...] = (
    lambda facts: replace(facts, joined_league_on=facts.birth_date),
    lambda facts: replace(facts, joined_league_on=facts.birth_date.replace(year=facts.birth_date.year + 12, day=1)),
    lambda facts: replace(facts, certificate_number="12"),
    lambda facts: replace(facts, name=f"{facts.name}A"),
    lambda facts: replace(facts, birth_date=facts.birth_date.replace(day=1 + facts.birth_date.day % 28)),
)


@dataclass(frozen=True)
class Counts:
    """How many applications a branch gets of each kind."""

    waiting: int
    rejected: int
    approved: int

    @property
    def strangers(self) -> int:
        """Applicants who have no file."""
        return self.waiting + self.rejected

    @property
    def all(self) -> int:
        """All applications."""
        return self.strangers + self.approved

    @property
    def measures(self) -> dict[str, int]:
        """What the counters gain."""
        return {"pending": self.waiting, "filled": self.waiting + self.approved, "approved": self.approved}


def counts_for(files: int, number: int) -> Counts:
    """The numbers for a branch of ``files``; ``number`` spreads the fractions over the branches."""

    def part(share: float) -> int:
        return int((number + 1) * share * files) - int(number * share * files)

    return Counts(part(WAITING), part(REJECTED), part(APPROVED))


@dataclass(frozen=True)
class Post:
    """What one branch receives. ``years``: the year of birth of each stranger."""

    crowd: Crowd
    place: Organisation
    wanted: Counts
    years: Sequence[int]


def hand_in(work: Work, posts: Sequence[Post], reviewer: Account) -> None:
    """Put the applications of some branches on record with their decisions, audit entries and counters.

    ``reviewer``: who decided those that are decided.
    """
    rows = [row for post in posts for row in _rows(work, post, reviewer)]
    if not rows:
        return
    ids = bulk.put_numbered(work.session, table_of(JoinRequest), rows)
    numbered = [(number, row) for number, row in zip(ids, rows, strict=True) if row["decided_at"]]
    bulk.put_many(work.session, table_of(Decision), [_decision(row, number) for number, row in numbered])
    decided = [row for _, row in numbered]
    record_all(work, [_submitted(work, row) for row in rows] + [_judged(work, row, reviewer) for row in decided])
    counters.move_all(work.session, {post.place.path: post.wanted.measures for post in posts})


def _rows(work: Work, post: Post, reviewer: Account) -> list[dict[str, Any]]:
    crowd, place, wanted, years = post.crowd, post.place, post.wanted, post.years
    refused = (_stranger(work, crowd, year) for year in years[wanted.waiting :])
    ends = ((RequestState.REJECTED, refused), (RequestState.APPROVED, _files(work, place, wanted.approved)))
    decided = [_decided(crowd, place, state, facts, reviewer) for state, found in ends for facts in found]
    return [_waiting(work, crowd, place, year) for year in years[: wanted.waiting]] + decided


def _waiting(work: Work, crowd: Crowd, place: Organisation, year: int) -> dict[str, Any]:
    facts = _stated(crowd, year)
    found = flags.Findings([], Lane.CLEAN)
    if crowd.dice.random() < FLAWED:
        facts = crowd.dice.choice(FLAWS)(facts)
        found = flags.examine(work, facts, place)
    at = work.now - timedelta(seconds=crowd.dice.randrange(12 * 86_400))
    return _row(crowd, place, RequestState.SUBMITTED, _columns(work, facts), at) | {
        "flags": found.flags,
        "lane": found.lane,
    }


def _stranger(work: Work, crowd: Crowd, year: int) -> dict[str, Any]:
    return {**_columns(work, _stated(crowd, year)), "since": _past(work, crowd)}


def _stated(crowd: Crowd, year: int) -> Facts:
    plain, number, phone = crowd.facts(year)
    del plain["name_key"], plain["name_initials"]
    return Facts(**plain, id_number=number, phone=phone)


def _columns(work: Work, facts: Facts) -> dict[str, Any]:
    return {**facts.columns(), **seal_file_fields(work.vault, facts.id_number, facts.phone)}


def _past(work: Work, crowd: Crowd) -> datetime:
    return work.now - timedelta(days=crowd.dice.randrange(30, 900), seconds=crowd.dice.randrange(86_000))


def _files(work: Work, place: Organisation, number: int) -> list[dict[str, Any]]:
    """The columns of the first ``number`` files that stand at ``place``, to be told as applications."""
    columns = [getattr(Person, name) for name in COPIED]
    query = select(Person.id, Person.created_at, *columns).where(Person.org_path == place.path)
    rows = work.session.execute(query.order_by(Person.id).limit(number)).all() if number else []
    return [
        {**dict(zip(COPIED, row[2:], strict=True)), "statement": "", "person_id": row[0], "since": row[1]}
        for row in rows
    ]  # fmt: skip


def _decided(
    crowd: Crowd, place: Organisation, state: RequestState, facts: Mapping[str, Any], reviewer: Account
) -> dict[str, Any]:
    columns = dict(facts)
    at = columns.pop("since")
    person_id = columns.pop("person_id", None)
    sent = at - timedelta(hours=crowd.dice.randrange(1, 90))
    return _row(crowd, place, state, columns, sent) | {
        "person_id": person_id,
        "decided_at": at,
        "decided_by_id": reviewer.id,
        "decided_by_name": reviewer.name,
        "reason": "" if person_id else "不是本支部的人，请到所在团支部申请",
    }


def _row(
    crowd: Crowd, place: Organisation, state: RequestState, columns: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    return {
        **columns,
        "public_id": new_public_id(),
        "reference": crowd.numbers.reference(),
        "state": state,
        "lane": Lane.CLEAN,
        "flags": [],
        "door": crowd.dice.choice(DOORS),
        "organisation_id": place.id,
        "org_path": place.path,
        "attention_path": place.path,
        "submitted_at": at,
        "person_id": None,
        "decided_at": None,
        "decided_by_id": None,
        "decided_by_name": "",
        "reason": "",
    }


def _decision(row: Mapping[str, Any], request_id: int) -> dict[str, Any]:
    approved = row["state"] is RequestState.APPROVED
    return {
        "public_id": new_public_id(),
        "request_id": request_id,
        "round": 1,
        "verdict": Verdict.APPROVE if approved else Verdict.REJECT,
        "reason": row["reason"],
        "account_id": row["decided_by_id"],
        "account_name": row["decided_by_name"],
        "decided_at": row["decided_at"],
        "undo_until": row["decided_at"],
        "created_person": False,
    }


def _submitted(work: Work, row: Mapping[str, Any]) -> dict[str, Any]:
    return entry(work, "joining:request:submit", "join_request", row["public_id"], org_path=row["org_path"])


def _judged(work: Work, row: Mapping[str, Any], reviewer: Account) -> dict[str, Any]:
    acting = replace(work, actor=Actor("command", reviewer.id, reviewer.name))
    verdict = Verdict.APPROVE if row["state"] is RequestState.APPROVED else Verdict.REJECT
    return entry(
        acting, f"joining:request:{verdict}", "join_request", row["public_id"],
        org_path=row["org_path"], person_id=row["person_id"], reason=row["reason"],
    )  # fmt: skip
