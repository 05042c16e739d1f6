"""The audit page: sentences, inside one's own subtree, found by who, what and when."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.kernel.audit import queries
from app.kernel.audit.record import record
from app.kernel.db.unit import writing
from app.kernel.work import Actor
from app.league.joining.spot_checks import HASTY
from app.parts import know_all
from app.surfaces.tuanwutong.audit_words import label_of
from tests.helpers import sign_in, with_token


@pytest.fixture
def told(world, session, work, clock):
    know_all()
    for number, where in enumerate((world.branch_b1, world.branch_t1, world.school_s)):
        work.actor = Actor("web", 1, f"某某{number}", "branch_secretary")
        work.now = clock.now() - timedelta(days=number)
        with writing(session):
            record(
                work, "organisations:organisation:rename", "organisation", where.public_id, org_path=where.path,
                reason=f"理由{number}", changes={"name": ("旧名", f"新名{number}"), "phone": (None, "13900010001")},
            )  # fmt: skip
    return world


def read(client, query: str = "") -> str:
    return client.get(f"/twt/audit{query}").get_data(as_text=True)


def test_an_administrator_reads_what_happened_below_and_nothing_beside(told, client):
    text = read(sign_in(client, told.people["school_s"]))
    assert "某某0（团支书）" in text
    assert "修改了团组织名称" in text
    assert "理由2" in text
    assert "某某1" not in text
    assert "139****0001" in text
    assert "13900010001" not in text


def test_the_filter_finds_by_name_act_and_day_and_keeps_the_name_out_of_the_address(told, client):
    sign_in(client, told.people["province"])
    answer = client.post("/twt/audit", data=with_token(client, "/twt/audit", who="某某1", day=""))
    assert answer.status_code == 303
    assert "某某1" not in answer.location
    text = client.get(answer.location).get_data(as_text=True)
    assert "理由1" in text
    assert "理由0" not in text
    assert "理由1" in read(client, "?day=2026-04-21")
    assert "理由0" not in read(client, "?day=2026-04-21")
    assert "理由0" not in read(client, "?action=joining:request:approve")


def test_nonsense_in_the_address_is_passed_over(told, client):
    sign_in(client, told.people["province"])
    for after in ("x", "7", "9" * 25):
        assert client.get(f"/twt/audit?who=v1.k1.AAAA&day=never&after={after}&action=no").status_code == 200


def test_an_unknown_day_typed_keeps_the_form(told, client):
    sign_in(client, told.people["province"])
    answer = client.post("/twt/audit", data=with_token(client, "/twt/audit", who="某某1", action="", day="昨天"))
    assert answer.status_code == 422
    assert "某某1" in answer.get_data(as_text=True)


@pytest.mark.parametrize("lately", [queries.LATELY, 110, 30])
def test_a_long_history_is_paged_by_key(lately, told, client, session, work, monkeypatch):
    """Whether all of a page is found among the latest entries or not."""
    monkeypatch.setattr(queries, "LATELY", lately)
    with writing(session):
        for number in range(60):
            for place in (told.city_b, told.city_a):
                record(work, "organisations:organisation:rename", "organisation", org_path=place.path,
                       reason=f"第{number:02d}次")  # fmt: skip
    sign_in(client, told.people["city_b"])
    first = read(client)
    assert first.count("修改了团组织名称</td>") == 50
    after = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert not re.search(r"after=\d+(&|$)", after), "the number of an entry tells how much happens everywhere"
    second = client.get(after).get_data(as_text=True)
    assert "第00次" in second
    assert "第59次" not in second


@pytest.mark.parametrize(("who", "told_of_it"), [("school_s", True), ("college_c", False), ("school_t", False)])
def test_those_above_are_told_who_passes_too_fast(who, told_of_it, world, session, work, client):
    know_all()
    maker = world.people["college_c"]
    work.actor = Actor("web", maker.id, maker.name, "committee_admin")
    with writing(session):
        record(work, HASTY, "account", maker.public_id, org_path=world.college_c.path, changes={"count": (None, 20)})
    text = read(sign_in(client, world.people[who]))
    assert ("审批过快" in text) == told_of_it
    assert (maker.name in read(client, f"?action={HASTY}")) == (who != "school_t")


def test_changes_are_told_in_words_and_never_in_codes(world, session, work, client):
    know_all()
    work.actor = Actor("web", 1, "某某", "committee_admin")
    changes = {
        "kind": (None, "branch"), "role": ("delegate", None), "status": ("open", "closed"),
        "state": ("submitted", "approved"), "ethnicity": ("01", "03"), "roster": (None, 3),
    }  # fmt: skip
    with writing(session):
        record(
            work,
            "organisations:organisation:create",
            "organisation",
            "x",
            org_path=world.school_s.path,
            changes=changes,
        )
    text = read(sign_in(client, world.people["school_s"]))
    told = text[text.index("某某") :]
    for word in ("团支部", "协助审批团干部", "正常", "已撤销", "待审核", "已通过", "汉族", "回族", "花名册人数"):
        assert word in told
    for code in ("branch", "delegate", "submitted", "kind", "roster"):
        assert code not in told[: told.index("</table>")]


def test_every_change_that_is_noted_has_a_name_people_read() -> None:
    noted = set()
    for path in Path("app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "changes" and isinstance(node.value, ast.Dict):
                noted |= {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
    assert {"rows", "count", "state"} <= noted
    assert {name for name in noted if label_of("", name).isascii()} == set()
