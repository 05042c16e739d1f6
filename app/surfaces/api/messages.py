"""消息 and 通知: what the system tells me, and what is addressed to me."""

from datetime import datetime

from msgspec import Struct

from app.kernel.access.gates import own
from app.league.accounts import messages
from app.league.accounts.models import Message as Row
from app.league.notices import operations, queries
from app.surfaces.api import replies
from app.surfaces.api.operation import Link, Paged, operation
from app.surfaces.notice_pages import content
from app.surfaces.web.house import me, work
from app.surfaces.web.paging import one_page

MESSAGES, NOTICES = "消息", "通知"
FIRST = "$response.body#/items/0/id"


class Message(Struct, frozen=True):
    """一条消息。"""

    id: str
    title: str
    body: str
    created_at: datetime
    read_at: datetime | None


class MessageList(Struct, frozen=True):
    """消息，新的在前。"""

    items: list[Message]
    next_after: str | None


class Read(Struct, frozen=True):
    """读过的时间。"""

    read_at: datetime


class NoticeCard(Struct, frozen=True):
    """一条通知的标题。"""

    id: str
    title: str
    summary: str
    category: str
    document_number: str
    issuer: str
    pinned: bool
    published_at: datetime
    read_at: datetime | None


class NoticeList(Struct, frozen=True):
    """发给我的通知，新的在前。"""

    items: list[NoticeCard]
    next_after: str | None


class Attachment(Struct, frozen=True):
    """一个附件；在网页上下载。"""

    id: str
    name: str
    media_type: str
    size: int


class Notice(Struct, frozen=True):
    """一条通知。撤回的只有标题和撤回时间。"""

    id: str
    title: str
    document_number: str
    issuer: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    read_at: datetime | None
    text: str
    attachments: list[Attachment]


@operation(
    "GET", "/messages", "我的消息", tag=MESSAGES, also=(404,),
    links=(Link("show_message", {"public_id": FIRST}), Link("mark_message_read", {"public_id": FIRST})),
)  # fmt: skip
@own
def list_messages(query: Paged) -> MessageList:
    """Newest first."""
    found = messages.inbox(work(), me().account_id, after=query.after or None, size=query.size + 1)
    rows, more = one_page(found, query.size, lambda last: last.public_id)
    return MessageList([_message(row) for row in rows], more)


@operation("GET", "/messages/{public_id}", "一条消息", tag=MESSAGES)
@own
def show_message(public_id: str) -> Message:
    """One message; looking at it changes nothing."""
    return _message(messages.message(work(), me().account_id, public_id))


@operation("POST", "/messages/{public_id}/receipt", "标为已读", tag=MESSAGES)
@own
def mark_message_read(public_id: str) -> Read:
    """Mark one as read."""
    with replies.one_effect() as change:
        messages.message(change, me().account_id, public_id)
        messages.mark_read(change, me().account_id, public_id)
        change.answer = Read(change.now)
    answer: Read = change.answer
    return answer


@operation("POST", "/message-receipts", "全部标为已读", tag=MESSAGES)
@own
def mark_all_read() -> Read:
    """Mark everything as read."""
    with replies.one_effect() as change:
        messages.mark_read(change, me().account_id)
        change.answer = Read(change.now)
    answer: Read = change.answer
    return answer


@operation(
    "GET", "/notices", "发给我的通知", tag=NOTICES,
    links=(Link("show_notice", {"public_id": FIRST}), Link("confirm_notice", {"public_id": FIRST})),
)  # fmt: skip
@own
def list_notices(query: Paged) -> NoticeList:
    """What is addressed to me, as a cadre or as a youth."""
    found = queries.inbox(work(), after=query.after or None, size=query.size + 1)
    rows, more = one_page(found, query.size, lambda last: last.public_id)
    cards = [
        NoticeCard(
            r.public_id, r.title, r.summary, r.category, r.document_number or "", r.issuer, r.pinned, r.published_at,
            r.read_at,
        )
        for r in rows
    ]  # fmt: skip
    return NoticeList(cards, more)


@operation("GET", "/notices/{public_id}", "一条通知", tag=NOTICES)
@own
def show_notice(public_id: str) -> Notice:
    """One notice addressed to me."""
    here = work()
    notice, issuer = queries.addressed_notice(here, public_id)
    stands = notice.withdrawn_at is None
    files = content(here.session, notice)["files"] if stands else []
    return Notice(
        notice.public_id, notice.title, notice.document_number or "", issuer, notice.published_at, notice.withdrawn_at,
        queries.read_at(here, notice.id), notice.body_text if stands else "",
        [Attachment(f.public_id, f.name, f.media_type, f.size) for f in files],
    )  # fmt: skip


@operation("POST", "/notices/{public_id}/receipt", "确认读过通知", tag=NOTICES)
@own
def confirm_notice(public_id: str) -> Read:
    """已读回执."""
    with replies.one_effect() as change:
        notice, _ = queries.addressed_notice(change, public_id)
        operations.mark_read(change, notice.id, me().account_id)
        change.answer = Read(change.now)
    answer: Read = change.answer
    return answer


def _message(row: Row) -> Message:
    return Message(row.public_id, row.title, row.body, row.created_at, row.read_at)
