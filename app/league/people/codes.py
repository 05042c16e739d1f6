"""Code lists of a file, with the words people read: GB/T 3304, 4658, 4762, 2261.1 and the kinds of documents."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from app.league.people.models import Door, FileState, Standing

DATA = Path(__file__).resolve().parents[2] / "data"

SEXES: Mapping[str, str] = {"1": "男", "2": "女"}
"""GB/T 2261.1."""

EDUCATIONS: Mapping[str, str] = {
    "11": "博士研究生", "14": "硕士研究生", "21": "大学本科", "31": "大学专科", "41": "中等专科", "44": "职业高中",
    "47": "技工学校", "61": "普通高中", "71": "初中", "81": "小学", "90": "其他",
}  # fmt: skip
"""GB/T 4658: the highest education finished or under way (学历)."""

POLITICAL_STATUSES: Mapping[str, str] = {
    "01": "中共党员", "02": "中共预备党员", "03": "共青团员", "04": "民革党员", "05": "民盟盟员", "06": "民建会员",
    "07": "民进会员", "08": "农工党党员", "09": "致公党党员", "10": "九三学社社员", "11": "台盟盟员",
    "12": "无党派人士", "13": "群众",
}  # fmt: skip
"""GB/T 4762 (政治面貌)."""

MEMBER_STATUS = "03"
PARTY_STATUSES = ("01", "02")
"""Party members keep their League membership until 28 (团章)."""

ID_TYPES: Mapping[str, str] = {
    "resident": "居民身份证",
    "hmt": "港澳台居民居住证",
    "foreign": "外国人永久居留身份证",
    "passport": "护照",
}
NUMBERED_TYPES = ("resident", "hmt", "foreign")
"""Documents whose 18-character number carries birth date and sex."""

STANDINGS: Mapping[str, str] = {
    Standing.MEMBER: "共青团员",
    Standing.ELIGIBLE_YOUTH: "适龄未入团青年",
    Standing.OVER_AGE_YOUTH: "超龄青年",
}
FILE_STATES: Mapping[str, str] = {
    FileState.ACTIVE: "在用",
    FileState.WAITING: "待认领",
    FileState.CLOSED: "已关闭",
}
DOORS: Mapping[str, str] = {Door.PC: "网页", Door.APP: "手机应用", Door.WECHAT: "微信", Door.IMPORT: "批量导入"}


@cache
def ethnicities() -> Mapping[str, str]:
    """GB/T 3304 (民族): code → name."""
    with (DATA / "ethnic_groups.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


@cache
def native_places() -> tuple[str, ...]:
    """Suggestions for 籍贯: the counties of the province with their city, in the order of their codes."""
    with (DATA / "shanxi_divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["code"]: row["name"] for row in rows}
    return tuple("山西省" + names[row["parent"]] + row["name"] for row in rows if row["level"] == "3")


def code_of(names: Mapping[str, str], typed: str) -> str | None:
    """The code for what was typed, a code or a name (汉 and 汉族 alike); None when the list does not have it."""
    text = typed.strip()
    if text in names:
        return text
    wanted = (text, text + "族", {"团员": "共青团员"}.get(text, text))
    return next((code for want in wanted for code, name in names.items() if name == want), None)
