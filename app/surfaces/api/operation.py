"""One operation of the API: declared once, and from that read, answered, limited and described."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import Meta, Struct

from app.kernel.access.gates import Gate, gate_of
from app.kernel.errors import Conflict, Problem, Unavailable
from app.kernel.once import Repeated
from app.surfaces.api import rates, reading, replies
from app.surfaces.web.arrival import waited
from app.surfaces.web.house import house
from app.surfaces.web.sessions import note_use
from app.surfaces.web.waiting import OVERRUN

VERSION = "1.0.0"
PREFIX = "/api/v1"
UNDER_WAY = "同一个请求正在办理，请稍后再发"
bp = Blueprint("api", __name__, url_prefix=PREFIX)
bp.after_request(rates.tell)
View = TypeVar("View", bound=Callable[..., Any])

PublicId = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,40}$", examples=["4tq9Yb2vQm7nXk3wRz8aLg"])]
"""How things are called: unguessable, and never a number."""


@dataclass(frozen=True)
class Link:
    """What can be done with the answer of an operation: ``parameters`` and ``body`` as OpenAPI expressions."""

    to: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Operation:
    """An operation as the document tells it. ``name`` is its operationId; ``gate``: who may."""

    method: str
    path: str
    name: str
    summary: str
    tag: str
    gate: Gate
    status: int
    answers: Any
    body: type[Struct] | None
    query: type[Struct] | None
    example: Mapping[str, Any] | None
    links: Sequence[Link]
    also: Sequence[int]
    """Statuses besides those that follow from the rest."""


OPERATIONS: list[Operation] = []


class Bare(Struct, frozen=True, forbid_unknown_fields=True):
    """Where nothing may be asked for by query."""


class Paged(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A page of a list. ``after``: the key that the page before ended with."""

    after: Annotated[str, Meta(max_length=400)] = ""
    size: Annotated[int, Meta(ge=1, le=100)] = 20


class Versioned(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of what was read at ``version``; when it has changed since, the answer is 409."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]


def operation(
    method: str,
    path: str,
    summary: str,
    *,
    tag: str,
    status: int = 200,
    example: Mapping[str, Any] | None = None,
    links: Sequence[Link] = (),
    also: Sequence[int] = (),
) -> Callable[[View], View]:
    """Declare the view beneath, which has its gate already.

    Its ``body`` and ``query`` are read by their annotations, what it returns is encoded by its own; every POST has an
    effect once. The docstring's first line and ``summary`` stand in the document.
    """

    def declare(view: View) -> View:
        hints, gate = get_type_hints(view, include_extras=True), gate_of(view)
        assert gate is not None
        known = Operation(
            method, path, view.__name__, summary, tag, gate, status, hints["return"],
            hints.get("body"), hints.get("query"), example, links, also,
        )  # fmt: skip
        OPERATIONS.append(known)
        wrapped = _running(known, view)
        rule = path.replace("{", "<").replace("}", ">")
        bp.add_url_rule(
            rule, known.name, wrapped, methods=[method], provide_automatic_options=False, merge_slashes=False
        )
        return view

    return declare


def _running(known: Operation, view: Callable[..., Any]) -> Callable[..., Response]:
    @wraps(view)
    def run(**arguments: Any) -> Response:
        g.operation = known
        if waited() * 1000 > house().settings.queue_after_ms * OVERRUN:
            raise Unavailable  # asked again in a while: nobody who waits that long is still there
        rates.count()
        note_use()
        query = reading.query(known.query or Bare)
        if known.query:
            arguments["query"] = query
        if known.body:
            arguments["body"] = reading.body(known.body)
        elif known.method not in ("GET", "DELETE"):
            reading.nothing_sent()
        if known.method != "POST":
            return _answer(known, view(**arguments))
        replies.begin()
        if before := replies.earlier():
            return before
        try:
            return _answer(known, view(**arguments))
        except (Repeated, Problem) as problem:  # it was sent twice at the same moment, and the other one was first?
            if before := replies.earlier():
                return before
            raise problem if isinstance(problem, Problem) else Conflict(UNDER_WAY) from None

    return run


def _answer(known: Operation, found: Any) -> Response:
    if known.status == 204:
        return Response(status=204)
    response = Response(msgspec.json.encode(found), known.status, mimetype="application/json")
    if known.method == "GET":
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response
