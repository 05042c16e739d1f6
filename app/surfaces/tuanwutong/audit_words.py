"""What changed, in the words of the pages: no entry shows a code or an internal name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.kernel.access.rules import ROLE_NAMES
from app.kernel.clock import local
from app.league.imports.models import Sort
from app.league.joining.states import NAMES
from app.league.notices.states import STATE_NAMES as NOTICE_STATES
from app.league.organisations.rules import KIND_NAMES
from app.league.people.codes import FILE_STATES
from app.league.people.fields import FIELDS, label

WORDS = {
    "organisation": "团组织",
    "organisations": "团组织数",
    "kind": "类别",
    "parent": "上级",
    "into": "并入",
    "files": "档案数",
    "role": "角色",
    "state": "状态",
    "status": "状态",
    "successor": "接任人",
    "from": "原来的团组织",
    "ends_on": "任期至",
    "starts_on": "任期自",
    "count": "数量",
    "seconds": "用时（秒）",
    "roster": "花名册人数",
    "title": "标题",
    "audience": "对象",
    "at": "备份时间",
    "bytes": "大小（字节）",
    "expected_members": "应有人数",
    "expires_at": "有效期至",
    "full_names_below": "全称随之改变的下级",
    "rows": "条数",
    "sort": "内容",
    "tries": "次数",
}
STATUSES = {"open": "正常", "closed": "已撤销", "merged": "已合并"}
VALUES: Mapping[str, Mapping[str, str]] = {
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
    "kind": {kind.value: name for kind, name in KIND_NAMES.items()},
    "status": STATUSES,
    "sort": {Sort.PEOPLE: "电子档案", Sort.ROSTER: "花名册", Sort.ORGANISATIONS: "团组织"},
    "state": {str(state): name for states in (FILE_STATES, NOTICE_STATES, NAMES) for state, name in states.items()},
}
MOMENTS = ("at", "expires_at")
CODED = ("id_type", "sex", "ethnicity", "education", "political_status", "standing")
"""Facts kept as codes of a list."""


def label_of(object_type: str, name: str) -> str:
    """What a changed value is called."""
    if object_type == "organisation" and name == "name":
        return "名称"
    return WORDS.get(name) or label(name)


def said(name: str, value: Any) -> Any:
    """A value of the audit as people say it."""
    if name in CODED and value:
        return FIELDS[name].show(value) or value
    if name in MOMENTS and isinstance(value, str):
        return f"{local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return VALUES.get(name, {}).get(str(value), value)
