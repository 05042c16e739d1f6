"""Three classes of fields: free ones change at once, locked and reviewed ones by a correction somebody else decides."""

from datetime import date

import pytest
from sqlalchemy import select

from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.league.organisations import counters
from app.league.people import corrections, editing, history
from app.league.people.fields import FIELDS, EditClass
from app.league.people.models import CorrectionState, Membership, PersonChange, Standing
from app.league.people.protect import open_id_number, open_phone
from tests import factories as make
from tests.people.files import file_at


@pytest.fixture
def file(work, world):
    """The youth's file at branch B1."""
    row = file_at(work, world.branch_b1)
    world.people["youth"].person_id = row.id
    work.session.flush()
    return row


def asking(acting, file, name="name", new="王晓明", who="youth"):
    return corrections.ask(acting(who), file, name, new, "身份证上是这样写的")


def deciding(acting, row, *, approve=True, reason="核对了身份证原件", who="school_s", version=None):
    unit = acting(who)
    corrections.decide(unit, unit.viewer, row, approve=approve, reason=reason, version=version or row.version)


def test_the_dictionary_locks_what_the_league_locks():
    locked = {name for name, field in FIELDS.items() if field.edit is EditClass.LOCKED}
    assert {"name", "id_type", "id_number", "birth_date", "joined_league_on"} <= locked
    assert {FIELDS[name].edit for name in ("phone", "ethnicity", "education")} == {EditClass.FREE}


def test_free_fields_change_at_once_with_history_and_word_to_the_owner(work, world, acting, file):
    phone, before = make.phone(), file.version
    editing.edit(acting("secretary_b1"), file, {"phone": phone, "occupation": " 会计学 "}, version=before)
    assert (open_phone(work.vault, file), file.occupation, file.version) == (phone, "会计学", before + 1)
    kept = {row.field: row for row in history.changes_of(work.session, file.id)}
    assert set(kept) == {"phone", "occupation"}
    assert phone not in kept["phone"].new
    assert history.read(work.vault, "phone", kept["phone"].new) == phone


def test_a_form_cannot_reach_what_is_not_free(acting, file):
    before = {name: getattr(file, name) for name in ("name", "birth_date", "standing", "org_path", "verified")}
    typed = dict.fromkeys([*FIELDS, "org_path", "state", "verified", "version", "id"], "2000-01-01")
    typed.update(
        ethnicity="汉", education="大学本科", native_place="山西", phone="", joined_league_at="", occupation=""
    )
    editing.edit(acting("secretary_b1"), file, typed, version=file.version)
    assert {name: getattr(file, name) for name in before} == before


def test_all_wrong_fields_are_named_at_once_and_nothing_changes(work, acting, file):
    with pytest.raises(Invalid) as caught:
        editing.edit(acting("youth"), file, {"phone": "123", "ethnicity": "火星", "occupation": "好"}, version=1)
    assert set(caught.value.errors) == {"phone", "ethnicity"}
    assert file.occupation == "会计"


def test_the_second_of_two_editors_is_told(acting, file):
    seen = file.version
    editing.edit(acting("youth"), file, {"occupation": "学生"}, version=seen)
    with pytest.raises(Conflict):
        editing.edit(acting("secretary_b1"), file, {"occupation": "教师"}, version=seen)
    assert file.occupation == "学生"


def test_an_approved_correction_changes_the_file_and_says_so_in_its_history(work, acting, file):
    row = asking(acting, file)
    assert file.name == "王小明"
    deciding(acting, row)
    assert (file.name, file.name_key, row.state) == ("王晓明", "王晓明", CorrectionState.APPROVED)
    [change] = history.changes_of(work.session, file.id)
    assert (change.field, change.old, change.new, change.cause) == ("name", "王小明", "王晓明", "correction")


def test_a_refused_one_changes_nothing_and_needs_a_reason(acting, file):
    row = asking(acting, file)
    with pytest.raises(Invalid):
        deciding(acting, row, approve=False, reason="  ")
    deciding(acting, row, approve=False, reason="证件上仍是原来的字")
    assert (file.name, row.state) == ("王小明", CorrectionState.REFUSED)
    asking(acting, file)


def test_nobody_decides_what_he_asked_or_what_is_about_himself(work, world, acting, file):
    row = asking(acting, file, who="school_s")
    with pytest.raises(Refused):
        deciding(acting, row, who="school_s")
    world.people["city_a"].person_id = (own := file_at(work, world.branch_b1)).id
    about_me = asking(acting, own, who="secretary_b1")
    with pytest.raises(Refused):
        deciding(acting, about_me, who="city_a")
    deciding(acting, row, who="city_a")


def test_one_open_request_for_each_field(acting, file):
    row = asking(acting, file)
    with pytest.raises(Conflict):
        asking(acting, file, new="王小敏")
    asking(acting, file, "joined_league_on", "2020-06-01")
    corrections.withdraw(acting("youth"), row)
    asking(acting, file, new="王小敏")


def test_of_two_deciders_one_wins_and_the_other_learns_who(work, acting, file):
    row = asking(acting, file)
    seen = row.version
    deciding(acting, row, who="college_c", version=seen)
    with pytest.raises(Conflict) as caught:
        deciding(acting, row, who="school_s", approve=False, version=seen)
    assert caught.value.by == "管理college_c"
    assert row.state is CorrectionState.APPROVED


def test_a_withdrawn_one_is_not_decided_and_only_its_asker_withdraws(acting, file):
    row = asking(acting, file)
    with pytest.raises(NotFound):
        corrections.withdraw(acting("secretary_b1"), row)
    corrections.withdraw(acting("youth"), row)
    with pytest.raises(Conflict):
        deciding(acting, row)


@pytest.mark.parametrize(
    ("name", "new", "reason", "wrong"),
    [
        ("phone", "13900010001", "换了", "field"),
        ("org_path", "x", "换了", "field"),
        ("name", "王小明", "换了", "new"),
        ("name", "1", "换了", "new"),
        ("name", "王晓明", " ", "reason"),
        ("id_number", "149999200605170011", "换了", "new"),
    ],
)
def test_what_a_request_must_say(name, new, reason, wrong, acting, file):
    with pytest.raises(Invalid) as caught:
        corrections.ask(acting("youth"), file, name, new, reason)
    assert set(caught.value.errors) == {wrong}


def test_asking_for_a_number_says_nothing_of_others_and_deciding_says_the_same_words(work, world, acting, file):
    taken_here, taken_far = make.id_number(), make.id_number()
    file_at(work, world.branch_b2, number=taken_here)
    file_at(work, world.branch_t1, number=taken_far)
    said = []
    for number in (taken_here, taken_far):
        row = asking(acting, file, "id_number", number)
        with pytest.raises(Refused) as caught, work.session.begin_nested():
            deciding(acting, row)
        said.append(caught.value.text)
        work.session.refresh(row)
        corrections.withdraw(acting("youth"), row)
    assert said[0] == said[1]
    assert world.branch_t1.name not in said[0]


def test_a_new_document_number_brings_birth_date_and_sex(work, acting, file):
    number = make.id_number(date(2005, 3, 1), male=False)
    deciding(acting, asking(acting, file, "id_number", number))
    assert (open_id_number(work.vault, file), file.birth_date, file.sex) == (number, date(2005, 3, 1), "2")
    assert number not in str([(c.old, c.new) for c in work.session.scalars(select(PersonChange))])
    assert {c.field for c in history.changes_of(work.session, file.id)} >= {"id_number", "birth_date"}


def test_a_birth_date_against_the_document_is_not_written(acting, file):
    row = asking(acting, file, "birth_date", "2001-01-01")
    with pytest.raises(Refused):
        deciding(acting, row)


def test_a_correction_of_standing_moves_figures_and_membership(work, world, acting, file):
    deciding(acting, asking(acting, file, "standing", "超龄青年"))
    figures = counters.figures_of(work.session, [world.school_s.path])[world.school_s.path]
    assert (figures["people"], figures["member"], figures["over_age_youth"]) == (1, 0, 1)
    assert file.standing is Standing.OVER_AGE_YOUTH
    assert work.session.scalars(select(Membership)).one().until_on == make.TODAY
