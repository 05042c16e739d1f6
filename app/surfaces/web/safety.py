"""Production with unsafe settings does not start; it says why in one sentence."""

import os

from flask import Flask

from app.surfaces.web.house import House


class Unsafe(SystemExit):
    """Start-up refused."""


def check(app: Flask) -> None:
    """Raises Unsafe naming the first setting that is not fit for real data."""
    settings = (here := app.extensions["house"]).settings
    assert isinstance(here, House)
    if not settings.production:
        return
    instance = settings.instance_dir
    faults = (
        (app.debug, "生产环境不能打开调试模式 (FLASK_DEBUG)"),
        (not settings.trusted_hosts, "请用 TRUSTED_HOSTS 写明本站域名"),
        (not settings.public_origin.startswith("https://"), "PUBLIC_ORIGIN 必须以 https:// 开头"),
        (not settings.secure_cookies, "请打开 SECURE_COOKIES"),
        (settings.sms_adapter == "demonstration", "SMS_ADAPTER 不能是 demonstration"),
        (settings.password_cost < 19456, "PASSWORD_COST 不能低于 19456"),
        (instance.exists() and bool(instance.stat().st_mode & 0o007), f"{instance.name} 文件夹不能让其他用户访问"),
        ((instance / "demonstration").exists(), "这个实例装的是演示数据，不能用于生产"),
        (serving() and not app.config["SECRET_KEY"], "请先运行 flask --app wsgi init 生成密钥"),
    )
    for wrong, sentence in faults:
        if wrong:
            raise Unsafe(f"没有启动：{sentence}。")


def serving() -> bool:
    """Whether pages are to be answered, and not one of the commands run: ``init`` has to start without keys."""
    return os.environ.get("FLASK_RUN_FROM_CLI") != "true"
