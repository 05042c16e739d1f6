"""Finding a person by what somebody knows: a fragment of the name, its initials, or one exact number; in a scope, always.

Masked facts are found by equality alone, through their blind index: no prefix, no range, no order gives them away.
"""

import re
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.kernel.access.scope import Scope
from app.kernel.errors import Invalid
from app.kernel.vault import Vault
from app.league.people import name_index
from app.league.people.facts import name_key, plain
from app.league.people.models import Person
from app.league.people.protect import ID_NUMBER, PHONE

Ts = TypeVarTuple("Ts")
SHORTEST, LONGEST = 2, 50
NAME, INITIALS, DEVELOPMENT = "name", "initials", "development_number"
MOST_INITIALS = 4
"""Longer Latin text is a name written in Latin letters."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for. ``kind``: name, initials, phone, id_number or development_number."""

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
    if re.fullmatch(r"\d{12}", number):
        return Wanted(DEVELOPMENT, number)
    if re.search(r"\d", number):
        raise Invalid({"q": "手机号填 11 位、身份证号填 18 位、发展团员编号填 12 位，不能只填一部分"})
    key = name_key(text)
    if not key:
        raise Invalid({"q": "请填姓名里的字、拼音首字母，或者完整的手机号、身份证号"})
    if key.isascii() and key.isalpha() and SHORTEST <= len(key) <= MOST_INITIALS:
        return Wanted(INITIALS, key)
    return Wanted(NAME, key)


def sought(query: Select[*Ts], wanted: Wanted, scope: Scope, session: Session, vault: Vault) -> Select[*Ts]:
    """``query`` over files, kept to what is wanted in ``scope``, in the order of their ids.

    The one place where searching is done; each kind goes through an index of its own.
    """
    dialect = session.get_bind().dialect.name
    query = query.where(scope.within(Person.org_path))
    if wanted.kind == PHONE:
        return query.where(Person.phone_index.in_(vault.indexes(PHONE, wanted.text))).order_by(Person.id)
    if wanted.kind == ID_NUMBER:
        return query.where(Person.id_number_index.in_(vault.indexes(ID_NUMBER, wanted.text))).order_by(Person.id)
    if wanted.kind == DEVELOPMENT:
        return query.where(Person.development_number == wanted.text).order_by(Person.id)
    if wanted.kind == INITIALS:
        either = Person.name_initials.contains(wanted.text) | Person.name_key.contains(wanted.text)
        sounds, letters = name_index.sounds_of(wanted.text), name_index.tokens_of(wanted.text)
        return name_index.narrow(query.where(either), dialect, [sounds, letters], scope)
    same = Person.name_key.contains(wanted.text, autoescape=True)
    return name_index.narrow(query.where(same), dialect, [name_index.tokens_of(wanted.text)], scope)
