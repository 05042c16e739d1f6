"""The official account's menu."""

from app.kernel.work import Work
from app.league.wechat import client
from app.league.wechat.official import Official
from app.league.wechat.receiving import CADRE, MEMBER, PROGRESS

MENU = {
    "button": [
        {"type": "click", "name": "我是团员", "key": MEMBER},
        {"type": "click", "name": "我是团干", "key": CADRE},
        {"type": "click", "name": "我的进度", "key": PROGRESS},
    ]
}


def publish(work: Work, known: Official) -> None:
    """Give WeChat the menu. Raises Unavailable when it does not take it."""
    client.send(work, known, "/cgi-bin/menu/create", MENU)
