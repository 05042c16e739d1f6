"""Every change of a notice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from app.kernel.access.powers import Power
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid
from app.kernel.jobs.periodic import periodic
from app.kernel.work import Work
from app.league.notices import events as events
from app.league.notices import images, sanitise
from app.league.notices.categories import ANNOUNCEMENTS, BY_KEY
from app.league.notices.models import Audience, Notice, NoticeReceipt, NoticeState
from app.league.notices.states import Event, events_of, follow
from app.league.organisations.models import Kind, Organisation, OrganisationStatus

PORTAL_ISSUERS = {Kind.PROVINCE, Kind.CITY, Kind.SECTOR, Kind.UNIVERSITY, Kind.ENTERPRISE}
"""The public portal speaks for committees that report to the province directly; others reach their own subtree."""
MAX_BODY = 200_000
OPENING = 120
"""So many characters of a text stand for its summary."""
LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True)
class NoticeText:
    """What a publisher typed. ``target``: public id of the organisation whose subtree is meant (ignored: portal)."""

    title: str
    body: str
    audience: Audience
    issuer: str
    target: str
    category: str = ANNOUNCEMENTS
    summary: str = ""
    document_number: str = ""
    source: str = ""
    pinned: bool = False
    lead: bool = False


def write(work: Work, viewer: Viewer, text: NoticeText, *, notice: Notice | None = None, version: int = 0) -> Notice:
    """Keep a draft: a new one, or the next version of ``notice``.

    Raises Invalid beside the fields, Conflict when ``version`` is not the kept one any more.
    """
    issuer, target = _places(work, viewer, text)
    body = sanitise.clean(text.body)
    words = sanitise.to_text(body)
    _check(text, issuer, words)
    fresh = notice is None
    if notice is None:
        notice = Notice(author_id=viewer.account_id, created_at=work.now, state=NoticeState.DRAFT)
        work.session.add(notice)
    else:
        if notice.version != version:
            raise Conflict("这条通知刚被改过。下面是您写的内容，旁边是现在保存的内容。")
        follow(notice, Event.EDIT)
    notice.title = text.title.strip()
    notice.summary = text.summary.strip() or opening(words)
    notice.body_html, notice.body_text = body, words
    notice.category, notice.document_number = text.category, text.document_number.strip()
    notice.issuer_id, notice.issuer_path = issuer.id, issuer.path
    notice.source = text.source.strip()
    notice.audience, notice.pinned, notice.lead = text.audience, text.pinned, text.lead
    notice.target_id, notice.target_path = target.id, target.path
    notice.updated_at = work.now
    work.session.flush()
    _record(work, "notices:notice:draft" if fresh else "notices:notice:edit", notice)
    return notice


def opening(words: str) -> str:
    """How a text begins: what lists show of a notice nobody wrote a summary for."""
    return words[:OPENING]


def written_summary(notice: Notice) -> str:
    """The summary that somebody wrote; empty when it is the text's own opening, which changes with the text."""
    return "" if notice.summary == opening(notice.body_text) else notice.summary


def publish(work: Work, notice: Notice, *, version: int, at: datetime | None = None) -> None:
    """Publish now, or at a later moment. Raises Invalid for a moment gone by or too far, Conflict when stale."""
    _fresh(notice, version)
    if at is None:
        follow(notice, Event.PUBLISH)
        notice.published_at = work.now
        notice.publish_at = None
        _record(work, "notices:notice:publish", notice)
        return
    if at <= work.now:
        raise Invalid({"publish_at": "这个时间已经过去，请选一个以后的时间"})
    if at > work.now + LONGEST_WAIT:
        raise Invalid({"publish_at": "最多提前一年设定"})
    follow(notice, Event.SCHEDULE)
    notice.publish_at = at
    _record(work, "notices:notice:schedule", notice)


def recall(work: Work, notice: Notice, *, version: int) -> None:
    """Take a scheduled notice back to draft."""
    _fresh(notice, version)
    follow(notice, Event.RECALL)
    notice.publish_at = None
    _record(work, "notices:notice:edit", notice)


def withdraw(work: Work, notice: Notice, *, version: int, reason: str) -> None:
    """Take a published notice back; its page says so and when. Raises Invalid without a reason."""
    _fresh(notice, version)
    if not reason.strip():
        raise Invalid({"reason": "请写明撤回的原因，读者会看到"})
    follow(notice, Event.WITHDRAW)
    notice.withdrawn_at, notice.withdrawn_reason = work.now, reason.strip()[:200]
    notice.pinned = notice.lead = False
    _record(work, "notices:notice:withdraw", notice, reason=reason.strip())


def discard(work: Work, notice: Notice, *, version: int) -> None:
    """Delete a draft that was never published; the audit keeps that it was."""
    _fresh(notice, version)
    if Event.DISCARD not in events_of(notice.state):
        raise Conflict("只有草稿可以删去；已发布的通知请撤回。")
    _record(work, "notices:notice:discard", notice)
    images.remove_all(work, notice)
    work.session.execute(delete(Notice).where(Notice.id == notice.id))


def mark_read(work: Work, notice_id: int, account_id: int) -> None:
    """Note that an account opened a notice; the first time counts."""
    try:
        with work.session.begin_nested():
            work.session.execute(
                insert(NoticeReceipt).values(notice_id=notice_id, account_id=account_id, read_at=work.now)
            )
    except IntegrityError:
        return


@periodic("notices.publish", every=timedelta(seconds=20))
def publish_due(work: Work) -> int:
    """Publish what was scheduled for now or before: the worker's task. Returns how many."""
    due = select(Notice.id).where(Notice.state == NoticeState.SCHEDULED, Notice.publish_at <= work.now)
    done = 0
    for notice_id in work.session.scalars(due).all():
        with writing(work.session):
            notice = work.session.scalar(select(Notice).where(Notice.id == notice_id).with_for_update())
            if notice is None or notice.state is not NoticeState.SCHEDULED:
                continue
            follow(notice, Event.PUBLISH)
            notice.published_at, notice.publish_at = work.now, None
            _record(work, "notices:notice:publish", notice)
            done += 1
    return done


def _places(work: Work, viewer: Viewer, text: NoticeText) -> tuple[Organisation, Organisation]:
    """Issuer and target, both inside the publisher's scope."""
    scope = viewer.scope(Power.NOTICES_PUBLISH)
    found: list[Organisation] = []
    for field, public_id in (("issuer", text.issuer), ("target", text.target or text.issuer)):
        row = work.session.scalar(
            select(Organisation).where(
                Organisation.public_id == public_id, Organisation.status == OrganisationStatus.OPEN
            )
        )
        if row is None or not scope.covers(row.path):
            raise Invalid({field: "请在您可以发布的组织里选择"})
        found.append(row)
    return found[0], found[1]


def _check(text: NoticeText, issuer: Organisation, words: str) -> None:
    title, number, summary = text.title.strip(), text.document_number.strip(), text.summary.strip()
    lead_elsewhere = text.lead and issuer.kind is not Kind.PROVINCE
    to_portal = text.audience is Audience.PORTAL
    faults = (
        ("title", not title, "请填写标题"),
        ("title", len(title) > 120, "标题最多 120 个字"),
        ("body", not words, "请填写正文"),
        ("body", len(text.body) > MAX_BODY, "正文太长，请改用附件"),
        ("category", text.category not in BY_KEY, "请选择栏目"),
        ("audience", to_portal and issuer.kind not in PORTAL_ISSUERS, "需要上网公开的，请报上级发布"),
        ("pinned", text.pinned and not to_portal, "只有公开的通知可以置顶"),
        ("lead", text.lead and not to_portal, "只有公开的内容可以作头条"),
        ("lead", lead_elsewhere, "头条由省委选定；您可以选“置顶”"),
        ("document_number", len(number) > 64, "发文字号最多 64 个字"),
        ("source", len(text.source.strip()) > 60, "来源最多 60 个字"),
        ("summary", len(summary) > 300, "摘要最多 300 个字"),
    )
    errors = {field: sentence for field, wrong, sentence in faults if wrong}
    if errors:
        raise Invalid(errors)


def _fresh(notice: Notice, version: int) -> None:
    if notice.version != version:
        raise Conflict("这条通知刚被别人改过，请看过现在的内容再操作。")


def _record(work: Work, action: str, notice: Notice, *, reason: str = "") -> None:
    record(work, action, "notice", notice.public_id, org_path=notice.issuer_path, reason=reason)
