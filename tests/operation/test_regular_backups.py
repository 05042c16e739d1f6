"""Regular backups: made by a timer or from the system page, thinned out as they age, refused in plain words."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.commands.unit import opener
from app.kernel.backup import box, content, regular
from app.kernel.clock import local
from app.kernel.errors import Refused
from app.kernel.health import signs
from app.kernel.jobs.operations import run_next
from tests.helpers import sign_in, with_token
from tests.postgres import find_programs

PASSPHRASE = "山西的春天来得不晚，花都开了"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(box, "COST", {"n": 2**4, "r": 8, "p": 1})
    monkeypatch.setenv("PATH", f"{find_programs()}:/usr/bin:/bin")


@pytest.fixture
def set_up(app, work, tmp_path, monkeypatch):
    """Settings that name a folder and a passphrase."""
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    settings = replace(
        work.settings, backup_dir=str(tmp_path / "backups"), backup_passphrase_file=str(tmp_path / "passphrase")
    )
    monkeypatch.setattr(app.extensions["house"], "settings", settings)
    work.settings = settings
    return tmp_path / "backups"


def test_the_system_page_makes_a_backup_and_tells_its_age(set_up, app, world, client, work, clock):
    sign_in(client, world.people["system"])
    assert "现在备份" in client.get("/twt/machine").text
    shown = client.post("/twt/machine/backup", data=with_token(client, "/twt/machine")).headers["Location"]
    with app.app_context():
        assert run_next(opener("worker"), "w", threading.Event())
    page = client.get(shown).text
    (file,) = set_up.iterdir()
    assert file.name in page
    assert "试着恢复过" in page
    assert "0 / 1" not in page
    assert "，刚刚" in client.get("/twt/machine").text
    assert content.check(file, PASSPHRASE)["database"] == work.session.get_bind().dialect.name
    clock.advance(hours=3)
    work.now = clock.now()
    work.session.rollback()
    (told,) = (sign for sign in signs(work) if sign.name == "backup")
    assert (told.value.endswith("，3 小时前"), told.advice) == (True, "")


def test_what_is_missing_is_said(work, set_up, tmp_path):
    (tmp_path / "passphrase").write_text("short")
    with pytest.raises(Refused, match="至少 12 位"):
        regular.make(work)
    (tmp_path / "passphrase").unlink()
    with pytest.raises(Refused, match="passphrase"):
        regular.make(work)
    work.settings = replace(work.settings, backup_dir="")
    with pytest.raises(Refused, match="BACKUP_DIR"):
        regular.make(work)


def test_old_backups_are_thinned_out_and_strangers_left_alone(tmp_path, clock):
    now = clock.now()
    for hours in range(0, 24 * 500, 6):
        at = local(now - timedelta(hours=hours))
        (tmp_path / at.strftime(regular.PATTERN)).touch()
    (tmp_path / "notes.txt").touch()
    for old in regular.outlived(tmp_path, now, 30):
        old.unlink()
    left = sorted(path.name for path in tmp_path.glob("*.backup"))
    assert (tmp_path / "notes.txt").exists()
    assert 8 + 28 + 11 <= len(left) <= 9 + 29 + 13
    assert regular.outlived(tmp_path, now, 30) == []
    assert len(regular.outlived(tmp_path, now + timedelta(days=4000), 30)) == len(left) - 3
