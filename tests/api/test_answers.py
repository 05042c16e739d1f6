"""Answers: once, tagged, paged, counted; the same for what is foreign and what is not there."""

import threading

import pytest
from sqlalchemy import select

from app.kernel import limits
from app.kernel.limits import MINUTE, Limit, LimitCounter
from app.kernel.once import DoneForm
from app.league.joining.models import Decision, JoinRequest
from app.surfaces.api.document import document
from tests import factories as make
from tests.security.site import digest


def test_a_decision_sent_twice_is_made_once(phone_app, world, session, vault) -> None:
    request = make.join_request(session, vault, world.branch_b1)
    app, ruling = phone_app(world.people["college_c"]), {"verdict": "approve", "version": 1}
    place = f"/applications/{request.public_id}/decisions"
    first, second = (app("POST", place, ruling, key="k" * 20) for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert len(session.scalars(select(Decision)).all()) == 1
    other = app("POST", place, {**ruling, "version": 2}, key="k" * 20)
    assert (other.status_code, other.json["type"]) == (422, "urn:tuanwutong:problem:idempotency-key")
    assert app("POST", place, ruling).status_code == 409
    stranger = phone_app(world.people["city_a"])
    assert stranger("POST", place, ruling, key="k" * 20).status_code == 409, "a key is its sender's alone"


def test_sent_at_the_same_moment_it_is_made_once_and_answered_alike(phone_app, world, session, vault) -> None:
    request = make.join_request(session, vault, world.branch_b1)
    apps = [phone_app(world.people["college_c"]) for _ in range(4)]
    session.commit()
    body, path, got = {"verdict": "approve", "version": 1}, f"/applications/{request.public_id}/decisions", []
    start = threading.Barrier(len(apps))

    def send(app) -> None:
        start.wait()
        answer = app.client.application.test_client().post(
            f"/api/v1{path}", json=body,
            headers={"Idempotency-Key": "k" * 20, "Authorization": app.client.environ_base["HTTP_AUTHORIZATION"]},
        )  # fmt: skip
        got.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=send, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in got} == {201}
    assert len({text for _, text in got}) == 1
    assert len(session.scalars(select(Decision)).all()) == 1


def test_what_was_refused_may_be_sent_again_under_its_key(phone_app, world, session, vault) -> None:
    request = make.join_request(session, vault, world.branch_b1)
    app, path = phone_app(world.people["college_c"]), f"/applications/{request.public_id}/pass"
    assert app("POST", path, {"version": 9, "note": "请看"}, key="k" * 20).status_code == 409
    assert session.scalars(select(DoneForm)).all() == []
    assert app("POST", path, {"version": 1, "note": "请看"}, key="k" * 20).status_code == 200


@pytest.mark.embedded
def test_an_unchanged_answer_is_not_sent_again(phone_app, world) -> None:
    app = phone_app(world.people["youth"])
    tag = app("GET", "/draft").headers["ETag"]
    same = app("GET", "/draft", If_None_Match=tag)
    assert (same.status_code, same.data) == (304, b"")
    app("PATCH", "/draft", {"name": "林晓春"})
    assert app("GET", "/draft", If_None_Match=tag).status_code == 200
    assert app("GET", "/draft").headers["Cache-Control"] == "no-store"
    assert app("GET", "/draft", Authorization="", If_None_Match=tag).status_code == 401


def test_pages_of_a_list_are_the_whole_list(phone_app, world, session, vault) -> None:
    rows = [make.join_request(session, vault, world.branch_b1).public_id for _ in range(7)]
    app, seen, after = phone_app(world.people["school_s"]), [], ""
    while after is not None:
        page = app("GET", f"/queue?size=3&after={after}").json
        seen += [row["id"] for row in page["items"]]
        after = page["next_after"]
    assert seen == rows


@pytest.mark.embedded
def test_foreign_and_unknown_are_one_answer(phone_app, world, session, vault) -> None:
    request = make.join_request(session, vault, world.branch_b1)
    app = phone_app(world.people["school_t"])
    acts = {
        "": None, "/decisions": {"verdict": "approve", "version": 1}, "/pass": {"version": 1, "note": "请看"},
        "/placement": {"branch": world.branch_t1.public_id}, "/reopening": {"version": 1, "reason": "请看"},
        "/number": {"reason": "核对身份"},
    }  # fmt: skip
    for act, body in acts.items():
        told = []
        for public_id in (request.public_id, "A" * 22):
            answer = app("POST" if body else "GET", f"/applications/{public_id}{act}", body)
            told.append((answer.status_code, {**answer.json, "instance": ""}))
        assert told[0] == told[1], act
        assert told[0][0] == 404
    for filtered in ("/queue", "/figures"):
        assert app("GET", f"{filtered}?organisation={world.branch_b1.public_id}").status_code == 404
    assert app("GET", f"/queue?after={request.public_id}").status_code == 404
    assert session.get(JoinRequest, request.id).state == "submitted"


@pytest.mark.embedded
def test_reading_changes_nothing_but_the_count_of_requests(phone_app, world, session, vault) -> None:
    make.join_request(session, vault, world.branch_b1)
    session.commit()
    app = phone_app(world.people["school_s"])
    before = digest(session)
    for path, ways in document()["paths"].items():
        if "get" in ways and "{" not in path:
            assert app("GET", path).status_code in (200, 400, 404)
    after = digest(session)
    assert [table for table in after if after[table] != before[table]] == ["limit_counters"]


@pytest.mark.embedded
def test_who_asks_too_often_is_told_when_to_ask_again(phone_app, world, session, clock, monkeypatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "api.token", Limit(((30, MINUTE),)))
    app = phone_app(world.people["youth"])
    told = [app("GET", "/draft") for _ in range(31)]
    assert [answer.status_code for answer in told] == [200] * 30 + [429]
    assert told[0].headers["RateLimit-Policy"] == '"api.token";q=30;w=60'
    assert [answer.headers["RateLimit"].split(";")[1] for answer in told[::10]] == ["r=29", "r=19", "r=9", "r=0"]
    assert 0 < int(told[30].headers["Retry-After"]) <= 60
    assert phone_app(world.people["other_youth"])("GET", "/draft").status_code == 200
    counted = session.scalars(select(LimitCounter.used).where(LimitCounter.name == "api.token")).all()
    assert sorted(counted) == [10, 30], "ten at a time"
    clock.advance(minutes=1)
    assert app("GET", "/draft").status_code == 200


@pytest.mark.embedded
def test_every_operation_is_told_with_its_gate_its_answers_and_an_example() -> None:
    told = document()
    assert told["openapi"] == "3.1.0"
    for path, ways in told["paths"].items():
        for method, known in ways.items():
            assert known["summary"], path
            assert {"400", "429", "503"} <= known["responses"].keys(), path
            assert ("401" in known["responses"]) == bool(known["security"]), path
            assert method != "post" or known["parameters"][-1]["name"] == "Idempotency-Key", path
            body = known.get("requestBody")
            assert body is None or "example" in body["content"]["application/json"], path
