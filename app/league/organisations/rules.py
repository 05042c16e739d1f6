"""Which kind of organisation may stand under which (组织设置), and what they are called."""

from app.kernel.access.rules import Role
from app.league.organisations.models import Kind

KIND_NAMES = {
    Kind.PROVINCE: "省委",
    Kind.CITY: "市委",
    Kind.COUNTY: "县（市、区）委",
    Kind.SECTOR: "行业或直属团工委",
    Kind.UNIVERSITY: "高校团委",
    Kind.SCHOOL: "学校团委",
    Kind.ENTERPRISE: "企业团委",
    Kind.COLLEGE: "学院分团委",
    Kind.GENERAL_BRANCH: "团总支",
    Kind.BRANCH: "团支部",
}

LEADING = frozenset({Kind.PROVINCE, Kind.CITY, Kind.COUNTY})  # 领导机关
BRANCHES = (Kind.GENERAL_BRANCH, Kind.BRANCH)
COMMITTEES = frozenset(Kind) - set(BRANCHES)

MAY_STAND_UNDER: dict[Kind, tuple[Kind, ...]] = {
    # 团章 组织制度、基层组织: local committees by division, committees where people study and work, branches below
    Kind.PROVINCE: (Kind.CITY, Kind.SECTOR, Kind.UNIVERSITY, Kind.ENTERPRISE),
    Kind.CITY: (Kind.COUNTY, Kind.SECTOR, Kind.UNIVERSITY, Kind.SCHOOL, Kind.ENTERPRISE, *BRANCHES),
    Kind.COUNTY: (Kind.SECTOR, Kind.SCHOOL, Kind.ENTERPRISE, *BRANCHES),
    Kind.SECTOR: (Kind.UNIVERSITY, Kind.SCHOOL, Kind.ENTERPRISE, *BRANCHES),
    # a campus (校区) has a committee of its own under the university's, an affiliated school likewise
    Kind.UNIVERSITY: (Kind.UNIVERSITY, Kind.SCHOOL, Kind.COLLEGE, *BRANCHES),
    Kind.SCHOOL: (Kind.COLLEGE, *BRANCHES),
    # a subsidiary (子公司) under its group
    Kind.ENTERPRISE: (Kind.ENTERPRISE, *BRANCHES),
    Kind.COLLEGE: BRANCHES,
    Kind.GENERAL_BRANCH: (Kind.BRANCH,),
    Kind.BRANCH: (),
}
"""Kind of the parent → kinds of children, in the order in which a form offers them."""


def may_stand_under(child: Kind, parent: Kind) -> bool:
    """Whether an organisation of kind ``child`` may stand directly under one of kind ``parent``."""
    return child in MAY_STAND_UNDER[parent]


def head_role(kind: Kind) -> Role:
    """The role of whoever leads an organisation: 团委管理员 of a committee, 团支书 of a branch or general branch."""
    return Role.BRANCH_SECRETARY if kind in BRANCHES else Role.COMMITTEE_ADMIN
