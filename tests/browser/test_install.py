"""The site as an app on the phone: it can be installed, says so when there is no network, and keeps nobody's page."""

import json
import re
from collections.abc import Callable
from io import BytesIO

from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Page, expect

from tests.helpers import sign_in
from tests.world import World

CONTROLLED = """async () => {
  const worker = navigator.serviceWorker;
  const taken = new Promise(resolve => worker.addEventListener('controllerchange', resolve, {once: true}));
  await worker.ready;
  if (!worker.controller) await taken;
  return true;
}"""
"""Waits in the page itself: a condition asked again and again as text is refused by the content policy."""
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) {
      const answer = await (await caches.open(name)).match(request);
      found.push([new URL(request.url).pathname + new URL(request.url).search, await answer.text()]);
    }
  return found;
}"""


def at_home(page: Page, make_client: Callable[[], FlaskClient], world: World, site: str) -> None:
    """Sign the youth in, walk through pages with personal data, and wait for the worker."""
    cookie = sign_in(make_client(), world.people["youth"]).get_cookie("signin")
    page.context.add_cookies([{"name": "signin", "value": cookie.value, "url": site}])
    page.goto("/jia")
    assert page.evaluate(CONTROLLED)
    for address in ("/jia", "/jia/security", "/inbox", "/jia/msg", "/"):
        page.goto(address)


def test_without_a_network_the_page_says_so_and_comes_back(open_page, make_client, world, site) -> None:
    page = open_page(390, worker=True)
    at_home(page, make_client, world, site)
    page.context.set_offline(True)
    page.goto("/jia/security?from=here")
    expect(page.get_by_role("heading", name="现在没有网络")).to_be_visible()
    assert page.url.endswith("/jia/security?from=here")
    assert page.evaluate("document.styleSheets[0].cssRules.length") > 50
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="账号安全")).to_be_visible()


def test_no_cache_holds_anything_of_anybody(open_page, make_client, world, site) -> None:
    page = open_page(390, worker=True)
    at_home(page, make_client, world, site)
    kept = dict(page.evaluate(KEPT))
    assert "/offline" in kept
    others = kept.keys() - {"/offline"}
    assert others
    assert [address for address in others if not re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{10}", address)] == []
    name = world.people["youth"].name
    assert [
        address for address, text in kept.items() if name in text or ("csrf" in text and address == "/offline")
    ] == []
    page.get_by_role("button", name="退出").first.click()
    page.wait_for_url("**/")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_what_a_phone_is_told(client: FlaskClient) -> None:
    front = client.get("/").text
    address = re.search(r'<link rel="manifest" href="([^"]+)">', front)
    assert address
    told = json.loads(client.get(address[1]).data)
    assert (told["display"], told["lang"]) == ("standalone", "zh-CN")
    assert client.get(told["start_url"]).status_code == 303
    for icon in told["icons"]:
        with client.get(icon["src"]) as answer, Image.open(BytesIO(answer.data)) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    worker = client.get("/service-worker.js")
    assert worker.mimetype == "text/javascript"
    assert "Set-Cookie" not in worker.headers


def test_asking_for_the_worker_takes_no_message_from_its_page(make_client, world) -> None:
    """The browser asks with the visit's cookie; what is to be said on the next page must still be there."""
    browser = sign_in(make_client(), world.people["youth"])
    with browser.session_transaction() as visit:
        visit["_flashes"] = [("message", "已保存")]
    browser.get("/service-worker.js")
    assert "已保存" not in browser.get("/offline").text
    assert "已保存" in browser.get("/jia").text
