"""Youths who have filled in everything and are about to hand in, each with an account, a draft and a session."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from app.kernel.db.unit import writing
from app.league.joining import drafts
from app.league.people.facts import check_digit
from tests import factories as make
from tests.bench.wire import Asker

if TYPE_CHECKING:
    from tests.bench.stage import Stage

_numbers = count(1)
FIRST_BORN = date(2007, 1, 1)
PER_DAY = 499


@dataclass(frozen=True)
class Applicant:
    """One of them. ``number``: what their invented facts are made from."""

    number: int
    account_id: int
    asker: Asker


def applicants(stage: "Stage", wanted: int) -> list[Applicant]:
    """So many of them, new ones each time, who all apply to the same branch."""
    made = []
    with writing(stage.session):
        place = stage.places["branch"].public_id
        for number in (next(_numbers) for _ in range(wanted)):
            account = make.account(stage.session, stage.vault, f"青年{make.CHARACTERS[number % 20]}")
            contents = drafts.Contents(
                {**typed(number), "organisation": place, "member": "yes"}, done=list(drafts.STEPS)
            )
            drafts._save(stage.work, account.id, None, "league", contents)
            made.append(Applicant(number, account.id, stage.sign_in(account)))
    stage.session.expunge_all()
    return made


def typed(number: int) -> dict[str, Any]:
    """What the ``number``-th of them has typed: somebody of 19 who joined at 15, without a flaw."""
    born = FIRST_BORN + timedelta(days=number // PER_DAY)
    first = f"149999{born:%Y%m%d}{number % PER_DAY * 2 + 1:03d}"
    return {
        "name": f"李{make.CHARACTERS[number % 20]}明",
        "id_type": "resident",
        "id_number": first + check_digit(first),
        "ethnicity": "01",
        "native_place": "山西省朔州市应县",
        "education": "21",
        "political_status": "03",
        "occupation": "学生",
        "phone": f"1390009{number % 10000:04d}",
        "joined_league_on": f"{born.year + 15}-12-09",
        "joined_league_at": "应县第一中学",
        "certificate_number": f"{number:08d}",
        "development_number": f"{born.year + 15}14{number:06d}",
        "dues_paid_through": f"{born.year + 18}-02",
    }
