"""Somebody at the desk without a browser: sends the forms of the page last seen."""

import re

from tests import factories as make


class Visitor:
    """Sends the forms of the page last seen, as a browser does."""

    def __init__(self, client) -> None:
        self.client = client
        self.text = ""

    def get(self, url, **values):
        answer = self.client.get(url, **values)
        self.text = answer.text
        return answer

    def value(self, name) -> str:
        """The value of the first hidden field ``name``."""
        return re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.text)[1]

    def post(self, url, headers=None, **fields):
        fields = {"csrf_token": self.value("csrf_token"), **fields}
        answer = self.client.post(url, data=fields, headers=headers)
        if answer.status_code != 303:
            self.text = answer.text
        return answer

    def open(self, row, panel=""):
        return self.get(f"/twt/queue/{row.public_id}?panel={panel}")

    def decide(self, row, headers=None, **fields):
        known = {"version": self.value("version"), "once": f"once-{make.serial()}"}
        return self.post(f"/twt/queue/{row.public_id}/decide", headers, **{**known, **fields})
