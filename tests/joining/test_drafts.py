"""Drafts: nothing typed is lost, nothing is overwritten unasked."""

import pytest

from app.kernel.work import Work
from app.league.joining import drafts, operations
from app.league.joining.models import Draft
from tests.joining.applications import submit
from tests.world import World


def test_a_draft_outlives_everything_but_its_application(work: Work, world: World) -> None:
    account = world.people["youth"].id
    drafts.keep(work, account, "name", {"name": "李"}, version=0)
    work.session.commit()
    work.session.expunge_all()
    assert drafts.load(work, account).typed == {"name": "李"}
    drafts.forget(work, account)
    assert drafts.load(work, account).typed == {}


def test_the_slower_of_two_windows_is_asked(work: Work, world: World) -> None:
    account = world.people["youth"].id
    drafts.keep(work, account, "name", {"name": "李"}, version=0, window="one")
    with pytest.raises(drafts.Overtaken) as overtaken:
        drafts.keep(work, account, "name", {"name": "黎"}, version=0, window="two")
    assert (overtaken.value.stored, overtaken.value.version) == ({"name": "李"}, 1)
    assert drafts.keep(work, account, "name", {"name": "黎"}, version=1, window="two").typed["name"] == "黎"


def test_a_window_does_not_meet_itself(work: Work, world: World) -> None:
    account = world.people["youth"].id
    drafts.keep(work, account, "name", {"name": "李"}, version=0, window="one", done=False)
    assert drafts.keep(work, account, "name", {"name": "李明"}, version=0, window="one").done == ["name"]


def test_the_same_words_twice_are_no_quarrel(work: Work, world: World) -> None:
    account = world.people["youth"].id
    drafts.keep(work, account, "name", {"name": "李"}, version=0, window="one")
    assert drafts.keep(work, account, "name", {"name": "李"}, version=0, window="two").version("name") == 1


def test_windows_on_different_steps_do_not_disturb_each_other(work: Work, world: World) -> None:
    account = world.people["youth"].id
    drafts.keep(work, account, "name", {"name": "李"}, version=0, window="one")
    kept = drafts.keep(work, account, "document", {"id_number": "1"}, version=0, window="two")
    assert kept.typed == {"name": "李", "id_number": "1"}


def test_a_step_keeps_its_own_facts_alone(work: Work, world: World) -> None:
    kept = drafts.keep(work, world.people["youth"].id, "name", {"name": "李", "phone": "1", "standing": "x"}, version=0)
    assert kept.typed == {"name": "李"}


def test_nothing_readable_lies_in_the_table(work: Work, world: World) -> None:
    account = world.people["youth"].id
    drafts.keep(work, account, "document", {"id_number": "149999200605170018"}, version=0)
    assert "149999" not in work.session.get_one(Draft, account).content_sealed


def test_applying_again_starts_from_what_was_sent(work: Work, world: World) -> None:
    account = world.people["youth"]
    request = submit(work, account, world.branch_b1, dues_paid_through="", forgotten=["dues_paid_through"])
    operations.withdraw(work, request)
    contents = drafts.begin_from(work, account.id, request)
    assert contents.next_step() is None
    assert contents.typed["organisation"] == world.branch_b1.public_id
    assert contents.typed["name"] == "李小明"
    assert contents.typed["forgotten"] == ["dues_paid_through"]


def test_only_members_are_asked_about_the_league() -> None:
    assert "league" in drafts.Contents({"political_status": "03"}).steps()
    assert "league" in drafts.Contents({"political_status": "01"}).steps()
    assert "league" not in drafts.Contents({"political_status": "13"}).steps()
