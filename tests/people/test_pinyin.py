"""Readings of names are those of the dictionary they were drawn from, at a hundredth of its weight."""

import csv
from pathlib import Path

import pytest
from pypinyin import Style, lazy_pinyin

from app.league.pinyin import syllables
from tests import factories as make

pytestmark = pytest.mark.embedded
DATA = Path(__file__).parents[2] / "app" / "data"
ODD = ["", "〇", "ABC", "a重b", "王A·B", "𠮷田", "2018级 1班", "中\n国", "重庆的行长在银行里行走", "单田芳", "㍿中"]


def names_of_the_province() -> list[str]:
    tables = ("shanxi_divisions", "shanxi_townships", "shanxi_universities", "ethnic_groups")
    texts = ((DATA / f"{name}.csv").read_text(encoding="utf-8") for name in tables)
    rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
    return [row["name"] for row in rows]


def test_every_name_is_read_as_the_dictionary_reads_it() -> None:
    texts = [
        *ODD,
        *names_of_the_province(),
        *(f"张{one}{other}" for one in make.CHARACTERS for other in make.CHARACTERS),
    ]
    assert len(texts) > 1500
    expected = {text: [one.lower() for one in lazy_pinyin(text, style=Style.NORMAL)] for text in texts}
    assert {text: syllables(text) for text in texts} == expected
