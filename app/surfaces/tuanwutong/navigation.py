"""The back office's navigation: what I do, in the order I do it. A row shows when its power is held."""

from dataclasses import dataclass

from flask import request, url_for

from app.kernel.access.powers import Power
from app.kernel.work import Work
from app.league.notices.queries import unread_count

ITEMS: tuple[tuple[str, str, Power | None], ...] = (
    ("工作台", "desk.index", None),
    ("审核", "queue.index", Power.JOINING_READ),
    ("花名册", "roster.index", Power.JOINING_ROSTER),
    ("青年档案", "people.index", Power.PEOPLE_READ),
    ("更正与归属", "corrections.index", Power.PEOPLE_CORRECT),
    ("团组织", "organisations.index", Power.ORGANISATIONS_READ),
    ("任职", "appointments.index", Power.APPOINTMENTS_READ),
    ("省级任职", "appointments.index", Power.APPOINTMENTS_PROVINCE),
    ("收到的通知", "inbox.index", None),
    ("发布通知", "notices_admin.index", Power.NOTICES_PUBLISH),
    ("查看记录", "audit.index", Power.AUDIT_READ),
    ("系统", "machine.index", Power.MACHINE_OPERATE),
)


@dataclass(frozen=True)
class Item:
    """One entry."""

    label: str
    url: str
    active: bool
    badge: int = 0


def navigation(work: Work) -> list[Item]:
    """The entries this viewer can use."""
    who = work.viewer
    blueprint = request.blueprint or ""
    badges = {"inbox.index": unread_count(work)}
    return [
        Item(label, url_for(endpoint), endpoint.split(".")[0] == blueprint, badges.get(endpoint, 0))
        for label, endpoint, power in ITEMS
        if who and (power is None or who.has(power))
    ]
