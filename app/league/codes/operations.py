"""班级认证码: opened for a window of time, rotated, closed; it lets in as many as the branch expects."""

import secrets
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.kernel.audit.record import record
from app.kernel.db.unit import writing
from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.jobs.periodic import periodic
from app.kernel.work import Work
from app.league.codes import events as events
from app.league.codes import queries
from app.league.codes.models import ClassCode
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.organisations.operations import MOST_EXPECTED

USUAL_DAYS = 30
LONGEST_DAYS = 60
LINK_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
LINK_LENGTH = 16
DRAWS = 40


def open_code(work: Work, branch: Organisation, *, days: int = USUAL_DAYS) -> ClassCode:
    """A fresh code for ``branch``, good for ``days``; the one before it ends.

    The caller has checked that the viewer may. Raises Invalid on ``days`` and on ``expected_members`` when nobody
    said how many belong to the branch, Refused for what is no open branch.
    """
    work.session.refresh(branch, with_for_update=True)
    if branch.kind is not Kind.BRANCH or branch.status is not OrganisationStatus.OPEN:
        raise Refused("只有正常的团支部才有班级认证码")
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid({"days": f"请填 1 到 {LONGEST_DAYS} 天"})
    if not queries.room(work.session, branch).total:
        raise Invalid({"expected_members": "请先填写班里一共有多少人"})
    before = queries.running(work.session, branch.id)
    if before is not None:
        _end(work, before, "rotated")
    row = _draw(work, branch, days)
    action = "codes:class:rotate" if before else "codes:class:open"
    record(
        work, action, "branch_code", row.public_id, org_path=branch.path,
        changes={"expires_at": (None, row.expires_at.isoformat())},
    )  # fmt: skip
    return row


def close_code(work: Work, branch: Organisation) -> None:
    """Let nobody in any more by the code of ``branch``. Raises NotFound when there is none."""
    row = queries.running(work.session, branch.id)
    if row is None:
        raise NotFound
    _end(work, row, "closed")
    record(work, "codes:class:close", "branch_code", row.public_id, org_path=branch.path)


def expect(work: Work, branch: Organisation, number: int) -> None:
    """Say how many belong to ``branch``. Raises Invalid on ``expected_members``."""
    work.session.refresh(branch, with_for_update=True)
    if not 1 <= number <= MOST_EXPECTED:
        raise Invalid({"expected_members": "请填写班里一共有多少人"})
    if number == branch.expected_members:
        return
    before, branch.expected_members = branch.expected_members, number
    branch.version += 1
    record(
        work, "codes:branch:expect", "organisation", branch.public_id, org_path=branch.path,
        changes={"expected_members": (before, number)},
    )  # fmt: skip


@periodic("codes.expire", every=timedelta(hours=1))
def expire(work: Work, most: int = 1000) -> int:
    """End the codes whose window is over, so that their digits can be drawn again. Returns how many."""
    with writing(work.session):
        over = select(ClassCode).where(ClassCode.ended_at.is_(None), ClassCode.expires_at <= work.now)
        rows = work.session.scalars(over.order_by(ClassCode.id).limit(most)).all()
        for row in rows:
            row.ended_at, row.end_reason = row.expires_at, "expired"
    return len(rows)


def _end(work: Work, row: ClassCode, reason: str) -> None:
    row.ended_at, row.end_reason = work.now, reason
    work.session.flush()


def _draw(work: Work, branch: Organisation, days: int) -> ClassCode:
    """Six digits that no running code has. Two who draw the same at once: one draws again."""
    for _ in range(DRAWS):
        code = f"{100_000 + secrets.randbelow(900_000)}"
        row = ClassCode(
            organisation_id=branch.id,
            code=code,
            token="".join(secrets.choice(LINK_LETTERS) for _ in range(LINK_LENGTH)),
            opened_at=work.now,
            expires_at=work.now + timedelta(days=days),
            opened_by_name=work.actor.name,
        )
        try:
            with work.session.begin_nested():
                work.session.add(row)
                work.session.flush()
        except IntegrityError:
            continue
        return row
    raise Refused("认证码一时取不到，请稍后再试")
