"""Production with a setting unfit for real data does not start, and says which."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from app.kernel.vault import Key, Vault
from app.surfaces.web.safety import Unsafe

# What the doors say is the same on both databases.
pytestmark = pytest.mark.embedded

FIT = {
    "production": True,
    "trusted_hosts": "qingnian.example",
    "public_origin": "https://qingnian.example",
    "secure_cookies": True,
    "sms_adapter": "aliyun",
    "password_cost": 19456,
}
UNFIT = [
    ({"trusted_hosts": ""}, "TRUSTED_HOSTS"),
    ({"trusted_hosts": "other.example"}, "TRUSTED_HOSTS"),
    ({"public_origin": "http://qingnian.example"}, "PUBLIC_ORIGIN"),
    ({"public_origin": "https://elsewhere.example"}, "PUBLIC_ORIGIN"),
    ({"secure_cookies": False}, "SECURE_COOKIES"),
    ({"sms_adapter": "demonstration"}, "SMS_ADAPTER"),
    ({"password_cost": 64}, "PASSWORD_COST"),
    ({"wechat_app_id": "wx1", "wechat_app_secret": "s", "wechat_token": "t"}, "WECHAT_AES_KEY"),
    (
        {"wechat_app_id": "wx1", "wechat_app_secret": "s", "wechat_token": "t", "wechat_aes_key": "-" * 43},
        "WECHAT_AES_KEY",
    ),
]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Flask]:
    """Return a starter of production over a good instance, changed as the test says."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    Vault([Key.new("k1")]).save(instance / "keys.json")
    monkeypatch.delenv("FLASK_RUN_FROM_CLI", raising=False)

    def begin(**values: Any) -> Flask:
        return create_app(Settings(instance_dir=instance, **FIT | values))

    return begin


def test_good_settings_start(start: Callable[..., Flask]) -> None:
    assert start().config["SECRET_KEY"]


@pytest.mark.parametrize(("values", "named"), UNFIT, ids=lambda value: str(value))
def test_an_unfit_setting_is_named(start: Callable[..., Flask], values: dict[str, Any], named: str) -> None:
    with pytest.raises(Unsafe, match=named):
        start(**values)


def test_debugging_is_refused(start: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(Unsafe, match="FLASK_DEBUG"):
        start()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_key_file_that_others_may_open(start: Callable[..., Flask], tmp_path: Path, mode: int) -> None:
    (tmp_path / "instance/keys.json").chmod(mode)
    with pytest.raises(Unsafe, match=r"keys\.json.*权限"):
        start()


def test_an_instance_that_others_may_open(start: Callable[..., Flask], tmp_path: Path) -> None:
    (tmp_path / "instance").chmod(0o755)
    with pytest.raises(Unsafe, match=r"instance.*文件夹"):
        start()


def test_no_keys(start: Callable[..., Flask], tmp_path: Path) -> None:
    (tmp_path / "instance/keys.json").unlink()
    with pytest.raises(Unsafe, match="init"):
        start()


def test_demonstration_data(start: Callable[..., Flask], tmp_path: Path) -> None:
    (tmp_path / "instance/demonstration").touch()
    with pytest.raises(Unsafe, match="演示"):
        start()


def test_a_value_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="SESSION_HOURS"):
        Settings.read({"SESSION_HOURS": "twelve"})


def test_every_setting_has_a_variable() -> None:
    assert all(item.metadata["variable"] == item.metadata["variable"].upper() for item in fields(Settings))


def test_production_has_no_demonstration_pages(start: Callable[..., Flask]) -> None:
    answer = start().test_client().get("/demo/messages", base_url="https://qingnian.example")
    assert answer.status_code == 404
