"""A phone, and the code that was sent to it: the first two steps of registering and of resetting a password."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import Invalid, TooMany
from app.kernel.work import Work
from app.league.accounts import sms
from app.league.people.facts import clean_phone
from app.surfaces.qingchun.visit import CodeForm, PhoneForm, carry, recall, too_many
from app.surfaces.web.house import changing
from app.surfaces.web.pages import page, see

Proof = Callable[[Work, str], dict[str, Any] | None]
"""What the visit carries once the code of this phone was right; None: nothing to go on with, said as a wrong code."""


@dataclass(frozen=True)
class PhoneSteps:
    """Both steps of one blueprint, whose views are called ``phone`` and ``code``.

    No answer tells whether the phone has an account.
    """

    kind: str
    """What the visit carries the answers under; also the folder of the pages."""
    purpose: str
    """What the code is for."""
    note: str
    """When a code comes, in words that are true for every phone."""
    ask: Callable[[Work, str], None]
    """Sends a code to a phone; raises TooMany."""

    def phone_page(self) -> AnyResponse:
        """Ask for the phone; with what was answered before."""
        return self._phone_page(PhoneForm(phone=recall(self.kind).get("phone")))

    def send(self) -> AnyResponse:
        """Send a code to the phone that was typed."""
        form = PhoneForm()
        try:
            number = clean_phone(form.phone.data or "")
        except Invalid as problem:
            form.blame(Invalid({"phone": problem.text}))
            return self._phone_page(form, 422)
        try:
            self._send(number)
        except TooMany as problem:
            return self._phone_page(form, too_many(form, problem, "phone"))
        return see(url_for(".code"))

    def send_again(self) -> AnyResponse:
        """Send a code to the same phone once more."""
        state = recall(self.kind)
        if not state:
            return see(url_for(".phone"))
        form = CodeForm()
        try:
            self._send(state["phone"])
        except TooMany as problem:
            return self._code_page(form, state, too_many(form, problem, "code"))
        return see(url_for(".code"), "已再发一次，请查看短信")

    def code_page(self) -> AnyResponse:
        """Ask for the code."""
        state = recall(self.kind)
        return self._code_page(CodeForm(), state) if state else see(url_for(".phone"))

    def check(self, proof: Proof, onward: str) -> AnyResponse:
        """Compare the code, then on to ``onward``; a wrong try is counted even though the page comes back."""
        form, state = CodeForm(), recall(self.kind)
        if not state:
            return see(url_for(".phone"))
        proved, status = None, 422
        try:
            with changing() as change:
                if sms.check_code(change, state["phone"], self.purpose, form.code.data or ""):
                    proved = proof(change, state["phone"])
        except TooMany as problem:
            status = too_many(form, problem, "code")
        else:
            if proved is None:
                form.blame(Invalid({"code": sms.WRONG}))
        if proved is None:
            return self._code_page(form, state, status)
        carry(self.kind, {"phone": state["phone"], **proved})
        return see(onward)

    def _send(self, number: str) -> None:
        with changing() as change:
            self.ask(change, number)
        carry(self.kind, {"phone": number})

    def _phone_page(self, form: PhoneForm, status: int = 200) -> AnyResponse:
        return page(f"qingchun/{self.kind}/phone.html", form=form, status=status)

    def _code_page(self, form: CodeForm, state: dict[str, Any], status: int = 200) -> AnyResponse:
        values = {"phone": state["phone"], "note": self.note}
        return page(f"qingchun/{self.kind}/code.html", form=form, status=status, **values)
