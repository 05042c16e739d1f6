"""P7, P8, P9: changes, as transactions against the bare writing of the same, and as requests against a bare answer."""

from collections.abc import Callable, Iterator
from statistics import median

from app.demonstration.staff import as_viewer
from app.kernel.db.unit import writing
from app.league.accounts.models import Account
from app.league.joining import decisions, operations
from app.league.joining.intake import Intake
from app.league.joining.models import Verdict
from app.league.organisations.models import Organisation
from app.league.people.models import Door
from tests.bench.applicants import Applicant, applicants, typed
from tests.bench.replay import Twin, beside
from tests.bench.results import Phase, Row, measured
from tests.bench.stage import BRANCH, PROVINCE, SEARCHERS, Stage
from tests.bench.wire import Asker

APPROVE_TRANSACTION, BATCH_TRANSACTION = 3.0, 2.5
APPROVE_TARGET = 11.5
"""P7: 1.5 ms of processor against the 0.13 ms of a bare answer."""
SUBMIT_TARGET = 15.4
"""P9: 2 ms against 0.13 ms."""
SUBMIT_TRANSACTION = 4.0
"""P9: 2 ms against the 0.49 ms of the transaction."""
MOST = 40
BATCH, BATCHES = 50, 6


@measured("P7", "P8", "P9", phase=Phase.CHANGES)
def transactions(stage: Stage) -> Iterator[Row]:
    """Each change on the product's database, then its bare writing on the twin, in turn."""
    twin = Twin(stage.twin.database)
    try:
        approve = [[one] for one in stage.take(MOST, 0.1)]
        reject = [[one] for one in stage.take(MOST, 0.1)]
        some = stage.take(BATCH * BATCHES, 0.3)
        batches = [some[start : start + BATCH] for start in range(0, len(some), BATCH)]
        batches = [batch for batch in batches if len(batch) == BATCH] or [some]
        runs = (
            ("P7", "approve, transaction", APPROVE_TRANSACTION, [_decide(stage, one, Verdict.APPROVE) for one in approve]),
            ("P7", "reject, transaction", APPROVE_TRANSACTION, [_decide(stage, one, Verdict.REJECT) for one in reject]),
            ("P8", "approve 50 together, transaction", BATCH_TRANSACTION, [
                _decide(stage, batch, Verdict.APPROVE, f"{PROVINCE}-{number % SEARCHERS}")
                for number, batch in enumerate(batches)
            ]),
            ("P9", "application, transaction", SUBMIT_TRANSACTION, [_submit(stage, one) for one in stage.ready]),
        )  # fmt: skip
        for goal, name, target, acts in runs:
            yield _in_turn(stage, twin, goal, name, target, acts)
    finally:
        twin.close()
        stage.session.rollback()


def _in_turn(stage: Stage, twin: Twin, goal: str, name: str, target: float, acts: list[Callable[[], object]]) -> Row:
    pairs = [beside(stage.engine, twin, act) for act in acts]
    warm = pairs[1:] or pairs
    return stage.row(goal, name, median(ours for ours, _ in warm), median(bare for _, bare in warm), target)


def _decide(stage: Stage, items: list[tuple[str, int]], verdict: Verdict, who: str = PROVINCE) -> Callable[[], object]:
    def act() -> None:
        with writing(stage.session):
            work = stage.work
            viewer = as_viewer(work, stage.session.get_one(Account, stage.people_in[who].id))
            reason = "" if verdict is Verdict.APPROVE else "不是本支部的人，请到所在团支部申请"
            outcomes = decisions.decide_many(work, viewer, items, verdict, reason=reason)
            assert all(outcome.ok for outcome in outcomes), outcomes
        stage.session.expunge_all()

    return act


def _submit(stage: Stage, one: Applicant) -> Callable[[], object]:
    facts = Intake.read(typed(one.number), stage.work.today)

    def act() -> None:
        with writing(stage.session):
            account = stage.session.get_one(Account, one.account_id)
            place = stage.session.get_one(Organisation, stage.places[BRANCH].id)
            operations.submit(stage.work, account, place, facts, door=Door.PC)
        stage.session.expunge_all()

    return act


@measured("P7")
def decide(stage: Stage) -> Iterator[Row]:
    """A decision sent from the card: by a browser without script, and with the answer that the desk's script gets."""
    desk = {"HX-Request": "true", "HX-Target": "div#desk-head"}
    for name, headers, expected in (("approve", {}, 303), ("approve at the desk", desk, 200)):
        taken = stage.take(60, 0.1)
        requests = decisions_sent(stage.asking(PROVINCE), taken, headers)
        found = stage.beside_hello(requests, expected, number=len(taken))
        yield stage.row("P7", name, found.cpu, found.floor_cpu, APPROVE_TARGET)


def decisions_sent(
    askers: Iterator[Asker], items: list[tuple[str, int]], headers: dict[str, str] | None = None
) -> Iterator[bytes]:
    """Approvals of ``items``, a form each, by the visits in turn."""
    for asker, (public_id, version) in zip(askers, items, strict=False):
        fields = {"verdict": "approve", "version": version, "once": f"once-{public_id}"[:48]}
        yield asker.post(f"/twt/queue/{public_id}/decide", fields, headers)


@measured("P9")
def submit(stage: Stage) -> Iterator[Row]:
    """An application handed in on its last page."""
    young = applicants(stage, 60)
    found = stage.beside_hello(applications_sent(young), 303, number=len(young))
    yield stage.row("P9", "application handed in", found.cpu, found.floor_cpu, SUBMIT_TARGET)


def applications_sent(young: list[Applicant]) -> Iterator[bytes]:
    """The last form of each."""
    for one in young:
        yield one.asker.post("/jia/apply/check", {"once": f"once-{one.number}", "statement": ""})
