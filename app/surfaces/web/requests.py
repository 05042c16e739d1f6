"""Requests as the views get them: form fields without NUL, which no text holds and PostgreSQL refuses to keep."""

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict


class TextRequest(Request):
    """A request whose form fields are text."""

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        sent = self.__dict__["form"]
        fields = [(name, value.replace("\0", "")) for name, value in sent.items(multi=True)]
        self.__dict__["form"] = ImmutableMultiDict(fields)
