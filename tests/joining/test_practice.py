"""Practice: invented applications with planted flaws, flagged by the real rules; scored; nothing real is written."""

import html
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.kernel.outbox.models import OutboxMessage
from app.league.joining import practice, practice_cases
from app.league.joining.models import Decision, JoinRequest, PracticeRun, RosterEntry, Verdict
from app.league.organisations.models import OrganisationCounter
from app.league.people.facts import plain
from app.league.people.models import Person
from tests.helpers import sign_in, with_token

# What the forms say is the same on both databases; the operations behind them run on both.
pytestmark = pytest.mark.embedded

DAY = date(2026, 4, 22)
RED_HERRING = {"F12"}


@pytest.mark.parametrize("seed", range(40))
def test_every_flaw_is_seen_by_the_real_rules_and_nobody_else_is_marked(seed):
    found = practice_cases.cases(seed, DAY)
    assert len(found) == 20
    assert 6 <= sum(case.flaw is not None for case in found) <= 8
    for case in found:
        codes = {flag["code"] for flag in case.flags}
        assert bool(case.flaw) == bool(codes - RED_HERRING), (case.facts.name, codes)
        assert bool(case.note) == (codes == RED_HERRING)


def test_the_same_seed_shows_the_same_people_and_none_of_them_can_be_real():
    one, again, other = (practice_cases.cases(seed, DAY) for seed in (5, 5, 6))
    assert [case.facts for case in one] == [case.facts for case in again]
    assert [case.facts for case in one] != [case.facts for case in other]
    assert {case.facts.id_number[:6] for case in one} == {"149999"}
    assert all(re.fullmatch(r"139000\d{5}", case.facts.phone) for case in one)
    assert all(case.facts.name == plain(case.facts.name) for case in one)


@pytest.fixture
def run(world, work, monkeypatch) -> PracticeRun:
    """A run of the delegate's that has just begun."""
    monkeypatch.setattr(practice, "draw_seed", lambda below: 5)
    who = world.people["delegate_c"]
    work.actor = type(work.actor)("web", who.id, who.name)
    with writing(work.session):
        return practice.begin(work)


def decide(work, run, choose) -> None:
    """Answer every card; ``choose(case)`` gives verdict and digit."""
    for number, case in enumerate(practice.cases(run)):
        with writing(work.session):
            practice.answer(work, run, number, *choose(case))


def by_the_book(case):
    return (Verdict.RETURN, case.flaw.reasons[0]) if case.flaw else (Verdict.APPROVE, "")


def test_whoever_looks_gets_everything_right(work, clock, run):
    clock.advance(seconds=150)
    work.now = clock.now()
    decide(work, run, by_the_book)
    assert (run.right, run.missed, run.refused, practice.seconds(run)) == (20, 0, 0, 150)
    assert not any(result.off_target for result in practice.judged(run))


def test_approving_all_misses_every_flaw_and_returning_all_wrongs_everybody_else(work, run):
    flaws = sum(case.flaw is not None for case in practice.cases(run))
    decide(work, run, lambda case: (Verdict.APPROVE, ""))
    assert (run.right, run.missed, run.refused) == (20 - flaws, flaws, 0)
    with writing(work.session):
        second = practice.begin(work)
    decide(work, second, lambda case: (Verdict.REJECT, "4"))
    assert (second.right, second.missed, second.refused) == (flaws, 0, 20 - flaws)


def test_an_answer_given_twice_counts_once_and_can_be_taken_back(work, run):
    with writing(work.session):
        practice.answer(work, run, 0, Verdict.APPROVE)
        practice.answer(work, run, 0, Verdict.REJECT, "1")
        practice.answer(work, run, 5, Verdict.APPROVE)
    assert run.answers == [["approve", ""]]
    with writing(work.session):
        practice.take_back(run)
    assert run.answers == []


def test_only_the_last_runs_are_kept(work, run):
    for _ in range(12):
        decide(work, run, by_the_book)
        with writing(work.session):
            run = practice.begin(work)
    assert len(practice.records(work)) == practice.KEPT


class Trainee:
    """Somebody who practises in a browser without scripts."""

    def __init__(self, client) -> None:
        self.client = client
        self.url = client.post("/twt/practice", data=with_token(client, "/twt/practice", once="o")).location
        self.run = self.url.rsplit("/", 1)[1]

    def answer(self, number, verdict, digit="", **headers):
        fields = with_token(self.client, self.url, number=str(number), verdict=verdict, digit=digit)
        return self.client.post(f"{self.url}/answer", data=fields, headers=headers)


@pytest.fixture
def trainee(client, world, monkeypatch) -> Trainee:
    """The delegate, in the middle of beginning."""
    monkeypatch.setattr(practice, "draw_seed", lambda below: 5)
    return Trainee(sign_in(client, world.people["delegate_c"]))


REAL = (Person, JoinRequest, Decision, RosterEntry, OrganisationCounter, AuditEntry, OutboxMessage)


def numbers_of_rows(session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) for table in REAL]


def test_a_run_through_the_pages_leaves_nothing_but_its_record(trainee, session):
    before = numbers_of_rows(session)
    found = practice_cases.cases(5, DAY)
    missed = next(number for number, case in enumerate(found) if case.flaw)
    for number, case in enumerate(found):
        text = trainee.client.get(trainee.url).text
        assert f"第 <strong>{number + 1}</strong> / 20" in text
        assert all(flag["text"] in text for flag in case.flags)
        assert case.facts.id_number not in text
        given = (Verdict.APPROVE, "") if number == missed else by_the_book(case)
        last = trainee.answer(number, *given)
    assert last.location == f"{trainee.url}/result"
    text = trainee.client.get(last.location).text
    assert 'data-figure="practice_right">19<' in text
    assert 'data-figure="practice_missed">1<' in text
    assert found[missed].flaw.why in html.unescape(text)
    assert "19 / 20" in trainee.client.get("/twt/practice").text
    session.rollback()
    assert numbers_of_rows(session) == before
    token = with_token(trainee.client, "/twt/practice", number="3", verdict="reject", digit="1")
    assert trainee.client.post(f"{trainee.url}/answer", data=token).location == last.location, "an old window"
    assert "19 / 20" in trainee.client.get("/twt/practice").text


def test_a_return_without_a_reason_and_an_answer_for_htmx(trainee):
    answer = trainee.answer(0, "return")
    assert answer.status_code == 422
    assert "请选一条理由" in answer.text
    piece = trainee.answer(0, "return", "2", **{"HX-Request": "true"})
    assert piece.status_code == 200
    assert piece.text.lstrip().startswith('<section id="practice"')
    assert "第 <strong>2</strong> / 20" in piece.text
    page = trainee.client.get(trainee.url)
    assert "第 <strong>2</strong> / 20" in page.text


def test_a_run_is_nobody_elses(trainee, make_client, world):
    other = sign_in(make_client(), world.people["college_c"])
    assert other.get(trainee.url).status_code == 404
