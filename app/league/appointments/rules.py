"""Who may appoint whom to what, where and until when: in this one place.

Strictly top-down, as the pilot's plan says: the system administrator appoints the province, the province a city, a
university or an enterprise, a city its counties and schools, a school its colleges and branches; and a committee names
delegates and publishers in its own subtree. Nobody appoints himself, nobody beside or above, nor a role at or above
his own level. A right that was given cannot be given on: delegates and publishers hold no power to appoint.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.access.powers import Power
from app.kernel.access.rules import ROLE_NAMES, Role
from app.kernel.access.viewer import Post, Viewer
from app.league.organisations.models import Kind
from app.league.organisations.rules import COMMITTEES, KIND_NAMES, head_role

ADULT = 18
YOUNGEST_MEMBER = 14
YOUNGEST = {
    # 民法典 第十七、十八条: full capacity at 18; these roles answer for other people's files
    Role.SYSTEM_ADMIN: ADULT,
    Role.COMMITTEE_ADMIN: ADULT,
    Role.DELEGATE: ADULT,
    Role.PUBLISHER: ADULT,
    # 团章 团员: a branch of a secondary school is led by one of its members, who join from 14
    Role.BRANCH_SECRETARY: YOUNGEST_MEMBER,
}
USUAL_TERM = timedelta(days=365)
LONGEST_YEARS = 5
"""基层委员会 are elected for three to five years (中青发〔2025〕1号): no right lasts longer than the longest term."""
ENDING_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Place:
    """Where somebody is to be appointed."""

    path: str
    kind: Kind


def roles_at(viewer: Viewer, place: Place) -> list[Role]:
    """The roles ``viewer`` may give at ``place``, in the order in which a form offers them: whoever leads it first."""
    found = [role for role in Role if post_to_grant(viewer, role, place) is not None]
    return sorted(found, key=lambda role: role is not head_role(place.kind))


def post_to_grant(viewer: Viewer, role: Role, place: Place) -> Post | None:
    """The viewer's post that lets him give (and take) ``role`` at ``place``; None when there is none."""
    power = power_for(role, place.kind)
    if power is None:
        return None
    posts = [power] if power is not Power.APPOINTMENTS_PUBLISHER else [power, _province_or(power, place.kind)]
    return next((post for p in posts if (post := viewer.post_for(p, place.path)) is not None), None)


def power_for(role: Role, kind: Kind) -> Power | None:
    """The power it takes to give ``role`` at an organisation of ``kind``; None: such a post does not exist.

    The system administrator is made by a command on the machine, never by a form.
    """
    if role is Role.SYSTEM_ADMIN:
        return None
    if role in (Role.COMMITTEE_ADMIN, Role.BRANCH_SECRETARY):
        if role is not head_role(kind):
            return None
        return _province_or(Power.APPOINTMENTS_ADMIN, kind)
    if role is Role.DELEGATE:
        return Power.APPOINTMENTS_DELEGATE
    return Power.APPOINTMENTS_PUBLISHER if kind in COMMITTEES else None


def _province_or(power: Power, kind: Kind) -> Power:
    return Power.APPOINTMENTS_PROVINCE if kind is Kind.PROVINCE else power


def refusal(viewer: Viewer, account_id: int, role: Role, place: Place) -> str | None:
    """Why ``viewer`` may not give ``role`` at ``place`` to ``account_id``; None when he may."""
    if account_id == viewer.account_id:
        return "不能任命自己，请由上级任命"
    if power_for(role, place.kind) is None:
        return f"{KIND_NAMES[place.kind]}不设{ROLE_NAMES[role]}"
    if post_to_grant(viewer, role, place) is None:
        return f"您不能在这里任命{ROLE_NAMES[role]}，请联系它的上级团组织"
    return None


def age_fault(role: Role, birth_date: date | None, today: date) -> str | None:
    """Why somebody born then is too young for ``role``; None when old enough.

    An account that registered always has a birth date; one made on the machine by a command may have none.
    """
    if birth_date is None:
        return None
    age = today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
    return f"担任{ROLE_NAMES[role]}须年满 {YOUNGEST[role]} 周岁" if age < YOUNGEST[role] else None


def term_faults(starts_on: date, ends_on: date | None, today: date) -> dict[str, str]:
    """What is wrong with a term, by field: it begins today or later and ends within five years."""
    faults: dict[str, str] = {}
    if starts_on < today:
        faults["starts_on"] = "开始日期不能早于今天"
    elif starts_on > today + timedelta(days=366):
        faults["starts_on"] = "开始日期不能晚于一年以后"
    if ends_on is None:
        faults["ends_on"] = "请填写结束日期"
    elif ends_on < starts_on:
        faults["ends_on"] = "结束日期不能早于开始日期"
    elif ends_on > latest_end(starts_on):
        faults["ends_on"] = f"任期最长 {LONGEST_YEARS} 年"
    return faults


def latest_end(starts_on: date) -> date:
    """The last day a term beginning on ``starts_on`` may have."""
    day = min(starts_on.day, 28) if starts_on.month == 2 else starts_on.day
    return date(starts_on.year + LONGEST_YEARS, starts_on.month, day)
