"""A youth registers by the app, applies, corrects what was returned; a reviewer decides by the app, and undoes."""

from sqlalchemy import select

from app.kernel.audit.models import AuditEntry
from app.kernel.db.unit import writing
from app.league.accounts.models import Account
from app.league.codes import operations as codes
from app.league.joining.models import JoinRequest
from app.league.people.models import Door, Person
from tests import factories as make
from tests.accounts.steps import code_of, texts
from tests.joining.applications import typed, youth

PASSWORD = "汾河边的路灯亮了"


def registered(app, work, phone: str, born: str = "2006-05-17", **more):
    """Register by the app; gives the last answer."""
    assert app("POST", "/registration/codes", {"phone": phone}).status_code == 202
    proof = app("POST", "/registration/proofs", {"phone": phone, "code": code_of(work, phone)}).json
    who = {
        "ticket": proof["ticket"],
        "name": "林晓春",
        "birth_date": born,
        "password": PASSWORD,
        "device": "小林的手机",
    }
    return app("POST", "/registrations", {**who, **more})


def signed_in(app, answer) -> None:
    app.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer.json['token']}"


def test_from_the_first_code_to_the_file(phone_app, world, work, session) -> None:
    young, reviewer, phone = phone_app(), phone_app(world.people["secretary_b1"]), make.phone()
    signed_in(young, registered(young, work, phone, agreed=["terms", "sensitive"]))
    [branch] = young("GET", "/organisations/search?q=会计20184").json["items"]
    facts = typed(joined_league_on="2001-01-01")
    del facts["phone"]  # the account has told it already
    draft = young("PATCH", "/draft", {**facts, "organisation": branch["id"]}).json
    assert draft["facts"]["phone"] == phone
    assert draft["errors"][0]["field"] == "joined_league_on"
    assert not draft["ready"]
    assert young("POST", "/applications", {}).json["errors"] == draft["errors"]
    assert young("PATCH", "/draft", {"joined_league_on": "2021-12-09"}).json["ready"]
    sent = young("POST", "/applications", {"statement": "转学来的"})
    assert sent.status_code == 201
    assert session.scalars(select(JoinRequest.door)).one() is Door.APP
    [waiting] = reviewer("GET", "/queue").json["items"]
    assert waiting["id_number"].endswith(facts["id_number"][-4:])
    assert "****" in waiting["id_number"]
    place = f"/applications/{waiting['id']}"
    ruling = {"verdict": "return", "version": waiting["version"], "reason_key": "3"}
    assert reviewer("POST", f"{place}/decisions", ruling).json["state"] == "returned"
    mine = young("GET", "/applications/mine").json
    assert [item["name"] for item in mine["corrections"]] == ["joined_league_on"]
    beyond = {"version": mine["version"], "facts": {"name": "别人"}}
    assert young("POST", "/applications/mine/correction", beyond).json["errors"][0]["field"] == "facts.name"
    correction = {"version": mine["version"], "facts": {"joined_league_on": "2021-05-04"}}
    assert young("POST", "/applications/mine/correction", correction).json["state"] == "submitted"
    card = reviewer("GET", place).json
    assert [(change["label"], change["new"]) for change in card["changes"]] == [("入团日期", "2021年5月4日")]
    approval = {"verdict": "approve", "version": card["version"]}
    decided = reviewer("POST", f"{place}/decisions", approval).json
    undone = reviewer("POST", f"/decisions/{decided['id']}/undo").json
    assert session.scalars(select(Person.id)).all() == []
    reviewer("POST", f"{place}/decisions", {"verdict": "approve", "version": undone["version"]})
    assert young("GET", "/file").json["organisation"].endswith("会计20184班")
    assert {"name": "id_number", "label": "证件号码", "value": waiting["id_number"]} in young("GET", "/file").json[
        "facts"
    ]
    assert young("POST", "/file/reveals", {"field": "id_number"}).json["value"] == facts["id_number"]
    assert reviewer("GET", "/figures").json["people"] == 1
    session.rollback()
    sources = session.scalars(select(AuditEntry.action).where(AuditEntry.source == "api")).all()
    assert {"accounts:account:register", "joining:request:submit", "joining:request:approve"} <= set(sources)


def test_whoever_has_not_agreed_gets_no_account(phone_app, world, work, session) -> None:
    refused = registered(phone_app(), work, make.phone(), agreed=["terms"])
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "agreed"
    assert session.scalars(select(Account).where(Account.name == "林晓春")).all() == []


def test_a_childs_account_waits_for_the_guardian(phone_app, world, work) -> None:
    app, phone, guardian = phone_app(), make.phone(), make.phone()
    asked = registered(app, work, phone, "2014-03-01", guardian={"name": "林建国", "phone": guardian})
    assert asked.json == {"waits_for_guardian": True, "token": "", "id": ""}
    assert "/guardian/" in texts(work, guardian)[0]
    early = app("POST", "/tokens", {"phone": phone, "password": PASSWORD, "device": "手机"})
    assert (early.status_code, early.json["type"]) == (403, "urn:tuanwutong:problem:guardian")


def test_a_number_that_tells_of_a_child_leads_to_the_guardian(phone_app, world, work) -> None:
    app, phone = phone_app(), make.phone()
    signed_in(app, registered(app, work, phone, agreed=["terms", "sensitive"]))
    child = youth(phone=phone, id_number=make.id_number(make.TODAY.replace(year=2013)))
    draft = app("PATCH", "/draft", {**child, "organisation": world.branch_b1.public_id}).json
    assert [fault["field"] for fault in draft["errors"]] == ["id_number"]
    assert app("POST", "/applications", {}).status_code == 422
    assert app("POST", "/draft/guardian", {"name": "林建国", "phone": make.phone()}).json["waits_for_guardian"]
    assert app("GET", "/draft").status_code == 401


def test_no_answer_tells_whether_a_phone_has_an_account(phone_app, world, work) -> None:
    app, known, unknown = phone_app(), make.phone(), make.phone()
    registered(app, work, known, agreed=["terms", "sensitive"])
    work.session.rollback()
    answers = []
    for phone in (known, unknown):
        wrong = app("POST", "/tokens", {"phone": phone, "password": "不是这个密码", "device": "手机"}).json
        proof = app("POST", "/registration/proofs", {"phone": phone, "code": "000000"}).json
        answers.append([{**told, "instance": ""} for told in (wrong, proof)])
    assert answers[0] == answers[1]


def test_a_class_is_found_by_its_code(phone_app, world, work, session) -> None:
    app = phone_app(world.people["youth"])
    with writing(session):
        world.branch_b1.expected_members = 50
        row = codes.open_code(work, session.merge(world.branch_b1))
    right, wrong = row.code, "999999" if row.code != "999999" else "888888"
    notes = {}
    for code in (right, wrong):
        shown = app("POST", "/draft/class-codes", {"code": code}).json
        notes[code] = shown["note"]
        assert len(shown["items"]) == 5
        assert (world.branch_b1.public_id in [item["id"] for item in shown["items"]]) or code == wrong
    other = next(item["id"] for item in shown["items"])
    missed = app("POST", "/draft/class-choice", {"note": notes[wrong], "organisation": other})
    assert (missed.status_code, missed.json["type"]) == (422, "urn:tuanwutong:problem:class-code-wrong")
    chosen = app("POST", "/draft/class-choice", {"note": notes[right], "organisation": world.branch_b1.public_id}).json
    assert chosen["facts"]["organisation"] == world.branch_b1.public_id
    invited = phone_app(world.people["other_youth"])("POST", "/draft/invitation", {"token": row.token}).json
    assert invited["steps"][0] == {"name": "place", "done": True}
