"""The life of an application as a table."""

import pytest

from app.kernel.errors import Conflict
from app.league.joining.models import OPEN_STATES, RequestState
from app.league.joining.states import NAMES, TABLE, Event, Who, after, allowed

CAN = {
    ("submitted", "approve"): "approved",
    ("submitted", "reject"): "rejected",
    ("submitted", "return"): "returned",
    ("submitted", "withdraw"): "withdrawn",
    ("returned", "resubmit"): "submitted",
    ("returned", "withdraw"): "withdrawn",
    ("returned", "lapse"): "lapsed",
    ("approved", "undo"): "submitted",
    ("rejected", "undo"): "submitted",
    ("returned", "undo"): "submitted",
    ("rejected", "reopen"): "submitted",
}


@pytest.mark.parametrize("state", list(RequestState))
@pytest.mark.parametrize("event", list(Event))
def test_every_pair_leads_where_the_rules_say_or_nowhere(state: RequestState, event: Event) -> None:
    expected = CAN.get((state.value, event.value))
    if expected is None:
        with pytest.raises(Conflict, match=NAMES[state]):
            after(state, event)
    else:
        assert after(state, event) == expected


def test_for_its_owner_only_an_open_application_has_a_future() -> None:
    assert {state for (state, _event), step in TABLE.items() if step.who is not Who.REVIEWER} == set(OPEN_STATES)


def test_what_was_taken_back_or_lapsed_stays_so() -> None:
    assert not {RequestState.WITHDRAWN, RequestState.LAPSED} & {state for state, _event in TABLE}


def test_each_sees_the_buttons_that_are_theirs() -> None:
    assert set(allowed(RequestState.SUBMITTED, Who.APPLICANT)) == {Event.WITHDRAW}
    assert set(allowed(RequestState.RETURNED, Who.APPLICANT)) == {Event.RESUBMIT, Event.WITHDRAW}
    assert set(allowed(RequestState.SUBMITTED, Who.REVIEWER)) == {Event.APPROVE, Event.REJECT, Event.RETURN}
    assert set(allowed(RequestState.APPROVED, Who.REVIEWER)) == {Event.UNDO}
    assert allowed(RequestState.APPROVED, Who.APPLICANT) == {}
