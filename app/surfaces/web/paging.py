"""Paging by key: a list asks for one row more than it shows; that it came says that there is a next page."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import request

Row = TypeVar("Row")


def asked_after() -> str | None:
    """The key of the last row that the page before showed; None on the first page."""
    return request.args.get("after") or None


def one_page(found: Sequence[Row], size: int, url: Callable[[Row], str]) -> tuple[Sequence[Row], str | None]:
    """The first ``size`` of ``found``, and the address of what follows (None: nothing follows).

    ``url``: makes that address from the last row shown.
    """
    return found[:size], url(found[size - 1]) if len(found) > size else None
