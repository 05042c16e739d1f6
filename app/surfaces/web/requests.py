"""Requests as the views get them: form fields without NUL, which no text holds and PostgreSQL refuses to keep."""

from io import BytesIO
from typing import IO, Any

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict

UNVARYING = {"static", "notices.image"}
"""Endpoints that give the same bytes to whoever asks: they never look who it is."""


API = "/api/"
"""Addresses under it speak JSON: no page, no cookie, no CSRF token; who asks is told by a bearer token."""


def by_api() -> bool:
    """Whether a program asks at the API's door, wherever in it."""
    return request.path.startswith(API)


class Nowhere(BytesIO):
    """Takes bytes and keeps none."""

    def write(self, data: Any, /) -> int:
        """Say that they were taken."""
        return len(data)


class TextRequest(Request):
    """A request whose form fields are text. ``discards_files``: read the fields, let the files fall."""

    discards_files = False

    def _get_file_stream(self, *arguments: Any, **values: Any) -> IO[bytes]:
        return Nowhere() if self.discards_files else super()._get_file_stream(*arguments, **values)

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        sent = self.__dict__["form"]
        fields = [(name, value.replace("\0", "")) for name, value in sent.items(multi=True)]
        self.__dict__["form"] = ImmutableMultiDict(fields)
