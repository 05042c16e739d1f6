"""The file as of a day, rebuilt backwards, is what a film of it shows."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.clock import local_date
from app.league.people import editing, history
from tests import factories as make
from tests.people.files import file_at

VALUES = {
    "occupation": st.sampled_from(["学生", "会计", "教师", ""]),
    "ethnicity": st.sampled_from(["01", "03", "11"]),
    "phone": st.sampled_from(["13900010001", "13900010002", "13900010003"]),
    "native_place": st.sampled_from(["山西朔州", "山西大同"]),
}
CHANGES = st.lists(st.tuples(st.integers(0, 30), st.fixed_dictionaries({}, optional=VALUES)), min_size=1, max_size=12)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_day_is_as_the_film_shows_it(work, world, acting, changes):
    unit = acting("secretary_b1")
    unit.now = start = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
    work.now = start
    file = file_at(work, world.branch_b1)
    film = {local_date(start): history.present(unit, file)}
    for hours, typed in changes:
        unit.now += timedelta(hours=hours)
        editing.edit(unit, file, typed, version=file.version)
        film[local_date(unit.now)] = history.present(unit, file)
    shown = film[local_date(start)]
    for day in range((local_date(unit.now) - local_date(start)).days + 2):
        date = local_date(start) + timedelta(days=day)
        shown = film.get(date, shown)
        assert history.as_of(unit, file, date) == shown
    assert history.as_of(unit, file, local_date(start) - timedelta(days=1)) is None


def test_the_history_speaks_to_people_and_masks_numbers(work, world, acting):
    file = file_at(work, world.branch_b1, phone="13900010001")
    editing.edit(acting("secretary_b1"), file, {"phone": "13900010002", "ethnicity": "03"}, version=file.version)
    said = {line.label: (line.old, line.new, line.cause, line.by) for line in history.lines(work, file)}
    assert said == {
        "手机号": ("139****0001", "139****0002", "修改", "管理secretary_b1"),
        "民族": ("汉族", "回族", "修改", "管理secretary_b1"),
    }


def test_a_day_ends_in_shanghai():
    assert history.end_of(make.TODAY) == datetime(2026, 4, 22, 15, 59, 59, 999999, tzinfo=UTC)
