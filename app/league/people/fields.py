"""The field dictionary: what each fact of a file is called, how it is cleaned and shown, and who may change it.

Forms, flags, ticks of returned fields, corrections and the history all read it.
"""

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.kernel.errors import Invalid
from app.kernel.masking import mask_id_number, mask_phone
from app.league.people.codes import (
    EDUCATIONS,
    ID_TYPES,
    POLITICAL_STATUSES,
    SEXES,
    STANDINGS,
    code_of,
    ethnicities,
)
from app.league.people.facts import clean_date, clean_month, clean_name, clean_phone, plain


class EditClass(enum.StrEnum):
    """How a fact of an approved file may be changed by its owner (the three classes of 团员资料修改)."""

    LOCKED = "locked"  # 锁定: only by a correction with proof
    REVIEW = "review"  # 修改后重新审核
    FREE = "free"  # 自由修改


Cleaner = Callable[[str, date], Any]


@dataclass(frozen=True)
class Field:
    """One fact. ``clean(typed, today)`` returns the value or raises Invalid; ``show(value)`` says it to people."""

    name: str
    label: str
    edit: EditClass
    clean: Cleaner
    show: Callable[[Any], str]
    protected: bool = False
    members_only: bool = False


def _coded(names: Callable[[], Mapping[str, str]], what: str, *, optional: bool = False) -> Cleaner:
    def clean(typed: str, _today: date) -> str:
        text = plain(typed)
        if not text and optional:
            return ""
        code = code_of(names(), text)
        if code is None:
            raise Invalid(f"请选择{what}")
        return code

    return clean


def _text(what: str, most: int, *, optional: bool = True) -> Cleaner:
    def clean(typed: str, _today: date) -> str:
        text = re.sub(r"\s+", " ", plain(typed))
        if not text and not optional:
            raise Invalid(f"请填写{what}")
        if len(text) > most:
            raise Invalid(f"{what}最多 {most} 个字")
        return text

    return clean


def clean_certificate_number(typed: str, _today: date) -> str:
    """团员证编号: eight digits; older and local forms are let through for the reviewer to look at. Raises Invalid.

    Source: 团员证管理暂行条例 (three digits of the 基层团委, five running), local forms of six to sixteen characters.
    """
    text = re.sub(r"[\s\-]", "", plain(typed)).upper()
    if text and not re.fullmatch(r"[0-9A-Z]{6,16}", text):
        raise Invalid("团员证编号一般是 8 位数字，请核对")
    return text


def clean_development_number(typed: str, _today: date) -> str:
    """发展团员编号: digits alone. Its length and year depend on the joining date: see the intake. Raises Invalid."""
    text = re.sub(r"[\s\-]", "", plain(typed))
    if text and not re.fullmatch(r"\d{5,16}", text):
        raise Invalid("发展团员编号只有数字，一般是 12 位")
    return text


def _optional(clean: Callable[..., Any], what: str) -> Cleaner:
    return lambda typed, today: clean(typed, today, what=what) if plain(typed) else None


def _month(typed: str, today: date) -> str:
    return clean_month(typed, today, what="团费日期") if plain(typed) else ""


def _document_number(typed: str, _today: date) -> str:
    """Without its document's kind a number is only tidied: the intake checks it by kind."""
    number = re.sub(r"[\s\-]", "", plain(typed)).upper()
    if not number:
        raise Invalid("请填写证件号码")
    return number


def _say(value: Any) -> str:
    return str(value or "")


def _from(names: Callable[[], Mapping[str, str]]) -> Callable[[Any], str]:
    return lambda value: names().get(value, "") if value else ""


def _day(value: Any) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def _year_month(value: Any) -> str:
    return f"{value[:4]}年{int(value[5:7])}月" if value else ""


def _fields() -> tuple[Field, ...]:
    locked, review, free = EditClass.LOCKED, EditClass.REVIEW, EditClass.FREE
    return (
        Field("name", "姓名", locked, lambda typed, today: clean_name(typed), _say),
        Field("id_type", "证件类型", locked, _coded(lambda: ID_TYPES, "证件类型"), _from(lambda: ID_TYPES)),
        Field("id_number", "证件号码", locked, _document_number, mask_id_number, protected=True),
        Field("sex", "性别", locked, _coded(lambda: SEXES, "性别"), _from(lambda: SEXES)),
        Field("birth_date", "出生日期", locked, lambda t, today: clean_date(t, today, what="出生日期"), _day),
        Field("ethnicity", "民族", free, _coded(ethnicities, "民族"), _from(ethnicities)),
        Field("native_place", "籍贯", free, _text("籍贯", 100, optional=False), _say),
        Field("education", "学历", free, _coded(lambda: EDUCATIONS, "学历"), _from(lambda: EDUCATIONS)),
        Field("political_status", "政治面貌", review, _coded(lambda: POLITICAL_STATUSES, "政治面貌"),
              _from(lambda: POLITICAL_STATUSES)),
        Field("occupation", "职业或专业", free, _text("职业或专业", 50), _say),
        Field("phone", "手机号", free, lambda typed, today: clean_phone(typed), mask_phone, protected=True),
        Field("standing", "身份", locked, _coded(lambda: STANDINGS, "身份"), _from(lambda: STANDINGS)),
        Field("joined_league_on", "入团日期", locked, _optional(clean_date, "入团日期"), _day, members_only=True),
        Field("joined_league_at", "入团地点或单位", free, _text("入团地点或单位", 100), _say, members_only=True),
        Field("certificate_number", "团员证编号", review, clean_certificate_number, _say, members_only=True),
        Field("development_number", "发展团员编号", review, clean_development_number, _say, members_only=True),
        Field("dues_paid_through", "团费交至", review, _month, _year_month, members_only=True),
    )  # fmt: skip


FIELDS: dict[str, Field] = {field.name: field for field in _fields()}

_OTHER_LABELS = {"organisation_id": "所在团组织", "state": "档案状态", "created": "建立档案"}


def label(name: str) -> str:
    """The Chinese name of a field; of what is no field but stands in a file's history, too."""
    return FIELDS[name].label if name in FIELDS else _OTHER_LABELS.get(name, name)
