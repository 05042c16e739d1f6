"""Rows that become organisations (团组织) directly below the one they are uploaded at."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.kernel.audit.record import record
from app.kernel.errors import Invalid
from app.kernel.work import Work
from app.league.imports import beside
from app.league.imports.ground import Ground, Judged, Line, Put
from app.league.imports.models import ImportRow, Verdict
from app.league.imports.reading import Cell
from app.league.organisations import operations, queries
from app.league.organisations.models import Kind, Organisation, OrganisationCounter
from app.league.organisations.names import clean_name, fold
from app.league.organisations.rules import KIND_NAMES, MAY_STAND_UNDER
from app.league.people.facts import plain

SHOWN = (("name", "名称"), ("expected", "应有人数"), ("kind", "类别"))


def show(typed: Mapping[str, Cell]) -> list[str]:
    """A row on the preview."""
    return [str(typed.get(name, ""))[:60] for name, _ in SHOWN]


def read(work: Work, ground: Ground, lines: Sequence[Line]) -> Sequence[Line]:
    """The rows as they are: there is little to read in them."""
    return lines


def judge(work: Work, ground: Ground, lines: Sequence[Line], said: Sequence[Line]) -> list[Judged]:
    """What each row is, compared with what stands there."""
    taken = set(queries.names_below(work.session, ground.top))
    return [_judge(ground, taken, line) for line in lines]


def _judge(ground: Ground, taken: set[str], line: Line) -> Judged:
    if apart := beside.aside(line):
        return apart
    try:
        name = clean_name(str(line.typed.get("name", "")))
        kind = _kind(ground.top, plain(str(line.typed.get("kind", ""))), name)
        expected = _expected(plain(str(line.typed.get("expected", ""))))
    except Invalid as problem:
        return Judged(Verdict.WRONG, problem.text)
    if (first := ground.twice(fold(name), line.number)) is not None:
        return Judged(Verdict.WRONG, f"和第 {first} 行同名")
    if fold(name) in taken:
        return Judged(Verdict.EQUAL)
    return Judged(Verdict.NEW, plan=operations.New(kind, name, expected))


def _kind(parent: Organisation, typed: str, name: str) -> Kind:
    """The kind that is named; without one, what a name like this is, else a branch, else what may stand there first."""
    allowed = MAY_STAND_UNDER[parent.kind]
    for kind in allowed:
        if typed and typed in (KIND_NAMES[kind], kind.value):
            return kind
    if typed:
        raise Invalid(f"{parent.name}下面不能建“{typed[:20]}”")
    for kind in allowed:
        if name.endswith(KIND_NAMES[kind]):
            return kind
    return Kind.BRANCH if Kind.BRANCH in allowed else allowed[0]


def _expected(typed: str) -> int:
    if not typed:
        return 0
    found = re.fullmatch(r"约?\s*([0-9]{1,9})\s*[人名]?(左右)?", typed)
    if found is None or int(found[1]) > operations.MOST_EXPECTED:
        raise Invalid("应有人数请写数字")
    return int(found[1])


def put(work: Work, ground: Ground, judged: Sequence[tuple[Line, Judged]]) -> list[Put]:
    """Make them, in the caller's transaction."""
    fresh = [(line, found.plan) for line, found in judged if found.verdict is Verdict.NEW]
    made = operations.create_many(work, ground.top, [new for _, new in fresh]) if fresh else []
    return [Put(line.number, row.public_id) for (line, _), row in zip(fresh, made, strict=True)]


def take_back(work: Work, ground: Ground, row: ImportRow) -> str:
    """Remove an organisation that nobody has used yet. Returns why not, or ""."""
    query = select(Organisation).where(Organisation.public_id == row.target)
    made = work.session.scalars(query.with_for_update()).one_or_none()
    if made is None:
        return "已经不在了"
    if made.in_use or made.version != row.left_at:
        return "已经启用或改动过，请到团组织页面办撤销"
    path = made.path
    try:
        with work.session.begin_nested():
            work.session.execute(delete(OrganisationCounter).where(OrganisationCounter.organisation_id == made.id))
            work.session.execute(delete(Organisation).where(Organisation.id == made.id))
    except IntegrityError:
        return "已经有人用到它，请到团组织页面办撤销"
    work.session.expunge(made)
    record(work, "organisations:organisation:unmake", "organisation", row.target, org_path=path)
    return ""
