"""练习: twenty invented applications, judged by a new reviewer and scored on what was missed.

Only the seed and the answers are kept, in a table of its own (so that an answer once given stays given, on any of the
account's devices, and the last results stay with the account). Nothing reaches the tables of people, applications,
decisions, counters or the audit: nobody's data is touched.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from app.kernel.clock import local_date
from app.kernel.errors import Invalid, NotFound
from app.kernel.work import Work
from app.league.joining import practice_cases, reasons
from app.league.joining.models import PracticeRun, Verdict
from app.league.joining.practice_cases import Case

KEPT = 10
"""Runs kept per account."""
TARGET_SECONDS = 180
"""How long a run should take."""

draw_seed: Callable[[int], int] = secrets.randbelow
"""Which invented people are shown. Tests put a choice of their own here."""


@dataclass(frozen=True)
class Judged:
    """One answer looked at. ``missed``: a flaw was approved. ``refused``: a person without a flaw was not."""

    number: int
    case: Case
    verdict: Verdict
    missed: bool
    refused: bool
    off_target: bool
    """Returned, as was right, but for a reason that does not fit the flaw."""

    @property
    def right(self) -> bool:
        """Whether the answer was right."""
        return not self.missed and not self.refused


def begin(work: Work) -> PracticeRun:
    """A fresh run for the acting account; what it left unfinished and all but its last runs are forgotten."""
    account_id = _account(work)
    last = select(PracticeRun.id).where(PracticeRun.account_id == account_id, PracticeRun.finished_at.is_not(None))
    keep = list(work.session.scalars(last.order_by(PracticeRun.id.desc()).limit(KEPT - 1)))
    gone = delete(PracticeRun).where(PracticeRun.account_id == account_id, PracticeRun.id.not_in(keep))
    work.session.execute(gone)
    run = PracticeRun(account_id=account_id, seed=draw_seed(2**31), started_at=work.now, answers=[])
    work.session.add(run)
    work.session.flush()
    return run


def by_public_id(work: Work, public_id: str, *, locked: bool = False) -> PracticeRun:
    """One of the acting account's own runs. Raises NotFound for any other."""
    query = select(PracticeRun).where(PracticeRun.public_id == public_id, PracticeRun.account_id == _account(work))
    found = work.session.scalars(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def records(work: Work) -> list[PracticeRun]:
    """The acting account's runs, the latest first; the first may be unfinished."""
    query = select(PracticeRun).where(PracticeRun.account_id == _account(work))
    return list(work.session.scalars(query.order_by(PracticeRun.id.desc()).limit(KEPT)))


def cases(run: PracticeRun) -> list[Case]:
    """The applications of ``run``."""
    return practice_cases.cases(run.seed, day_of(run))


def day_of(run: PracticeRun) -> date:
    """The day ages and dates of the run count by."""
    return local_date(run.started_at)


def answer(work: Work, run: PracticeRun, number: int, verdict: Verdict, digit: str = "") -> None:
    """Decide the card ``number`` (0 …). A card that is not the next one changes nothing: it was answered before.

    Raises Invalid for a return or a rejection without one of the reasons.
    """
    if verdict is not Verdict.APPROVE and digit not in {t.key for t in reasons.templates(verdict)}:
        raise Invalid({"reason": "请选一条理由"})
    if number != len(run.answers) or run.finished_at is not None:
        return
    run.answers = [*run.answers, [verdict.value, digit if verdict is not Verdict.APPROVE else ""]]
    if len(run.answers) == practice_cases.SIZE:
        _finish(work, run)


def take_back(run: PracticeRun) -> None:
    """Undo the last answer of a run that goes on."""
    if run.finished_at is None and run.answers:
        run.answers = run.answers[:-1]


def judged(run: PracticeRun) -> list[Judged]:
    """Each answer beside what would have been right."""
    return [_judge(at, case, *given) for at, (case, given) in enumerate(zip(cases(run), run.answers, strict=False), 1)]


def seconds(run: PracticeRun) -> int:
    """How long a finished run took."""
    return round((run.finished_at - run.started_at).total_seconds()) if run.finished_at else 0


def _finish(work: Work, run: PracticeRun) -> None:
    run.finished_at = work.now
    results = judged(run)
    run.right = _number(results, "right")
    run.missed = _number(results, "missed")
    run.refused = _number(results, "refused")


def _number(results: Sequence[Judged], what: str) -> int:
    return sum(bool(getattr(result, what)) for result in results)


def _judge(number: int, case: Case, word: str, digit: str) -> Judged:
    verdict = Verdict(word)
    approved = verdict is Verdict.APPROVE
    flawed = case.flaw is not None
    off_target = bool(case.flaw and verdict is Verdict.RETURN and digit not in case.flaw.reasons)
    return Judged(number, case, verdict, flawed and approved, not flawed and not approved, off_target)


def _account(work: Work) -> int:
    assert work.actor.account_id is not None
    return work.actor.account_id
