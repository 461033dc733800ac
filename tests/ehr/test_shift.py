"""Times move by whole days, and nothing is known of the future."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.ehr.tables.placing import place
from taskkit.ehr.tables.shift import Shift
from taskkit.errors import SourceError

NOW = "2105-12-31 23:59:00"
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)).map(
    lambda when: when.replace(microsecond=0)
)


@given(MOMENTS, st.integers(-40_000, 40_000))
def test_a_time_moves_by_its_patients_days(when: datetime, days: int) -> None:
    assert Shift({7: days}, None)(7, str(when)) == str(when + timedelta(days))


def test_what_comes_after_now_is_not_known() -> None:
    shift = Shift({7: 365}, NOW)
    assert shift(7, "2104-12-31 23:59:00") == NOW
    assert shift(7, "2104-12-31 23:59:01") is None


def test_nothing_is_known_of_strangers_and_of_no_time() -> None:
    shift = Shift({7: 0}, NOW)
    assert shift(8, "2100-01-01 00:00:00") is None
    assert shift(7, None) is None


def test_a_move_off_the_calendar_is_told() -> None:
    with pytest.raises(SourceError, match=r"0001-01-02: moved by -40 days it leaves the calendar"):
        Shift({7: -40}, None)(7, "0001-01-02 00:00:00")


@given(
    st.dictionaries(
        st.integers(1, 50),
        st.lists(st.tuples(MOMENTS, st.integers(1, 20)), min_size=1, max_size=3),
        min_size=1,
    ),
    st.integers(0, 20),
)
def test_placed_patients_are_in_hospital_now_and_others_stay(
    drawn: dict[int, list[tuple[datetime, int]]], wanted: int
) -> None:
    stays = {
        patient: [(str(start), str(start + timedelta(days))) for start, days in spans]
        for patient, spans in drawn.items()
    }
    before = dict.fromkeys(stays, -36_500)
    after = place(stays, before, wanted, "2100-01-01 00:00:00", NOW, Random(1))
    moved = [patient for patient in stays if after[patient] != before[patient]]
    assert after.keys() == before.keys()
    assert len(moved) <= wanted
    for patient in moved:
        start, end = max(stays[patient])
        shift = Shift(after, None)
        assert str(shift(patient, start)) <= NOW < str(shift(patient, end))
        assert str(shift(patient, min(stays[patient])[0])) >= "2100"


def test_as_many_are_placed_as_wanted_whatever_their_order() -> None:
    stays = {n: [(f"2150-03-{n:02} 08:00:00", f"2150-03-{n + 9:02} 08:00:00")] for n in range(1, 9)}
    days = dict.fromkeys(stays, -20_000)
    once = place(stays, days, 3, "2100-01-01 00:00:00", NOW, Random(5))
    again = place(dict(reversed(stays.items())), days, 3, "2100-01-01 00:00:00", NOW, Random(5))
    assert once == again
    assert sum(once[n] != -20_000 for n in stays) == 3
    assert place(stays, once, 3, "2100-01-01 00:00:00", NOW, Random(6)) == once
