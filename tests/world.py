"""One small invented league, the same in every test.

province ─┬─ city A ─┬─ county A1
          │          └─ school S ─┬─ college C ─┬─ branch B1
          │                       │             └─ branch B2
          │                       └─ branch B3
          ├─ city B ─── school T ─── branch T1        (siblings of everything above)
          └─ enterprise E ─── branch E1
"""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.kernel.access.rules import Role
from app.kernel.vault import Vault
from app.league.accounts.models import Account
from app.league.organisations.models import Kind, Organisation
from tests import factories as make


@dataclass
class World:
    """Organisations by letter, accounts by what they are."""

    orgs: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Account] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Organisation:
        try:
            return self.orgs[name]
        except KeyError as error:
            raise AttributeError(name) from error


TREE = (
    ("province", Kind.PROVINCE, None, "共青团演示省委"),
    ("city_a", Kind.CITY, "province", "共青团甲市委"),
    ("county_a1", Kind.COUNTY, "city_a", "共青团甲一县委"),
    ("school_s", Kind.SCHOOL, "city_a", "甲市师范学校"),
    ("college_c", Kind.COLLEGE, "school_s", "会计学院"),
    ("branch_b1", Kind.BRANCH, "college_c", "会计20184班"),
    ("branch_b2", Kind.BRANCH, "college_c", "会计20185班"),
    ("branch_b3", Kind.BRANCH, "school_s", "教工团支部"),
    ("city_b", Kind.CITY, "province", "共青团乙市委"),
    ("school_t", Kind.SCHOOL, "city_b", "乙市职业学校"),
    ("branch_t1", Kind.BRANCH, "school_t", "机电20181班"),
    ("enterprise_e", Kind.ENTERPRISE, "province", "演示煤业集团"),
    ("branch_e1", Kind.BRANCH, "enterprise_e", "一矿团支部"),
)
STAFF = (
    ("system", Role.SYSTEM_ADMIN, "province"),
    ("province", Role.COMMITTEE_ADMIN, "province"),
    ("city_a", Role.COMMITTEE_ADMIN, "city_a"),
    ("city_b", Role.COMMITTEE_ADMIN, "city_b"),
    ("county_a1", Role.COMMITTEE_ADMIN, "county_a1"),
    ("school_s", Role.COMMITTEE_ADMIN, "school_s"),
    ("school_t", Role.COMMITTEE_ADMIN, "school_t"),
    ("enterprise_e", Role.COMMITTEE_ADMIN, "enterprise_e"),
    ("college_c", Role.COMMITTEE_ADMIN, "college_c"),
    ("delegate_c", Role.DELEGATE, "college_c"),
    ("secretary_b1", Role.BRANCH_SECRETARY, "branch_b1"),
    ("secretary_t1", Role.BRANCH_SECRETARY, "branch_t1"),
    ("publisher", Role.PUBLISHER, "province"),
)


def build(session: Session, vault: Vault) -> World:
    """Make the world inside the caller's transaction."""
    world = World()
    for key, kind, parent, name in TREE:
        world.orgs[key] = make.organisation(session, kind, world.orgs[parent] if parent else None, name)
    for key, role, where in STAFF:
        world.people[key] = make.account(session, vault, f"管理{key}")
        make.appoint(session, world.people[key], world.orgs[where], role)
    world.people["youth"] = make.account(session, vault, "青年甲")
    world.people["other_youth"] = make.account(session, vault, "青年乙")
    return world
