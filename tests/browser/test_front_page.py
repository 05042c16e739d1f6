"""The front page at its heaviest, every column full and every picture as large as it may be: as light as its foot says."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.notices.categories import CATEGORIES
from app.league.notices.models import Audience
from app.surfaces.portal.weight import FIRST_VISIT
from tests import factories as make
from tests.world import World

SHIFT = """new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; })
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 300);
})"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_first_visit_is_as_light_as_the_foot_of_the_page_says_and_nothing_jumps(
    width: int, open_page: Callable[..., Page], world: World, session: Session, vault: Vault, settings
) -> None:
    session.info["settings"] = settings
    for category in CATEGORIES:
        for number in range(8):
            notice = make.notice(
                session,
                world.province,
                world.people["publisher"],
                audience=Audience.PORTAL,
                category=category.key,
                title=f"第{number}项：" + "各级团组织按时完成" * 3,
                body="请各级团组织按时完成。" * 30,
            )
            make.notice_image(session, vault, notice, fullest=True)
    session.commit()
    page = open_page(width)
    inspector = page.context.new_cdp_session(page)
    inspector.send("Network.enable")
    sizes: list[float] = []
    inspector.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/", wait_until="networkidle")
    assert len(sizes) >= 4, "the page with its style and scripts"
    assert sum(sizes) <= FIRST_VISIT * 1024, [round(size) for size in sizes]
    assert page.evaluate(SHIFT) <= 0.02
    assert f"不超过 {FIRST_VISIT} KB" in page.locator("footer").inner_text()
