"""The official account as the settings know it."""

from dataclasses import dataclass

from app.config import Settings

DEMONSTRATION_ID = "wx0000demonstration"
DEMONSTRATION_PATH = "/demo/wechat"


@dataclass(frozen=True)
class Official:
    """``aes_key``: empty where messages come in plain. ``fields``: the template's names for matter, result and time."""

    app_id: str
    secret: str
    token: str
    aes_key: str
    template: str
    fields: tuple[str, ...]
    api: str
    pages: str


def official(settings: Settings) -> Official | None:
    """The account; in the demonstration one that a page of the demonstration plays. None: there is no WeChat door."""
    if settings.wechat_app_id:
        return Official(
            settings.wechat_app_id, settings.wechat_app_secret, settings.wechat_token, settings.wechat_aes_key,
            settings.wechat_template, _fields(settings), settings.wechat_api.rstrip("/"), settings.wechat_pages.rstrip("/"),
        )  # fmt: skip
    if settings.demonstration:
        played = settings.public_origin + DEMONSTRATION_PATH
        name = DEMONSTRATION_ID
        return Official(name, name, name, "demonstration".ljust(43, "0"), name, _fields(settings), played, played)
    return None


def _fields(settings: Settings) -> tuple[str, ...]:
    return tuple(name.strip() for name in settings.wechat_template_fields.split(","))
