"""THE table: role × power × reach. Nothing else in the system decides who may do what."""

import enum
from dataclasses import dataclass

from app.kernel.access.powers import Power as P  # noqa: N817 — the table is read by column


class Role(enum.StrEnum):
    """What an appointment (任职) makes of an account at an organisation."""

    SYSTEM_ADMIN = "system_admin"  # 系统管理员: keeps the machine, sees no files
    COMMITTEE_ADMIN = "committee_admin"  # 团委管理员(书记)
    DELEGATE = "delegate"  # 协助审批团干部
    BRANCH_SECRETARY = "branch_secretary"  # 团支书
    PUBLISHER = "publisher"  # 信息发布: a right apart


ROLE_NAMES = {
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.COMMITTEE_ADMIN: "团委管理员",
    Role.DELEGATE: "协助审批团干部",
    Role.BRANCH_SECRETARY: "团支书",
    Role.PUBLISHER: "信息发布员",
}


class Reach(enum.StrEnum):
    """How far a power goes from the organisation of the appointment."""

    OWN = "own"
    BELOW = "below"
    SUBTREE = "subtree"  # own and below


@dataclass(frozen=True)
class Rule:
    """``role`` may use ``power`` as far as ``reach``."""

    role: Role
    power: P
    reach: Reach


RULES: tuple[Rule, ...] = (
    # 系统管理员 keeps the machine and appoints the province
    Rule(Role.SYSTEM_ADMIN, P.MACHINE_OPERATE, Reach.SUBTREE),
    Rule(Role.SYSTEM_ADMIN, P.STYLE_READ, Reach.SUBTREE),
    Rule(Role.SYSTEM_ADMIN, P.APPOINTMENTS_PROVINCE, Reach.OWN),
    # 团委管理员, at whatever level the committee stands
    Rule(Role.COMMITTEE_ADMIN, P.APPOINTMENTS_ADMIN, Reach.BELOW),
    Rule(Role.COMMITTEE_ADMIN, P.APPOINTMENTS_DELEGATE, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.APPOINTMENTS_PUBLISHER, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.APPOINTMENTS_READ, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.AUDIT_READ, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.CODES_INVITE, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.CODES_OPEN, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.EXPORTS_ASK, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.EXPORTS_DECIDE, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.EXPORTS_WHOLE, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.FIGURES_READ, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.IMPORTS_PEOPLE, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.JOINING_DECIDE, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.JOINING_READ, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.JOINING_ROSTER, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.ORGANISATIONS_CLOSE, Reach.BELOW),
    Rule(Role.COMMITTEE_ADMIN, P.ORGANISATIONS_CREATE, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.ORGANISATIONS_MERGE, Reach.BELOW),
    Rule(Role.COMMITTEE_ADMIN, P.ORGANISATIONS_MOVE, Reach.BELOW),
    Rule(Role.COMMITTEE_ADMIN, P.ORGANISATIONS_READ, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.ORGANISATIONS_RENAME, Reach.BELOW),
    Rule(Role.COMMITTEE_ADMIN, P.PEOPLE_CASES, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.PEOPLE_CORRECT, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.PEOPLE_EDIT, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.PEOPLE_READ, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.PEOPLE_REVEAL, Reach.SUBTREE),
    Rule(Role.COMMITTEE_ADMIN, P.STYLE_READ, Reach.SUBTREE),
    # 团支书, the same inside one branch, without structure and appointments
    Rule(Role.BRANCH_SECRETARY, P.CODES_OPEN, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.EXPORTS_ASK, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.FIGURES_READ, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.IMPORTS_PEOPLE, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.JOINING_DECIDE, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.JOINING_READ, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.JOINING_ROSTER, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.ORGANISATIONS_READ, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.PEOPLE_EDIT, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.PEOPLE_READ, Reach.SUBTREE),
    Rule(Role.BRANCH_SECRETARY, P.PEOPLE_REVEAL, Reach.SUBTREE),
    # 协助审批团干部 approves and nothing more
    Rule(Role.DELEGATE, P.JOINING_DECIDE, Reach.SUBTREE),
    Rule(Role.DELEGATE, P.JOINING_READ, Reach.SUBTREE),
    # 信息发布
    Rule(Role.PUBLISHER, P.NOTICES_PUBLISH, Reach.SUBTREE),
)


def reach_of(role: Role, power: P) -> Reach | None:
    """How far ``role`` may use ``power``; None when it may not."""
    return _TABLE.get((role, power))


_TABLE = {(rule.role, rule.power): rule.reach for rule in RULES}
assert len(_TABLE) == len(RULES), "a role holds each power once"
