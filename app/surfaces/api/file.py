"""我: the account with its posts; my file, who looked at it, a number of my own in full."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from app.kernel.access.gates import own
from app.kernel.access.powers import Power
from app.kernel.access.rules import ROLE_NAMES, Role
from app.league.accounts import messages
from app.league.notices.queries import unread_count
from app.league.organisations import queries as organisations
from app.league.people import looks, queries
from app.league.people.models import Standing
from app.surfaces.api.operation import Paged, operation
from app.surfaces.file_pages import said
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.paging import one_page

TAG = "我的档案"


class Post(Struct, frozen=True):
    """一项任职。"""

    role: Role
    role_name: str
    organisation: str
    organisation_name: str
    ends_on: date | None


class Me(Struct, frozen=True):
    """我的账号。powers 是我的任职带来的权限，每一项都只在自己的管辖范围里有效。"""

    id: str
    name: str
    has_file: bool
    posts: list[Post]
    powers: list[Power]
    second_factor: bool
    unread_messages: int
    unread_notices: int


class FileFact(Struct, frozen=True):
    """档案的一项；保密的打星号。"""

    name: str
    label: str
    value: str


class Membership(Struct, frozen=True):
    """一段团籍。"""

    branch: str
    from_on: date
    until_on: date | None
    end_reason: str


class File(Struct, frozen=True):
    """我的电子档案。"""

    standing: Standing
    organisation: str
    facts: list[FileFact]
    memberships: list[Membership]
    looks: int
    """How often others looked at it or did something with it."""


class Look(Struct, frozen=True):
    """别人看过或办过什么：只说姓氏。"""

    at: datetime
    what: str
    detail: str
    who: str
    role: str
    organisation: str
    reason: str


class LookList(Struct, frozen=True):
    """谁看过我的档案，新的在前。"""

    items: list[Look]
    next_after: str | None


class Number(Struct, frozen=True, forbid_unknown_fields=True):
    """要看哪一个号码。"""

    field: Literal["id_number", "phone"]


class Revealed(Struct, frozen=True):
    """完整号码；查看已经记录。"""

    field: str
    value: str


@operation("GET", "/me", "我的账号", tag=TAG)
@own
def show_me() -> Me:
    """Who I am here and what I may do."""
    who, here = me(), work()
    posts = [
        Post(p.role, ROLE_NAMES[p.role], p.organisation_public_id, p.organisation_name, p.ends_on) for p in who.posts
    ]
    unread = here.session.execute(messages.unread_query(who.account_id)).scalar_one()
    powers = sorted(power for power in Power if who.has(power))
    return Me(
        who.public_id, who.name, who.person_id is not None, posts, powers, who.second_factor, unread, unread_count(here)
    )


@operation("GET", "/file", "我的电子档案", tag=TAG, also=(404,))
@own
def show_file() -> File:
    """My file, protected facts masked as on the page."""
    here = work()
    person = queries.own(here)
    chain = organisations.chain(here.session, person.org_path)
    facts = [FileFact(name, label, words) for label, words, name in said(here, person)]
    held = [Membership(*row) for row in queries.memberships(here.session, person)]
    return File(person.standing, chain[-1].full_name, facts, held, looks.count_of_looks(here, person))


@operation("GET", "/file/looks", "谁看过我的档案", tag=TAG, also=(404,))
@own
def list_looks(query: Paged) -> LookList:
    """Each look, change and decision: date, surname, post, organisation, reason."""
    here = work()
    person = queries.own(here) if me().person_id else None
    found = looks.seen(here, person, after=query.after or None, size=query.size + 1)
    rows, more = one_page(found, query.size, lambda last: last.key)
    return LookList([Look(r.at, r.what, r.detail, r.who, r.role, r.place, r.reason) for r in rows], more)


@operation("POST", "/file/reveals", "看我的完整号码", tag=TAG, also=(404,), example={"field": "phone"})
@own
def reveal_own_number(body: Number) -> Revealed:
    """One of my own numbers in full. Each look is on record, a second sending too: no answer with it is kept."""
    with changing() as change:
        value = looks.reveal_own(change, queries.own(change), body.field)
    return Revealed(body.field, value)
