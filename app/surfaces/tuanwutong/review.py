"""What the review desk shows: lanes with counts, the list, one card, the sheet, and where everything leads."""

from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from wtforms import HiddenField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.work import Work
from app.league.joining import cards, queries, reasons, spot_checks
from app.league.joining.decisions import Outcome
from app.league.joining.models import JoinRequest, Lane, RequestState, Verdict
from app.league.organisations.models import Organisation
from app.league.organisations.queries import by_public_id
from app.league.people.fields import FIELDS
from app.surfaces.tuanwutong import sheet
from app.surfaces.web.forms import Form, OnceForm, choices, filled
from app.surfaces.web.house import me, work

LANES = {Lane.CLEAN: "无疑点", Lane.FLAGGED: "有疑点", Lane.DUPLICATE: "疑似重复", Lane.OFF_ROSTER: "不在花名册"}
TICKS = [(known.name, known.label) for known in FIELDS.values()]
PANELS = {"return": Verdict.RETURN, "reject": Verdict.REJECT}


class PlaceForm(Form):
    """Where in the queue the reviewer stands: kept through every form."""

    lane = HiddenField()
    branch = HiddenField()


class DecideForm(PlaceForm, OnceForm):
    """One application: approve, return or reject."""

    verdict = StringField(validators=[filled("请选择通过、退回或拒绝")])
    version = IntegerField(validators=[InputRequired("请重新打开这份申请")])
    digit = HiddenField(validators=[Length(max=1)])
    fields_ = SelectMultipleField("要改的内容", name="fields", choices=choices(TICKS))
    reason = TextAreaField("自己写理由")


class SheetForm(PlaceForm, OnceForm):
    """Many clean applications at a look."""

    sheet = HiddenField(validators=[filled("这张名单已经失效，请重新打开审核页")])


class ReasonForm(OnceForm):
    """A reason, and the version it is given for."""

    version = IntegerField(validators=[InputRequired("请重新打开这份申请")])
    reason = TextAreaField("说明", validators=[filled("请写明理由"), Length(max=reasons.LONGEST)])


class RevealForm(Form):
    """Why the full number is needed."""

    reason = StringField("为什么要看完整号码", validators=[filled("请写明为什么要看完整号码"), Length(max=100)])


class PlacingForm(OnceForm):
    """The branch for a member who found none."""

    branch_id = StringField("安排到", validators=[filled("请选择团支部")])


@dataclass
class Spot:
    """The part of the queue that is looked at: a lane, and maybe one branch."""

    scope: Scope
    lane: Lane | None = None
    branch: Organisation | None = None

    @property
    def path(self) -> str | None:
        """The branch's path."""
        return self.branch.path if self.branch else None

    @property
    def names(self) -> dict[str, str]:
        """What is kept in addresses and forms."""
        return {"lane": self.lane or "", "branch": self.branch.public_id if self.branch else ""}

    def url(self, endpoint: str = ".index", **values: Any) -> str:
        """An address that keeps the place in the queue."""
        kept = {name: value for name, value in self.names.items() if value}
        return url_for(endpoint, **{**kept, **values})


def spot(values: Any) -> Spot:
    """The place in the queue that ``values`` (of the address or of a form) name; a foreign branch is not found."""
    scope = me().scope(Power.JOINING_READ)
    lane = values.get("lane")
    branch = values.get("branch")
    found = by_public_id(scope, work().session, branch) if branch else None
    return Spot(scope, Lane(lane) if lane in list(Lane) else None, found)


@dataclass
class Desk:
    """The values of the desk's template."""

    spot: Spot
    progress: queries.Progress
    counts: dict[Lane, int]
    branches: list[queries.Waiting]
    rows: list[queries.Row] = field(default_factory=list)
    checks: dict[str, tuple[str, bool | None]] = field(default_factory=dict)
    """Per row: the masked number, and whether it holds."""
    more: str | None = None
    card: cards.Card | None = None
    before: str | None = None
    after: str | None = None
    sealed: str = ""
    to_look_at: list[JoinRequest] = field(default_factory=list)
    """抽查: what has to be looked at before a sheet goes on; while there is any, there is no sheet."""
    picked: set[str] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    notice: Outcome | None = None
    panel: str = ""
    form: Any = None
    ticks: list[tuple[str, str]] = field(default_factory=lambda: TICKS)
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tabs(self) -> list[tuple[str, str, bool, str]]:
        """The lanes as links with their counts."""
        spot, url = self.spot, self.spot.url
        return [
            (name, url("queue.index", lane=lane.value), lane is spot.lane, _bounded(self.counts[lane]))
            for lane, name in LANES.items()
        ]

    @property
    def templates(self) -> list[reasons.Template]:
        """The reasons that the open panel offers."""
        return reasons.templates(PANELS[self.panel]) if self.panel in PANELS else []


def desk(where: Spot, row: JoinRequest | None = None, *, after: str | None = None, **values: Any) -> Desk:
    """The desk at ``where``, with the card of ``row`` or else of the first that waits.

    ``after``: the list goes on after this public id.
    """
    unit = work()
    counts = queries.queue_counts(where.scope, unit.session, branch=where.path)
    if where.lane is None:
        where.lane = row.lane if row else next((lane for lane in LANES if counts[lane]), Lane.CLEAN)
    shown = Desk(
        spot=where,
        progress=_progress(unit, where),
        counts=counts,
        branches=queries.branches_waiting(where.scope, unit.session),
        **values,
    )
    _list(unit, shown, row, after)
    if where.lane is Lane.CLEAN:
        shown.to_look_at = spot_checks.waiting(unit, me())
    if row is None and shown.to_look_at:
        row = shown.to_look_at[0]
    if row is None and shown.rows:
        row = queries.request_by_public_id(where.scope, unit.session, shown.rows[0].public_id)
    if row is not None:
        shown.card = cards.card(unit, me(), row)
        shown.before, shown.after = neighbours(where, row)
    if where.lane is Lane.CLEAN and not shown.to_look_at:
        shown.sealed = sheet.seal(unit.vault, me(), shown.rows, unit.now)
        if not shown.outcomes:
            shown.picked = {found.public_id for found in shown.rows}
    return shown


def neighbours(where: Spot, row: JoinRequest) -> tuple[str | None, str | None]:
    """Public ids of what waits before and after ``row`` at this place in the queue."""
    return queries.neighbours(where.scope, work().session, row, lane=where.lane or row.lane, branch=where.path)


def _list(unit: Work, shown: Desk, row: JoinRequest | None, after: str | None) -> None:
    where = shown.spot
    rows = _waiting(unit, where, after)
    waits = row is not None and row.state is RequestState.SUBMITTED
    if row is not None and waits and row.public_id not in {found.public_id for found in rows[: sheet.SIZE]}:
        rows = _waiting(unit, where, neighbours(where, row)[0])
    shown.rows = rows[: sheet.SIZE]
    shown.more = shown.rows[-1].public_id if len(rows) > sheet.SIZE else None
    shown.checks = {
        found.public_id: (cards.masked_number(unit, found), cards.number_holds(unit, found)) for found in shown.rows
    }


def _waiting(unit: Work, where: Spot, after: str | None) -> list[queries.Row]:
    scope, size = where.scope, sheet.SIZE + 1
    return queries.queue(scope, unit.session, lane=where.lane, branch=where.path, after=after, size=size)


def _progress(unit: Work, where: Spot) -> queries.Progress:
    if where.branch is not None:
        return queries.progress(where.scope, unit.session, where.branch)
    return queries.progress_of(where.scope, unit.session)


def _bounded(number: int) -> str:
    return f"{queries.COUNTED_TO - 1}+" if number >= queries.COUNTED_TO else str(number)


def keys_off() -> bool:
    """Whether this browser has the desk's keys switched off."""
    return request.cookies.get("desk_keys") == "off"
