"""What the documents tell an operator to type exists: commands, their options, scripts, units and settings."""

import re

import pytest
from flask import Flask

from app.config import Settings
from tests.faults.server import ROOT

pytestmark = pytest.mark.embedded
RESTORE = (ROOT / "scripts/service/RESTORE.md").read_text()
README = (ROOT / "README.md").read_text()


def test_every_command_of_the_restore_document_exists_with_its_options(app: Flask) -> None:
    typed = re.findall(r"flask --app wsgi ([\w-]+)(.*)", RESTORE)
    assert {name for name, _ in typed} >= {"restore", "verify"}
    for name, rest in typed:
        known = {option for parameter in app.cli.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[\w-]+", rest)) <= known, name


def test_every_command_of_the_product_stands_in_the_readme(app: Flask) -> None:
    own = {name for name, command in app.cli.commands.items() if command.callback.__module__.startswith("app.")}
    assert {name for name in own if f"`{name}" not in README and f", `{name}" not in README} == set()


def test_every_file_the_restore_document_names_is_there() -> None:
    for name in re.findall(r"scripts/[\w./-]+", RESTORE + README):
        assert (ROOT / name.rstrip(".")).exists() or name.endswith("tuanwutong-"), name
    units = {path.stem for path in (ROOT / "scripts/service").glob("tuanwutong-*")}
    assert set(re.findall(r"tuanwutong-(?:web|worker|backup)\b", RESTORE)) - {"tuanwutong-backup"} <= units


def test_every_setting_of_the_operation_chapter_is_one() -> None:
    chapter = README.partition("## Operate it")[2].partition("## Decisions")[0]
    known = {item.metadata["variable"] for item in Settings.__dataclass_fields__.values()}
    told = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)", chapter)) - {"TARGET_DATABASE_URL"}
    assert told <= known
