"""The life of a notice as a table: (state, event) → state. It checks the POST and draws the buttons."""

import enum

from app.kernel.errors import Conflict
from app.league.notices.models import Notice, NoticeState

S = NoticeState


class Event(enum.StrEnum):
    """What can happen to a notice."""

    EDIT = "edit"
    SCHEDULE = "schedule"
    PUBLISH = "publish"
    RECALL = "recall"
    WITHDRAW = "withdraw"
    DISCARD = "discard"


TABLE: dict[tuple[NoticeState, Event], NoticeState | None] = {
    (S.DRAFT, Event.EDIT): S.DRAFT,
    (S.DRAFT, Event.SCHEDULE): S.SCHEDULED,
    (S.DRAFT, Event.PUBLISH): S.PUBLISHED,
    (S.DRAFT, Event.DISCARD): None,
    (S.SCHEDULED, Event.PUBLISH): S.PUBLISHED,
    (S.SCHEDULED, Event.RECALL): S.DRAFT,
    (S.PUBLISHED, Event.WITHDRAW): S.WITHDRAWN,
}
STATE_NAMES = {S.DRAFT: "草稿", S.SCHEDULED: "待发布", S.PUBLISHED: "已发布", S.WITHDRAWN: "已撤回"}


def events_of(state: NoticeState) -> set[Event]:
    """What may happen to a notice in ``state``."""
    return {event for (before, event) in TABLE if before is state}


def follow(notice: Notice, event: Event) -> None:
    """Move ``notice`` along the table. Raises Conflict when it is no longer where the event starts."""
    if (notice.state, event) not in TABLE:
        raise Conflict(f"这条通知现在是“{STATE_NAMES[notice.state]}”，不能这样操作。请刷新后再看。")
    notice.state = TABLE[notice.state, event] or notice.state
    notice.version += 1
