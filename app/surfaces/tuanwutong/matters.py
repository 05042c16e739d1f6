"""Matters about files that wait for a decision: a list with a tab for each state, and a form, a verdict with its reason.

Corrections and cases alike; what differs are the verdicts.
"""

import enum
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import Conflict, Invalid, Refused
from app.kernel.work import Work
from app.surfaces.file_forms import WordsForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import see

SIZE = 50
State = TypeVar("State", bound=enum.StrEnum)


class Choice(NamedTuple):
    """A verdict: what it does (work, viewer, matter, reason, version) and what is said when it is done."""

    act: Callable[..., None]
    said: str


def chosen(waits: State) -> State:
    """The state whose tab is open: the one in the address, else that in which matters wait."""
    return next((state for state in type(waits) if state.value == request.args.get("state")), waits)


def tabs(names: Mapping[State, str], endpoint: str, here: State) -> list[tuple[str, str, bool, None]]:
    """A tab for each state."""
    return [(names[state], url_for(endpoint, state=state.value), state is here, None) for state in type(here)]


def decide(
    find: Callable[[Work], Any],
    choices: Mapping[str, Choice],
    unchosen: str,
    done: str,
    again: Callable[[WordsForm, int], AnyResponse],
) -> AnyResponse:
    """Carry out the verdict that was sent, then on to ``done``.

    ``find``: the matter, in whatever unit of work; raises NotFound. ``unchosen``: what to say when no verdict was sent.
    ``again``: the page once more, with the form and the status.
    """
    form, verdict = WordsForm(), request.form.get("verdict", "")
    find(work())
    try:
        form.require_whole()
        if verdict not in choices:
            raise Invalid(unchosen)
        with changing(form.once.data) as change:
            words = {"reason": form.reason.data or "", "version": form.version.data or 0}
            choices[verdict].act(change, me(), find(change), **words)
            change.outcome = done
    except Invalid as problem:
        form.blame(problem)
        return again(form, 422)
    except (Conflict, Refused) as problem:
        form.form_errors.append(problem.text)
        return again(form, 409)
    return see(change.outcome, choices[verdict].said)
