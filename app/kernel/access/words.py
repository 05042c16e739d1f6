"""The table of powers in words: what a post lets its holder do and see, how far, and who else may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.access.powers import Power as P  # noqa: N817 — read by column
from app.kernel.access.rules import RULES, Reach, Role

POWER_WORDS: Mapping[P, str] = {
    P.APPOINTMENTS_ADMIN: "任免管理员和团支书",
    P.APPOINTMENTS_DELEGATE: "指定协助审批的团干部",
    P.APPOINTMENTS_PROVINCE: "任免省级管理员",
    P.APPOINTMENTS_PUBLISHER: "指定信息发布员",
    P.APPOINTMENTS_READ: "看谁任什么职",
    P.AUDIT_READ: "看操作记录",
    P.CODES_INVITE: "发团干认证码，邀请团支书",
    P.CODES_OPEN: "开通班级认证码",
    P.EXPORTS_ASK: "导出青年档案，号码遮住中间几位",
    P.EXPORTS_DECIDE: "处理下级的导出申请",
    P.EXPORTS_WHOLE: "经上级同意，导出完整号码",
    P.FIGURES_READ: "看人数和进度",
    P.IMPORTS_PEOPLE: "用表格导入电子档案",
    P.JOINING_DECIDE: "审核入档申请",
    P.JOINING_READ: "看入档申请",
    P.JOINING_ROSTER: "看和改花名册",
    P.MACHINE_OPERATE: "看系统运行情况",
    P.NOTICES_PUBLISH: "发布通知",
    P.ORGANISATIONS_CLOSE: "撤销团组织",
    P.ORGANISATIONS_CREATE: "新建团组织",
    P.ORGANISATIONS_MERGE: "合并团组织",
    P.ORGANISATIONS_MOVE: "给团组织换上级",
    P.ORGANISATIONS_READ: "看团组织",
    P.ORGANISATIONS_RENAME: "给团组织改名",
    P.PEOPLE_CASES: "判断重复的档案归谁",
    P.PEOPLE_CORRECT: "处理更正申请",
    P.PEOPLE_EDIT: "修改青年档案",
    P.PEOPLE_READ: "看青年档案",
    P.PEOPLE_REVEAL: "写明原因，看完整证件号和手机号",
    P.STYLE_READ: "看页面样式",
}
REACH_WORDS: Mapping[Reach, str] = {Reach.OWN: "只在本级", Reach.BELOW: "只在下级", Reach.SUBTREE: "本级和下级"}
UNTOLD = frozenset({P.STYLE_READ})
"""Nobody looks for these."""


@dataclass(frozen=True)
class Ability:
    """Powers that reach equally far, in words."""

    reach: str
    powers: list[str]


@dataclass(frozen=True)
class Lacking:
    """A power one does not hold, and the roles that do."""

    power: str
    roles: list[Role]


def abilities(role: Role) -> list[Ability]:
    """What ``role`` may do, by how far it goes, the farthest first."""
    found = {reach: [rule.power for rule in RULES if rule.role is role and rule.reach is reach] for reach in Reach}
    order = (Reach.SUBTREE, Reach.BELOW, Reach.OWN)
    told = {reach: [POWER_WORDS[power] for power in found[reach] if power not in UNTOLD] for reach in order}
    return [Ability(REACH_WORDS[reach], told[reach]) for reach in order if told[reach]]


def lacking(roles: Sequence[Role]) -> list[Lacking]:
    """What none of ``roles`` may do, with the roles that may."""
    held = {rule.power for rule in RULES if rule.role in roles}
    others = {power: [rule.role for rule in RULES if rule.power is power] for power in P}
    return [Lacking(POWER_WORDS[p], others[p]) for p in P if p not in held and p not in UNTOLD]
