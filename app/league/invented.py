"""Invented people: names combined from lists, identity numbers of the unallocated area 149999, marked phones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.league.people.facts import check_digit

AREA = "149999"
"""An area code nobody was given, so that no real number is ever made; the demonstration knows it as 演示区."""
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾萧田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "尉迟")
GIVEN_MALE = "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆博文轩泽昊宁晨旭东阳志建国"
GIVEN_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂丹萍红雪琳倩颖洁梅莉瑶婷慧怡欣悦琪佳梦雨思涵晓春月蕾"
RARE = ("𠮷", "㛃", "䶮", "翀", "婳", "犇")
NATIVE_PLACES = (
    "山西朔州", "山西大同", "山西忻州", "山西太原", "山西吕梁", "山西晋中", "山西阳泉", "山西长治", "山西晋城",
    "山西临汾", "山西运城", "内蒙古呼和浩特", "河北张家口", "陕西榆林",
)  # fmt: skip
ETHNICITIES = ("01",) * 60 + ("03", "11", "02", "08")
SCHOOLS_OF_ORIGIN = ("演示第一中学", "演示第二中学", "演示实验中学", "演示县中学")


@dataclass(frozen=True)
class Invented:
    """One invented human being."""

    name: str
    sex: str
    birth_date: date
    id_number: str
    phone: str
    native_place: str
    ethnicity: str
    joined_league_on: date


class Inventor:
    """Makes people, the same ones for the same seed, no identity number and no phone twice."""

    def __init__(self, seed: int, today: date, *, first_phone: int = 10_000) -> None:
        self.dice = random.Random(seed)  # noqa: S311 — invented data, nothing secret
        self.today = today
        self._numbers: set[str] = set()
        self._phone = first_phone
        self._serial = 0

    def people(self, number: int, *, youngest: int = 17, oldest: int = 23) -> Iterator[Invented]:
        """``number`` people of ``youngest`` to ``oldest`` full years."""
        return (self.person(youngest=youngest, oldest=oldest) for _ in range(number))

    def person(self, *, youngest: int = 17, oldest: int = 23, male: bool | None = None) -> Invented:
        """One person."""
        male = self.dice.random() < 0.48 if male is None else male
        days = self.dice.randint(youngest * 366, oldest * 365)
        birth = self.today - timedelta(days=days)
        fourteenth = birth.replace(year=birth.year + 14, day=min(birth.day, 28))
        joined = min(fourteenth + timedelta(days=self.dice.randint(20, 1100)), self.today - timedelta(days=40))
        return Invented(
            name=self.name(male),
            sex="1" if male else "2",
            birth_date=birth,
            id_number=self._id_number(birth, male),
            phone=self._next_phone(),
            native_place=self.dice.choice(NATIVE_PLACES),
            ethnicity=self.dice.choice(ETHNICITIES),
            joined_league_on=joined,
        )

    def name(self, male: bool) -> str:
        """A name of two or three characters, seldom four, now and then with a rare one."""
        surname = self.dice.choice(SURNAMES) if self.dice.random() > 0.01 else self.dice.choice(DOUBLE_SURNAMES)
        given = GIVEN_MALE if male else GIVEN_FEMALE
        second = "" if self.dice.random() < 0.2 else self.dice.choice(given)
        if self.dice.random() < 0.004:
            second = self.dice.choice(RARE)
        return surname + self.dice.choice(given) + second

    def next_serial(self) -> int:
        """A running number, for numbers that must not repeat."""
        self._serial += 1
        return self._serial

    def _id_number(self, birth: date, male: bool) -> str:
        while True:
            first = f"{AREA}{birth:%Y%m%d}{self.dice.randrange(500) * 2 + (1 if male else 0):03d}"
            number = first + check_digit(first)
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _next_phone(self) -> str:
        self._phone += 1
        return f"139{self._phone:08d}"
