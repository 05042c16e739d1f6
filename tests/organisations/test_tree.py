"""The real tree, the table of kinds, making and finding organisations."""

import pytest
from sqlalchemy import func, select

from app.kernel.access.powers import Power
from app.kernel.access.rules import Reach
from app.kernel.access.scope import Part, Scope
from app.kernel.errors import Invalid, NotFound
from app.league.organisations import counters, operations, queries
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.rules import MAY_STAND_UNDER, may_stand_under
from app.league.organisations.seed import plant_province

WHOLE = Scope.whole(Power.ORGANISATIONS_READ)


def inside(organisation):
    return Scope(Power.ORGANISATIONS_READ, (Part(organisation.path, Reach.SUBTREE),))


@pytest.fixture
def province(work):
    planted = plant_province(work)
    work.session.commit()
    return planted


def test_the_province_is_planted_whole_and_only_once(work, province):
    session = work.session
    plant_province(work)
    kinds = dict(session.execute(select(Organisation.kind, func.count()).group_by(Organisation.kind)).all())
    assert kinds == {Kind.PROVINCE: 1, Kind.CITY: 11, Kind.COUNTY: 117, Kind.UNIVERSITY: 83, Kind.SECTOR: 3}
    coded = session.scalars(
        select(Organisation).where(Organisation.kind == Kind.UNIVERSITY, Organisation.code.is_not(None))
    ).all()
    assert len(coded) == 82
    shuozhou = session.scalars(select(Organisation).where(Organisation.code == "140600")).one()
    assert (shuozhou.name, shuozhou.full_name) == ("共青团朔州市委", "共青团朔州市委员会")
    assert len(queries.children(WHOLE, session, shuozhou)) == 6
    university = queries.search_public(session, "中北大学")[0]
    assert (university.full_name, university.parent_id) == ("共青团中北大学委员会", province.id)


def test_districts_of_one_name_are_told_apart_by_their_city(work, province):
    found = {row.full_name for row in queries.search_public(work.session, "城区") if row.kind is Kind.COUNTY}
    assert {"共青团阳泉市城区委员会", "共青团晋城市城区委员会"} <= found


@pytest.mark.parametrize(
    ("child", "parent", "allowed"),
    [
        (Kind.CITY, Kind.PROVINCE, True),
        (Kind.UNIVERSITY, Kind.PROVINCE, True),
        (Kind.SECTOR, Kind.PROVINCE, True),
        (Kind.ENTERPRISE, Kind.PROVINCE, True),
        (Kind.COUNTY, Kind.PROVINCE, False),
        (Kind.BRANCH, Kind.PROVINCE, False),
        (Kind.COUNTY, Kind.CITY, True),
        (Kind.SCHOOL, Kind.CITY, True),
        (Kind.ENTERPRISE, Kind.CITY, True),
        (Kind.UNIVERSITY, Kind.CITY, True),
        (Kind.CITY, Kind.CITY, False),
        (Kind.PROVINCE, Kind.CITY, False),
        (Kind.SCHOOL, Kind.COUNTY, True),
        (Kind.COLLEGE, Kind.SCHOOL, True),
        (Kind.BRANCH, Kind.SCHOOL, True),
        (Kind.COLLEGE, Kind.ENTERPRISE, False),
        (Kind.BRANCH, Kind.COLLEGE, True),
        (Kind.COLLEGE, Kind.COLLEGE, False),
        (Kind.BRANCH, Kind.GENERAL_BRANCH, True),
        (Kind.GENERAL_BRANCH, Kind.GENERAL_BRANCH, False),
        (Kind.BRANCH, Kind.BRANCH, False),
    ],
)
def test_which_kind_may_stand_under_which(child, parent, allowed):
    assert may_stand_under(child, parent) is allowed


def test_nothing_stands_above_the_province_or_below_a_branch():
    assert not any(Kind.PROVINCE in children for children in MAY_STAND_UNDER.values())
    assert MAY_STAND_UNDER[Kind.BRANCH] == ()
    assert set(MAY_STAND_UNDER) == set(Kind)


def test_a_branch_is_made_with_its_path_full_name_and_audit(work, world):
    row = operations.create(work, world.college_c, Kind.BRANCH, " 会计２０１８６班 ", expected_members=40)
    assert (row.name, row.depth, row.expected_members) == ("会计20186班", 4, 40)
    assert row.path.startswith(world.college_c.path)
    assert len(row.path) == len(world.college_c.path) + 5
    school = operations.create(work, world.city_a, Kind.SCHOOL, "甲市二中团委")
    branch = operations.create(work, school, Kind.BRANCH, "高一1班")
    assert (school.full_name, branch.full_name) == ("共青团甲市二中委员会", "甲市二中 · 高一1班")


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [(Kind.CITY, "丙市", "kind"), (Kind.BRANCH, "会计20184班", "name"), (Kind.BRANCH, "  ", "name"),
     (Kind.BRANCH, "一" * 101, "name"), (Kind.BRANCH, "12345", "name")],
)  # fmt: skip
def test_what_may_not_be_made_says_why_beside_its_field(work, world, kind, name, field):
    with pytest.raises(Invalid) as problem:
        operations.create(work, world.college_c, kind, name)
    assert list(problem.value.errors) == [field]


@pytest.mark.parametrize("fragment", ["朔州", "shuozhou", "szs", "共青团朔州市委", "140600", "朔 州", "SHUOZHOU"])
def test_an_organisation_is_found_by_any_fragment_pinyin_or_initials(work, province, fragment):
    assert "140600" in {row.code for row in queries.search_public(work.session, fragment)}


def test_a_search_for_wildcards_or_nothing_finds_nothing(work, province):
    assert [queries.search_public(work.session, text) for text in ("%", "_", "", " ", "·")] == [[]] * 5


def test_a_staff_search_and_list_know_nothing_of_the_neighbours(work, world):
    for row in world.orgs.values():
        operations.write_names(work.session, row)
    scope = inside(world.school_s)
    names = {row.name for row in queries.search(scope, work.session, "班")}
    assert names == {"会计20184班", "会计20185班"}
    assert queries.search(scope, work.session, "乙市") == []
    assert queries.children(scope, work.session, world.school_t) == []
    with pytest.raises(NotFound):
        queries.by_public_id(scope, work.session, world.school_t.public_id)
    with pytest.raises(NotFound):
        queries.by_public_id(scope, work.session, world.city_a.public_id)
    assert queries.count_in_use(scope, work.session, world.province.path) == 3


def test_renaming_keeps_the_old_name_findable_and_the_names_below_follow(work, world):
    operations.write_names(work.session, world.province)
    operations.rename(work, world.school_s, "甲市师范学院", version=1)
    assert world.branch_b1.full_name == "甲市师范学院 · 会计学院 · 会计20184班"
    assert world.school_s in queries.search_public(work.session, "甲市师范学校")
    with pytest.raises(Exception, match="被别人改过"):
        operations.rename(work, world.school_s, "又一个名字", version=1)


def test_a_loaded_file_counts_as_reviewed_like_one_that_was_applied_for() -> None:
    """已审 is who has a file, 已填 is those and who has an application under way."""
    loaded, applied, waiting = {"people": 30}, {"people": 2, "filled": 2, "approved": 2}, {"filled": 3, "pending": 2}
    assert counters.stages(loaded) == (30, 30)
    assert counters.stages(applied) == (2, 2)
    assert counters.stages(waiting) == (0, 3)
    assert counters.stages({}) == (0, 0)
