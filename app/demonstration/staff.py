"""The demonstration logins, appointed top-down as the rules demand."""

from dataclasses import dataclass, replace
from datetime import date

from app.kernel.access.rules import Role
from app.kernel.access.viewer import Viewer
from app.kernel.work import Actor, Work
from app.league.accounts.models import Account
from app.league.accounts.operations import blank
from app.league.accounts.passwords import hash_password
from app.league.appointments.operations import appoint, appoint_system_admin
from app.league.appointments.queries import live_posts
from app.league.organisations.models import Organisation

SYSTEM, PROVINCE, CITY, NORMAL, DELEGATE, SECRETARY, YOUTH, MEMBER, VOCATIONAL, CAMPUS = (
    f"1390000000{digit}" for digit in range(10)
)
NAMES = {
    SYSTEM: "系统管理员",
    PROVINCE: "省委管理员",
    CITY: "朔州市委管理员",
    NORMAL: "朔州师范书记",
    DELEGATE: "协助审批团干部",
    SECRETARY: "会计20184班团支书",
    YOUTH: "林晓春",
    MEMBER: "沈一鸣",
    VOCATIONAL: "职业技术学校书记",
    CAMPUS: "朔州校区书记",
}


@dataclass(frozen=True)
class Places:
    """The organisations of the pilot that have somebody in charge."""

    province: Organisation
    city: Organisation
    normal: Organisation
    class_branch: Organisation
    vocational: Organisation
    campus: Organisation


def open_accounts(work: Work) -> dict[str, Account]:
    """The ten logins of the demonstration; every one has the demonstration's password."""
    secret = hash_password(work.settings.demo_password, memory_kib=work.settings.password_cost)
    return {phone: open_account(work, phone, name, secret) for phone, name in NAMES.items()}


def open_account(work: Work, phone: str, name: str, password_hash: str) -> Account:
    """One account, as registration leaves it."""
    account = blank(work, phone, name, password_hash)
    work.session.add(account)
    work.session.flush()
    return account


def appoint_province(work: Work, accounts: dict[str, Account], province: Organisation) -> None:
    """The system administrator, and by them the province's administrator, who may also publish."""
    appoint_system_admin(work, accounts[SYSTEM], province)
    for role in (Role.COMMITTEE_ADMIN, Role.PUBLISHER):
        _appoint(work, accounts[SYSTEM], accounts[PROVINCE], province, role)


def appoint_below(work: Work, accounts: dict[str, Account], places: Places) -> None:
    """Province → city and campus → schools → delegate and branch."""
    chain = (
        (PROVINCE, CITY, places.city, Role.COMMITTEE_ADMIN),
        (PROVINCE, CAMPUS, places.campus, Role.COMMITTEE_ADMIN),
        (CITY, NORMAL, places.normal, Role.COMMITTEE_ADMIN),
        (CITY, VOCATIONAL, places.vocational, Role.COMMITTEE_ADMIN),
        (NORMAL, DELEGATE, places.normal, Role.DELEGATE),
        (NORMAL, SECRETARY, places.class_branch, Role.BRANCH_SECRETARY),
    )
    for giver, receiver, place, role in chain:
        _appoint(work, accounts[giver], accounts[receiver], place, role)


def _appoint(work: Work, giver: Account, receiver: Account, place: Organisation, role: Role) -> None:
    viewer = as_viewer(work, giver)
    acting = replace(work, actor=Actor.of(viewer), viewer=viewer)
    ends_on = date(work.today.year + 1, work.today.month, 1)
    appoint(acting, viewer, receiver, place, role, starts_on=work.today, ends_on=ends_on)
    work.session.flush()


def as_viewer(work: Work, account: Account) -> Viewer:
    """``account`` with its posts as of now."""
    posts = live_posts(work.session, account.id, work.today)
    return Viewer(
        account_id=account.id,
        public_id=account.public_id,
        name=account.name,
        person_id=account.person_id,
        posts=posts,
        acting=posts[0] if posts else None,
    )
