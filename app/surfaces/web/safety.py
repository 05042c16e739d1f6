"""Production with unsafe settings does not start; it says why in one sentence."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from app.config import Settings
from app.league.wechat.crypto import KEY
from app.surfaces.web.house import House

WECHAT = "公众号要写全 WECHAT_APP_SECRET、WECHAT_TOKEN 和 43 位字母数字的 WECHAT_AES_KEY，地址用 https://"


class Unsafe(SystemExit):
    """Start-up refused."""


def check(app: Flask) -> None:
    """Raises Unsafe naming the first setting that is not fit for real data."""
    settings = (here := app.extensions["house"]).settings
    assert isinstance(here, House)
    if not settings.production:
        return
    instance = settings.instance_dir
    hosts = [host.strip().lstrip(".") for host in settings.trusted_hosts.split(",")]
    faults = (
        (app.debug, "生产环境不能打开调试模式 (FLASK_DEBUG)"),
        (not settings.trusted_hosts, "请用 TRUSTED_HOSTS 写明本站域名"),
        (not settings.public_origin.startswith("https://"), "PUBLIC_ORIGIN 必须以 https:// 开头"),
        (
            urlsplit(settings.public_origin).hostname not in hosts,
            "TRUSTED_HOSTS 里要有 PUBLIC_ORIGIN 的域名，发出的链接才打得开",
        ),
        (not settings.secure_cookies, "请打开 SECURE_COOKIES"),
        (settings.sms_adapter == "demonstration", "SMS_ADAPTER 不能是 demonstration"),
        (bool(settings.wechat_app_id) and not _wechat_safe(settings), WECHAT),
        (settings.password_cost < 19456, "PASSWORD_COST 不能低于 19456"),
        (_open_to_others(instance, 0o007), f"{instance.name} 文件夹不能让其他用户访问"),
        (_open_to_others(settings.key_file, 0o077), f"密钥文件 {settings.key_file.name} 的权限过宽，请改为 600"),
        ((instance / "demonstration").exists(), "这个实例装的是演示数据，不能用于生产"),
        (serving() and not app.config["SECRET_KEY"], "请先运行 flask --app wsgi init 生成密钥"),
    )
    for wrong, sentence in faults:
        if wrong:
            raise Unsafe(f"没有启动：{sentence}。")


def _wechat_safe(settings: Settings) -> bool:
    """Whether the callback is signed and encrypted, and WeChat's servers are asked over HTTPS."""
    secrets = settings.wechat_app_secret and settings.wechat_token and KEY.fullmatch(settings.wechat_aes_key)
    return bool(secrets) and settings.wechat_api.startswith("https://") and settings.wechat_pages.startswith("https://")


def serving() -> bool:
    """Whether pages are to be answered, and not one of the commands run: ``init`` has to start without keys."""
    return os.environ.get("FLASK_RUN_FROM_CLI") != "true"


def _open_to_others(path: Path, bits: int) -> bool:
    return path.exists() and bool(path.stat().st_mode & bits)
