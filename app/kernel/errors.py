"""The few ways in which a piece of business can say no.

Every door translates these in one place: a page, a JSON problem or a message. The texts are Chinese, short and
meant for the person who reads them.
"""

from collections.abc import Mapping
from datetime import datetime


class Problem(Exception):
    """Something the user can be told. ``text`` is the sentence to show."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class NotFound(Problem):
    """There is nothing here for this viewer: absent and foreign are the same answer (404)."""

    def __init__(self) -> None:
        super().__init__("没有找到这个页面")


class Invalid(Problem):
    """The input has errors. ``errors`` maps a field's name to one sentence; the key "" is the whole form (422)."""

    def __init__(self, errors: Mapping[str, str] | str) -> None:
        self.errors: dict[str, str] = {"": errors} if isinstance(errors, str) else dict(errors)
        super().__init__(next(iter(self.errors.values()), "请检查填写的内容"))


class Conflict(Problem):
    """Somebody was faster, or the thing changed since it was shown (409)."""

    def __init__(self, text: str, *, by: str | None = None, at: datetime | None = None) -> None:
        super().__init__(text)
        self.by = by
        self.at = at


class Refused(Problem):
    """The rules do not allow this here and now, and say why (409 on a page, never a lost form)."""


class TooMany(Problem):
    """A limit is reached. ``seconds``: how long to wait (429)."""

    def __init__(self, seconds: int, text: str | None = None) -> None:
        super().__init__(text or f"操作太频繁，请 {seconds} 秒后再试")
        self.seconds = seconds


class Unavailable(Problem):
    """The system itself cannot do it now: database locked or full, a channel down (503)."""

    def __init__(self, text: str = "系统正忙，请稍后再试") -> None:
        super().__init__(text)


class Uncertain(Problem):
    """The connection broke while the change was being made final: it stands, or it does not, and nobody can say (503).

    Sending the same form once more is safe where it carries a once-key: it has one effect at most.
    """

    def __init__(self) -> None:
        super().__init__("刚才网络断了一下，不能确定有没有办成")
