"""Making organisations and naming them; what changes the tree's shape is in ``reshaping`` and ``closing``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from app.kernel.access.rules import Role
from app.kernel.audit.record import entry, record, record_all
from app.kernel.db import reading
from app.kernel.db.types import path_chain, path_end, path_step
from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import new_public_id
from app.kernel.work import Work
from app.league.appointments.models import Appointment
from app.league.organisations import events as events
from app.league.organisations import names, queries
from app.league.organisations.counters import KEPT_FROM_DEPTH
from app.league.organisations.models import Kind, Organisation, OrganisationCounter, OrganisationStatus
from app.league.organisations.rules import KIND_NAMES, may_stand_under

DEEPEST = 11
"""A path holds twelve steps."""
MOST_EXPECTED = 100_000


@dataclass(frozen=True)
class New:
    """An organisation to be made. ``expected_members``: 总数, when it keeps no roster of names."""

    kind: Kind
    name: str
    expected_members: int = 0
    code: str | None = None
    division_code: str | None = None
    sector: str = ""
    aliases: str = ""
    term_ends_on: date | None = None


def create(work: Work, parent: Organisation, kind: Kind, name: str, **facts: object) -> Organisation:
    """Make one organisation under ``parent`` and write the audit.

    ``facts``: expected_members, code, division_code, sector, aliases, term_ends_on.
    Raises Invalid on ``kind`` or ``name`` when the kind may not stand there (组织设置) or the name is taken.
    """
    return create_many(work, parent, [New(kind, name, **facts)])[0]  # type: ignore[arg-type]


def create_many(work: Work, parent: Organisation, wanted: Sequence[New]) -> list[Organisation]:
    """Make several organisations under ``parent`` at once: all or none.

    Raises Invalid naming the first fault.
    """
    hold_names(work, parent)
    cleaned = [_checked(parent, new) for new in wanted]
    taken = set(queries.names_below(work.session, parent))
    for new in cleaned:
        if names.fold(new.name) in taken:
            raise Invalid({"name": f"“{new.name}”已经存在，请换一个名称"})
        taken.add(names.fold(new.name))
    rows = plant(work, parent, cleaned)
    record_all(
        work,
        [
            entry(
                work,
                "organisations:organisation:create",
                "organisation",
                row.public_id,
                org_path=row.path,
                changes={"name": (None, row.name), "kind": (None, row.kind.value)},
            )
            for row in rows
        ],
    )
    return rows


def hold_names(work: Work, parent: Organisation) -> None:
    """Lock ``parent``, so that the names below it stay as they are read until the transaction ends."""
    work.session.refresh(parent, with_for_update={"key_share": True})


def plant(work: Work, parent: Organisation | None, wanted: Iterable[New]) -> list[Organisation]:
    """Put rows into the tree without checks and audit: for ``create_many`` and the seed."""
    rows = [_row(work, parent, new) for new in wanted]
    work.session.add_all(rows)
    work.session.flush()
    for row in rows:
        row.path = (parent.path if parent else "") + path_step(row.id)
    work.session.flush()
    return rows


def rename(work: Work, organisation: Organisation, name: str, *, version: int) -> None:
    """Give an organisation another name; the old one stays findable, and full names below follow.

    Raises Invalid on ``name``, Conflict when the organisation changed since ``version``.
    """
    if (above := work.session.get(Organisation, organisation.parent_id or 0)) is not None:
        hold_names(work, above)
    held(work, organisation, version)
    name = names.clean_name(name)
    before = organisation.name
    if name == before:
        raise Invalid({"name": "名称没有变化"})
    check_name_free(work.session, organisation.parent_id, name, but=organisation.id)
    organisation.aliases = names.add_alias(organisation.aliases, before)
    organisation.name = name
    organisation.version += 1
    below = write_names(work.session, organisation)
    record(
        work,
        "organisations:organisation:rename",
        "organisation",
        organisation.public_id,
        org_path=organisation.path,
        changes={"name": (before, name), "full_names_below": (None, below)},
    )


def held(work: Work, organisation: Organisation, version: int) -> None:
    """Lock the row for this transaction and see that it is still the one that was shown.

    Raises Conflict when it changed since ``version`` or is no longer open.
    """
    work.session.refresh(organisation, with_for_update=True)
    if organisation.status != OrganisationStatus.OPEN:
        raise Conflict(f"“{organisation.name}”已经撤销或合并，不能再修改")
    if organisation.version != version:
        raise Conflict(f"“{organisation.name}”在您打开页面之后被别人改过，请看清现在的内容再决定")


def check_name_free(session: Session, parent_id: int | None, name: str, *, but: int | None = None) -> None:
    """Raises Invalid on ``name`` when an open sibling already has it."""
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(
            Organisation.parent_id == parent_id, Organisation.status == OrganisationStatus.OPEN
        )
    )
    if any(row.id != but and names.fold(row.name) == names.fold(name) for row in rows):
        raise Invalid({"name": f"同一个上级下面已经有“{name}”，请换一个名称"})


def write_names(session: Session, top: Organisation) -> int:
    """Write the full names and search texts of ``top`` and all below it anew. Returns how many are below."""
    rows = list(
        session.scalars(
            select(Organisation)
            .where(Organisation.path >= top.path, Organisation.path < path_end(top.path))
            .order_by(Organisation.path)
        )
    )
    known = {row.id: row for row in rows}
    if top.parent_id is not None and (above := session.get(Organisation, top.parent_id)) is not None:
        known[above.id] = above
    for row in rows:
        _name(row, known.get(row.parent_id or 0))
    session.flush()
    return len(rows) - 1


def refresh_in_use(work: Work, path: str) -> None:
    """Keep 已启用 true for the organisation at ``path`` and everything above it.

    In use: files in the subtree, or a live appointment of its own other than the system administrator's. Called by
    whatever changes either. Files are looked for from below: where there is one, all above are in use too.
    """
    session = work.session
    chain = path_chain(path)
    rows = session.execute(
        select(Organisation.id, Organisation.path, Organisation.depth, Organisation.status, Organisation.in_use)
        .where(Organisation.path.in_(chain))
        .order_by(Organisation.path.desc())
    ).all()
    files = False
    for row in rows:
        files = files or _has_files(session, row.path, row.depth)
        now = row.status == OrganisationStatus.OPEN and (files or _has_officer(work, row.id))
        if now != row.in_use:
            session.execute(update(Organisation).where(Organisation.id == row.id).values(in_use=now))


def mark_in_use(session: Session, paths: Iterable[str]) -> None:
    """Keep 已启用 true when files arrive at ``paths``: every open organisation from there up is in use now."""
    chains = {above for path in paths for above in path_chain(path)}
    if not reading.rows(session, _ANY_FRESH, paths=sorted(chains)):  # as nearly always
        return
    fresh = (Organisation.path.in_(chains), Organisation.status == OrganisationStatus.OPEN)
    session.execute(update(Organisation).where(*fresh, Organisation.in_use.is_(False)).values(in_use=True))


_ANY_FRESH = (
    select(Organisation.id)
    .where(Organisation.path.in_(bindparam("paths", expanding=True)), Organisation.in_use.is_(False))
    .where(Organisation.status == OrganisationStatus.OPEN)
    .limit(1)
)


def _has_files(session: Session, path: str, depth: int) -> bool:
    found = (
        exists()
        .where(OrganisationCounter.organisation_id == Organisation.id)
        .where(OrganisationCounter.measure == "people", OrganisationCounter.value > 0)
        .where(Organisation.path >= path, Organisation.path < path_end(path))
        .where(Organisation.depth <= max(depth, KEPT_FROM_DEPTH))
    )
    return bool(session.execute(select(found)).scalar_one())


def _has_officer(work: Work, organisation_id: int) -> bool:
    found = (
        exists()
        .where(Appointment.organisation_id == organisation_id, Appointment.role != Role.SYSTEM_ADMIN)
        .where(Appointment.ended_at.is_(None), Appointment.starts_on <= work.today)
        .where((Appointment.ends_on.is_(None)) | (Appointment.ends_on >= work.today))
    )
    return bool(work.session.execute(select(found)).scalar_one())


def _checked(parent: Organisation, new: New) -> New:
    if parent.status != OrganisationStatus.OPEN:
        raise Invalid({"": f"“{parent.name}”已经撤销，不能再建下级"})
    if not may_stand_under(new.kind, parent.kind):
        raise Invalid({"kind": f"{KIND_NAMES[parent.kind]}下面不能设{KIND_NAMES[new.kind]}"})
    if parent.depth >= DEEPEST:
        raise Invalid({"": "层级太深了，请建在上一级"})
    if not 0 <= new.expected_members <= MOST_EXPECTED:
        raise Invalid({"expected_members": f"总数应在 0 到 {MOST_EXPECTED} 之间"})
    return New(**{**new.__dict__, "name": names.clean_name(new.name)})


def _row(work: Work, parent: Organisation | None, new: New) -> Organisation:
    public_id = new_public_id()
    row = Organisation(
        public_id=public_id,
        parent_id=parent.id if parent else None,
        path=f"~{public_id}",
        depth=parent.depth + 1 if parent else 0,
        kind=new.kind,
        name=new.name,
        code=new.code,
        division_code=new.division_code,
        sector=new.sector,
        aliases=new.aliases,
        expected_members=new.expected_members,
        term_ends_on=new.term_ends_on,
        created_at=work.now,
    )
    _name(row, parent)
    return row


def _name(row: Organisation, parent: Organisation | None) -> None:
    row.full_name = names.full_name(
        row.kind,
        row.name,
        parent.kind if parent else None,
        parent.full_name if parent else "",
        parent.name if parent else "",
    )
    row.search_text = names.search_text(row.name, row.full_name, row.aliases, row.code)
