"""Moving and merging organisations: one transaction, everything that hangs on the tree goes along."""

from sqlalchemy import func, select

from app.kernel.access.powers import Power
from app.kernel.access.rules import ROLE_NAMES
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.db.types import path_chain, path_end, path_step
from app.kernel.errors import Invalid
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.appointments import operations as appointments
from app.league.appointments import rules as appointment_rules
from app.league.appointments.models import Appointment
from app.league.organisations import counters, names, paths, queries, transferring
from app.league.organisations.counters import KEPT_FROM_DEPTH
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.organisations.operations import DEEPEST, held, hold_names, refresh_in_use, write_names
from app.league.organisations.rules import KIND_NAMES, may_stand_under


def move(work: Work, viewer: Viewer, organisation: Organisation, parent: Organisation, *, version: int) -> int:
    """Let ``organisation`` and all below it stand under ``parent``. Returns how many rows carry the new place.

    Whoever moves needs the right over the organisation (and so over its parent) and over the new parent: nobody draws
    a neighbour's branch under himself. Ids stay; applications, files and posts go along.
    Raises NotFound outside the scopes, Invalid on ``parent``, Conflict when the organisation changed since ``version``.
    """
    viewer = check_move(work, viewer, organisation, parent, version=version)
    before = above_of(work, organisation)
    rows = _carry(work, viewer, organisation, parent)
    organisation.version += 1
    record(
        work,
        "organisations:organisation:move",
        "organisation",
        organisation.public_id,
        org_path=organisation.path,
        changes={"parent": (before.full_name, parent.full_name), "rows": (None, rows)},
    )
    return rows


def check_move(work: Work, viewer: Viewer, organisation: Organisation, parent: Organisation, *, version: int) -> Viewer:
    """Raise what ``move`` would raise. Returns the viewer with the posts of this moment."""
    viewer = appointments.as_of_now(work, viewer)
    viewer.scope(Power.ORGANISATIONS_MOVE).require(organisation.path)
    viewer.scope(Power.ORGANISATIONS_CREATE).require(parent.path)
    hold_names(work, parent)
    held(work, organisation, version)
    if fault := move_fault(work, organisation, parent):
        raise Invalid({"parent": fault})
    return viewer


def move_fault(work: Work, organisation: Organisation, parent: Organisation) -> str | None:
    """Why ``organisation`` cannot stand under ``parent``; None when it can."""
    if parent.status != OrganisationStatus.OPEN:
        return f"“{parent.name}”已经撤销，不能作为上级"
    if parent.path.startswith(organisation.path):
        return "不能移到自己或自己的下级下面"
    if parent.id == organisation.parent_id:
        return "它现在就在这个上级下面"
    if not may_stand_under(organisation.kind, parent.kind):
        return f"{KIND_NAMES[parent.kind]}下面不能设{KIND_NAMES[organisation.kind]}"
    lowest = work.session.scalar(
        select(func.max(Organisation.depth)).where(
            Organisation.path >= organisation.path, Organisation.path < path_end(organisation.path)
        )
    )
    if (lowest or organisation.depth) + parent.depth + 1 - organisation.depth > DEEPEST:
        return "移过去以后层级太深了"
    if names.fold(organisation.name) in queries.names_below(work.session, parent):
        return f"“{parent.name}”下面已经有“{organisation.name}”，请先改名"
    return None


def merge(
    work: Work, viewer: Viewer, source: Organisation, target: Organisation, *, version: int, target_version: int
) -> None:
    """Let ``source`` go up in ``target``: files, applications, roster, notices, children and posts go over.

    A right over both is needed: a merger is no way to come by someone else's files. A post goes over only when the
    viewer could give it at the target; otherwise it ends. Raises what ``move`` raises, with the field ``target``.
    """
    viewer = check_merge(work, viewer, source, target, version=version, target_version=target_version)
    _hold_subtree(work, source)
    reason = f"{source.name}并入{target.name}"
    for child in list(queries.children_of(work.session, source)):
        _carry(work, viewer, child, target)
        child.version += 1
    numbers = counters.own_numbers(work.session, source.path)[source.id]
    counters.move(work.session, source.path, {measure: -value for measure, value in numbers.items()})
    files = transferring.hand_over_files(work, source, target, reason)
    transferring.hand_over_requests(work, source, target, only_open=False)
    transferring.hand_over_roster(work, source, target)
    transferring.hand_over_notices(work, source, target)
    counters.move(work.session, target.path, numbers)
    transferring.settle_cases(work, target)
    source.status, source.closed_at = OrganisationStatus.MERGED, work.now
    source.merged_into_id, source.version = target.id, source.version + 1
    work.session.flush()
    _hand_over_posts(work, viewer, source, target, reason)
    target.aliases = names.add_alias(target.aliases, source.name, *source.aliases.splitlines())
    target.expected_members += source.expected_members
    target.version += 1
    write_names(work.session, target)
    refresh_in_use(work, source.path)
    refresh_in_use(work, target.path)
    record(
        work,
        "organisations:organisation:merge",
        "organisation",
        source.public_id,
        org_path=target.path,
        reason=reason,
        changes={"status": ("open", "merged"), "into": (None, target.full_name), "files": (None, files)},
    )


def check_merge(
    work: Work, viewer: Viewer, source: Organisation, target: Organisation, *, version: int, target_version: int
) -> Viewer:
    """Raise what ``merge`` would raise. Returns the viewer with the posts of this moment."""
    viewer = appointments.as_of_now(work, viewer)
    scope = viewer.scope(Power.ORGANISATIONS_MERGE)
    scope.require(source.path)
    scope.require(target.path)
    for row, known in sorted(((source, version), (target, target_version)), key=lambda pair: pair[0].id):
        held(work, row, known)
    if fault := merge_fault(work, source, target):
        raise Invalid({"target": fault})
    return viewer


def merge_fault(work: Work, source: Organisation, target: Organisation) -> str | None:
    """Why ``source`` cannot go up in ``target``; None when it can."""
    if source.id == target.id:
        return "请选择另一个团组织"
    if target.status != OrganisationStatus.OPEN:
        return f"“{target.name}”已经撤销"
    if source.kind != target.kind:
        return f"只能并入同一种团组织：{KIND_NAMES[source.kind]}"
    if target.path.startswith(source.path) or source.path.startswith(target.path):
        return "上下级之间不能合并，请改用移动或撤销"
    theirs = queries.names_below(work.session, target)
    mine = queries.names_below(work.session, source)
    if both := [row.name for key, row in mine.items() if key in theirs]:
        return f"两边都有下级叫“{both[0]}”，请先改名"
    lowest = work.session.scalar(
        select(func.max(Organisation.depth)).where(
            Organisation.path >= source.path, Organisation.path < path_end(source.path)
        )
    )
    if (lowest or source.depth) + target.depth - source.depth > DEEPEST:
        return "合并以后层级太深了"
    return None


def above_of(work: Work, organisation: Organisation) -> Organisation:
    """The organisation directly above one that is not the province."""
    assert organisation.parent_id is not None
    return work.session.get_one(Organisation, organisation.parent_id)


def _carry(work: Work, viewer: Viewer, organisation: Organisation, parent: Organisation) -> int:
    """The move itself: paths, depths, counters, names, posts and 已启用. The caller has checked."""
    session = work.session
    session.flush()
    _hold_subtree(work, organisation)
    numbers = counters.own_numbers(session, organisation.path)
    sums = counters.total(numbers)
    old = organisation.path
    old_above, new_above = path_chain(old)[:-1], path_chain(parent.path)
    new = parent.path + path_step(organisation.id)
    counters.add(session, old_above[KEPT_FROM_DEPTH:], {measure: -value for measure, value in sums.items()})
    organisation.parent_id = parent.id
    session.flush()
    rows = paths.rewrite(session, old, new, parent.path)
    counters.keep(session, new, numbers)
    counters.add(session, new_above[KEPT_FROM_DEPTH:], sums)
    session.expire_all()
    write_names(session, organisation)
    appointments.confirm_below(work, viewer, organisation)
    refresh_in_use(work, old_above[-1])
    refresh_in_use(work, new)
    session.expire_all()
    return rows


def _hold_subtree(work: Work, organisation: Organisation) -> None:
    """Wait for whoever is just writing into the subtree, and let nobody begin to until this is committed."""
    inside = (Organisation.path >= organisation.path) & (Organisation.path < path_end(organisation.path))
    work.session.execute(select(Organisation.id).where(inside).order_by(Organisation.path).with_for_update()).all()


def _hand_over_posts(work: Work, viewer: Viewer, source: Organisation, target: Organisation, reason: str) -> None:
    place = appointment_rules.Place(target.path, target.kind)
    for appointment in transferring.live_appointments(work, source):
        account = work.session.get_one(Account, appointment.account_id)
        appointments.finish(work, appointment, source, viewer.account_id, reason, resigned=False)
        expired = appointment.ends_on is not None and appointment.ends_on < work.today
        refused = appointment_rules.refusal(viewer, account.id, appointment.role, place)
        if expired or refused or _holds(work, account, target, appointment):
            continue
        appointments.carry_on(work, viewer, account, target, appointment)


def _holds(work: Work, account: Account, target: Organisation, appointment: Appointment) -> bool:
    found = select(Appointment.id).where(
        Appointment.account_id == account.id,
        Appointment.organisation_id == target.id,
        Appointment.role == appointment.role,
        Appointment.ended_at.is_(None),
    )
    return work.session.execute(found).first() is not None


def lost_posts(viewer: Viewer, target: Organisation, appointment: Appointment) -> str | None:
    """For the preview: the role that would end at a merger, because the viewer cannot give it at ``target``."""
    place = appointment_rules.Place(target.path, target.kind)
    refused = appointment_rules.refusal(viewer, appointment.account_id, appointment.role, place)
    return ROLE_NAMES[appointment.role] if refused else None
