"""The server is killed at many random moments while two secretaries decide, and what it acknowledged is there.

Each secretary keeps a ledger on disk: a decision is written down, and forced to the disk, the moment the server has
said that it is done. At the end every line of the ledgers must be found in the database once, with its audit entry,
its file and its message; and nothing may be there by half.
"""

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from app.kernel.audit.models import AuditEntry
from app.kernel.db.engine import configure
from app.kernel.outbox.models import OutboxMessage
from app.kernel.vault import Vault
from app.league.accounts.passwords import hash_password
from app.league.joining.decisions import message_key
from app.league.joining.models import Decision, JoinRequest, RequestState, Verdict
from app.league.organisations.models import Organisation
from app.league.people.models import Membership, Person
from tests import factories as make
from tests import world as worlds
from tests.faults.server import Instance, Server, Visitor, server

KILLS = int(os.environ.get("KILLS", "16" if os.environ.get("TEST_DATABASE", "sqlite") == "sqlite" else "8"))
"""How often; a night takes more: `KILLS=500 scripts/test tests/faults`. PostgreSQL is a server of its own and is not
killed here, so that there is less to see there."""
WHOLE_EVERY = 8
"""Every so many kills the whole server ends, otherwise every process that answers: those are back at once."""
APPLICATIONS = 60 + 8 * KILLS
SECRETARIES = {"college_c": "13900020001", "delegate_c": "13900020002"}
FORM = re.compile(r'action="(/twt/queue/([^/"]+)/decide)"(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'name="(\w+)"[^>]*\bvalue="([^"]*)"')


@pytest.fixture
def kept(instance: Instance) -> Iterator[Session]:
    """A session on the instance's database, from outside the server."""
    engine = create_engine(instance.database_url or f"sqlite:///{instance.folder / 'tuanwutong.sqlite3'}")
    configure(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def prepared(instance: Instance, kept: Session) -> Instance:
    """The small league with two secretaries who can sign in, and more applications than anybody can decide."""
    vault = Vault.load(instance.folder / "keys.json")
    world = worlds.build(kept, vault)
    for name, number in SECRETARIES.items():
        account = world.people[name]
        account.phone_sealed, account.phone_index = vault.seal("phone", number), vault.index("phone", number)
        account.password_hash = hash_password(make.PASSWORD, memory_kib=64)
    for number in range(APPLICATIONS):
        make.join_request(kept, vault, world.branch_b1 if number % 2 else world.branch_b2)
    kept.commit()
    return instance


class Secretary(threading.Thread):
    """Approves what comes first, returns every seventh, and writes down what was acknowledged."""

    def __init__(self, running: Server, phone: str, ledger: Path, branch: str) -> None:
        super().__init__()
        self.visitor: Visitor = running.visitor()
        self.phone, self.ledger, self.branch = phone, ledger, branch
        self.stop = threading.Event()
        self.done = 0
        self.dice = random.Random(phone)
        self.troubles: list[str] = []

    def run(self) -> None:
        """Work until told to stop; wait for the server whenever it is gone."""
        with self.ledger.open("ab") as book:
            while not self.stop.is_set():
                try:
                    self._decide(book)
                except OSError:
                    time.sleep(0.02)

    def _decide(self, book) -> None:
        shown = self.visitor.get(f"/twt/queue?lane=clean&branch={self.branch}")
        if shown.status != 200:
            self._sign_in()
            return
        form = FORM.search(shown.text)
        if form is None:
            self.troubles.append("nothing left to decide")
            self.stop.set()
            return
        address, public_id, inside = form.groups()
        fields = {name: unescape(value) for name, value in HIDDEN.findall(inside)}
        fields |= {"verdict": "return", "digit": "1"} if self.dice.random() < 1 / 7 else {"verdict": "approve"}
        answer = self.visitor.post(address, fields)
        if answer.status == 303:
            book.write(f"{public_id} {fields['verdict']}\n".encode())
            book.flush()
            os.fsync(book.fileno())
            self.done += 1
        elif answer.status not in (409, 503):
            self.troubles.append(f"{answer.status} at {address}")

    def _sign_in(self) -> None:
        self.visitor.get("/login")
        self.visitor.post("/login", {"phone": self.phone, "password": make.PASSWORD, "next": ""})


@pytest.mark.slow
@pytest.mark.timeout(200 + 5 * KILLS)
def test_what_was_acknowledged_survives_every_kill(prepared: Instance, kept: Session, tmp_path: Path) -> None:
    dice = random.Random(2016)
    taken = select(Organisation.public_id).where(Organisation.id.in_(select(JoinRequest.organisation_id)))
    branches = kept.scalars(taken.order_by(Organisation.id)).all()
    kept.rollback()
    with server(replace(prepared, settings={"GUNICORN_CMD_ARGS": "--preload"})) as running:
        secretaries = [
            Secretary(running, phone, tmp_path / f"{name}.ledger", branch)
            for (name, phone), branch in zip(SECRETARIES.items(), branches, strict=True)
        ]
        for secretary in secretaries:
            secretary.start()
        for number in range(KILLS):
            wait_for_work(secretaries)
            time.sleep(dice.uniform(0, 0.2))
            if number % WHOLE_EVERY:
                running.kill_workers()
            else:
                running.kill()
                running.start()
        for secretary in secretaries:
            secretary.stop.set()
        for secretary in secretaries:
            secretary.join(30)
    assert [secretary.troubles for secretary in secretaries] == [[], []]
    acknowledged = [
        tuple(line.split())
        for secretary in secretaries
        for line in secretary.ledger.read_text(encoding="ascii").splitlines()
    ]
    assert len(acknowledged) >= KILLS, "the kills fell into work being done"
    everything_is_whole(kept, acknowledged)
    assert "全部相符" in prepared.flask("verify")


def wait_for_work(secretaries: list[Secretary]) -> None:
    """Until somebody has decided something since the last kill, so that the next one falls into work."""
    before, deadline = sum(one.done for one in secretaries), time.monotonic() + 20
    while sum(one.done for one in secretaries) == before and time.monotonic() < deadline:
        time.sleep(0.005)


def everything_is_whole(kept: Session, acknowledged: list[tuple[str, ...]]) -> None:
    """Each acknowledged decision once; and each decision, acknowledged or not, with all that belongs to it."""
    rows = kept.execute(select(Decision, JoinRequest).join(JoinRequest, JoinRequest.id == Decision.request_id)).all()
    decided = Counter((request.public_id, decision.verdict.value) for decision, request in rows)
    assert {pair: decided[pair] for pair in acknowledged} == dict.fromkeys(acknowledged, 1)
    assert max(Counter(public_id for public_id, _ in decided).values()) == 1
    ends = {Verdict.APPROVE: RequestState.APPROVED, Verdict.RETURN: RequestState.RETURNED}
    keys = set(kept.scalars(select(OutboxMessage.dedupe_key)))
    of_requests = select(AuditEntry.object_id, AuditEntry.action).where(AuditEntry.object_type == "join_request")
    entries = Counter((object_id, action) for object_id, action in kept.execute(of_requests))
    assert sum(entries.values()) == len(rows)
    for decision, request in rows:
        assert request.state is ends[decision.verdict]
        assert (request.person_id is not None) == (decision.verdict is Verdict.APPROVE)
        assert entries[request.public_id, f"joining:request:{decision.verdict}"] == 1
        assert message_key(decision.public_id) in keys
    approved = sum(decision.verdict is Verdict.APPROVE for decision, _ in rows)
    for table in (Person, Membership):
        assert kept.scalar(select(func.count()).select_from(table)) == approved
    untouched = select(func.count()).select_from(JoinRequest).where(JoinRequest.state == RequestState.SUBMITTED)
    assert kept.scalar(untouched) == APPLICATIONS - len(rows)
