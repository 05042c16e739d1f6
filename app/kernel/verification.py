"""What must always be true, asked of the live data. Each question has a name and a sentence for people to read.

The League's packages add theirs with ``check`` and ``invariant``; ``flask --app wsgi verify`` asks them all.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select, text

from app.kernel.audit.verification import find_broken
from app.kernel.errors import NotFound
from app.kernel.files.models import StoredFile
from app.kernel.files.stores import store_of
from app.kernel.outbox.models import OutboxMessage
from app.kernel.sealed import columns as sealed_columns
from app.kernel.work import Work

EXAMPLES = 5
Question = Callable[[Work], Iterable[str]]


@dataclass(frozen=True)
class Answer:
    """``findings``: how many; ``examples``: the first few in words. None means that all is well."""

    name: str
    sentence: str
    findings: int
    examples: tuple[str, ...]


_QUESTIONS: dict[str, tuple[str, Question]] = {}


def check(name: str, sentence: str) -> Callable[[Question], Question]:
    """Declare a question: a function that yields one line per finding."""

    def mark(question: Question) -> Question:
        _QUESTIONS[name] = (sentence, question)
        return question

    return mark


def invariant(name: str, sentence: str, query: Select[Any] | Callable[[Work], Select[Any]]) -> None:
    """Declare a SELECT that must return nothing; its first column names the row."""

    def question(work: Work) -> Iterator[str]:
        asked = query(work) if callable(query) else query
        for row in work.session.execute(asked):
            yield " ".join(str(value) for value in row)

    check(name, sentence)(question)


def how_many() -> int:
    """How many questions there are."""
    return len(_QUESTIONS)


def ask_all(work: Work) -> Iterator[Answer]:
    """Ask every question, each over one unchanging view of the data."""
    for name, (sentence, question) in sorted(_QUESTIONS.items()):
        work.session.rollback()
        if work.session.get_bind().dialect.name == "postgresql":
            work.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        found = iter(question(work))
        examples = tuple(islice(found, EXAMPLES))
        yield Answer(name, sentence, len(examples) + sum(1 for _ in found), examples)
    work.session.rollback()


@check("kernel.database", "数据库文件完好，所有引用都有着落")
def _database(work: Work) -> Iterator[str]:
    if work.session.get_bind().dialect.name != "sqlite":
        return
    for (line,) in work.session.execute(text("PRAGMA integrity_check")):
        if line != "ok":
            yield str(line)
    for row in work.session.execute(text("PRAGMA foreign_key_check")):
        yield f"{row[0]} 第 {row[1]} 行指向不存在的 {row[2]}"


@check("kernel.audit", "审计记录逐条完好，封存首尾相接")
def _audit(work: Work) -> Iterator[str]:
    for broken in find_broken(work):
        yield f"第 {broken.entry_id} 条：{broken.text}"


@check("kernel.files", "每个附件都在，内容没有变")
def _files(work: Work) -> Iterator[str]:
    there = store_of(work.settings)
    for row in work.session.execute(select(StoredFile.public_id, StoredFile.storage_key, StoredFile.sha256)):
        try:
            with there.open(row.storage_key) as content:
                if hashlib.sha256(content.read()).hexdigest() != row.sha256:
                    yield f"{row.public_id} 的文件内容变了"
        except NotFound:
            yield f"{row.public_id} 的文件不见了"


@check("kernel.outbox", "没有积压一小时以上的消息")
def _outbox(work: Work) -> Iterator[str]:
    waiting = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.last_error).where(
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.cancelled_at.is_(None),
        OutboxMessage.created_at < work.now - timedelta(hours=1),
        OutboxMessage.available_at < work.now,
    )
    for row in work.session.execute(waiting):
        yield f"第 {row.id} 条（{row.kind}）没有送出 {row.last_error}".rstrip()


@check("kernel.sealed", "身份证号、手机号等都已加密，所用密钥都在")
def _sealed(work: Work) -> Iterator[str]:
    for column in sealed_columns():
        if column.mixed:
            continue
        kept = column.table.c[column.name]
        keyed = [kept.like(f"v1.{key_id}.%") for key_id in work.vault.opening_ids]
        wrong = select(func.count()).where(kept.is_not(None), kept != "", *(~like for like in keyed))
        if count := work.session.scalar(wrong):
            yield f"{column.table.name}.{column.name} 有 {count} 行没有加密，或密钥已不在"


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
