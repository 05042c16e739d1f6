"""班级认证码: a window, a rotation, a cap; and answers that say nothing to who guesses."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app.kernel.audit.models import AuditEntry
from app.kernel.errors import Invalid, NotFound, Refused
from app.league.codes import guessing, operations, queries
from app.league.codes.guessing import Said
from app.league.codes.models import ClassCode
from app.league.organisations.models import Kind
from tests import factories as make


@pytest.fixture
def branch(world, session):
    """A class of two."""
    world.branch_b1.expected_members = 2
    session.commit()
    return world.branch_b1


@pytest.fixture
def statements(engine, work):
    """Return what counts the statements something takes."""

    def count(act):
        said = []
        work.session.expunge_all()  # as in a request of its own
        note = lambda *call: said.append(call[2])  # noqa: E731  the same object is taken off again
        event.listen(engine, "before_cursor_execute", note)
        act()
        event.remove(engine, "before_cursor_execute", note)
        return len(said)

    return count


def ask(work, code, branch, person="甲"):
    """Enter a code and point at ``branch``."""
    entered = guessing.enter(work, code, person)
    if entered.said is not Said.CHOOSE:
        return entered
    return guessing.choose(work, entered.note, branch.public_id, person)


def test_a_code_finds_its_class(work, branch):
    code = operations.open_code(work, branch)
    entered = guessing.enter(work, code.code, "甲")
    assert branch.public_id in {place.public_id for place in entered.places}
    answer = guessing.choose(work, entered.note, branch.public_id, "甲")
    assert (answer.said, answer.token) == (Said.RIGHT, code.token)


def test_full_width_digits_and_spaces_are_the_same_code():
    assert guessing.digits(" ４９１ 152 ") == "491152"
    assert guessing.digits("49115") == guessing.digits("49115a") == ""


def test_a_rotated_code_is_told_as_expired_and_the_new_one_works(work, branch):
    old = operations.open_code(work, branch).code
    new = operations.open_code(work, branch).code
    assert ask(work, old, branch).said is Said.EXPIRED
    assert ask(work, new, branch).said is Said.RIGHT


def test_the_window_closes_by_itself(work, branch):
    code = operations.open_code(work, branch, days=3).code
    work.now += timedelta(days=3)
    assert ask(work, code, branch).said is Said.EXPIRED


def test_a_closed_code_lets_nobody_in(work, branch):
    code = operations.open_code(work, branch).code
    operations.close_code(work, branch)
    assert ask(work, code, branch).said is Said.EXPIRED
    with pytest.raises(NotFound):
        operations.close_code(work, branch)


def test_as_many_get_in_as_the_class_expects(work, session, vault, branch):
    code = operations.open_code(work, branch).code
    make.join_request(session, vault, branch)
    assert ask(work, code, branch).said is Said.RIGHT
    make.join_request(session, vault, branch)
    assert ask(work, code, branch).said is Said.FULL


def test_another_class_s_code_is_wrong_here(work, world, branch):
    code = operations.open_code(work, branch).code
    assert ask(work, code, world.branch_b2).said is Said.WRONG


def test_no_answer_tells_whether_a_code_is_in_use(work, branch):
    code = operations.open_code(work, branch).code
    unused = "100000" if code != "100000" else "100001"
    hit, miss = guessing.enter(work, code, "甲"), guessing.enter(work, unused, "乙")
    assert (hit.said, len(hit.places)) == (miss.said, len(miss.places)) == (Said.CHOOSE, guessing.SHOWN)
    assert guessing.enter(work, code, "丙").places == hit.places
    assert guessing.enter(work, unused, "丁").places == miss.places


def test_five_misses_end_it_for_a_person_and_nobody_else(work, branch):
    code = operations.open_code(work, branch).code
    unused = "100000" if code != "100000" else "100001"
    said = [guessing.enter(work, unused, "甲").said for _ in range(6)]
    assert said == [Said.CHOOSE] * 5 + [Said.LOCKED]
    assert ask(work, code, branch, "甲").said is Said.LOCKED
    assert ask(work, code, branch, "乙").said is Said.RIGHT


def test_the_choice_belongs_to_who_typed_the_code(work, branch):
    code = operations.open_code(work, branch).code
    note = guessing.enter(work, code, "甲").note
    assert guessing.choose(work, note, branch.public_id, "乙").said is Said.WRONG
    assert guessing.choose(work, "不是凭据", branch.public_id, "甲").said is Said.WRONG


def test_without_a_number_there_is_no_code(work, world):
    with pytest.raises(Invalid) as caught:
        operations.open_code(work, world.branch_b2)
    assert "expected_members" in caught.value.errors
    operations.expect(work, world.branch_b2, 20)
    operations.open_code(work, world.branch_b2)


def test_only_a_branch_has_a_code(work, world):
    with pytest.raises(Refused):
        operations.open_code(work, world.school_s)


def test_digits_are_free_again_when_the_window_is_over(work, session, branch):
    row = operations.open_code(work, branch, days=1)
    session.commit()
    work.now += timedelta(days=2)
    assert operations.expire(work) == 1
    session.refresh(row)
    assert (row.end_reason, queries.running(session, branch.id)) == ("expired", None)


def test_every_step_is_on_record(work, session, branch):
    operations.open_code(work, branch)
    operations.open_code(work, branch)
    operations.close_code(work, branch)
    session.flush()
    told = session.scalars(
        select(AuditEntry.action).where(AuditEntry.object_type == "branch_code").order_by(AuditEntry.id)
    )
    assert list(told) == ["codes:class:open", "codes:class:rotate", "codes:class:close"]
    digits = session.scalars(select(ClassCode.code)).all()
    assert not any(code in str(row.changes) for code in digits for row in session.scalars(select(AuditEntry)))


def test_the_five_stay_when_the_tree_grows(work, session, vault, world, branch):
    for _ in range(40):
        make.organisation(session, Kind.BRANCH, world.school_s)
    session.commit()
    codes = [f"{n}" for n in range(200_000, 200_010)]
    before = {code: {place.public_id for place in guessing.enter(work, code, code).places} for code in codes}
    make.organisation(session, Kind.BRANCH, world.school_s)
    session.commit()
    after = {code: {place.public_id for place in guessing.enter(work, code, code).places} for code in codes}
    assert sum(len(before[code] & after[code]) for code in codes) >= 5 * len(codes) - 2


def test_right_and_wrong_and_expired_cost_the_same(work, session, world, branch, statements):
    expired = operations.open_code(work, branch).code
    live = operations.open_code(work, branch).code
    unused = next(code for code in ("100000", "100001", "100002") if code not in (live, expired))
    kinds = {code: statements(lambda code=code: guessing.enter(work, code, code)) for code in (live, unused, expired)}
    assert kinds[live] == kinds[unused] == kinds[expired]
    notes = {code: guessing.enter(work, code, code) for code in (live, unused)}
    wrong = {
        code: statements(lambda code=code, note=note: guessing.choose(work, note.note, world.branch_b2.public_id, code))
        for code, note in notes.items()
    }
    assert wrong[live] == wrong[unused]


def test_what_is_left_to_a_person_tells_nothing(work, branch):
    """Whoever tries five codes may try no sixth, in use or not."""
    code = operations.open_code(work, branch).code
    assert [guessing.enter(work, code, "甲").said for _ in range(6)] == [Said.CHOOSE] * 5 + [Said.LOCKED]


def test_the_second_wrong_choice_ends_it(work, world, branch):
    code = operations.open_code(work, branch).code
    entered = guessing.enter(work, code, "甲")
    said = [guessing.choose(work, entered.note, world.branch_b2.public_id, "甲").said for _ in range(2)]
    assert said == [Said.WRONG, Said.LOCKED]
    assert guessing.choose(work, entered.note, branch.public_id, "甲").said is Said.LOCKED


def test_the_fifth_try_may_still_be_the_right_one(work, branch):
    code = operations.open_code(work, branch).code
    for _ in range(4):
        guessing.enter(work, "100001" if code != "100001" else "100002", "甲")
    assert ask(work, code, branch).said is Said.RIGHT
