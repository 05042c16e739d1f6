"""The one validation of every door: form, JSON, WeChat message and Excel row become ``Facts``, or all errors at once.

A mapping holds what was typed, by the names of the field dictionary, and besides:
``member`` yes/no (needed of Party members alone), ``forgotten`` names of facts the person does not remember,
``confirmed`` names of facts that look wrong and are right, ``statement`` a note to the reviewer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from app.kernel.clock import age_on, years_after
from app.kernel.errors import Invalid
from app.league.joining import numbers
from app.league.people.codes import MEMBER_STATUS, NUMBERED_TYPES, PARTY_STATUSES
from app.league.people.facts import id_birth_date, id_sex, name_columns, name_key, plain
from app.league.people.fields import FIELDS
from app.league.people.models import Door, Standing
from app.league.rules import rule

FORGETTABLE = ("joined_league_on", "joined_league_at", "certificate_number", "development_number", "dues_paid_through")
LATER = ("native_place", "education", "phone")
"""What a spreadsheet may leave out: the person completes it when claiming the file."""
FORGOTTEN_WORDS = {"不记得", "不详", "不清楚", "记不清", "记不清了", "忘了"}
MEMBER_FACTS = tuple(name for name, item in FIELDS.items() if item.members_only)
STATEMENT_LENGTH = 200
REPEATED = (
    "ethnicity", "native_place", "education", "political_status", "joined_league_on", "joined_league_at",
    "dues_paid_through",
)  # fmt: skip
"""What many people share, so that the rows of a list say the same again and again; it names nobody."""
Typed = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What a person states, clean and consistent: one attribute per fact a file keeps."""

    name: str
    sex: str
    birth_date: date
    ethnicity: str
    native_place: str
    education: str
    political_status: str
    id_number: str
    phone: str
    standing: Standing
    id_type: str = "resident"
    occupation: str = ""
    joined_league_on: date | None = None
    joined_league_at: str = ""
    certificate_number: str = ""
    development_number: str = ""
    dues_paid_through: str = ""
    statement: str = ""
    forgotten: tuple[str, ...] = field(default=())

    @property
    def name_key(self) -> str:
        """The name for comparison."""
        return name_key(self.name)

    def columns(self) -> dict[str, Any]:
        """Values for the columns that are kept in the clear: all but ID number and phone."""
        apart = ("id_number", "phone", "forgotten")
        values = {name: value for name, value in vars(self).items() if name not in apart}
        return {**values, **name_columns(self.name)}


class Intake:
    """Reads a mapping. ``today`` is the day ages count by; an import tolerates history that a form asks about."""

    def __init__(self, typed: Typed, today: date, door: Door = Door.PC) -> None:
        self.typed = typed
        self.today = today
        self.door = door
        self.errors: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.forgotten = self._forgotten()

    @classmethod
    def read(cls, typed: Typed, today: date, *, door: Door = Door.PC) -> Facts:
        """The facts in ``typed``. Raises Invalid with every error by the name of its field."""
        return cls(typed, today, door).facts()

    @classmethod
    def check(cls, typed: Typed, today: date, names: Sequence[str], *, door: Door = Door.PC) -> None:
        """Raises Invalid with the errors of the facts ``names`` alone: one page of a form of several."""
        intake = cls(typed, today, door)
        intake.run()
        if wrong := {name: text for name, text in intake.errors.items() if name in names}:
            raise Invalid(wrong)

    @classmethod
    def birth_date(cls, typed: Typed, today: date) -> date | None:
        """The birth date in ``typed``, told by the number where it tells one; None when it cannot be read."""
        intake = cls(typed, today)
        intake.run()
        return None if {"birth_date", "id_number"} & set(intake.errors) else intake.values.get("birth_date")

    def facts(self) -> Facts:
        """The facts. Raises Invalid."""
        self.run()
        if self.errors:
            raise Invalid(self.errors)
        return Facts(**self.values, forgotten=tuple(sorted(self.forgotten)))

    def run(self) -> None:
        """Read everything, gathering values and errors."""
        for name in ("name", "ethnicity", "native_place", "education", "political_status", "occupation", "phone"):
            self._clean(name)
        self._document()
        self._standing()
        self._league()
        self._statement()

    def text(self, name: str) -> str:
        """What was typed for ``name``; the parts of a date joined."""
        value = self.typed.get(name)
        if isinstance(value, list | tuple):
            return "-".join(str(part).strip() for part in value if str(part).strip())
        return "" if value is None else str(value)

    def says(self, name: str, item: str) -> bool:
        """Whether the list ``name`` (forgotten, confirmed) names ``item``."""
        value = self.typed.get(name) or ()
        return item in (value.split(",") if isinstance(value, str) else value)

    def _forgotten(self) -> set[str]:
        ticked = {name for name in FORGETTABLE if self.says("forgotten", name)} if "forgotten" in self.typed else set()
        return ticked | {name for name in FORGETTABLE if plain(self.text(name)) in FORGOTTEN_WORDS}

    def _clean(self, name: str) -> None:
        if self.door is Door.IMPORT and name in LATER and not plain(self.text(name)):
            self.values[name] = ""
            return
        try:
            clean = _cleaned if name in REPEATED else _clean
            self.values[name] = clean(name, self.text(name), self.today)
        except Invalid as problem:
            self.errors[name] = problem.text

    def _document(self) -> None:
        self.values["id_type"] = kind = numbers.kind_of_document(self.text("id_type"), self.text("id_number"))
        try:
            number = self.values["id_number"] = numbers.clean_document_number(kind, self.text("id_number"), self.today)
        except Invalid as problem:
            self.errors["id_number"] = problem.text
            return
        if kind not in NUMBERED_TYPES:
            self._clean("birth_date")
            self._clean("sex")
            return
        self._from_number("birth_date", id_birth_date(number), "出生日期和身份证号里的不一致，请核对")
        self._from_number("sex", id_sex(number), "性别和身份证号里的不一致，请核对")

    def _from_number(self, name: str, told: Any, mismatch: str) -> None:
        """What the number says is taken; what was typed besides must agree, but in an import, where it is kept."""
        self.values[name] = told
        if not self.text(name):
            return
        typed = self._typed(name)
        if typed == told:
            return
        if self.door is Door.IMPORT and typed is not None:
            self.values[name] = typed
        else:
            self.errors[name] = mismatch

    def _typed(self, name: str) -> Any:
        try:
            return FIELDS[name].clean(self.text(name), self.today)
        except Invalid:
            return None

    def _standing(self) -> None:
        status, birth = self.values.get("political_status"), self.values.get("birth_date")
        answer = {"yes": True, "no": False}.get(self.text("member"))
        if status is None:
            return
        if status in PARTY_STATUSES and answer is None and self._may_be_member(birth):
            self.errors["member"] = "请选择您是否保留团籍"
        if status not in PARTY_STATUSES and answer is not None and answer != (status == MEMBER_STATUS):
            self.errors["political_status"] = "政治面貌和是否团员对不上，请核对"
        member = status == MEMBER_STATUS or (status in PARTY_STATUSES and answer is True)
        if member:
            self.values["standing"] = Standing.MEMBER
        elif birth is not None:
            self.values["standing"] = standing_without_membership(birth, self.today)

    def _may_be_member(self, birth: date | None) -> bool:
        return birth is None or age_on(birth, self.today) < rule("league.age_until", self.today)

    def _league(self) -> None:
        if self.values.get("standing") is not Standing.MEMBER:
            return
        for name in MEMBER_FACTS:
            if name in self.forgotten:
                continue
            self._clean(name)
        self._joined()
        self._needed()
        self._numbers()

    def _joined(self) -> None:
        joined, birth = self.values.get("joined_league_on"), self.values.get("birth_date")
        if joined is None or birth is None:
            return
        if joined <= birth:
            self.errors["joined_league_on"] = "入团日期早于出生日期，请核对"
        elif joined < years_after(birth, rule("league.age_from", joined)) and not self._early_is_right():
            self.errors["joined_league_on"] = "入团那天您还不满 14 周岁。请核对；如果没有错，请勾选“日期没有错”"

    def _early_is_right(self) -> bool:
        """History is never blocked: members on record joined at 12 or 13. The reviewer sees flag F04."""
        return self.door is Door.IMPORT or self.says("confirmed", "joined_league_on")

    def _needed(self) -> None:
        sentences = {
            "joined_league_on": "请填写入团日期，记不清请勾选“不记得”",
            "joined_league_at": "请填写入团地点或单位，记不清请勾选“不记得”",
        }
        for name, sentence in sentences.items():
            if self.door is Door.IMPORT and name not in self.errors and not self.values.get(name):
                self.forgotten.add(name)
            if name not in self.forgotten and name not in self.errors and not self.values.get(name):
                self.errors[name] = sentence

    def _numbers(self) -> None:
        joined = self.values.get("joined_league_on")
        if "development_number" not in self.errors and "development_number" not in self.forgotten:
            problem = numbers.development_number_problem(self.values.get("development_number", ""), joined)
            if problem and self.door is not Door.IMPORT:
                self.errors["development_number"] = problem
        dues = self.values.get("dues_paid_through")
        if dues and joined and dues < f"{joined:%Y-%m}":
            self.errors["dues_paid_through"] = "团费日期早于入团的月份，请核对"

    def _statement(self) -> None:
        text = re.sub(r"[ \t]+", " ", plain(self.text("statement")))
        if len(text) > STATEMENT_LENGTH:
            self.errors["statement"] = f"补充说明最多 {STATEMENT_LENGTH} 个字"
        self.values["statement"] = text


def _clean(name: str, text: str, today: date) -> Any:
    return FIELDS[name].clean(text, today)


_cleaned = lru_cache(maxsize=4096)(_clean)


def standing_without_membership(birth: date, today: date) -> Standing:
    """适龄未入团 until the day of the 28th birthday, 超龄 from that day on (团章 第一条)."""
    if age_on(birth, today) < rule("league.age_until", today):
        return Standing.ELIGIBLE_YOUTH
    return Standing.OVER_AGE_YOUTH
