"""Reason templates by digit (一键理由), worded for the young person who reads them, each tied to exact fields."""

from dataclasses import dataclass

from app.kernel.errors import Invalid
from app.league.joining.models import Verdict
from app.league.people.fields import FIELDS

LONGEST = 300


@dataclass(frozen=True)
class Template:
    """``key``: the digit that picks it. ``fields``: what the young person is asked to correct."""

    key: str
    verdict: Verdict
    title: str
    text: str
    fields: tuple[str, ...] = ()


R, X = Verdict.RETURN, Verdict.REJECT
TEMPLATES: tuple[Template, ...] = (
    Template("1", R, "出生日期", "出生日期和身份证上的不一致，请对照身份证改一下。", ("birth_date",)),
    Template("2", R, "证件号码", "请对照证件，把证件号码再核对一遍。", ("id_number",)),
    Template("3", R, "入团日期", "入团日期看起来不对，请查一查团员证或入团志愿书。", ("joined_league_on",)),
    Template("4", R, "姓名", "姓名和花名册不一致，请按身份证上的写。", ("name",)),
    Template("5", R, "团员证编号", "团员证编号一般是 8 位数字，请再看一眼团员证。", ("certificate_number",)),
    Template("6", R, "发展团员编号", "发展团员编号在入团志愿书封面右上角，请补上或改正。", ("development_number",)),
    Template("7", R, "入团地点", "请写清楚入团时所在的学校或单位。", ("joined_league_at",)),
    Template("8", R, "籍贯和民族", "籍贯、民族好像是默认选项，请按实际情况填写。", ("native_place", "ethnicity")),
    Template("9", R, "手机号", "这个手机号也填给了别人，请换成您自己的。", ("phone",)),
    Template("1", X, "不是本支部的人", "您不在我们团支部的名单里，请核对支部后重新申请，或联系您的团支书。"),
    Template("2", X, "重复申请", "您已经有一份档案或申请，不需要再交一份。有疑问请联系团支书。"),
    Template("3", X, "本人要求", "按您本人的意思，这份申请不再办理。以后可以随时再申请。"),
    Template("4", X, "信息无法核实", "我们没能核实这些信息。请带上证件和团员证联系团支书，之后可以重新申请。"),
)  # fmt: skip


def templates(verdict: Verdict) -> list[Template]:
    """The templates for ``verdict``, in the order of their digits."""
    return [template for template in TEMPLATES if template.verdict is verdict]


def settle(verdict: Verdict, words: str, digit: str, ticked: list[str]) -> tuple[str, list[str]]:
    """The reason and the fields to use: the reviewer's own words or the template's, the ticks or the template's.

    Raises Invalid, with errors for ``reason`` and ``fields``, when something that is needed is missing.
    """
    template = next((t for t in templates(verdict) if t.key == digit), None)
    reason = words.strip() or (template.text if template else "")
    fields = [name for name in ticked if name in FIELDS] or list(template.fields if template else ())
    check(verdict, reason, fields)
    return reason, fields if verdict is Verdict.RETURN else []


def check(verdict: Verdict, reason: str, fields: list[str]) -> None:
    """Raises Invalid when a decision lacks what it owes to the young person: words, and what to correct."""
    errors = {}
    if verdict is not Verdict.APPROVE and not reason.strip():
        errors["reason"] = "请写明理由，或选一条常用理由"
    if len(reason) > LONGEST:
        errors["reason"] = f"理由最多 {LONGEST} 个字"
    if verdict is Verdict.RETURN and not fields:
        errors["fields"] = "请勾选要改的内容"
    if unknown := [name for name in fields if name not in FIELDS]:
        errors["fields"] = f"没有这一项：{unknown[0]}"
    if errors:
        raise Invalid(errors)
