"""What an applicant sees of the way of the application."""

from datetime import timedelta

import pytest

from app.kernel.errors import Refused, TooMany
from app.kernel.vault import Vault
from app.kernel.work import Work
from app.league.joining import operations, own
from app.league.joining.models import Decision, JoinRequest, RequestState, Verdict
from app.league.organisations import counters
from tests import factories as make
from tests.joining.applications import submit
from tests.world import World


def decide(work: Work, world: World, request: JoinRequest, verdict: Verdict, state: RequestState) -> None:
    """What a reviewer decided."""
    reviewer = world.people["secretary_b1"]
    request.decided_at, request.decided_by_id = work.now, reviewer.id
    request.state, request.reason, request.returned_fields = state, "籍贯写到县", ["native_place"]
    work.session.add(
        Decision(request_id=request.id, round=request.round, verdict=verdict, reason=request.reason,
                 account_id=reviewer.id, account_name=reviewer.name, decided_at=work.now, undo_until=work.now)
    )  # fmt: skip
    counters.move(work.session, request.org_path, {"pending": -1})
    work.session.flush()


def titles(work: Work, request: JoinRequest) -> list[tuple[str, str]]:
    """The timeline in short."""
    return [(moment.title, moment.state) for moment in own.timeline(work, request)]


def test_the_timeline_names_steps_and_never_people(work: Work, world: World) -> None:
    request = submit(work, world.people["youth"], world.branch_b1)
    assert titles(work, request) == [("提交申请", "done"), ("会计20184班审核", "now"), ("建立电子档案", "")]
    decide(work, world, request, Verdict.RETURN, RequestState.RETURNED)
    assert titles(work, request)[1] == ("请您补正", "now")
    operations.resubmit(work, request, {"native_place": "大同"})
    assert titles(work, request)[1:3] == [("退回补正", "done"), ("改好，重新提交", "done")]
    decide(work, world, request, Verdict.REJECT, RequestState.REJECTED)
    assert titles(work, request)[-1] == ("没有通过", "stop")
    assert "管理secretary_b1" not in str(own.timeline(work, request))


def test_the_usual_time_is_the_median_of_the_place(work: Work, world: World, vault: Vault) -> None:
    reviewer = world.people["secretary_b1"].id
    for days in (1, 2, 3, 30):
        make.join_request(
            work.session, vault, world.branch_b1, state=RequestState.REJECTED, decided_by_id=reviewer,
            submitted_at=work.now - timedelta(days=days), decided_at=work.now,
        )  # fmt: skip
    assert own.usual_days(work, world.branch_b1) is None
    make.join_request(
        work.session, vault, world.branch_b1, state=RequestState.REJECTED, decided_by_id=reviewer,
        submitted_at=work.now - timedelta(days=4), decided_at=work.now,
    )  # fmt: skip
    assert own.usual_days(work, world.branch_b1) == 3


def test_a_reminder_waits_a_week_and_comes_once_a_day(work: Work, world: World) -> None:
    request = submit(work, world.people["youth"], world.branch_b1)
    work.now += timedelta(days=7, seconds=-1)
    with pytest.raises(Refused):
        own.remind(work, request)
    work.now += timedelta(seconds=1)
    own.remind(work, request)
    with pytest.raises(TooMany) as too_many:
        own.remind(work, request)
    assert 0 < too_many.value.seconds <= 86400
    work.now += timedelta(seconds=too_many.value.seconds)
    own.remind(work, request)
