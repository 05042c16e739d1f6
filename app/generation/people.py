"""The generated people: everyone has a number of their own, and from it an identity number that nobody else gets.

Area codes 1499xx were given to no place, so no real number is ever made.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.generation.plan import Branch
from app.league.invented import (
    DOUBLE_SURNAMES,
    ETHNICITIES,
    GIVEN_FEMALE,
    GIVEN_MALE,
    NATIVE_PLACES,
    RARE,
    SCHOOLS_OF_ORIGIN,
    SURNAMES,
)
from app.league.joining.operations import REFERENCE_LETTERS
from app.league.people.facts import check_digit, name_columns
from app.league.people.loading import NewFile
from app.league.people.models import Standing

AREAS = 100
PER_DAY = 1000
"""Serial numbers of one area and one day."""
YEAR = 365
STEP = 6_700_417
"""A prime that divides no number of places: neighbours in a class do not get neighbouring numbers."""
OPENED = date(2016, 4, 22)
"""The day the first files were made (晋团发〔2016〕7号)."""


class Numbers:
    """Hands out identity numbers and phones. Running numbers count per year of birth, so a plan can skip ahead."""

    def __init__(self, first_phone: int) -> None:
        self.used: dict[int, int] = {}
        self.phone = first_phone
        self.references = 0

    def skip(self, branch: Branch, extra: int, references: int) -> None:
        """Leave out what ``branch``, ``extra`` more of its people and its applications take."""
        for year, number in _share(branch.files + extra, branch.born):
            self.used[year] = self.used.get(year, 0) + number
        self.phone += branch.files + extra
        self.references += references

    def years(self, branch: Branch, extra: int) -> Iterator[int]:
        """The year of birth of each of the people of ``branch`` and the ``extra`` ones."""
        for year, number in _share(branch.files + extra, branch.born):
            yield from (year for _ in range(number))

    def reference(self) -> str:
        """A 受理号 nobody else gets, that does not show how many there are."""
        self.references += 1
        rest, letters = self.references * STEP % len(REFERENCE_LETTERS) ** 8, ""
        for _ in range(8):
            rest, digit = divmod(rest, len(REFERENCE_LETTERS))
            letters += REFERENCE_LETTERS[digit]
        return f"{letters[:4]}-{letters[4:]}"

    def next(self, year: int) -> tuple[str, date, str]:
        """(identity number, birth date, phone) of one born in ``year``."""
        number = self.used.get(year, 0)
        self.used[year] = number + 1
        self.phone += 1
        place = number * STEP % (AREAS * YEAR * PER_DAY)
        area, place = divmod(place, YEAR * PER_DAY)
        day, serial = divmod(place, PER_DAY)
        birth = date(year, 1, 1) + timedelta(days=day)
        first = f"{149900 + area}{birth:%Y%m%d}{serial:03d}"
        return first + check_digit(first), birth, f"139{self.phone:08d}"


def _share(people: int, born: tuple[int, ...]) -> list[tuple[int, int]]:
    each, over = divmod(people, len(born))
    return [(year, each + (index < over)) for index, year in enumerate(born)]


@dataclass
class Crowd:
    """The people of one branch, the same ones in every run."""

    branch: Branch
    numbers: Numbers
    dice: random.Random
    now: datetime

    def file(self, year: int) -> NewFile:
        """A file, made on some day since the province began."""
        facts, number, phone = self.facts(year)
        opened = max(OPENED, facts["joined_league_on"] or OPENED)
        days = max((self.now.date() - opened).days, 1)
        since = self.now - timedelta(days=self.dice.randrange(days), seconds=self.dice.randrange(86_000))
        return NewFile(facts, number, phone, since)

    def facts(self, year: int) -> tuple[dict[str, Any], str, str]:
        """(plain columns, identity number, phone) of one born in ``year``."""
        dice = self.dice
        number, birth, phone = self.numbers.next(year)
        male = int(number[16]) % 2 == 1
        name = self._name(male)
        member = dice.random() > 0.06
        today = self.now.date()
        joined = min(
            date(birth.year + 14, birth.month, min(birth.day, 28)) + timedelta(days=dice.randrange(20, 1100)),
            today - timedelta(days=30),
        )
        facts = {
            **name_columns(name),
            "sex": "1" if male else "2",
            "birth_date": birth,
            "ethnicity": dice.choice(ETHNICITIES),
            "native_place": dice.choice(NATIVE_PLACES),
            "education": self.branch.degree,
            "political_status": "03" if member else "13",
            "standing": Standing.MEMBER if member else Standing.ELIGIBLE_YOUTH,
            "joined_league_on": joined if member else None,
            "joined_league_at": dice.choice(SCHOOLS_OF_ORIGIN) if member else "",
            "certificate_number": f"{dice.randrange(10**8):08d}" if member else "",
            "development_number": self._development_number(joined) if member else "",
            "dues_paid_through": f"{today.year}-{dice.randrange(1, 13):02d}" if member else "",
        }
        return facts, number, phone

    def _development_number(self, joined: date) -> str:
        """发展团员编号 since 2017: year, province, a running number; here the last digits of the phone, which run."""
        return f"{joined.year}14{self.numbers.phone % 10**6:06d}" if joined.year >= 2017 else ""

    def _name(self, male: bool) -> str:
        dice = self.dice
        surname = dice.choice(SURNAMES) if dice.random() > 0.01 else dice.choice(DOUBLE_SURNAMES)
        given = GIVEN_MALE if male else GIVEN_FEMALE
        second = "" if dice.random() < 0.2 else dice.choice(given if dice.random() > 0.004 else RARE)
        return surname + dice.choice(given) + second
