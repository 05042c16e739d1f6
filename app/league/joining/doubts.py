"""Doubts that the facts raise by themselves, without a look at anybody else: F01–F04, F09, F10, F12, F14."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from app.kernel.clock import age_on, years_after
from app.kernel.errors import Invalid
from app.league.joining import numbers
from app.league.joining.intake import Facts
from app.league.people.codes import NUMBERED_TYPES, ethnicities, native_places
from app.league.people.facts import id_birth_date
from app.league.people.fields import FIELDS, label
from app.league.people.models import Standing
from app.league.rules import rule

Doubt = Callable[[Facts, date], Iterable[dict[str, Any]]]


def flag(code: str, level: str, text: str, evidence: str = "", *fields: str) -> dict[str, Any]:
    """A flag as it is stored. ``level``: look (看一眼) or stop (先弄清楚)."""
    return {"code": code, "level": level, "text": text, "evidence": evidence, "fields": list(fields)}


def about(facts: Facts, today: date) -> list[dict[str, Any]]:
    """Every doubt about ``facts`` on the day ``today``."""
    return [found for doubt in DOUBTS for found in doubt(facts, today)]


def _document(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F01: the check digit; a document without one is looked at by a person."""
    if facts.id_type not in NUMBERED_TYPES:
        yield flag("F01", "look", "不是居民身份证，请核对证件原件", FIELDS["id_type"].show(facts.id_type), "id_number")
        return
    try:
        numbers.clean_document_number(facts.id_type, facts.id_number, today)
    except Invalid:
        yield flag("F01", "stop", "身份证号校验不通过", "", "id_number")


def _birth(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F02: the birth date beside the one in the number."""
    if facts.id_type not in NUMBERED_TYPES or not re.fullmatch(r"\d{17}[\dX]", facts.id_number):
        return
    told = id_birth_date(facts.id_number)
    if told != facts.birth_date:
        evidence = f"填的是 {facts.birth_date}，号码里是 {told or '无效的日期'}"
        yield flag("F02", "stop", "出生日期和证件号里的不一致", evidence, "birth_date", "id_number")


def _equal_dates(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F03: two dates equal, or one is today: the mark of a form clicked through (晋团发〔2016〕7号 示例)."""
    given = {"birth_date": facts.birth_date, "joined_league_on": facts.joined_league_on}
    days = {name: day for name, day in given.items() if day is not None}
    same = [name for name, day in days.items() if day == today or list(days.values()).count(day) > 1]
    if same:
        evidence = "、".join(f"{label(name)} {getattr(facts, name)}" for name in same)
        yield flag("F03", "look", "日期彼此相同或就是今天，可能没有认真填", evidence, *same)


def _joined_young(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F04: joined before the 14th birthday; on record there are members who joined at 12 or 13."""
    if facts.standing is not Standing.MEMBER:
        return
    joined = facts.joined_league_on
    if joined is None:
        yield flag("F04", "look", "入团日期不记得，无法核对入团年龄", "", "joined_league_on")
    elif joined < years_after(facts.birth_date, rule("league.age_from", joined)):
        age = age_on(facts.birth_date, joined)
        level = "look" if age >= rule("league.youngest_on_record", joined) else "stop"
        yield flag("F04", level, "入团时不满 14 周岁", f"入团那天 {max(age, 0)} 周岁", "joined_league_on", "birth_date")


def _odd_name(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F09: scripts mixed, compatibility forms, or one character over and over. Rare ideographs are not odd."""
    letters = [c for c in facts.name if unicodedata.category(c)[0] == "L"]
    han = [c for c in letters if _is_han(c)]
    mixed = bool(han) and len(han) != len(letters)
    compatibility = any(unicodedata.normalize("NFKC", c) != c for c in letters)
    repeated = re.search(r"(.)\1\1", facts.name) is not None
    if mixed or compatibility or repeated:
        yield flag("F09", "look", "姓名里有少见的写法，请核对", facts.name, "name")


def _is_han(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK") or character == "〇"


def _numbers(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F10: numbers out of form, or missing where they are required."""
    if facts.standing is not Standing.MEMBER:
        return
    certificate = facts.certificate_number
    if certificate and not re.fullmatch(r"\d{8}", certificate):
        yield flag("F10", "look", "团员证编号不是 8 位数字", certificate, "certificate_number")
    problem = numbers.development_number_problem(facts.development_number, facts.joined_league_on)
    if problem and facts.development_number:
        yield flag("F10", "look", "发展团员编号的样子不对", facts.development_number, "development_number")
    elif problem:
        yield flag("F10", "look", "2017 年起入团，没有填发展团员编号", "", "development_number")


def _age(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F12: outside 14 to 28. Not an error: ordinary youth enter by the same door."""
    age = age_on(facts.birth_date, today)
    if not rule("league.age_from", today) <= age < rule("league.age_until", today):
        yield flag("F12", "look", "年龄不在 14 到 28 周岁之间", f"今天 {age} 周岁", "birth_date")


def _first_option(facts: Facts, today: date) -> Iterable[dict[str, Any]]:
    """F14: ethnicity and native place both stand at the first of their lists."""
    if facts.ethnicity == next(iter(ethnicities())) and facts.native_place == native_places()[0]:
        evidence = f"{FIELDS['ethnicity'].show(facts.ethnicity)}，{facts.native_place}"
        yield flag("F14", "look", "民族和籍贯都是列表里的第一项", evidence, "ethnicity", "native_place")


DOUBTS: tuple[Doubt, ...] = (
    _document, _birth, _equal_dates, _joined_young, _odd_name, _numbers, _age, _first_option,
)  # fmt: skip
