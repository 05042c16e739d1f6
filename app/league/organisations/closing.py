"""Closing an organisation (撤销): emptied or settled first, then gone from every search, code and post."""

from collections.abc import Sequence

from sqlalchemy import select

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.db.types import path_end
from app.kernel.errors import Invalid
from app.kernel.work import Work
from app.league.appointments import operations as appointments
from app.league.joining.models import JoinRequest
from app.league.organisations import counters, reshaping, transferring
from app.league.organisations.models import Organisation, OrganisationStatus
from app.league.organisations.operations import held, refresh_in_use


def close(
    work: Work,
    viewer: Viewer,
    organisation: Organisation,
    *,
    version: int,
    reason: str,
    requests_to: Organisation | None = None,
    children_to: Organisation | None = None,
) -> None:
    """Close ``organisation``.

    ``requests_to``: where its open applications go on; None: they are given back with the reason. ``children_to``: under
    which organisation its children stand from now on; None: they are closed with it. Files must have gone elsewhere.
    Raises NotFound outside the scopes, Invalid (``reason``, ``requests_to``, ``children_to``, ""), Conflict when the
    organisation changed since ``version``.
    """
    viewer = check_close(work, viewer, organisation, version=version, reason=reason)
    reason = reason.strip()
    if children_to is not None:
        _move_children(work, viewer, organisation, children_to)
    falling = _falling(work, organisation)
    if fault := files_fault(work, organisation):
        raise Invalid({"": fault})
    if requests_to is not None:
        _check_heir(viewer, organisation, requests_to)
    for row in falling:
        row.status, row.closed_at, row.version = OrganisationStatus.CLOSED, work.now, row.version + 1
    work.session.flush()
    for row in reversed(falling):
        _settle(work, row, reason, requests_to)
        refresh_in_use(work, row.path)
        record(
            work,
            "organisations:organisation:close",
            "organisation",
            row.public_id,
            org_path=row.path,
            reason=reason,
            changes={"status": ("open", "closed")},
        )


def check_close(work: Work, viewer: Viewer, organisation: Organisation, *, version: int, reason: str) -> Viewer:
    """Raise what ``close`` would raise before it looks at what hangs there. Returns the viewer with today's posts."""
    viewer = appointments.as_of_now(work, viewer)
    viewer.scope(Power.ORGANISATIONS_CLOSE).require(organisation.path)
    held(work, organisation, version)
    if not reason.strip():
        raise Invalid({"reason": "请填写撤销的原因"})
    return viewer


def files_fault(work: Work, organisation: Organisation) -> str | None:
    """Why the files that stand here keep it from being closed; None when there is none."""
    count = counters.figures_of(work.session, [organisation.path])[organisation.path].get("people", 0)
    if count:
        return f"这里还有 {count} 份档案，请先把它们合并到别的团组织，再撤销"
    return None


def _move_children(work: Work, viewer: Viewer, organisation: Organisation, parent: Organisation) -> None:
    if parent.path.startswith(organisation.path):
        raise Invalid({"children_to": "不能移到自己或自己的下级下面"})
    children = work.session.scalars(
        select(Organisation)
        .where(Organisation.parent_id == organisation.id, Organisation.status == OrganisationStatus.OPEN)
        .order_by(Organisation.id)
    ).all()
    for child in children:
        try:
            reshaping.move(work, viewer, child, parent, version=child.version)
        except Invalid as problem:
            raise Invalid({"children_to": f"{child.name}：{next(iter(problem.errors.values()))}"}) from problem


def _falling(work: Work, organisation: Organisation) -> Sequence[Organisation]:
    """The organisation and all that is still open below it, from the top."""
    return work.session.scalars(
        select(Organisation)
        .where(Organisation.path >= organisation.path, Organisation.path < path_end(organisation.path))
        .where(Organisation.status == OrganisationStatus.OPEN)
        .order_by(Organisation.path)
        .with_for_update()
    ).all()


def _check_heir(viewer: Viewer, organisation: Organisation, heir: Organisation) -> None:
    viewer.scope(Power.JOINING_DECIDE).require(heir.path)
    if heir.status != OrganisationStatus.OPEN or heir.path.startswith(organisation.path):
        raise Invalid({"requests_to": "请选择另一个正常的团组织"})


def _settle(work: Work, row: Organisation, reason: str, requests_to: Organisation | None) -> None:
    if requests_to is None:
        transferring.turn_away_requests(work, row, f"{row.name}已撤销（{reason}）。")
    else:
        _pass_on(work, row, requests_to)
    transferring.end_appointments(work, row, f"{row.name}已撤销")


def _pass_on(work: Work, row: Organisation, heir: Organisation) -> None:
    session = work.session
    states = session.scalars(
        select(JoinRequest.state).where(JoinRequest.organisation_id == row.id, JoinRequest.state.in_(transferring.OPEN))
    ).all()
    if not states:
        return
    moving = {"pending": sum(state == transferring.OPEN[0] for state in states), "filled": len(states)}
    counters.move(session, row.path, {measure: -value for measure, value in moving.items()})
    transferring.hand_over_requests(work, row, heir, only_open=True)
    counters.move(session, heir.path, moving)
    transferring.settle_cases(work, heir)
