"""One validation for every door: forgiving where the meaning is plain, all errors at once where it is not."""

import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.clock import years_after
from app.kernel.errors import Invalid
from app.league.joining.intake import Intake
from app.league.people.facts import check_digit, name_key
from app.league.people.models import Door, Standing
from tests import factories as make
from tests.joining.applications import typed, youth

TODAY = make.TODAY


def errors(form: dict[str, Any], *, door: Door = Door.PC, today: date = TODAY) -> dict[str, str]:
    """The errors in a form, {} when it has none."""
    try:
        Intake.read(form, today, door=door)
    except Invalid as problem:
        return problem.errors
    return {}


def numbered(first: str) -> str:
    """An identity number from its first seventeen digits."""
    return first + check_digit(first)


def test_a_form_without_a_flaw_is_read() -> None:
    number = make.id_number(date(2006, 5, 17), male=False)
    facts = Intake.read(typed(id_number=number), TODAY)
    assert (facts.birth_date, facts.sex, facts.standing) == (date(2006, 5, 17), "2", Standing.MEMBER)
    assert facts.joined_league_on == date(2021, 12, 9)


def test_an_empty_form_has_all_its_errors_at_once() -> None:
    assert set(errors({})) == {
        "name",
        "id_number",
        "ethnicity",
        "native_place",
        "education",
        "political_status",
        "phone",
    }


def test_what_is_plainly_meant_is_cleaned_silently() -> None:
    number = numbered("14999920060517000")
    for n in range(999):  # find one that ends in X
        number = numbered(f"14999920060517{n:03d}")
        if number.endswith("X"):
            break
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in number.lower())
    facts = Intake.read(
        typed(id_number=f" {wide[:6]} {wide[6:14]}-{wide[14:]} ", phone="+86 139-0001 0001", name=" 李 小明\u200b",
              dues_paid_through="2026.2", joined_league_on="2021年12月9日", ethnicity="回", political_status="团员"),
        TODAY,
    )  # fmt: skip
    assert (facts.id_number, facts.phone, facts.name) == (number, "13900010001", "李小明")
    assert (facts.dues_paid_through, facts.ethnicity, facts.political_status) == ("2026-02", "03", "03")


class TestStanding:
    """团章 第一条: 14 to 28, from the day of the birthday to the day before."""

    @pytest.mark.parametrize(
        ("birth", "standing"),
        [
            (date(1998, 4, 23), Standing.ELIGIBLE_YOUTH),  # 28 tomorrow
            (date(1998, 4, 22), Standing.OVER_AGE_YOUTH),  # 28 today
            (date(2012, 4, 22), Standing.ELIGIBLE_YOUTH),  # 14 today
        ],
    )
    def test_the_birthday_decides(self, birth: date, standing: Standing) -> None:
        assert Intake.read(youth(id_number=make.id_number(birth)), TODAY).standing is standing

    @pytest.mark.parametrize(
        ("today", "standing"),
        [
            (date(2028, 2, 28), Standing.ELIGIBLE_YOUTH),
            (date(2028, 2, 29), Standing.OVER_AGE_YOUTH),
        ],
    )
    def test_born_on_a_leap_day(self, today: date, standing: Standing) -> None:
        assert Intake.read(youth(id_number=make.id_number(date(2000, 2, 29))), today).standing is standing

    @given(st.dates(date(1995, 1, 1), date(2013, 1, 1)), st.integers(-1, 1))
    def test_the_edge_is_exact_for_every_birthday(self, birth: date, shift: int) -> None:
        today = years_after(birth, 28) + timedelta(days=shift)
        expected = Standing.ELIGIBLE_YOUTH if shift < 0 else Standing.OVER_AGE_YOUTH
        assert Intake.read(youth(id_number=make.id_number(birth)), today).standing is expected

    def test_a_party_member_is_asked_about_membership(self) -> None:
        assert set(errors(typed(political_status="01"))) == {"member"}
        assert Intake.read(typed(political_status="01", member="yes"), TODAY).standing is Standing.MEMBER
        assert Intake.read(typed(political_status="01", member="no"), TODAY).standing is Standing.ELIGIBLE_YOUTH

    def test_status_and_membership_must_agree(self) -> None:
        assert set(errors(typed(member="no"))) == {"political_status"}
        assert set(errors(youth(member="yes"))) == {"political_status"}

    def test_who_is_no_member_keeps_no_league_facts(self) -> None:
        facts = Intake.read(typed(political_status="13"), TODAY)
        assert (facts.joined_league_on, facts.certificate_number, facts.development_number) == (None, "", "")


class TestDocuments:
    """GB 11643-1999."""

    @pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
    def test_the_standard_s_own_examples_hold(self, number: str) -> None:
        assert "id_number" not in errors(youth(id_number=number))

    @pytest.mark.parametrize(
        ("number", "word"),
        [
            ("", "请填写"),
            ("149999060517001", "15 位"),
            ("14999920060517001", "现在是 17 位"),
            ("14999920060230001X", "20060230"),
            ("1499992006051700AX", "只能是数字"),
            ("149999202705170018", "20270517"),
        ],
    )
    def test_the_sentence_says_where_to_look(self, number: str, word: str) -> None:
        assert word in errors(youth(id_number=number))["id_number"]

    @given(st.integers(0, 16), st.integers(1, 9))
    def test_any_single_wrong_digit_is_noticed(self, place: int, shift: int) -> None:
        number = make.id_number(n=7)
        wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
        assert "id_number" in errors(youth(id_number=wrong))

    def test_an_unknown_area_is_accepted(self) -> None:
        assert errors(youth(id_number=numbered("11990020060517001"))) == {}

    @pytest.mark.parametrize(("prefix", "kind"), [("830000", "hmt"), ("911000", "foreign"), ("149999", "resident")])
    def test_the_number_tells_the_kind_of_document(self, prefix: str, kind: str) -> None:
        assert Intake.read(youth(id_number=numbered(f"{prefix}20060517001")), TODAY).id_type == kind

    def test_a_residence_permit_has_its_own_beginning(self) -> None:
        assert set(errors(youth(id_type="hmt", id_number=make.id_number()))) == {"id_number"}

    def test_a_passport_tells_nothing_so_it_is_asked(self) -> None:
        assert set(errors(youth(id_type="passport", id_number="E12345678"))) == {"birth_date", "sex"}
        facts = Intake.read(
            youth(id_type="passport", id_number="e1234 5678", birth_date=["2006", "5", "17"], sex="1"), TODAY
        )
        assert (facts.id_number, facts.birth_date, facts.sex) == ("E12345678", date(2006, 5, 17), "1")

    def test_what_contradicts_the_number_is_named(self) -> None:
        form = youth(id_number=make.id_number(date(2006, 5, 17), male=True), birth_date="2006-05-18", sex="2")
        assert set(errors(form)) == {"birth_date", "sex"}
        assert Intake.read(form, TODAY, door=Door.IMPORT).birth_date == date(2006, 5, 18)


class TestJoining:
    """入团日期 and the two numbers."""

    @pytest.mark.parametrize(("joined", "wrong"), [("2020-05-16", True), ("2020-05-17", False)])
    def test_before_the_fourteenth_birthday_is_a_question(self, joined: str, wrong: bool) -> None:
        form = typed(id_number=make.id_number(date(2006, 5, 17)), joined_league_on=joined,
                     development_number=f"2020{make.serial():08d}")  # fmt: skip
        assert ("joined_league_on" in errors(form)) is wrong
        assert errors({**form, "confirmed": ["joined_league_on"]}) == {}
        assert errors(form, door=Door.IMPORT) == {}

    def test_nobody_joins_before_birth_or_after_today(self) -> None:
        assert "joined_league_on" in errors(typed(joined_league_on="2006-05-17", confirmed=["joined_league_on"]))
        assert "joined_league_on" in errors(typed(joined_league_on="2026-04-23"))

    @pytest.mark.parametrize(
        ("joined", "number", "fits"),
        [
            ("2021-12-09", "202114000123", True),
            ("2021-12-09", "202014000123", False),
            ("2021-12-09", "20211400012", False),
            ("2021-12-09", "2021140001234", False),
            ("2021-12-09", "", False),
            ("2017-01-01", "", False),
            ("2016-12-31", "", True),
            ("2017-06-01", "201814000001", True),
            ("2018-06-01", "201714000001", True),
            ("2019-06-01", "201814000001", False),
            ("2016-06-01", "201714000001", False),
            ("2016-06-01", "2016140001", False),
            ("2015-06-01", "2015140001", True),
            ("2015-06-01", "2014140001", False),
            ("2015-06-01", "2015161234567890", True),
            ("2016-06-01", "2015161234567890", True),
            ("2017-06-01", "2015161234567890", False),
            ("2017-06-01", "2016171234567890", True),
            ("2016-06-01", "2016171234567890", True),
            ("2017-06-01", "2017181234567890", False),
            ("2021-12-09", "2021 1400-0123", True),
            ("2021-12-09", "2021A4000123", False),
        ],
    )
    def test_the_development_number(self, joined: str, number: str, fits: bool) -> None:
        form = typed(id_number=make.id_number(date(2000, 5, 17)), joined_league_on=joined, development_number=number)
        assert ("development_number" not in errors(form)) is fits

    def test_what_is_forgotten_is_not_insisted_on(self) -> None:
        names = ["joined_league_on", "joined_league_at", "development_number"]
        form = typed(joined_league_on="", joined_league_at="", development_number="")
        assert set(errors(form)) == {"joined_league_on", "joined_league_at"}
        assert errors({**form, "forgotten": names}) == {}
        assert errors({**form, "joined_league_on": "不记得", "joined_league_at": "不详"}) == {}

    @pytest.mark.parametrize("number", ["64975649", "AB12345678", "1234567890", ""])
    def test_older_certificates_pass(self, number: str) -> None:
        assert errors(typed(certificate_number=number)) == {}

    @pytest.mark.parametrize("number", ["12345", "1" * 17, "六四九七"])
    def test_what_is_no_number_does_not(self, number: str) -> None:
        assert set(errors(typed(certificate_number=number))) == {"certificate_number"}

    def test_dues_are_not_paid_before_joining(self) -> None:
        assert set(errors(typed(dues_paid_through="2021-11"))) == {"dues_paid_through"}
        assert errors(typed(dues_paid_through="2021-12")) == {}


class TestNames:
    """民委发〔2016〕33号, T28."""

    @pytest.mark.parametrize("dot", ["•", "‧", "・", "．", ".", "·"])
    def test_every_dot_people_type_is_the_one(self, dot: str) -> None:
        assert Intake.read(youth(name=f"阿依古丽{dot}买买提"), TODAY).name == "阿依古丽·买买提"

    @pytest.mark.parametrize("name", ["𬭎𬬮", "㛃", "", "李", "张3", "a" * 51, "<b>李明</b>"])
    def test_edges(self, name: str) -> None:
        assert ("name" in errors(youth(name=name))) is (name != "𬭎𬬮")

    @given(st.text(st.characters(min_codepoint=0x20000, max_codepoint=0x2A6D6), min_size=2, max_size=6))
    def test_rare_characters_stay_as_they_are(self, name: str) -> None:
        assert Intake.read(youth(name=name), TODAY).name == unicodedata.normalize("NFC", name)

    @given(st.integers(0, 3), st.sampled_from(["\u200b", "\u202e", "\ufeff", " ", "\u3000", "\u00ad"]))
    def test_invisible_marks_make_no_other_person(self, place: int, mark: str) -> None:
        name = "欧阳小明"
        assert name_key(Intake.read(youth(name=name[:place] + mark + name[place:]), TODAY).name) == name_key(name)

    @given(st.dictionaries(st.sampled_from([*typed(), "forgotten", "confirmed", "statement"]), st.text(max_size=30)))
    def test_nothing_typed_breaks_it(self, changes: dict[str, str]) -> None:
        assert set(errors({**typed(), **changes})) <= {*typed(), "birth_date", "sex", "member", "statement"}
