"""Numbers for Prometheus: requests by rule and status, and what waits. No label names anybody."""

import os
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text

from app.kernel.audit.seals import last_sealed
from app.kernel.health import BACKUP, outbox_due
from app.kernel.jobs.models import Job, JobState, PeriodicRun
from app.kernel.jobs.operations import OPEN_STATES
from app.kernel.jobs.worker import HEARTBEAT
from app.kernel.work import Work
from app.league.joining.models import JoinRequest
from app.surfaces.web import arrival

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS = Counter("tuanwutong_requests", "Requests answered.", ["method", "rule", "status"])
SECONDS = Histogram(
    "tuanwutong_request_seconds",
    "Time from a thread's taking a request to its answer.",
    ["method", "rule"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
WAITED = Histogram(
    "tuanwutong_request_wait_seconds",
    "Time a request stood in line for a thread.",
    buckets=(0.001, 0.01, 0.05, 0.1, 0.3, 1, 5),
)


def init_app(app: Flask) -> None:
    """Count the requests of ``app``. Register after the log, whose clock is read here."""
    app.after_request(_count)


def exposition(work: Work) -> bytes:
    """Everything in Prometheus' text format: all processes' counts, then what the database says now."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    else:
        counted = generate_latest(REGISTRY)
    now = CollectorRegistry()
    now.register(_Present(work))
    return counted + generate_latest(now)


def _count(response: Response) -> Response:
    if request.endpoint != "static":
        method = request.method if request.method in METHODS else "other"
        rule = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(method, rule, str(response.status_code)).inc()
        SECONDS.labels(method, rule).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        WAITED.observe(arrival.waited())
    return response


class _Present(Collector):
    """What waits at this moment, asked of the database."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is asked before it is needed."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        work = self._work
        pending = select(func.count()).select_from(JoinRequest).where(text("state = 'submitted'"))  # as its index says
        yield _gauge("applications_pending", "Applications that wait for a decision.", work.session.scalar(pending))
        count, lag = outbox_due(work)
        yield _gauge("outbox_waiting", "Messages not yet sent.", count)
        yield _gauge("outbox_lag_seconds", "How long the oldest message that was due has waited.", lag.total_seconds())
        yield self._jobs()
        _last, waiting = last_sealed(work)
        yield _gauge("audit_unsealed", "Entries of the log that no seal covers yet.", waiting)
        yield _gauge("database_lock_waiting", "Connections that wait for a lock.", self._locks())
        for name, told in ((BACKUP, "backup"), (HEARTBEAT, "worker")):
            at = work.session.scalar(select(PeriodicRun.last_run_at).where(PeriodicRun.name == name))
            if at is not None:  # never: no sample, which an alert on absent() tells from an old one
                yield _gauge(f"{told}_age_seconds", f"Time since the {told} last reported.", _age(work, at))

    def _jobs(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("tuanwutong_jobs", "Jobs by state.", labels=["state"])
        counted = select(Job.state, func.count()).where(Job.state.in_([*OPEN_STATES, JobState.FAILED]))
        rows = self._work.session.execute(counted.group_by(Job.state)).all()
        counts = {state: count for state, count in rows}  # noqa: C416  rows, not pairs
        for state in (*OPEN_STATES, JobState.FAILED):
            family.add_metric([state.value], counts.get(state, 0))
        return family

    def _locks(self) -> int:
        """On the embedded database nobody waits in it: the writers' line is measured where they stand in it."""
        if self._work.session.get_bind().dialect.name != "postgresql":
            return 0
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(self._work.session.scalar(text(waiting)) or 0)


def _age(work: Work, at: datetime) -> float:
    return max(work.now - at, timedelta()).total_seconds()


def _gauge(name: str, told: str, value: float | None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tuanwutong_{name}", told, value=value or 0)
