"""The operator's long questions as jobs: are all figures and references true, is the audit whole."""

from typing import Any

from sqlalchemy import func, select

from app.kernel.audit.models import AuditSeal
from app.kernel.audit.verification import find_broken
from app.kernel.jobs.operations import Run, job
from app.kernel.verification import ask_all, how_many

VERIFY = "kernel.verify"
CHAIN = "kernel.chain"
EVERY = 20
"""Seals between two looks at the job's row."""
EXAMPLES = 20


@job(VERIFY, "核对全部数据")
def verify(run: Run) -> dict[str, Any]:
    """Ask every question ``flask verify`` asks. A run that begins again asks all of them again."""
    answers: list[dict[str, Any]] = []
    run.progress(0, how_many())
    for answer in ask_all(run.work):
        answers.append({"sentence": answer.sentence, "findings": answer.findings, "examples": list(answer.examples)})
        run.progress(len(answers), note=answer.sentence)
        if run.cancelled:
            break
    return {"answers": answers, "wrong": sum(bool(answer["findings"]) for answer in answers)}


@job(CHAIN, "核对审计记录")
def chain(run: Run) -> dict[str, Any]:
    """Check every entry, every seal and the anchor, and name the first that is not what it was."""
    seals = run.work.session.scalar(select(func.count()).select_from(AuditSeal)) or 0
    run.progress(0, seals)

    def tell(done: int) -> bool:
        if done % EVERY == 0 or done == seals:
            run.progress(min(done, seals))
            return not run.cancelled
        return True

    broken = find_broken(run.work, tell)
    examples = [{"entry": one.entry_id, "text": one.text} for one in broken[:EXAMPLES]]
    return {"seals": seals, "wrong": len(broken), "broken": examples}
