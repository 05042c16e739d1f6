"""When too many come at once: a place in line, what was typed kept, pages from memory, nobody more than his share."""

import re

import pytest

from app.surfaces.web import arrival, fairness
from app.surfaces.web.arrival import Lateness, NotingPool
from tests.helpers import sign_in, with_token

pytestmark = pytest.mark.embedded
TYPED = "会计 20184 班，<b>学习委员</b>"


@pytest.fixture
def waits(monkeypatch):
    """Let requests wait so many seconds for a thread."""
    monkeypatch.setattr(arrival._here, "waited", 0.0, raising=False)
    return lambda seconds: setattr(arrival._here, "waited", seconds)


@pytest.fixture
def crowd(app, clock, waits):
    """Fifty people wait, and requests two seconds; returns a way to let the crowd go home."""
    fill(app, clock, 50)
    waits(2.0)

    def go_home() -> None:
        clock.advance(seconds=91)
        waits(0.0)

    return go_home


@pytest.fixture
def form(client, world):
    """What a youth sends with the last step of an application."""
    sign_in(client, world.people["youth"])
    return with_token(client, "/jia/security", statement=TYPED)


@pytest.fixture
def late(monkeypatch):
    """The process was late a moment ago."""
    monkeypatch.setattr(arrival.lateness, "lately", lambda: 2.0)


def fields_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.split("<main")[-1]))


def line_of(app):
    return app.extensions["waiting_line"]


def fill(app, clock, people: int) -> None:
    for _ in range(people):
        line_of(app).join(clock.now().timestamp())


def test_a_visitor_of_a_full_evening_gets_a_place_and_comes_in_when_it_is_his_turn(app, client, clock, crowd):
    asked = client.get("/jia/start")
    assert asked.status_code == 503
    assert int(asked.headers["Retry-After"]) >= 3
    assert '<span data-figure="ahead">50</span>' in asked.text
    assert re.search(r'http-equiv="refresh" content="\d+;url=/waiting"', asked.text)
    assert client.get("/").status_code == 200, "the news stand in no line"
    assert client.get("/waiting").status_code == 503
    crowd()
    turn = client.get("/waiting")
    assert (turn.status_code, turn.location) == (303, "/jia/start")
    fill(app, clock, 50)
    assert client.get("/jia/start").status_code == 200, "let in, however many came since"


def test_too_many_let_in_are_put_off_without_losing_their_turn(client, crowd, waits):
    client.get("/jia/start")
    crowd()
    assert client.get("/waiting").status_code == 303
    waits(2.0)
    assert client.get("/jia/start").status_code == 503
    waits(0.5)
    assert client.get("/jia/start").status_code == 200


def test_who_comes_while_others_wait_does_not_overtake_them(app, client, clock):
    fill(app, clock, 50)
    assert client.get("/jia/start").status_code == 503


def test_a_form_sent_in_the_crowd_is_sent_on_by_one_press(client, form, crowd):
    asked = client.post("/jia/apply/check", data=form)
    assert asked.status_code == 503
    assert "20184" not in asked.text, "it travels sealed"
    crowd()
    turn = client.get("/waiting")
    assert turn.status_code == 200
    assert 'action="/jia/apply/check"' in turn.text
    back = fields_of(turn.text)
    assert back["statement"] == TYPED.replace("<", "&lt;").replace(">", "&gt;")
    assert client.post("/jia/apply/check", data=back).status_code not in (400, 503)


def test_a_form_too_long_for_a_cookie_stays_in_the_page(client, form, crowd):
    asked = client.post("/jia/apply/check", data={**form, "statement": "很长" * 1000})
    assert fields_of(asked.text)["statement"] == "很长" * 1000
    assert "http-equiv" not in asked.text
    assert len(asked.headers["Set-Cookie"]) < 4000


def test_a_password_is_never_kept(client, crowd):
    asked = client.post("/login", data={"phone": "13900018888", "password": "不该留下的密码"})
    assert "请再填一次" in asked.text
    crowd()
    turn = client.get("/waiting")
    assert "接着办" in turn.text
    assert "不该留下的密码" not in asked.text + turn.text


def test_what_was_typed_is_shown_to_nobody_who_signs_in_after(client, world, form, crowd):
    client.post("/jia/apply/check", data=form)
    crowd()
    sign_in(client, world.people["other_youth"])
    client.get("/help")
    turn = client.get("/waiting")
    assert "20184" not in turn.text
    assert client.get("/waiting").location == "/", "and is gone"


def test_when_the_line_is_full_too_one_is_asked_to_come_back(app, client, clock, crowd):
    fill(app, clock, 2048 - 50)
    asked = client.get("/jia/start")
    assert (asked.status_code, asked.headers["Retry-After"]) == (503, "120")
    assert "现在人太多了" in asked.text


def test_with_htmx_the_form_stays_in_its_page(client, crowd):
    asked = client.post("/jia/account", data={"phone": "13900018888"}, headers={"HX-Request": "true"})
    assert (asked.status_code, asked.headers["HX-Retarget"]) == (503, "#problem")
    assert "<html" not in asked.text
    assert "没有丢" in asked.text


def test_a_page_many_ask_for_is_drawn_once_and_a_rare_one_always(client, monkeypatch):
    drawn = []
    monkeypatch.setattr("app.surfaces.portal.home.page", lambda *_a, **_v: drawn.append(1) or "帮助")
    for _ in range(30):
        answer = client.get("/help")
        assert (answer.status_code, answer.text) == (200, "帮助")
    assert len(drawn) == 8
    assert client.get("/help", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    client.get("/privacy")
    client.get("/privacy")
    assert len(drawn) == 10


def test_a_page_kept_in_memory_is_for_visitors_alone(client, make_client, world):
    for _ in range(30):
        client.get("/help")
    reader = sign_in(make_client(), world.people["school_s"])
    assert world.people["school_s"].name not in client.get("/help").text
    assert reader.get("/help").headers["Cache-Control"] == "no-store"
    assert "退出" in reader.get("/help").text


def test_one_greedy_client_is_refused_and_the_others_are_served(app, client, make_client, late, monkeypatch):
    monkeypatch.setattr(fairness, "_client", lambda: (fairness.request.headers.get("X-Who", "other"), 0.05))
    shares = app.extensions["shares"]
    shares.take("greedy", 0.05, 1.0, fairness.time.monotonic())
    refused = client.get("/jia/start", headers={"X-Who": "greedy"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert "操作太快" in refused.text
    assert make_client().get("/jia/start").status_code == 200


def test_a_share_comes_back_with_time():
    shares = fairness.Shares()
    shares.take("a", 0.05, 1.0, 100.0)
    assert shares.overdrawn("a", 0.05, 105.0)
    assert not shares.overdrawn("a", 0.05, 111.0)


def test_nobody_is_refused_while_nobody_has_to_wait(app, client):
    shares = app.extensions["shares"]
    shares.take("127.0.0.1", fairness.ADDRESS, 1000.0, fairness.time.monotonic())
    assert client.get("/jia/start").status_code == 200


def test_the_pool_tells_how_long_a_request_stood_in_line():
    with NotingPool(max_workers=1) as pool:
        pool.submit(lambda: fairness.time.sleep(0.05))
        assert pool.submit(arrival.waited).result() >= 0.04
    lateness = Lateness()
    lateness.note(0.2)
    lateness.note(0.1)
    assert lateness.lately() == 0.2


def test_the_front_narrows_while_requests_wait(app, client, clock, late):
    fill(app, clock, 6)
    clock.advance(seconds=1)
    assert client.get("/jia/start").status_code == 503, "the seventh would have come in"


def test_who_stands_far_behind_asks_seldom(app, client, clock, crowd):
    near = client.get("/jia/start").headers["Retry-After"]
    fill(app, clock, 1000)
    client.delete_cookie("waiting")
    assert int(client.get("/jia/start").headers["Retry-After"]) > int(near) >= 3
