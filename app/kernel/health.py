"""How the machine is: what an operator looks at first. No personal data, only times and counts."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from app.kernel.audit.seals import last_sealed
from app.kernel.clock import local
from app.kernel.jobs.models import Job, JobState, PeriodicRun
from app.kernel.jobs.worker import HEARTBEAT
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work

BACKUP = "backup"
"""The periodic row that says when a backup was last made and verified."""
LEAST_FREE = 1024**3
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Sign:
    """One line of the page. ``advice``: what to do when it is not well, "" when it is."""

    name: str
    label: str
    value: str
    advice: str = ""


def signs(work: Work) -> Iterator[Sign]:
    """Every sign of health."""
    yield _database(work)
    yield _worker(work)
    yield _outbox(work)
    yield _jobs(work)
    yield _seal(work)
    yield _backup(work)
    yield _disk(work)


def latest_jobs(work: Work, size: int = 30) -> list[Job]:
    """The newest jobs."""
    return list(work.session.scalars(select(Job).order_by(Job.id.desc()).limit(size)))


def _database(work: Work) -> Sign:
    url = work.session.get_bind().engine.url
    if url.get_backend_name() != "sqlite":
        version = work.session.scalar(select(func.current_setting("server_version")))
        return Sign("database", "数据库", f"PostgreSQL {version}")
    size = Path(url.database or "").stat().st_size
    return Sign("database", "数据库", f"内嵌数据库，{size / 1024**2:.1f} MB")


def _worker(work: Work) -> Sign:
    seen = _last_run(work, HEARTBEAT)
    late = seen is None or work.now - seen > MINUTE
    advice = "后台进程没有在运行，请运维人员启动，方法见运行说明" if late else ""
    return Sign("worker", "后台进程", f"最近一次报到 {_when(seen)}", advice)


def outbox_due(work: Work) -> tuple[int, timedelta]:
    """How many messages wait to be sent, and how long the one that was due first has waited."""
    due = (OutboxMessage.sent_at.is_(None), OutboxMessage.cancelled_at.is_(None))
    query = select(func.count(), func.min(OutboxMessage.available_at)).where(*due)
    count, oldest = work.session.execute(query.where(OutboxMessage.created_at <= work.now)).one()
    return count, max(work.now - oldest, timedelta()) if oldest else timedelta()


def _outbox(work: Work) -> Sign:
    count, lag = outbox_due(work)
    value = f"{count} 条待送，最久等了 {int(lag.total_seconds())} 秒" if count else "都已送出"
    return Sign("outbox", "消息", value, "消息送得慢：请看后台进程的日志" if lag > 5 * MINUTE else "")


def _jobs(work: Work) -> Sign:
    rows = work.session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
    counts = {state: count for state, count in rows}  # noqa: C416  rows, not pairs
    failed = counts.get(JobState.FAILED, 0)
    value = f"{counts.get(JobState.QUEUED, 0)} 个排队，{counts.get(JobState.RUNNING, 0)} 个进行中，{failed} 个失败"
    return Sign("jobs", "后台任务", value, "有任务失败，见下表" if failed else "")


def _seal(work: Work) -> Sign:
    last, waiting = last_sealed(work)
    late = waiting > 0 and (last is None or work.now - last.at > 10 * MINUTE)
    value = f"最近封存 {_when(last.at if last else None)}，{waiting} 条待封存"
    return Sign("seal", "审计封存", value, "审计没有按时封存：请看后台进程的日志" if late else "")


def _backup(work: Work) -> Sign:
    last = _last_run(work, BACKUP)
    late = last is None or work.now - last > timedelta(days=1, hours=1)
    value = f"{_when(last)}，{_ago(work.now - last)}" if last else _when(None)
    if not late:
        return Sign("backup", "最近备份", value)
    set_up = work.settings.backup_dir and work.settings.backup_passphrase_file
    advice = "请查看定时备份为什么没有运行" if set_up else "还没有设定每天备份，请运维人员设定，方法见运行说明"
    return Sign("backup", "最近备份", value, advice)


def _ago(age: timedelta) -> str:
    minutes = max(int(age.total_seconds() // 60), 0)
    if not minutes:
        return "刚刚"
    if minutes < 60:
        return f"{minutes} 分钟前"
    return f"{minutes // 60} 小时前" if minutes < 48 * 60 else f"{minutes // 1440} 天前"


def _disk(work: Work) -> Sign:
    usage = shutil.disk_usage(work.settings.instance_dir)
    advice = "磁盘快满了，请清理或扩容" if usage.free < LEAST_FREE else ""
    return Sign("disk", "磁盘", f"剩余 {usage.free / 1024**3:.1f} GB，共 {usage.total / 1024**3:.1f} GB", advice)


def _last_run(work: Work, name: str) -> datetime | None:
    return work.session.scalar(select(PeriodicRun.last_run_at).where(PeriodicRun.name == name))


def _when(moment: datetime | None) -> str:
    return local(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else "还没有"
