"""The desk's keys (快捷键): which letter does what, off or on; kept in a cookie, for keys belong to a keyboard."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from app.kernel.errors import Invalid

COOKIE = "desk_keys"
ACTIONS = {
    "approve": ("通过", "a"),
    "return": ("退回补正", "r"),
    "reject": ("拒绝", "x"),
    "next": ("下一份", "j"),
    "previous": ("上一份", "k"),
    "skip": ("跳过，最后再看", "s"),
    "pass": ("转交上级", "p"),
    "undo": ("撤销", "u"),
    "open": ("看全部填写内容", "o"),
    "reveal": ("看完整号码", "v"),
    "compare": ("对照重复的人", "d"),
    "sheet": ("通过本屏勾选的人", "A"),
    "search": ("找人", "/"),
    "help": ("看快捷键", "?"),
}
"""Action → what it is called, and its key unless somebody chose another. A capital letter is pressed with Shift."""


@dataclass(frozen=True)
class Keys:
    """The letters in force; all of them empty while the keys are off."""

    on: bool
    chosen: Mapping[str, str]

    def __getitem__(self, action: str) -> str:
        return self.chosen[action] if self.on else ""

    @property
    def listed(self) -> list[tuple[str, str]]:
        """(what it does, letter) for the legend."""
        return [(name, self.chosen[action]) for action, (name, _) in ACTIONS.items()]


def settle(chosen: Mapping[str, str]) -> dict[str, str]:
    """The letters as typed, checked. Raises Invalid, by action, for what is no key and for a key used twice."""
    letters = {action: (chosen.get(action) or "").strip() for action in ACTIONS}
    errors = {action: "请填一个英文字母" for action, key in letters.items() if not re.fullmatch(r"[A-Za-z/?]", key)}
    taken: dict[str, str] = {}
    for action, key in letters.items():
        if action not in errors and key in taken:
            errors[action] = f"“{key}”已经用在“{ACTIONS[taken[key]][0]}”上，请换一个"
        taken.setdefault(key, action)
    if errors:
        raise Invalid(errors)
    return letters


def keys() -> Keys:
    """What this browser has chosen; what cannot be read is the usual keys."""
    state, _, rest = request.cookies.get(COOKIE, "").partition(":")
    chosen = {action: key for action, (_, key) in ACTIONS.items()}
    try:
        chosen = settle({**chosen, **dict(pair.split("=") for pair in rest.split("|") if pair)})
    except (Invalid, ValueError):
        state = ""
    return Keys(state != "off", chosen)
