"""Facts are cleaned where the meaning is plain and refused in words where it is not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.league.people import facts
from tests import factories as make

DAY = date(2026, 4, 22)


@given(birth=st.dates(date(1990, 1, 1), date(2012, 12, 31)), n=st.integers(0, 499), male=st.booleans())
def test_a_number_is_read_back_however_it_is_typed(birth, n, male):
    number = make.id_number(birth, n=n, male=male)
    wide = number.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    for typed in (number, number.lower(), f" {number[:6]} {number[6:14]}-{number[14:]} ", wide):
        assert facts.clean_id_number(typed, DAY) == number
    assert facts.id_birth_date(number) == birth
    assert facts.id_sex(number) == ("1" if male else "2")


@given(n=st.integers(0, 499), place=st.integers(0, 16), other=st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(n, place, other):
    number = make.id_number(n=n)
    wrong = number[:place] + str((int(number[place]) + other) % 10) + number[place + 1 :]
    with pytest.raises(Invalid):
        facts.clean_id_number(wrong, DAY)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("王 小明", "王小明"), ("阿卜杜拉•买买提", "阿卜杜拉·买买提"), ("Anna  Lee", "Anna Lee"), ("𠮷田", "𠮷田")],
)
def test_names_keep_their_characters(typed, name):
    assert facts.clean_name(typed) == name


@pytest.mark.parametrize("typed", ["", "王", "王小明1", "<b>王</b>", "王" * 51])
def test_what_is_no_name(typed):
    with pytest.raises(Invalid):
        facts.clean_name(typed)


@pytest.mark.parametrize("typed", ["13900010001", "139 0001 0001", "+86-139-0001-0001", "１３９０００１０００１"])
def test_a_phone_however_it_is_typed(typed):
    assert facts.clean_phone(typed) == "13900010001"


@pytest.mark.parametrize("typed", ["2016-04-08", "2016.4.8", "2016年4月8日", "20160408", " 2016 / 4 / 8 "])
def test_a_day_however_it_is_typed(typed):
    assert facts.clean_date(typed, DAY) == date(2016, 4, 8)


@pytest.mark.parametrize("typed", ["2026-04-23", "2016-02-30", "1800-01-01", "昨天"])
def test_what_is_no_day_of_a_life(typed):
    with pytest.raises(Invalid):
        facts.clean_date(typed, DAY)
