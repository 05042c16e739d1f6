"""Reading notices: for the people they are addressed to and for their publishers (for everyone: ``portal``)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.kernel.access.scope import Scope
from app.kernel.db.reading import rows
from app.kernel.db.types import path_chain, path_end
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.league.accounts.models import Account, AccountStatus
from app.league.appointments.models import Appointment
from app.league.notices.models import Audience, Notice, NoticeReceipt, NoticeState
from app.league.organisations.models import Organisation
from app.league.people.models import Person

Target = aliased(Organisation)
_CARD = select(
    Notice.public_id,
    Notice.title,
    Notice.summary,
    Notice.category,
    Notice.document_number,
    Notice.pinned,
    Notice.published_at,
    Organisation.name.label("issuer"),
    Notice.id,
).join(Organisation, Organisation.id == Notice.issuer_id)


def inbox(work: Work, *, after: str | None = None, size: int = 20) -> list[Any]:
    """What is addressed to the viewer, newest first; the last column is when they read it, or None."""
    assert work.viewer is not None
    query = (
        _CARD.add_columns(NoticeReceipt.read_at)
        .outerjoin(
            NoticeReceipt,
            and_(NoticeReceipt.notice_id == Notice.id, NoticeReceipt.account_id == work.viewer.account_id),
        )
        .where(_addressed_to(work))
    )
    return list(work.session.execute(_newest(work.session, query, after).limit(size)))


def addressed_notice(work: Work, public_id: str) -> tuple[Notice, str]:
    """A notice addressed to the viewer, published or withdrawn, with its issuer's name. Raises NotFound."""
    row = work.session.execute(
        select(Notice, Organisation.name)
        .join(Organisation, Organisation.id == Notice.issuer_id)
        .where(Notice.public_id == public_id, _addressed_to(work, withdrawn_too=True))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def read_at(work: Work, notice_id: int) -> datetime | None:
    """When the viewer confirmed having read a notice; None when not yet."""
    assert work.viewer is not None
    query = select(NoticeReceipt.read_at).where(
        NoticeReceipt.notice_id == notice_id, NoticeReceipt.account_id == work.viewer.account_id
    )
    return work.session.execute(query).scalar_one_or_none()


def unread_count(work: Work) -> int:
    """How many notices addressed to the viewer are not read yet; counting stops at 100."""
    if work.viewer is None:
        return 0
    posts, homes = reached(work)
    [(number,)] = rows(work.session, _UNREAD, account=work.viewer.account_id, posts=posts, homes=homes)
    return int(number)


def unread_query(account_id: Any, posts: Any, homes: Any, most: int = 100) -> Select[int]:
    """Counts the same as a part of a statement. ``posts`` and ``homes``: as ``reached`` tells them, or parameters."""
    read = select(NoticeReceipt.notice_id).where(NoticeReceipt.account_id == account_id)
    addressed = _addressed(posts, homes, [NoticeState.PUBLISHED])
    some = select(Notice.id).where(addressed, Notice.id.not_in(read)).limit(most).subquery()
    return select(func.count()).select_from(some)


def managed(
    scope: Scope, session: Session, *, state: NoticeState | None = None, after: str | None = None, size: int = 20
) -> list[Any]:
    """Notices issued inside ``scope``, by the time a list shows, newest first: (notice, issuer's name, target's name).

    ``after`` is the public id of the last notice of the page before.
    """
    when = func.coalesce(Notice.published_at, Notice.publish_at, Notice.updated_at)
    query = (
        select(Notice, Organisation.name, Target.name)
        .join(Organisation, Organisation.id == Notice.issuer_id)
        .join(Target, Target.id == Notice.target_id)
        .where(scope.within(Notice.issuer_path))
        .order_by(when.desc(), Notice.id.desc())
        .limit(size)
    )
    if state:
        query = query.where(Notice.state == state)
    if after:
        last = aliased(Notice)
        shown = func.coalesce(last.published_at, last.publish_at, last.updated_at)
        there = select(shown, last.id).where(last.public_id == after, scope.within(last.issuer_path))
        here = session.execute(there).one_or_none()
        query = query.where(tuple_(when, Notice.id) < tuple_(*here)) if here else query
    return list(session.execute(query))


def managed_notice(scope: Scope, session: Session, public_id: str, *, lock: bool = False) -> Notice:
    """A notice issued inside ``scope``. Raises NotFound for absent and foreign alike."""
    query = select(Notice).where(Notice.public_id == public_id)
    notice = session.scalar(query.with_for_update() if lock else query)
    scope.require(notice.issuer_path if notice else None)
    assert notice is not None
    return notice


def targets(scope: Scope, session: Session, most: int = 300) -> list[tuple[str, str, int]]:
    """Where a publisher can aim: organisations in use inside ``scope`` as (public id, name, level below the top)."""
    rows = session.execute(
        select(Organisation.public_id, Organisation.name, Organisation.depth)
        .where(scope.within(Organisation.path), Organisation.in_use)
        .order_by(Organisation.path)
        .limit(most)
    ).all()
    top = min((depth for _, _, depth in rows), default=0)
    return [(public_id, name, depth - top) for public_id, name, depth in rows]


def place_ids(session: Session, notice: Notice) -> dict[int, str]:
    """id → public id of a notice's issuer and target."""
    return {row.id: row.public_id for row in _places(session, notice)}


def place_names(session: Session, notice: Notice) -> dict[int, str]:
    """id → full name of a notice's issuer and target."""
    return {row.id: row.full_name or row.name for row in _places(session, notice)}


@dataclass(frozen=True)
class Reading:
    """How far a notice got: numbers of accounts, and the staff who have not opened it (name, organisation)."""

    recipients: int
    read: int
    waiting: list[Any]


def reading(scope: Scope, session: Session, notice: Notice, today: date, *, size: int = 100) -> Reading:
    """Who of the addressed has read ``notice``. Youths are counted, staff are named."""
    scope.require(notice.issuer_path)
    inside = and_(Organisation.path >= notice.target_path, Organisation.path < path_end(notice.target_path))
    live = and_(
        Appointment.ended_at.is_(None),
        Appointment.starts_on <= today,
        or_(Appointment.ends_on.is_(None), Appointment.ends_on >= today),
    )
    staff = (
        select(Account.id, Account.name, func.min(Organisation.name).label("place"))
        .join(Appointment, Appointment.account_id == Account.id)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(inside, live, Account.status == AccountStatus.ACTIVE)
        .group_by(Account.id, Account.name)
    )
    people: Any = select(staff.subquery().c.id)
    if notice.audience is Audience.EVERYONE:
        youths = (
            select(Account.id)
            .join(Person, Person.id == Account.person_id)
            .where(Person.org_path >= notice.target_path, Person.org_path < path_end(notice.target_path))
            .where(Account.status == AccountStatus.ACTIVE)
        )
        people = people.union(youths)
    everybody = people.subquery()
    receipts = select(NoticeReceipt.account_id).where(NoticeReceipt.notice_id == notice.id)
    recipients = session.execute(select(func.count()).select_from(everybody)).scalar_one()
    read = session.execute(select(func.count()).select_from(everybody).where(everybody.c.id.in_(receipts))).scalar_one()
    waiting = session.execute(
        staff.where(Account.id.not_in(receipts)).order_by(func.min(Organisation.path)).limit(size)
    )
    return Reading(int(recipients), int(read), list(waiting))


def _places(session: Session, notice: Notice) -> list[Any]:
    wanted = Organisation.id.in_((notice.issuer_id, notice.target_id))
    return list(
        session.execute(
            select(Organisation.id, Organisation.public_id, Organisation.full_name, Organisation.name).where(wanted)
        )
    )


def _newest(session: Session, query: Any, after: str | None) -> Any:
    if after:
        place = select(Notice.published_at, Notice.id).where(Notice.public_id == after)
        last = session.execute(place).one_or_none()
        if last is not None and last.published_at is not None:
            query = query.where(tuple_(Notice.published_at, Notice.id) < tuple_(*last))
    return query.order_by(Notice.published_at.desc(), Notice.id.desc())


def _addressed_to(work: Work, *, withdrawn_too: bool = False) -> ColumnElement[bool]:
    """Notices whose target stands above (or at) a place where the viewer has a post or a file."""
    states = [NoticeState.PUBLISHED] + ([NoticeState.WITHDRAWN] if withdrawn_too else [])
    return _addressed(*reached(work), states)


def reached(work: Work) -> tuple[list[str], list[str]]:
    """Paths from the root down to every post of the viewer, and with those also down to their file."""
    viewer = work.viewer
    assert viewer is not None
    posts = sorted({step for post in viewer.posts for step in path_chain(post.path)})
    if not viewer.person_id:
        return posts, posts
    home = work.session.execute(select(Person.org_path).where(Person.id == viewer.person_id)).scalar_one()
    return posts, sorted({*posts, *path_chain(home)})


def _addressed(posts: Any, homes: Any, states: list[NoticeState]) -> ColumnElement[bool]:
    return and_(
        Notice.state.in_(states),
        or_(
            and_(Notice.audience == Audience.STAFF, Notice.target_path.in_(posts)),
            and_(Notice.audience == Audience.EVERYONE, Notice.target_path.in_(homes)),
        ),
    )


_UNREAD = unread_query(
    bindparam("account", type_=Integer), bindparam("posts", expanding=True), bindparam("homes", expanding=True)
)
"""Asked on every desk, so it is made once."""
