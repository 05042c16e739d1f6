"""The public names of rows."""

import pytest

from app.kernel import ids

pytestmark = pytest.mark.embedded


def test_a_name_never_begins_like_an_option_or_a_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["-6bN0dpPIXGzKcZJ3gq1Qw", "_6bN0dpPIXGzKcZJ3gq1Qw", "a-bN0dpPIXGzKcZJ3gq1Qw"])
    monkeypatch.setattr(ids.secrets, "token_urlsafe", lambda size: next(drawn))
    assert ids.new_public_id() == "a-bN0dpPIXGzKcZJ3gq1Qw"


def test_names_are_of_one_length_and_never_the_same() -> None:
    names = {ids.new_public_id() for _ in range(1_000)}
    assert len(names) == 1_000
    assert {len(name) for name in names} == {22}
