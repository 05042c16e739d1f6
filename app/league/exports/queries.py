"""Reading exports: one's own, and those that wait for one's decision."""

from sqlalchemy import ColumnElement, and_, false, func, or_, select, text
from sqlalchemy.orm import Session

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Post, Viewer
from app.kernel.db.types import path_chain, path_end
from app.kernel.errors import NotFound
from app.kernel.jobs.models import Job, JobState
from app.league.exports.models import Export, ExportState
from app.league.organisations import counters
from app.league.people.models import Standing

ASKED = text("exports.state = 'asked'")
"""In words: the embedded database takes a partial index only for words that it can compare."""
BROKEN = {JobState.FAILED: "后台没有做成，请重新申请", JobState.CANCELLED: "任务已停止，需要时请重新申请"}


def how_many(session: Session, path: str, standing: Standing | None) -> int:
    """How many files stand at and below ``path``, by the counters."""
    measure = standing.value if standing else "people"
    return counters.figures_of(session, [path], measure).get(path, {}).get(measure, 0)


def by_public_id(viewer: Viewer, session: Session, public_id: str) -> Export:
    """One's own export, or one that is one's to decide. Raises NotFound for an absent one and any other alike."""
    row = session.scalars(select(Export).where(Export.public_id == public_id)).one_or_none()
    if row is None or not (_is_mine(viewer, row) or may_decide(viewer, row)):
        raise NotFound
    return row


def own(viewer: Viewer, session: Session, public_id: str) -> Export:
    """One's own export, of people one may still export. Raises NotFound."""
    row = by_public_id(viewer, session, public_id)
    if not _is_mine(viewer, row):
        raise NotFound
    return row


def mine(viewer: Viewer, session: Session, *, after: str | None = None, size: int = 20) -> list[Export]:
    """What one asked for, the newest first, following the one with public id ``after``."""
    scope = viewer.scope(Power.EXPORTS_ASK)
    query = select(Export).where(Export.account_id == viewer.account_id, scope.within(Export.org_path))
    if after:
        query = query.where(Export.id < own(viewer, session, after).id)
    return list(session.scalars(query.order_by(Export.id.desc()).limit(size)))


def waiting(viewer: Viewer, session: Session, *, after: str | None = None, size: int = 20) -> list[Export]:
    """What waits for one's decision, the oldest first, following the one with public id ``after``."""
    query = select(Export).where(waits_for(viewer)).order_by(Export.id).limit(size)
    if after:
        query = query.where(Export.id > by_public_id(viewer, session, after).id)
    return list(session.scalars(query))


def how_many_wait(viewer: Viewer, session: Session) -> int:
    """How many wait for one's decision."""
    return session.scalar(select(func.count()).select_from(Export).where(waits_for(viewer))) or 0


def may_decide(viewer: Viewer, row: Export) -> bool:
    """Whether one stands above who asks: nobody decides on his own, and at the top another of the same committee does."""
    posts = viewer.posts_with(Power.EXPORTS_DECIDE)
    return viewer.account_id != row.account_id and any(_above(post, row.asker_path) for post in posts)


def broken(session: Session, row: Export) -> str:
    """Why an export that is being made will not come, "" while it goes on."""
    job = session.scalars(select(Job).where(Job.public_id == row.job_id)).one_or_none()
    if row.state is not ExportState.MAKING or job is None:
        return ""
    return BROKEN.get(job.state, "")


def _is_mine(viewer: Viewer, row: Export) -> bool:
    return row.account_id == viewer.account_id and viewer.scope(Power.EXPORTS_ASK).covers(row.org_path)


def is_top(path: str) -> bool:
    """Whether nobody stands above the organisation at ``path``."""
    return len(path_chain(path)) == 1


def waits_for(viewer: Viewer) -> ColumnElement[bool]:
    """The exports that wait for one's decision."""
    reached = [_decided_by(post) for post in viewer.posts_with(Power.EXPORTS_DECIDE)]
    return and_(ASKED, Export.account_id != viewer.account_id, or_(false(), *reached))


def _above(post: Post, path: str) -> bool:
    return path.startswith(post.path) and (path != post.path or is_top(path))


def _decided_by(post: Post) -> ColumnElement[bool]:
    low = Export.asker_path >= post.path if is_top(post.path) else Export.asker_path > post.path
    return low & (Export.asker_path < path_end(post.path))
