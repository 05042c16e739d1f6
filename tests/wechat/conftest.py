"""The official account of the tests, played by `standin`."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.kernel.work import Work
from app.league.wechat.official import official
from tests.wechat import standin as played
from tests.wechat.standin import Standin


@pytest.fixture
def standin() -> Iterator[Standin]:
    """WeChat's servers."""
    here = Standin()
    yield here
    here.close()


@pytest.fixture
def follow(app: Flask, standin: Standin, monkeypatch: pytest.MonkeyPatch, work: Work) -> Callable[[str], None]:
    """Return what connects the application at an address with WeChat's servers."""

    def connect(origin: str) -> None:
        here = app.extensions["house"]
        settings = replace(
            here.settings, wechat_app_id=played.APP_ID, wechat_app_secret=played.SECRET, wechat_token=played.TOKEN,
            wechat_aes_key=played.AES_KEY, wechat_template=played.TEMPLATE, wechat_api=standin.address,
            wechat_pages=standin.address, public_origin=origin,
        )  # fmt: skip
        monkeypatch.setattr(here, "settings", settings)
        work.settings = settings

    return connect


@pytest.fixture
def account(follow: Callable[[str], None], work: Work):
    """The official account as the application knows it, for a site nobody calls."""
    follow("http://localhost")
    return official(work.settings)
