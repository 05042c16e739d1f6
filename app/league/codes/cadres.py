"""团干认证码: whoever leads above opens a branch and invites its secretary; the invitation gives the post, once.

It is bound to the phone and the name of who is invited, so that a link that went astray opens nothing.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select

from app.kernel import limits
from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.audit.record import record
from app.kernel.errors import Conflict, Invalid, Refused, TooMany
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.accounts.operations import phone_of
from app.league.appointments import operations as appointing
from app.league.appointments import rules as appointment_rules
from app.league.codes.models import CadreCode
from app.league.organisations import operations as organisations
from app.league.organisations import queries as tree
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.organisations.names import clean_name as clean_branch_name
from app.league.organisations.names import fold
from app.league.organisations.operations import MOST_EXPECTED, New
from app.league.organisations.rules import may_stand_under
from app.league.people.facts import clean_name, clean_phone, name_key, plain

LIFE = timedelta(hours=72)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 26
MOST_STRANGERS = 10
MOST_LINES = 200
PURPOSE = "cadre_code"


class Said(StrEnum):
    """What became of an invitation that was tried."""

    DONE = "done"
    WRONG = "wrong"
    USED = "used"
    EXPIRED = "expired"
    NOT_YOURS = "not_yours"
    LOCKED = "locked"


SENTENCES = {
    Said.WRONG: "没有找到这个团干认证码，请核对后再试",
    Said.USED: "这个团干认证码已经用过了，请向上级团委要新的",
    Said.EXPIRED: "这个团干认证码已经过期，请向上级团委要新的",
    Said.NOT_YOURS: "这个团干认证码不是发给您的，请核对姓名和手机号",
    Said.LOCKED: "今天试的次数太多了，请明天再试，或联系上级团委",
}


@dataclass(frozen=True)
class Line:
    """One branch to be opened. ``fault``: why not; "" when it can be."""

    number: int
    typed: str
    branch: str = ""
    expected: int = 0
    name: str = ""
    phone: str = ""
    fault: str = ""
    known: bool = False
    """Whether the branch stands there already and only its secretary is invited."""


def read(work: Work, parent: Organisation, text: str) -> list[Line]:
    """The pasted lines, each judged: branch, expected number, secretary's name and phone, apart by commas or tabs.

    Raises Invalid on ``lines`` for nothing or too much.
    """
    rows = [row for row in text.splitlines() if row.strip()]
    if not rows:
        raise Invalid({"lines": "请填写，每行一个班"})
    if len(rows) > MOST_LINES:
        raise Invalid({"lines": f"一次最多 {MOST_LINES} 行，请分几次"})
    standing = {name: row.kind for name, row in tree.names_below(work.session, parent).items()}
    seen: dict[str, int] = {}
    lines = []
    for number, row in enumerate(rows, 1):
        line = _line(number, row.strip(), parent, standing)
        key = fold(line.branch)
        if not line.fault and key in seen:
            line = replace(line, fault=f"和第 {seen[key]} 行重复")
        seen.setdefault(key, number)
        lines.append(line)
    return lines


def open_branches(work: Work, viewer: Viewer, parent: Organisation, text: str) -> list[CadreCode]:
    """Open every branch of ``text`` under ``parent`` and invite its secretary: all lines or none.

    Raises Invalid on ``lines`` naming the first that cannot be; Refused when the viewer may not appoint there.
    """
    organisations.hold_names(work, parent)
    lines = read(work, parent, text)
    if wrong := next((line for line in lines if line.fault), None):
        raise Invalid({"lines": f"第 {wrong.number} 行：{wrong.fault}"})
    fresh = [New(Kind.BRANCH, line.branch, line.expected) for line in lines if not line.known]
    if fresh:
        organisations.create_many(work, parent, fresh)
    branches = tree.names_below(work.session, parent)
    return [
        invite(work, viewer, branches[fold(line.branch)], name=line.name, phone=line.phone, expected=line.expected)
        for line in lines
    ]


def invite(work: Work, viewer: Viewer, branch: Organisation, *, name: str, phone: str, expected: int = 0) -> CadreCode:
    """Invite whoever has ``phone`` to lead ``branch``; an earlier invitation to the same branch ends.

    ``expected``: how many belong to the branch, where nobody said so yet. Raises Invalid on ``name`` and ``phone``,
    Refused when the viewer may not appoint there.
    """
    place = appointment_rules.Place(branch.path, branch.kind)
    if branch.kind is not Kind.BRANCH or branch.status is not OrganisationStatus.OPEN:
        raise Refused("团干认证码只发给正常的团支部")
    if appointment_rules.post_to_grant(appointing.as_of_now(work, viewer), Role.BRANCH_SECRETARY, place) is None:
        raise Refused("您不能在这里任命团支书，请联系它的上级团组织")
    name, phone = _who(name, phone)
    if expected and not branch.expected_members:
        branch.expected_members = expected
    for before in _open(work, branch):
        before.revoked_at = work.now
    token = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    row = CadreCode(
        organisation_id=branch.id,
        name=name,
        phone_sealed=work.vault.seal("phone", phone),
        phone_index=work.vault.index("phone", phone),
        token_sealed=work.vault.seal(PURPOSE, token),
        token_index=work.vault.index(PURPOSE, token),
        issued_by_id=viewer.account_id,
        issued_by_name=viewer.name,
        issued_at=work.now,
        expires_at=work.now + LIFE,
    )
    work.session.add(row)
    work.session.flush()
    record(
        work, "codes:cadre:invite", "cadre_code", row.public_id, org_path=branch.path,
        changes={"name": (None, name), "phone": (None, phone)},
    )  # fmt: skip
    return row


def revoke(work: Work, row: CadreCode, branch: Organisation) -> None:
    """Take an invitation back. Raises Conflict when it was used or taken back meanwhile."""
    if row.used_at or row.revoked_at:
        raise Conflict("这个团干认证码已经用过或收回了")
    row.revoked_at = work.now
    record(work, "codes:cadre:revoke", "cadre_code", row.public_id, org_path=branch.path)


def token_of(work: Work, row: CadreCode) -> str:
    """The code itself, for the sheet that is handed over."""
    return work.vault.open(PURPOSE, row.token_sealed)


def phone_ending(work: Work, row: CadreCode) -> str:
    """The last four digits of the invited phone, so that whoever gets the slip knows which to use."""
    return work.vault.open("phone", row.phone_sealed)[-4:]


def tidy(typed: str) -> str:
    """The letters of a code, however it was typed or pasted."""
    return re.sub(r"[\s\-]", "", plain(typed)).upper()[: LENGTH + 1]


def accept(work: Work, account: Account, typed: str) -> tuple[Said, Organisation | None]:
    """Give ``account`` the post it is invited to. The caller commits in any case: a wrong try counts.

    Raises Refused, Conflict or Invalid as appointing does, when whoever invited may not appoint any more, or the
    post is held already.
    """
    row = _find(work, tidy(typed))
    if row is None or row.revoked_at is not None or row.strangers >= MOST_STRANGERS:
        return _counted(work, account, Said.WRONG), None
    if row.used_at is not None:
        return _counted(work, account, Said.USED), None
    if row.expires_at <= work.now:
        return _counted(work, account, Said.EXPIRED), None
    phone = phone_of(work, account)
    if row.phone_index not in work.vault.indexes("phone", phone) or name_key(row.name) != name_key(account.name):
        row.strangers += 1
        return _counted(work, account, Said.NOT_YOURS), None
    branch = work.session.get_one(Organisation, row.organisation_id)
    issuer = work.session.get_one(Account, row.issued_by_id)
    giving = Viewer(issuer.id, issuer.public_id, issuer.name)
    appointing.appoint(
        work, giving, account, branch, Role.BRANCH_SECRETARY,
        starts_on=work.today, ends_on=work.today + appointment_rules.USUAL_TERM,
    )  # fmt: skip
    row.used_at, row.used_by_id = work.now, account.id
    record(work, "codes:cadre:accept", "cadre_code", row.public_id, org_path=branch.path, person_id=account.person_id)
    return Said.DONE, branch


def _counted(work: Work, account: Account, said: Said) -> Said:
    try:
        limits.hit(work.session, work.vault, "cadre.account", str(account.id), now=work.now.timestamp())
    except TooMany:
        return Said.LOCKED
    return said


def _find(work: Work, token: str) -> CadreCode | None:
    wanted = select(CadreCode).where(CadreCode.token_index.in_(work.vault.indexes(PURPOSE, token)))
    return work.session.scalars(wanted.with_for_update()).one_or_none()


def _open(work: Work, branch: Organisation) -> Sequence[CadreCode]:
    query = select(CadreCode).where(CadreCode.organisation_id == branch.id)
    return work.session.scalars(query.where(CadreCode.used_at.is_(None), CadreCode.revoked_at.is_(None))).all()


def _line(number: int, typed: str, parent: Organisation, standing: dict[str, Kind]) -> Line:
    parts = [part.strip() for part in re.split(r"[,，\t;；]", typed)]
    if len(parts) != 4:
        return Line(number, typed, fault="要写四项：班级、人数、团支书姓名、手机号")
    counted = re.fullmatch(r"(\d{1,6})\s*人?", plain(parts[1]))
    try:
        branch = clean_branch_name(parts[0])
        name, phone = _who(parts[2], parts[3])
    except Invalid as problem:
        return Line(number, typed, parts[0], fault=problem.text)
    expected = int(counted[1]) if counted else 0
    kind = standing.get(fold(branch))
    fault = ""
    if not 1 <= expected <= MOST_EXPECTED:
        fault = "人数请写数字"
    elif kind not in (None, Kind.BRANCH):
        fault = "同名的团组织不是团支部"
    elif kind is None and not may_stand_under(Kind.BRANCH, parent.kind):
        fault = "这里不能设团支部"
    return Line(number, typed, branch, expected, name, phone, fault, known=kind is not None)


def _who(name: str, phone: str) -> tuple[str, str]:
    faults = {}
    try:
        name = clean_name(name)
    except Invalid as problem:
        faults["name"] = problem.text
    try:
        phone = clean_phone(phone)
    except Invalid as problem:
        faults["phone"] = problem.text
    if faults:
        raise Invalid(faults)
    return name, phone
