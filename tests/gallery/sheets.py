"""Imports in the gallery: a class list on its way from the upload to the result, and a file that cannot be read."""

from datetime import date

from playwright.sync_api import Page

from tests import factories as make
from tests.gallery.inventory import Act
from tests.gallery.stage import Stage
from tests.imports.workbooks import HEAD, xlsx


def class_list() -> bytes:
    """Good rows and bad ones, with a title above."""
    rows = [["2026 级会计 1 班团员名单"], list(HEAD)]
    for n in range(6):
        number = make.id_number(date(2005, 3, 1), n=400 + n)
        name = ("林晓春", "阿卜杜拉·艾力", "欧阳夏", "?", "林晓春", "林晓冬")[n]
        nation = ("汉族", "维吾尔族", "汉", "汉族", "不知道", "满族")[n]
        rows.append([name, number, nation, "共青团员", "2021.5.4", "应县第一中学", ""])
    return xlsx(rows, merge=["A1:G1"])


def uploads(name: str, content: bytes, sort: str = "people") -> Act:
    """An act: choose a file and send it without scripts."""

    def act(page: Page, _stage: Stage) -> None:
        form = page.locator("main form[enctype]").first
        form.locator(f"[name=sort][value={sort}]").check()
        form.locator("[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})
        with page.expect_navigation():
            form.evaluate("form => HTMLFormElement.prototype.submit.call(form)")

    return act


STEPS = (
    ("nothing-chosen", "/twt/imports", uploads("", b"")),
    ("not-readable", "/twt/imports", uploads("名单.xlsx", b"PK\x03\x04 broken off")),
    ("columns", "/twt/imports", uploads("名单.xlsx", class_list())),
)
