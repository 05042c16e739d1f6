"""Finding a person by what somebody knows: a fragment of the name, or one exact number. Inside a scope, always.

Masked facts are found by equality alone, through their blind index: no prefix, no range, no order gives them away.
"""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from app.kernel.errors import Invalid
from app.kernel.vault import Vault
from app.league.people.facts import name_key, plain
from app.league.people.models import Person
from app.league.people.protect import ID_NUMBER, PHONE

SHORTEST, LONGEST = 2, 50
NAME = "name"


@dataclass(frozen=True)
class Wanted:
    """What is looked for. ``kind``: name, phone or id_number."""

    kind: str
    text: str


def recognise(typed: str) -> Wanted:
    """What somebody typed, told apart by its shape. Raises Invalid on ``q`` when it is too short or half a number."""
    text = plain(typed)[:LONGEST]
    number = re.sub(r"[\s\-]", "", text).upper()
    if re.fullmatch(r"(\+?86)?1[3-9]\d{9}", number):
        return Wanted(PHONE, number[-11:])
    if re.fullmatch(r"\d{17}[\dX]", number):
        return Wanted(ID_NUMBER, number)
    if re.search(r"\d", number):
        raise Invalid({"q": "手机号填 11 位、身份证号填 18 位，不能只填一部分"})
    key = name_key(text)
    if len(key) < SHORTEST:
        raise Invalid({"q": f"请至少填姓名里的 {SHORTEST} 个字，或者完整的手机号、身份证号"})
    return Wanted(NAME, key)


def matching(vault: Vault, wanted: Wanted) -> ColumnElement[bool]:
    """The condition on files. The one place to change when names get an index of their own."""
    if wanted.kind == PHONE:
        return Person.phone_index.in_(vault.indexes(PHONE, wanted.text))
    if wanted.kind == ID_NUMBER:
        return Person.id_number_index.in_(vault.indexes(ID_NUMBER, wanted.text))
    return Person.name_key.contains(wanted.text, autoescape=True)
