"""The invented applications of a run of practice: the same ones for the same seed, several with a planted flaw.

The flags come from the very rules the review desk uses. The people carry numbers of an area that was never given out,
and stand in no table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from app.kernel.clock import years_after
from app.league.invented import Inventor
from app.league.joining import doubts, flags
from app.league.joining.intake import Facts
from app.league.people.codes import ethnicities, native_places
from app.league.people.facts import check_digit, name_key
from app.league.people.models import Standing
from app.league.rules import rule

SIZE = 20
FEWEST, MOST = 6, 8
"""How many of a run have a flaw."""
FIRST_PHONE = 90_000
SOUNDS = dict(
    zip(
        "伟强磊芳敏静丽涛超明平辉鹏华飞宇浩俊文晨东国娟霞艳玲红琳洁梅瑶婷欣佳梦思涵晓春月",
        "玮蔷蕾方闽婧莉焘朝铭萍晖朋桦菲雨皓骏雯辰冬果涓遐燕铃虹林杰玫谣亭心嘉孟丝寒小椿悦",
        strict=True,
    )
)
"""A character → another that sounds the same: what a slip of the pen looks like on a roster."""


@dataclass(frozen=True)
class Flaw:
    """``why``: what a reviewer should have seen, in plain words. ``reasons``: digits of returns that fit it.

    ``rejection``: the digit of the rejection that fits better, when one does.
    """

    key: str
    why: str
    reasons: str
    rejection: str = ""


@dataclass
class Case:
    """One invented application. ``flaw`` None: it should be approved, whatever mark it carries."""

    facts: Facts
    flaw: Flaw | None = None
    on_roster: bool = True
    roster_name: str = ""
    flags: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
    """For a mark that is none of the person's faults: why approving was right."""


class Class:
    """The class of a run: who applies, whom the roster names."""

    def __init__(self, seed: int, today: date) -> None:
        self.today = today
        self.invent = Inventor(seed, today, first_phone=FIRST_PHONE)
        self.dice = self.invent.dice
        self.cases: list[Case] = []

    def member(self, **changes: Any) -> Facts:
        """A member without a flaw."""
        one = self.invent.person()
        joined = one.joined_league_on
        facts = Facts(
            name=one.name, sex=one.sex, birth_date=one.birth_date, ethnicity=one.ethnicity,
            native_place=one.native_place, education="31", political_status="03", id_number=one.id_number,
            phone=one.phone, standing=Standing.MEMBER, occupation="学生", joined_league_on=joined,
            joined_league_at=self.dice.choice(("演示第一中学", "演示实验中学", "演示县中学")),
            certificate_number=f"{self.dice.randrange(10**7, 10**8)}",
            development_number=f"{joined.year}14{self.invent.next_serial():06d}",
            dues_paid_through=f"{self.today - timedelta(days=40):%Y-%m}",
        )  # fmt: skip
        return replace(facts, **changes)


Planter = Callable[[Class], Case]


def _check_digit(made: Class) -> Case:
    facts = made.member()
    wrong = "0" if facts.id_number[-1] != "0" else "1"
    number = facts.id_number[:-1] + wrong
    right = check_digit(number[:17])
    why = f"身份证号的最后一位不对：前十七位算出来应是 {right}，填的是 {wrong}。多半抄错了一位，要请本人对照证件改。"
    return Case(replace(facts, id_number=number), Flaw("check_digit", why, "2"))


def _birth_date(made: Class) -> Case:
    facts = made.member()
    other = facts.birth_date + timedelta(days=made.dice.choice((1, 30, 365)))
    why = f"出生日期填的是 {other}，身份证号里是 {facts.birth_date}。两处不一致，总有一处错了。"
    return Case(replace(facts, birth_date=other), Flaw("birth_date", why, "12"))


def _same_dates(made: Class) -> Case:
    facts = made.member()
    why = "入团日期和出生日期是同一天。没有人出生那天入团，这一栏没有认真填。"
    return Case(_joined(made, facts, facts.birth_date), Flaw("same_dates", why, "3"))


def _joined_today(made: Class) -> Case:
    facts = made.member()
    why = "入团日期就是今天，多半是点了默认值。请本人查团员证或入团志愿书。"
    return Case(_joined(made, facts, made.today), Flaw("joined_today", why, "3"))


def _too_young(made: Class) -> Case:
    facts = made.member()
    joined = years_after(facts.birth_date, rule("league.youngest_on_record", made.today) - 3) + timedelta(days=100)
    why = "入团那天才十岁。入团要满十四周岁，历史上最小的也有十二岁。日期写错了。"
    return Case(_joined(made, facts, joined), Flaw("too_young", why, "3"))


def _near_name(made: Class) -> Case:
    facts = made.member()
    at = next((n for n, c in enumerate(facts.name) if n and c in SOUNDS), None)
    while at is None:
        facts = made.member()
        at = next((n for n, c in enumerate(facts.name) if n and c in SOUNDS), None)
    kept = facts.name[:at] + SOUNDS[facts.name[at]] + facts.name[at + 1 :]
    why = f"花名册上没有“{facts.name}”，有读音相同的“{kept}”。要先问清是同一个人写错了字，还是别的班的人。"
    return Case(facts, Flaw("near_name", why, "4"), on_roster=False, roster_name=kept)


def _stranger(made: Class) -> Case:
    facts = made.member()
    why = "花名册上没有这个人。多半选错了班，先请他核对支部，不能就这样收进来。"
    return Case(facts, Flaw("stranger", why, "4", "1"), on_roster=False)


def _odd_name(made: Class) -> Case:
    facts = made.member()
    odd = facts.name[:1] + "x" + facts.name[1:]
    why = f"姓名“{odd}”里夹着拼音字母，是没有打完的字。姓名要和身份证一样。"
    return Case(replace(facts, name=odd), Flaw("odd_name", why, "4"), roster_name=facts.name, on_roster=False)


def _certificate(made: Class) -> Case:
    facts = made.member()
    short = facts.certificate_number[:6]
    why = f"团员证编号“{short}”只有六位，应是八位数字。请本人再看一眼团员证。"
    return Case(replace(facts, certificate_number=short), Flaw("certificate", why, "5"))


def _development(made: Class) -> Case:
    facts = made.member()
    joined = max(facts.joined_league_on or made.today, date(2017, 9, 1))
    why = "2017 年起入团的人都有发展团员编号，这里没有填。编号在入团志愿书封面右上角。"
    return Case(replace(facts, joined_league_on=joined, development_number=""), Flaw("development", why, "6"))


def _first_option(made: Class) -> Case:
    first = {"ethnicity": next(iter(ethnicities())), "native_place": native_places()[0]}
    why = "民族和籍贯都停在列表的第一项，像是没有选过。请本人按实际情况填写。"
    return Case(made.member(**first), Flaw("first_option", why, "8"))


PLANTERS: tuple[Planter, ...] = (
    _check_digit, _birth_date, _same_dates, _joined_today, _too_young, _near_name, _stranger, _odd_name, _certificate,
    _development, _first_option,
)  # fmt: skip


def cases(seed: int, today: date) -> list[Case]:
    """The twenty applications of the run with this seed, begun on the day ``today``."""
    made = Class(seed, today)
    number = made.dice.randint(FEWEST, MOST)
    flawed = [plant(made) for plant in made.dice.sample(PLANTERS, number - 1)]
    harmless = _over_age(made)
    clean = [Case(made.member()) for _ in range(SIZE - number - 1)]
    found = [*flawed, harmless, *clean]
    made.dice.shuffle(found)
    twice = made.dice.choice([case for case in found[: SIZE // 2] if case in clean] or clean)
    found.insert(max(found.index(twice) + 1, made.dice.randint(SIZE // 2, SIZE - 1)), _again(twice))
    return _examined(found, today)


def _again(first: Case) -> Case:
    why = "前面已经有一份申请用了同一个证件号，是同一个人交了两次。留一份就够，这一份要拒绝或退回。"
    return Case(first.facts, Flaw("twice", why, "2", "2"))


def _over_age(made: Class) -> Case:
    one = made.invent.person(youngest=29, oldest=33)
    facts = Facts(
        name=one.name, sex=one.sex, birth_date=one.birth_date, ethnicity=one.ethnicity, native_place=one.native_place,
        education="31", political_status="13", id_number=one.id_number, phone=one.phone,
        standing=Standing.OVER_AGE_YOUTH, occupation="辅导员",
    )  # fmt: skip
    note = "年龄不在 14 到 28 周岁之间只是提醒：普通青年也可以建电子档案。其他都对，应当通过。"
    return Case(facts, note=note)


def _joined(made: Class, facts: Facts, day: date) -> Facts:
    return replace(facts, joined_league_on=day, development_number=f"{day.year}14{made.invent.next_serial():06d}")


def _examined(found: list[Case], today: date) -> list[Case]:
    """Each case with what the rules of the desk find in it, the earlier ones being open already."""
    roster = [case.roster_name or case.facts.name for case in found if case.on_roster or case.roster_name]
    for at, case in enumerate(found):
        case.flags = [*doubts.about(case.facts, today), *_among(case, found[:at], roster)]
        case.flags.sort(key=lambda flag: str(flag["code"]))
    return found


def _among(case: Case, earlier: Sequence[Case], roster: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    keys = {name_key(name) for name in roster}
    if name_key(case.facts.name) not in keys:
        found.append(flags.off_roster(case.facts.name, roster))
    if any(other.facts.id_number == case.facts.id_number for other in earlier):
        found.append(flags.another_open("", ""))
    return found
