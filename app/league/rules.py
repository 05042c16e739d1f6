"""The League's numbers (ages, days, counts) as dated rules: looked up by the day they are applied to, never written
into code. A change of a regulation is a new line with its day and its source.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Rule:
    """``value`` holds from ``effective_from`` until a later line of the same key."""

    key: str
    value: int
    effective_from: date
    source: str


ALWAYS = date(1949, 1, 1)
RULES: tuple[Rule, ...] = (
    Rule("league.age_from", 14, ALWAYS, "中国共产主义青年团章程 第一条"),
    Rule("league.age_until", 28, ALWAYS, "中国共产主义青年团章程 第一条：满 28 周岁当天起不再适龄"),
    Rule("league.youngest_on_record", 12, ALWAYS, "全国智慧团建录入口径：2017 年以前入团"),
    Rule("league.youngest_on_record", 13, date(2017, 1, 1), "全国智慧团建录入口径：2017 年起入团"),
    Rule("development_number.required", 0, ALWAYS, "发展团员编号制度实行以前"),
    Rule("development_number.required", 1, date(2017, 1, 1), "发展团员编号：2017 年起入团必填"),
    Rule("development_number.full_form", 0, ALWAYS, "发展团员编号：2016 年以前只核对年份"),
    Rule("development_number.full_form", 1, date(2016, 1, 1), "发展团员编号：12 位"),
    Rule("guardian.age_under", 14, ALWAYS, "个人信息保护法 第三十一条；儿童个人信息网络保护规定"),
    Rule("correction.days", 30, ALWAYS, "本系统：退回补正的期限"),
    Rule("reminder.after_days", 7, ALWAYS, "本系统：等待满七天可以提醒，每天一次"),
    Rule("flags.people_per_phone", 3, ALWAYS, "本系统：同一手机号的人数"),
    Rule("flags.burst_forms", 20, ALWAYS, "本系统：同一设备短时间内的申请数"),
    Rule("flags.burst_seconds", 300, ALWAYS, "本系统：“短时间”是多少秒"),
    Rule("sheet.check_every", 100, ALWAYS, "本系统：成屏通过多少人以后抽查一次"),
    Rule("sheet.check_size", 3, ALWAYS, "本系统：每次抽查几份"),
    Rule("sheet.tenths_per_row", 3, ALWAYS, "本系统：成屏通过时，每人少于十分之几秒算过快"),
    Rule("single.run", 10, ALWAYS, "本系统：逐份通过时，连着看最近几份的快慢"),
    Rule("single.tenths_each", 10, ALWAYS, "本系统：逐份通过时，平均每份少于十分之几秒算过快"),
)  # fmt: skip


def rule(key: str, day: date) -> int:
    """The value of ``key`` in force on ``day``. Raises KeyError for a key or a day the table does not know."""
    found = [r for r in RULES if r.key == key and r.effective_from <= day]
    if not found:
        raise KeyError(key)
    return max(found, key=lambda r: r.effective_from).value


@dataclass(frozen=True)
class Target:
    """So many files in the whole province by the end of ``due``."""

    name: str
    value: int
    due: date
    source: str


TARGETS: tuple[Target, ...] = (
    Target("试点", 150_000, date(2016, 9, 30), "试点方案：5 所高校 5 万，10 家国有企业 10 万"),
    Target("推开", 500_000, date(2016, 12, 31), "试点方案：2016 年底"),
    Target("全省", 1_000_000, date(2017, 12, 31), "试点方案：2017 年"),
)
