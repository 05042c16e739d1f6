"""Numbers a person copies from paper: documents of identity, and the 发展团员编号."""

import re
from datetime import date

from app.kernel.errors import Invalid
from app.league.people.codes import ID_TYPES, code_of
from app.league.people.facts import check_digit, clean_id_number, id_birth_date, plain
from app.league.rules import rule

HMT_PREFIXES = ("81", "82", "83")
LEGACY_PREFIXES = {"201516": (2015, 2016), "201617": (2016, 2017)}
"""16-digit numbers one province gave out: their beginning → the joining years they stand for."""
INTERCHANGEABLE_YEARS = {2017, 2018}
"""Numbers of these two years were given out for one another."""


def kind_of_document(typed: str, number: str) -> str:
    """The kind of document: as chosen, but a resident's eighteen characters tell the kind themselves."""
    kind = code_of(ID_TYPES, plain(typed)) or "resident"
    tidy = re.sub(r"[\s\-]", "", plain(number))
    if kind == "resident" and re.fullmatch(r"\d{17}[\dXx]", tidy):
        if tidy.startswith(HMT_PREFIXES):
            return "hmt"
        if tidy.startswith("9"):
            return "foreign"
    return kind


def clean_document_number(kind: str, typed: str, today: date) -> str:
    """The number of a document of ``kind``. Raises Invalid with a sentence that helps to find the slip."""
    if kind == "passport":
        return _passport(typed)
    number = re.sub(r"[\s\-]", "", plain(typed)).upper()
    try:
        number = clean_id_number(typed, today)
    except Invalid:
        raise Invalid(where_it_looks_wrong(number, today)) from None
    if kind == "hmt" and not number.startswith(HMT_PREFIXES):
        raise Invalid("港澳台居民居住证号以 81、82 或 83 开头，请核对")
    if kind == "foreign" and not number.startswith("9"):
        raise Invalid("外国人永久居留身份证号以 9 开头，请核对")
    return number


def where_it_looks_wrong(number: str, today: date) -> str:
    """The sentence for an 18-character number that does not hold: which group of digits to look at."""
    if not number:
        return "请填写证件号码"
    if re.fullmatch(r"\d{15}", number):
        return "这是 15 位旧号，请填写 18 位的新号"
    if len(number) != 18:
        return f"身份证号应有 18 位，现在是 {len(number)} 位"
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return "身份证号只能是数字，最后一位可以是 X"
    birth = id_birth_date(number)
    if birth is None or birth > today:
        return f"第 7 到 14 位“{number[6:14]}”不是有效的出生日期，请核对"
    if check_digit(number[:17]) != number[17]:
        return f"号码里有一位不对：请对照证件看前六位“{number[:6]}”、生日“{number[6:14]}”和后四位“{number[14:]}”"
    return "身份证号不对，请逐位核对"


def _passport(typed: str) -> str:
    number = re.sub(r"[\s\-]", "", plain(typed)).upper()
    if not number:
        raise Invalid("请填写护照号码")
    if not re.fullmatch(r"[A-Z0-9]{5,20}", number):
        raise Invalid("护照号码由 5 到 20 位字母和数字组成")
    return number


def development_number_problem(number: str, joined: date | None) -> str | None:
    """What is wrong with a 发展团员编号 for somebody who joined on ``joined``; None when it fits.

    Twelve digits (year of joining, two of the province, six running), required from 2017 on; 2017 and 2018 are
    interchangeable; 16-digit legacy numbers of 2015 to 2017; before 2016 only the year is compared.
    """
    if not number:
        if joined and rule("development_number.required", joined):
            return "2017 年起入团的要填发展团员编号，在入团志愿书封面右上角；找不到请勾选“不记得”"
        return None
    if len(number) == 16:
        return _legacy_problem(number, joined)
    if (joined is None or rule("development_number.full_form", joined)) and len(number) != 12:
        return f"发展团员编号应有 12 位，现在是 {len(number)} 位"
    if joined and not _same_year(number, joined.year):
        return f"编号前四位“{number[:4]}”应是入团年份 {joined.year}，请核对编号和入团日期"
    return None


def _legacy_problem(number: str, joined: date | None) -> str | None:
    years = LEGACY_PREFIXES.get(number[:6])
    if years is None:
        return "发展团员编号应有 12 位，现在是 16 位"
    if joined and joined.year not in years:
        return f"编号“{number[:6]}…”是 {years[0]} 或 {years[1]} 年入团的，请核对入团日期"
    return None


def _same_year(number: str, year: int) -> bool:
    told = int(number[:4])
    return told == year or {told, year} == INTERCHANGEABLE_YEARS
