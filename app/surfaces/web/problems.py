"""Problem details (RFC 9457): how the API says no. The title is for people, the type for programs."""

from typing import Any

import msgspec
from flask import Response, g, request

from app.kernel.errors import Conflict, Invalid, NotFound, Problem, TooMany

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:tuanwutong:problem:"
KINDS: dict[int, tuple[str, str]] = {
    400: ("malformed", "请求的格式不对"),
    401: ("sign-in", "请先登录"),
    403: ("forbidden", "现在不能这样做"),
    404: ("not-found", "没有找到"),
    405: ("method", "这个地址不支持这种操作"),
    409: ("conflict", "和现在的情况冲突"),
    413: ("too-large", "发来的内容太大"),
    415: ("media-type", "只接受 UTF-8 的 JSON"),
    422: ("invalid", "有几处需要改正"),
    429: ("too-many", "操作太频繁"),
    500: ("unexpected", "系统出错了，已经记录下来"),
    503: ("unavailable", "系统正忙，请稍后再试"),
}
"""Status → (end of the type, title)."""


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one value. ``field``: its name, "" for the whole."""

    field: str
    detail: str


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer that says no."""

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    """The request's number, which stands in the log too."""
    errors: list[FieldProblem] = []
    by: str = ""
    """Who was first, where somebody was."""


class Malformed(Problem):
    """What was sent is not what the document describes (400). ``errors``: field → sentence."""

    def __init__(self, text: str, errors: dict[str, str] | None = None, *, status: int = 400) -> None:
        super().__init__(text)
        self.errors = errors or {}
        self.status = status


class Kind(Problem):
    """A problem that programs tell apart from others of its status. ``kind``: the end of its type."""

    def __init__(self, status: int, kind: str, text: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.kind, self.errors = status, kind, errors or {}


def answer(status: int, problem: Problem | None = None) -> Response:
    """The answer for ``status``; ``problem`` tells more."""
    status = getattr(problem, "status", status)
    kind, title = KINDS.get(status, KINDS[500 if status >= 500 else 400])
    kind = getattr(problem, "kind", kind)
    errors: dict[str, str] = getattr(problem, "errors", {})
    details = ProblemDetails(
        type=TYPES + kind,
        title=title,
        status=status,
        detail=problem.text if problem and not isinstance(problem, Invalid | NotFound) else errors.get("", ""),
        instance=f"urn:request:{g.get('request_id', '')}",
        errors=[FieldProblem(field, sentence) for field, sentence in errors.items()],
        by=problem.by or "" if isinstance(problem, Conflict) else "",
    )
    response = Response(msgspec.json.encode(details), status, mimetype=MEDIA_TYPE)
    _say_more(response, status, problem)
    return response


def _say_more(response: Response, status: int, problem: Problem | None) -> None:
    headers: dict[str, Any] = {"Cache-Control": "no-store"}
    if status == 401:
        known = ', error="invalid_token"' if "Authorization" in request.headers else ""
        headers["WWW-Authenticate"] = f'Bearer realm="api"{known}'
    if isinstance(problem, TooMany):
        headers["Retry-After"] = str(problem.seconds)
    elif status == 503:
        headers["Retry-After"] = "5"
    response.headers.update(headers)
