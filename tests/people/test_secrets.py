"""Ten thousand files leave no ID number and no phone in clear, nor as a plain hash, wherever one might look."""

import hashlib
import logging
import random
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from app.league.people.facts import check_digit
from app.league.people.loading import NewFile, load
from app.league.people.models import Person
from app.tables import metadata
from tests.helpers import sign_in
from tests.people.files import facts

NUMBER = 10_000
DIGITS = re.compile(rb"\d{11,}[Xx]?")
HEX = re.compile(rb"[0-9a-fA-F]{32,}")
LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64}


class Marks:
    """The planted numbers and phones, and their plain hashes."""

    def __init__(self) -> None:
        dice = random.Random(20260422)
        self.numbers, self.phones = [], []
        for index in range(NUMBER):
            day = date(2000, 1, 1) + timedelta(days=dice.randrange(3000))
            first = f"149999{day:%Y%m%d}{dice.randrange(1000):03d}"
            self.numbers.append(first + check_digit(first))
            self.phones.append(f"1390002{index:04d}")
        self.numbers = list(dict.fromkeys(self.numbers))
        self.clear = {mark.encode() for mark in self.numbers + self.phones}
        self.hashes = {hashlib.new(kind, mark).hexdigest().encode() for mark in self.clear for kind in LENGTHS}

    def found_in(self, haystack: bytes) -> set[bytes]:
        """Every mark or hash that stands in ``haystack``, inside longer runs too."""
        found = set()
        for run in DIGITS.findall(haystack):
            for size in (11, 18):
                found |= self.clear & {run.upper()[i : i + size] for i in range(len(run) - size + 1)}
        for run in HEX.findall(haystack):
            for size in LENGTHS.values():
                found |= self.hashes & {run.lower()[i : i + size] for i in range(len(run) - size + 1)}
        return found


@pytest.fixture
def planted(work, world, session):
    """The files, spread over three branches, and what was planted."""
    marks = Marks()
    places = (world.branch_b1, world.branch_b2, world.branch_t1)
    for share, place in enumerate(places):
        files = [
            NewFile(facts(f"青年{index}号", sex="1" if int(number[16]) % 2 else "2"), number, phone, work.now)
            for index, (number, phone) in enumerate(zip(marks.numbers, marks.phones, strict=False))
            if index % len(places) == share
        ]
        load(work, [(place, files)])
    session.commit()
    return marks


def test_the_marks_would_be_found():
    marks = Marks()
    number, phone = marks.numbers[5], marks.phones[7]
    for text_ in (f"x{number}y", f"00{phone}", hashlib.sha1(number.encode()).hexdigest()):
        assert marks.found_in(text_.encode())
    assert not marks.found_in(b"149999200001010000000")


def test_nothing_stands_in_the_database(planted, engine: Engine, session):
    assert session.scalar(select(Person.id).limit(1))
    rows = []
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            rows += [repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))]
    assert len(rows) > NUMBER
    assert planted.found_in("\n".join(rows).encode()) == set()
    if engine.dialect.name == "sqlite":
        for suffix in ("", "-wal"):
            assert planted.found_in(_bytes(engine.url.database + suffix)) == set()


def test_nothing_stands_in_pages_addresses_titles_and_logs(planted, app, make_client, world, session, caplog, capfd):
    app.config["WTF_CSRF_ENABLED"] = False
    log = logging.getLogger("app")  # its own handler may write into the capture of an earlier test, which was quieter
    log.addHandler(caplog.handler)
    caplog.set_level(logging.INFO, logger="app")
    try:
        browser = sign_in(make_client(), world.people["school_s"])
        seen, titles, links = [], [], []
        known = [*planted.numbers[:6], *planted.phones[:6]]
        seen += [browser.post("/twt/people/search", data={"q": typed}) for typed in known]
        for public_id in session.scalars(
            select(Person.public_id).where(Person.organisation_id == world.branch_b1.id).limit(5)
        ):
            seen.append(browser.get(f"/twt/people/{public_id}"))
            seen.append(browser.post(f"/twt/people/{public_id}/reveal/id_number", data={"reason": "check"}))
        seen.append(browser.get("/twt/people"))
        for answer in seen:
            assert answer.status_code == 200
            titles += re.findall(r"<title>(.*?)</title>", answer.text, re.DOTALL)
            links += re.findall(r'(?:href|action|src|hx-[\w:]+)="([^"]*)"', answer.text)
        assert len(titles) == len(seen)
        assert planted.found_in("\n".join([*titles, *links]).encode()) == set()
        assert planted.found_in(seen[-1].data) == set()
        out = capfd.readouterr()
        logged = "\n".join([out.out, out.err, caplog.text, *(str(vars(record)) for record in caplog.records)])
        assert "/twt/people/search" in logged
        assert planted.found_in(logged.encode()) == set()
    finally:
        log.removeHandler(caplog.handler)
        app.config["WTF_CSRF_ENABLED"] = True


def _bytes(path: str) -> bytes:
    file = Path(path)
    return file.read_bytes() if file.exists() else b""
