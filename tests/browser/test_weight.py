"""A first visit is light: what an old phone on a slow network has to fetch."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tests import factories as make
from tests.world import World

MOST_BYTES = 60 * 1024


@pytest.mark.parametrize("address", ["/", "/jia/start"])
def test_a_first_visit_transfers_at_most_60_kilobytes(
    address: str, open_page: Callable[..., Page], world: World, session: Session
) -> None:
    for _ in range(8):
        make.notice(session, world.province, world.people["publisher"], body="请各级团组织按时完成。" * 30)
    session.commit()
    page = open_page(390)
    inspector = page.context.new_cdp_session(page)
    inspector.send("Network.enable")
    sizes: list[float] = []
    inspector.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    assert len(sizes) >= 4, "the page with its style and scripts"
    assert sum(sizes) <= MOST_BYTES
