"""Today's jobs as the desk shows them: what does most harm when it is left, first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from app.kernel.access.viewer import Post
from app.league.organisations.overview import Jobs


@dataclass(frozen=True)
class Card:
    """One job: how many, what, why it matters now, and the one button. ``tone``: stop, look or ""."""

    number: int | None
    title: str
    why: str
    button: str
    url: str
    icon: str
    tone: str = ""


def cards(jobs: Jobs, post: Post | None, now: datetime) -> list[Card]:
    """The jobs that are there, the most harmful to leave first."""
    return [*_late(jobs, now), *_people(jobs), *_posts(jobs, post), *_waiting(jobs, now), *_reading(jobs)]


def _late(jobs: Jobs, now: datetime) -> Iterator[Card]:
    if jobs.pending and jobs.late(now):
        days = jobs.oldest_days(now)
        why = f"最早的已经等了 {days} 天，申请人可以催办"
        yield Card(jobs.pending, "份申请等您审核", why, "去审核", url_for("queue.index"), "clock", "stop")


def _people(jobs: Jobs) -> Iterator[Card]:
    if jobs.cases:
        url = url_for("corrections.case_index")
        why = "两份申请用了同一个证件号，判断之前都不能建档"
        yield Card(jobs.cases, "件归属要判断", why, "去判断", url, "people", "look")
    if jobs.corrections:
        url = url_for("corrections.index")
        yield Card(jobs.corrections, "件更正申请", "本人说档案里有写错的地方", "去处理", url, "edit", "look")
    if jobs.exports:
        url = url_for("exports.index", tab="waiting")
        yield Card(jobs.exports, "份导出申请等您处理", "七天没有人处理就失效", "去处理", url, "download", "look")


def _posts(jobs: Jobs, post: Post | None) -> Iterator[Card]:
    if jobs.vacant and post:
        url = url_for("appointments.new", organisation=post.organisation_public_id)
        yield Card(None, "任命省级管理员", f"{post.organisation_name}还没有管理员", "去任命", url, "person", "look")
    if jobs.own_ends and jobs.own_ends.ends_on:
        ends = jobs.own_ends.ends_on
        why = f"{ends.year}年{ends.month}月{ends.day}日到期，到期后不能再审核"
        yield Card(None, "您的任期快到了", why, "看我的任职", url_for("appointments.mine"), "clock", "look")
    if jobs.ending:
        url = url_for("appointments.index", soon=1)
        why = "十四天内到期。到期没有人接手，审核就停了"
        yield Card(jobs.ending, "人的任职快到期", why, "去安排", url, "person", "look")


def _waiting(jobs: Jobs, now: datetime) -> Iterator[Card]:
    if jobs.pending and not jobs.late(now):
        days = jobs.oldest_days(now)
        why = f"最早的等了 {days} 天" if days else "都是今天交的"
        yield Card(jobs.pending, "份申请等您审核", why, "去审核", url_for("queue.index"), "check")


def _reading(jobs: Jobs) -> Iterator[Card]:
    if jobs.unread:
        yield Card(jobs.unread, "条通知没有读", "上级发来的", "去阅读", url_for("inbox.index"), "bell")
