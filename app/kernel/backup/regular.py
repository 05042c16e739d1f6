"""Regular backups: into one folder, named by their instant, old ones thinned out; by a timer or from the system page."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.kernel.audit.events import declare
from app.kernel.audit.record import record
from app.kernel.backup import content
from app.kernel.clock import local
from app.kernel.db.unit import writing
from app.kernel.errors import Refused
from app.kernel.health import BACKUP
from app.kernel.jobs.models import PeriodicRun
from app.kernel.jobs.operations import Run, job
from app.kernel.work import Work

JOB = "kernel.backup"
SHORTEST = 12
"""Characters of a passphrase."""
PATTERN = "tuanwutong-%Y%m%d-%H%M%S.backup"
ALL_FOR = timedelta(days=2)
"""For so long every backup is kept; then the first of each day, at last the first of each month."""
MONTHS = timedelta(days=366)
NEWEST = 3
declare({"machine:backup:make": "做了备份", "machine:backup:restore": "从备份恢复了数据"})


@job(JOB, "备份全部数据", whole=True)
def do(run: Run) -> dict[str, Any]:
    """A regular backup as a job. One that begins again makes another file."""
    run.progress(0, 1, note="正在备份并核对")
    file, facts = make(run.work)
    run.progress(1)
    return {"file": file.name, "bytes": file.stat().st_size, "rehearsed": facts["rehearsed"]}


def make(work: Work) -> tuple[Path, dict[str, Any]]:
    """Make a backup in the folder of the settings, open it again, thin out the old ones. Raises Refused, Damaged."""
    settings = work.settings
    if not settings.backup_dir or not settings.backup_passphrase_file:
        raise Refused("还没有设置备份：请写明 BACKUP_DIR 和 BACKUP_PASSPHRASE_FILE")
    folder = Path(settings.backup_dir)
    try:
        passphrase = fit(Path(settings.backup_passphrase_file).read_text(encoding="utf-8").strip())
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / local(work.now).strftime(PATTERN)
        facts = content.make(work, file, passphrase)
    except OSError as error:
        raise Refused(f"备份没有做成：{error.strerror}（{Path(error.filename or folder).name}）") from None
    note(work)
    for old in outlived(folder, work.now, settings.backup_keep_days):
        old.unlink(missing_ok=True)
    return file, facts


def fit(passphrase: str) -> str:
    """The passphrase, when it is long enough. Raises Refused."""
    if len(passphrase) < SHORTEST:
        raise Refused(f"备份口令至少 {SHORTEST} 位")
    return passphrase


def note(work: Work) -> None:
    """A backup was made and verified: for the system page and the log."""
    with writing(work.session):
        work.session.merge(PeriodicRun(name=BACKUP, last_run_at=work.now))
        record(work, "machine:backup:make", "backup")


def outlived(folder: Path, now: datetime, keep_days: int) -> list[Path]:
    """Which backups go: all of two days stay, then one a day for ``keep_days``, one a month for a year, the newest
    three in any case. What is not named as ours is nobody's business here.
    """
    made = sorted((at, path) for path in folder.iterdir() if (at := _instant(path)) is not None)
    kept: set[Path] = {path for _at, path in made[-NEWEST:]}
    days: set[str] = set()
    months: set[str] = set()
    here = local(now).replace(tzinfo=None)
    for at, path in made:
        age, day, month = here - at, at.strftime("%Y%m%d"), at.strftime("%Y%m")
        first_of_day, first_of_month = day not in days, month not in months
        days.add(day)
        months.add(month)
        daily = first_of_day and age <= timedelta(days=keep_days)
        if age <= ALL_FOR or daily or (first_of_month and age <= MONTHS):
            kept.add(path)
    return [path for _at, path in made if path not in kept]


def _instant(path: Path) -> datetime | None:
    """When a backup was made, in local time, told by its name; None for other files."""
    try:
        return datetime.strptime(path.name, PATTERN)  # noqa: DTZ007  names are in local time
    except ValueError:
        return None
