"""What the review desk shows: lanes with counts, the list, one card, the sheet, and where everything leads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import session as visit
from flask import url_for

from app.kernel.access.powers import Power
from app.kernel.access.scope import Scope
from app.kernel.clock import local
from app.kernel.work import Work
from app.league.joining import cards, presence, queries, reasons, spot_checks
from app.league.joining.akin import akin
from app.league.joining.beside import Beside, beside
from app.league.joining.decisions import Outcome
from app.league.joining.models import JoinRequest, Lane, RequestState, Verdict
from app.league.organisations.models import Organisation
from app.league.organisations.queries import by_public_id
from app.surfaces.tuanwutong import sheet
from app.surfaces.tuanwutong.review_forms import TICKS
from app.surfaces.web.addresses import many
from app.surfaces.web.house import me, work

LANES = {
    Lane.CLEAN: "无疑点",
    Lane.FLAGGED: "有疑点",
    Lane.DUPLICATE: "疑似重复",
    Lane.OFF_ROSTER: "不在花名册",
    Lane.PASSED: "转交",
}
MOST_SKIPPED = 40
PANELS = {"return": Verdict.RETURN, "reject": Verdict.REJECT}


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

    @property
    def card_urls(self) -> Callable[[str], str]:
        """From the public id of an application to the address of its card here."""
        return many("queue.show", **{name: value for name, value in self.names.items() if value})


def spot(values: Any) -> Spot:
    """The place in the queue that ``values`` (of the address or of a form) name; a foreign branch is not found."""
    scope = me().scope(Power.JOINING_READ)
    lane = values.get("lane")
    branch = values.get("branch")
    found = by_public_id(scope, work().session, branch) if branch else None
    return Spot(scope, Lane(lane) if lane in list(Lane) else None, found)


@dataclass
class Desk:
    """The values of the desk's templates. Only what the asked part shows is filled in."""

    spot: Spot
    progress: queries.Progress | None = None
    counts: dict[Lane, int] = field(default_factory=dict)
    branches: list[queries.Waiting] = field(default_factory=list)
    rows: list[queries.Row] = field(default_factory=list)
    checks: dict[str, tuple[str, bool | None]] = field(default_factory=dict)
    """Per row: the masked number, and whether it holds."""
    more: str | None = None
    from_start: bool = False
    """Whether the list begins where the queue does."""
    card: cards.Card | None = None
    beside: Beside | None = None
    before: str | None = None
    after: str | None = None
    watching: list[str] = field(default_factory=list)
    """Who else has the card open."""
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
    query: str | None = None
    """What was searched for: the list then holds what was found."""
    day: queries.Day | None = None
    """What the reviewer did today, when nothing waits any more."""

    @property
    def tabs(self) -> list[tuple[str, str, bool, str]]:
        """The lanes as links with their counts; what was passed on has one when there is any."""
        url, here = self.spot.url, None if self.query is not None else self.spot.lane
        return [
            (name, url("queue.index", lane=lane.value), lane is here, _bounded(self.counts[lane]))
            for lane, name in LANES.items()
            if lane is not Lane.PASSED or self.counts[lane] or lane is here
        ]

    @property
    def missing(self) -> int:
        """How many of the roster have not filled in a form."""
        return max(0, self.progress.total - self.progress.filled) if self.progress else 0

    @property
    def today(self) -> str:
        """How much the reviewer did today and how long it took; "" on a day without a decision."""
        if self.day is None or self.day.first is None or self.day.last is None:
            return ""
        first, last = local(self.day.first), local(self.day.last)
        minutes = max(1, round((last - first).total_seconds() / 60))
        long = f"{minutes // 60} 小时 {minutes % 60} 分钟" if minutes >= 60 else f"{minutes} 分钟"
        return f"您今天审了 {self.day.number} 份，{first:%H:%M} 开始，{last:%H:%M} 审完，用了 {long}。"

    def templates(self, panel: str) -> list[reasons.Template]:
        """The reasons that a panel offers."""
        return reasons.templates(PANELS[panel])


def head(where: Spot, row: JoinRequest | None = None, **values: Any) -> Desk:
    """The figures and lanes at ``where``; without a lane, that of ``row`` or else the first with something in it."""
    unit = work()
    counts = queries.queue_counts(where.scope, unit.session, branch=where.path)
    if where.lane is None:
        where.lane = row.lane if row else next((lane for lane in LANES if counts[lane]), Lane.CLEAN)
    branches = queries.branches_waiting(where.scope, unit.session)
    return Desk(spot=where, progress=_progress(unit, where), counts=counts, branches=branches, **values)


def desk(where: Spot, row: JoinRequest | None = None, *, after: str | None = None, **values: Any) -> Desk:
    """The desk at ``where``, with the card of ``row`` or else of the first that waits.

    ``after``: the list goes on after this public id.
    """
    unit, shown = work(), head(where, row, **values)
    if shown.query is None:
        _list(unit, shown, row, after)
    else:
        _show(unit, shown, queries.search(where.scope, unit.session, shown.query, branch=where.path))
    if where.lane is Lane.CLEAN:
        shown.to_look_at = spot_checks.waiting(unit, me())
    if row is None and shown.to_look_at:
        row = shown.to_look_at[0]
    if row is None and shown.rows:
        row = queries.request_by_public_id(where.scope, unit.session, shown.rows[0].public_id)
    if row is not None:
        _open(unit, shown, row)
    elif not shown.rows:
        midnight = local(unit.now).replace(hour=0, minute=0, second=0, microsecond=0)
        shown.day = queries.decided_since(unit.session, me().account_id, midnight)
    if where.lane is Lane.CLEAN and shown.query is None and not shown.to_look_at:
        shown.sealed = sheet.seal(unit.vault, me(), shown.rows, unit.now)
        if not shown.outcomes:
            shown.picked = {found.public_id for found in shown.rows}
    return shown


def only_card(where: Spot, row: JoinRequest, **values: Any) -> Desk:
    """The card of ``row`` without what stands around it: what a reviewer's next key asks for."""
    where.lane = where.lane or row.lane
    shown = Desk(spot=where, **values)
    if where.lane is Lane.CLEAN:
        shown.to_look_at = spot_checks.waiting(work(), me())
    _open(work(), shown, row)
    return shown


def neighbours(where: Spot, row: JoinRequest) -> tuple[str | None, str | None]:
    """Public ids of what waits before and after ``row`` at this place in the queue, what was skipped left out."""
    lane = where.lane or row.lane
    return queries.neighbours(where.scope, work().session, row, lane=lane, branch=where.path, without=skipped())


def skipped() -> list[str]:
    """What this visit leaves for the end. It stands in the visitor's cookie and nowhere else."""
    return list(visit.get("skipped", ()))


def skip(public_id: str) -> None:
    """Leave one for the end of this visit; the oldest of too many comes back to its place."""
    visit["skipped"] = [*(kept for kept in skipped() if kept != public_id), public_id][-MOST_SKIPPED:]


def _open(unit: Work, shown: Desk, row: JoinRequest) -> None:
    same = akin(unit, row)
    shown.card = cards.card(unit, me(), row, same)
    shown.beside = beside(unit, me(), row, same)
    shown.before, shown.after = _in_list(shown, row) or neighbours(shown.spot, row)
    checks = [one.public_id for one in shown.to_look_at]
    if row.public_id in checks:  # 抽查 goes from one of its own to the next, and then to a fresh sheet
        shown.before, shown.after = None, next((one for one in checks if one != row.public_id), None)
    shown.watching = presence.others(unit, me().account_id, row)


def _in_list(shown: Desk, row: JoinRequest) -> tuple[str | None, str | None] | None:
    """What waits before and after ``row``, when the list beside it says so."""
    names = [one.public_id for one in shown.rows] if shown.query is None else []
    at = names.index(row.public_id) if row.public_id in names else -1
    if at < 0 or (at == 0 and not shown.from_start) or (at == len(names) - 1 and shown.more):
        return None
    return names[at - 1] if at else None, names[at + 1] if at + 1 < len(names) else None


def _list(unit: Work, shown: Desk, row: JoinRequest | None, after: str | None) -> None:
    where, left = shown.spot, skipped()
    rows = _waiting(unit, where, after, left)
    if not rows and left and not after:
        rows = _waiting(unit, where, None, [])
        found = {one.public_id for one in rows}
        visit["skipped"] = [one for one in left if one not in found]
    shown.from_start = after is None
    waits = row is not None and row.state is RequestState.SUBMITTED
    if row is not None and waits and row.public_id not in {found.public_id for found in rows[: sheet.SIZE]}:
        rows, shown.from_start = _waiting(unit, where, neighbours(where, row)[0], left), False
    _show(unit, shown, rows)


def _show(unit: Work, shown: Desk, rows: list[queries.Row]) -> None:
    shown.rows = rows[: sheet.SIZE]
    shown.more = shown.rows[-1].public_id if len(rows) > sheet.SIZE else None
    shown.checks = {found.public_id: cards.checked_number(unit, found) for found in shown.rows}


def _waiting(unit: Work, where: Spot, after: str | None, without: list[str]) -> list[queries.Row]:
    scope, size = where.scope, sheet.SIZE + 1
    return queries.queue(
        scope, unit.session, lane=where.lane, branch=where.path, after=after, without=without, size=size
    )


def _progress(unit: Work, where: Spot) -> queries.Progress:
    if where.branch is not None:
        return queries.progress(where.scope, unit.session, where.branch)
    return queries.progress_of(where.scope, unit.session)


def _bounded(number: int) -> str:
    return f"{queries.COUNTED_TO - 1}+" if number >= queries.COUNTED_TO else str(number)
