"""The back office's navigation: what I do, in the order I do it. A row shows when its power is held."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, get_template_attribute, request, url_for
from markupsafe import Markup

from app.kernel.access.powers import Power
from app.kernel.access.rules import Role, reach_of
from app.kernel.access.viewer import Viewer

MOST_UNREAD = 100
"""Unread notices are counted as far."""
MOST_KEPT = 500
"""Drawings of three kilobytes that a process keeps."""
Entry = tuple[str, str, str, Power | None]
"""(label, icon, endpoint, the power it takes)."""
GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (("工作台", "desk", "desk.index", None), ("我的任务", "clock", "tasks.index", None))),
    (
        "办理",
        (
            ("审核", "check", "queue.index", Power.JOINING_READ),
            ("更正与归属", "edit", "corrections.index", Power.PEOPLE_CORRECT),
        ),
    ),
    (
        "青年",
        (
            ("青年档案", "people", "people.index", Power.PEOPLE_READ),
            ("导出", "download", "exports.index", Power.EXPORTS_ASK),
            ("花名册", "list", "roster.index", Power.JOINING_ROSTER),
            ("班级认证码", "people", "classes.index", Power.CODES_OPEN),
            ("导入表格", "upload", "imports.index", Power.JOINING_ROSTER),
        ),
    ),
    (
        "组织",
        (
            ("团组织", "tree", "organisations.index", Power.ORGANISATIONS_READ),
            ("任职", "person", "appointments.index", Power.APPOINTMENTS_READ),
            ("省级任职", "person", "appointments.index", Power.APPOINTMENTS_PROVINCE),
        ),
    ),
    (
        "通知",
        (
            ("收到的通知", "bell", "inbox.index", None),
            ("发布通知", "notice", "notices_admin.index", Power.NOTICES_PUBLISH),
        ),
    ),
    (
        "监督",
        (
            ("进度总览", "chart", "overview.index", Power.FIGURES_READ),
            ("查看记录", "eye", "audit.index", Power.AUDIT_READ),
            ("系统", "gear", "machine.index", Power.MACHINE_OPERATE),
        ),
    ),
)


@dataclass(frozen=True)
class Item:
    """One entry."""

    label: str
    icon: str
    url: str
    active: bool
    badge: int = 0


@dataclass(frozen=True)
class Group:
    """Entries that belong together; the first group has no title."""

    title: str
    entries: tuple[Item, ...]


def navigation(who: Viewer, unread_notices: int) -> Markup:
    """The groups with the entries this viewer can use, drawn. It depends on the roles alone, so it is drawn once."""
    roles = frozenset(post.role for post in who.posts)
    drawn: dict[Any, Markup] = current_app.extensions.setdefault("navigation", {})
    key = (roles, request.blueprint or "", request.script_root, min(unread_notices, MOST_UNREAD))
    if key not in drawn:
        if len(drawn) >= MOST_KEPT:
            drawn.clear()
        drawn[key] = get_template_attribute("layouts/_navigation.html", "navigation")(_groups(*key))
    return drawn[key]


def _groups(roles: frozenset[Role], here: str, _mount: str, unread_notices: int) -> list[Group]:
    badges = {"inbox.index": unread_notices}
    groups = [Group(title, tuple(_usable(roles, here, entries, badges))) for title, entries in GROUPS]
    return [group for group in groups if group.entries]


def _usable(roles: frozenset[Role], here: str, entries: tuple[Entry, ...], badges: dict[str, int]) -> Iterator[Item]:
    for label, icon, endpoint, power in entries:
        if power is None or any(reach_of(role, power) for role in roles):
            active = endpoint.split(".")[0] == here
            yield Item(label, icon, url_for(endpoint), active, badges.get(endpoint, 0))
