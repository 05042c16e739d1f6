"""Lists and searches of files end where the scope ends."""

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select, text

from app.kernel.access.powers import Power
from app.kernel.errors import Invalid, NotFound
from app.league.people import name_index, queries
from app.league.people.models import FileState, Person, Standing
from app.league.people.queries import Filter
from app.league.people.search import Wanted, recognise
from tests import factories as make
from tests.people.files import file_at

PLACES = ("branch_b1", "branch_b2", "branch_b3", "branch_t1", "branch_e1")
READERS = ("province", "city_a", "city_b", "school_s", "college_c", "secretary_b1", "secretary_t1", "delegate_c")


def fill(work, world, seed, number=24):
    dice = random.Random(seed)
    for index in range(number):
        standing = dice.choice(list(Standing))
        file_at(
            work, world.orgs[dice.choice(PLACES)], f"王{make.CHARACTERS[index % 22]}明", standing=standing,
            verified=dice.random() < 0.8,
        )  # fmt: skip


def listed(scope, work, chosen, size):
    """All pages, one after the other."""
    found, after = [], None
    while rows := queries.listed(scope, work.session, work.vault, chosen, after=after, size=size):
        found += rows
        after = rows[-1].public_id
    return found


def naive(work, scope, chosen):
    """What the list should hold, told file by file."""
    return {
        file.public_id
        for file in work.session.scalars(select(Person))
        if scope.covers(file.org_path)
        and (chosen.path is None or file.org_path.startswith(chosen.path))
        and (chosen.standing is None or file.standing is chosen.standing)
        and (file.state is chosen.state if chosen.state else file.state is not FileState.CLOSED)
        and (chosen.wanted is None or chosen.wanted.text in file.name_key)
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    who=st.sampled_from(READERS),
    size=st.integers(1, 30),
    standing=st.sampled_from([None, *Standing]),
    state=st.sampled_from([None, *FileState]),
    fragment=st.sampled_from([None, "甲明", "王丙", "没有"]),
)
def test_the_pages_together_are_the_scope_and_no_more(work, world, viewer_of, who, size, standing, state, fragment):
    if not work.session.scalar(select(Person.id).limit(1)):
        fill(work, world, 7)
        work.session.commit()
    scope = viewer_of(who).scope(Power.PEOPLE_READ)
    chosen = Filter(None, standing, state, Wanted("name", fragment) if fragment else None)
    found = listed(scope, work, chosen, size)
    assert len(found) == len({row.public_id for row in found}), "a file stands on two pages"
    assert {row.public_id for row in found} == naive(work, scope, chosen)


def test_a_list_is_in_the_order_of_the_tree(work, world, viewer_of):
    fill(work, world, 3)
    found = listed(viewer_of("province").scope(Power.PEOPLE_READ), work, Filter(), 5)
    keys = [
        work.session.execute(select(Person.org_path, Person.id).where(Person.public_id == row.public_id)).one()
        for row in found
    ]
    assert all(tuple(left) < tuple(right) for left, right in pairwise(keys))


def test_siblings_are_kept_apart_in_lists_and_searches(work, world, viewer_of):
    number, phone = make.id_number(), make.phone()
    mine = file_at(work, world.branch_b1, "欧阳晓明")
    theirs = file_at(work, world.branch_t1, "欧阳晓明", number=number, phone=phone)
    scope = viewer_of("school_s").scope(Power.PEOPLE_READ)
    for typed in ("阳晓", number, phone):
        rows = queries.listed(scope, work.session, work.vault, Filter(wanted=recognise(typed)))
        assert theirs.public_id not in {row.public_id for row in rows}
    assert [row.public_id for row in queries.listed(scope, work.session, work.vault, Filter())] == [mine.public_id]
    with pytest.raises(NotFound):
        queries.by_public_id(scope, work.session, theirs.public_id)
    with pytest.raises(NotFound):
        queries.listed(scope, work.session, work.vault, Filter(path=world.branch_t1.path))
    with pytest.raises(NotFound):
        queries.listed(scope, work.session, work.vault, Filter(), after=theirs.public_id)


@pytest.mark.parametrize("shape", ["name", "number", "small x", "phone", "phone with spaces"])
def test_a_search_finds_inside(shape, work, world, viewer_of):
    number = next(n for k in range(500) if (n := make.id_number(n=k)).endswith("X"))
    phone = make.phone()
    file = file_at(work, world.branch_b2, "欧阳晓明", number=number, phone=phone)
    file_at(work, world.branch_b2, "李四")
    typed = {
        "name": "阳晓", "number": number, "small x": number.lower(), "phone": phone,
        "phone with spaces": f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}",
    }[shape]  # fmt: skip
    scope = viewer_of("college_c").scope(Power.PEOPLE_READ)
    rows = queries.listed(scope, work.session, work.vault, Filter(wanted=recognise(typed)))
    assert [row.public_id for row in rows] == [file.public_id]


@pytest.mark.parametrize("typed", ["", "  ", "149999", "1390001", "1499992006051", "139*", "王5", "139%", "100%"])
def test_half_a_number_finds_nothing_and_says_why(typed):
    with pytest.raises(Invalid) as caught:
        recognise(typed)
    assert set(caught.value.errors) == {"q"}


def test_signs_of_a_pattern_are_letters_of_nobody(work, world, viewer_of):
    file_at(work, world.branch_b1, "王小明")
    scope = viewer_of("province").scope(Power.PEOPLE_READ)
    for typed in ("王%", "王_明", "%明"):
        assert queries.listed(scope, work.session, work.vault, Filter(wanted=Wanted("name", typed))) == []


def test_lists_show_masked_numbers_alone(work, world, viewer_of):
    number, phone = make.id_number(), make.phone()
    file_at(work, world.branch_b1, number=number, phone=phone)
    [row] = queries.listed(viewer_of("province").scope(Power.PEOPLE_READ), work.session, work.vault, Filter())
    assert (row.id_number, row.phone) == (f"{number[:6]}********{number[-4:]}", f"{phone[:3]}****{phone[-4:]}")


def test_every_select_of_a_list_carries_the_scope(engine: Engine, work, world, viewer_of):
    file_at(work, world.branch_b1)
    scope, seen = viewer_of("school_s").scope(Power.PEOPLE_READ), []
    hook = lambda connection, cursor, statement, parameters, context, many: seen.append((statement, parameters))  # noqa: E731
    event.listen(engine, "before_cursor_execute", hook)
    try:
        for wanted in (None, recognise("小明"), recognise(make.phone()), recognise(make.id_number())):
            queries.listed(scope, work.session, work.vault, Filter(wanted=wanted))
    finally:
        event.remove(engine, "before_cursor_execute", hook)
    lists = [(s, p) for s, p in seen if "FROM people" in s]
    assert len(lists) == 4
    for statement, parameters in lists:
        values = parameters.values() if isinstance(parameters, dict) else parameters
        assert "people.org_path >= " in statement
        assert world.school_s.path in list(values)


def test_the_figure_counts_the_scope_once(work, world, viewer_of, session):
    fill(work, world, 5, 12)
    make.appoint(session, world.people["city_a"], world.branch_b1)
    for who in ("province", "city_a", "school_s", "secretary_t1"):
        scope = viewer_of(who).scope(Power.PEOPLE_READ)
        inside = {f.id for f in session.scalars(select(Person)) if scope.covers(f.org_path)}
        assert queries.figure(scope, session, None) == len(inside)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("晓", {"欧阳晓春", "林晓春"}),
        ("晓春", {"欧阳晓春", "林晓春"}),
        ("阳晓春", {"欧阳晓春"}),
        ("春晓", set()),
        ("lxc", {"林晓春"}),
        ("XC", {"欧阳晓春", "林晓春"}),
        ("䶮", {"文䶮"}),
        ("𰻝", {"李𰻝"}),
        ("anna", {"ANNA SMITH"}),
        ("安·马", {"玛丽安·马丁"}),
    ],
)
def test_a_name_is_found_by_any_piece_of_it_and_by_its_initials(work, world, viewer_of, typed, expected):
    for name in ("欧阳晓春", "林晓春", "文䶮", "李𰻝", "ANNA SMITH", "玛丽安·马丁"):
        file_at(work, world.branch_b1, name)
    file_at(work, world.branch_t1, "林晓春")  # beside the scope
    scope = viewer_of("school_s").scope(Power.PEOPLE_READ)
    found = queries.listed(scope, work.session, work.vault, Filter(wanted=recognise(typed)))
    assert sorted(row.name for row in found) == sorted(expected)


@pytest.mark.parametrize("who", ["province", "school_s", "secretary_b1"])
def test_a_name_is_looked_up_in_its_index_alone(work, world, viewer_of, who, engine):
    """No plan walks the table of files, however wide the scope is."""
    scope = viewer_of(who).scope(Power.PEOPLE_READ)
    query = name_index.narrow(select(Person.id), engine.dialect.name, [name_index.tokens_of("晓春")], scope)
    if engine.dialect.name == "postgresql":
        work.session.execute(text("SET enable_seqscan = off"))  # it would read a table as small as this one whole
        work.session.execute(text("SET enable_indexscan = off"))  # and in the order of ids
    statement = query.compile(engine, compile_kwargs={"literal_binds": True})
    verb = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    plan = [str(row[-1]) for row in work.session.execute(text(f"{verb} {statement}".replace(":", "\\:")))]
    assert any("people_names" in line for line in plan), plan
    assert not any(line.startswith("SCAN people") and "VIRTUAL" not in line for line in plan), plan
