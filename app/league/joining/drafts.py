"""What a youth has typed so far: sealed, saved at every step, kept through sign-out, crash and a change of phone.

Each step of the form has a version of its own, so that two windows on different steps never disturb each other, and
of two windows on the same step the slower one is asked instead of overwriting. A window that saves by itself while
its owner goes on typing never meets itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete

from app.kernel.db.base import table_of
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.work import Work
from app.league.joining import places
from app.league.joining.intake import Facts, Intake
from app.league.joining.models import Draft, JoinRequest
from app.league.joining.operations import typed_again
from app.league.organisations.models import Organisation
from app.league.people.codes import MEMBER_STATUS, PARTY_STATUSES

PURPOSE = "draft"
STEPS: dict[str, tuple[str, ...]] = {
    "place": ("organisation", "statement"),
    "name": ("name",),
    "document": ("id_type", "id_number", "birth_date", "sex"),
    "basics": ("ethnicity", "native_place", "education", "political_status", "occupation", "phone"),
    "league": (
        "member", "joined_league_on", "joined_league_at", "certificate_number", "development_number",
        "dues_paid_through", "forgotten", "confirmed",
    ),
}  # fmt: skip
"""The steps in their order, each with the facts it asks for."""


class Overtaken(Conflict):
    """Another window changed the same step. ``stored``: what it says now; ``version``: to send with the next try."""

    def __init__(self, stored: Mapping[str, Any], version: int) -> None:
        super().__init__("这一步刚在另一个窗口里改过")
        self.stored = dict(stored)
        self.version = version


@dataclass
class Contents:
    """A draft opened. ``done``: the steps that were left without an error."""

    typed: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    writers: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    updated_at: datetime | None = None

    def of(self, step: str) -> dict[str, Any]:
        """What was typed on ``step``."""
        return {name: self.typed[name] for name in STEPS[step] if name in self.typed}

    def version(self, step: str) -> int:
        """How often ``step`` was changed."""
        return self.versions.get(step, 0)

    def steps(self) -> list[str]:
        """The steps this person goes through: who has not joined the League is not asked about it."""
        status = self.typed.get("political_status", "")
        asked = not status or status == MEMBER_STATUS or status in PARTY_STATUSES
        return [step for step in STEPS if step != "league" or asked]

    def next_step(self) -> str | None:
        """The first step still to do; None when the answers can be checked."""
        return next((step for step in self.steps() if step not in self.done), None)


def load(work: Work, account_id: int) -> Contents:
    """The draft of an account; an empty one when there is none."""
    row = work.session.get(Draft, account_id)
    return Contents() if row is None else _open(work, row)


def keep(
    work: Work,
    account_id: int,
    step: str,
    typed: Mapping[str, Any],
    *,
    version: int,
    window: str = "",
    done: bool = True,
) -> Contents:
    """Save what was typed on ``step``; ``done``: it has no error, the next step may come.

    ``version``: the step's version when the page was made; ``window``: which window writes. Raises Overtaken when
    another window changed the step since.
    """
    row = work.session.get(Draft, account_id, with_for_update=True)
    contents = Contents() if row is None else _open(work, row)
    given = {name: typed[name] for name in STEPS[step] if name in typed}
    ours = contents.version(step) == version or (window and contents.writers.get(step) == window)
    if not ours and contents.of(step) not in ({}, given):
        raise Overtaken(contents.of(step), contents.version(step))
    if contents.of(step) != given:
        contents.versions[step] = contents.version(step) + 1
        contents.writers[step] = window
    contents.typed.update(given)
    contents.done = [name for name in contents.done if name != step] + ([step] if done else [])
    _save(work, account_id, row, step, contents)
    return contents


def judged(work: Work, contents: Contents) -> tuple[Facts | None, dict[str, str]]:
    """The facts, or every error there is by the name of its field: of the place too."""
    errors: dict[str, str] = {}
    try:
        places.find(work.session, contents.typed.get("organisation", ""))
    except NotFound:
        errors["organisation"] = "请选择您的团支部"
    try:
        facts = Intake.read(contents.typed, work.today)
    except Invalid as problem:
        return None, {**errors, **problem.errors}
    return (None, errors) if errors else (facts, {})


def begin_from(work: Work, account_id: int, request: JoinRequest) -> Contents:
    """A draft filled with an earlier application: to apply again without typing again."""
    organisation = work.session.get_one(Organisation, request.organisation_id)
    typed = {**typed_again(work, request), "organisation": organisation.public_id}
    asked = {name for names in STEPS.values() for name in names}
    contents = Contents({name: value for name, value in typed.items() if name in asked})
    contents.done = list(STEPS)
    _save(work, account_id, work.session.get(Draft, account_id, with_for_update=True), "place", contents)
    return contents


def forget(work: Work, account_id: int) -> None:
    """Remove the draft: its content stands in the application now."""
    work.session.connection().execute(_FORGETTING, {"account": account_id})


_FORGETTING = delete(table_of(Draft)).where(Draft.account_id == bindparam("account"))


def _open(work: Work, row: Draft) -> Contents:
    return Contents(**json.loads(work.vault.open(PURPOSE, row.content_sealed)), updated_at=row.updated_at)


def _save(work: Work, account_id: int, row: Draft | None, step: str, contents: Contents) -> None:
    kept = {name: getattr(contents, name) for name in ("typed", "versions", "writers", "done")}
    sealed = work.vault.seal(PURPOSE, json.dumps(kept, ensure_ascii=False))
    if row is None:
        work.session.add(Draft(account_id=account_id, content_sealed=sealed, step=step, updated_at=work.now))
    else:
        row.content_sealed, row.step, row.updated_at, row.version = sealed, step, work.now, row.version + 1
    contents.updated_at = work.now
    work.session.flush()
