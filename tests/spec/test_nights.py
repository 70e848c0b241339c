"""Which night an instant belongs to: a table that a licensing officer can check."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.areas import derbyshire

CLOCK = derbyshire().clock
LONDON = ZoneInfo("Europe/London")

NIGHTS = [
    ("2026-03-27 17:59:59", None),  # Friday, before opening
    ("2026-03-27 18:00:00", "2026-03-27"),
    ("2026-03-28 00:00:00", "2026-03-27"),  # after midnight is still Friday night
    ("2026-03-28 05:59:59", "2026-03-27"),
    ("2026-03-28 06:00:00", None),
    ("2026-03-29 00:59:59", "2026-03-28"),  # the clocks go forward at 01:00
    ("2026-03-29 02:00:00", "2026-03-28"),
    ("2026-03-29 05:59:59", "2026-03-28"),
    ("2026-10-25 01:30:00", "2026-10-24"),  # the clocks go back: either half past one
    ("2026-10-25 06:00:00", None),
]


@pytest.mark.parametrize(("said", "evening"), NIGHTS)
def test_a_night_runs_from_six_to_six_by_the_local_clock(said: str, evening: str | None) -> None:
    instant = datetime.fromisoformat(said).replace(tzinfo=LONDON).astimezone(UTC)
    assert CLOCK.evening_of(instant) == (date.fromisoformat(evening) if evening else None)


@pytest.mark.parametrize(("evening", "hours"), [("2026-03-28", 11), ("2026-10-24", 13), ("2026-06-06", 12)])
def test_a_night_is_an_hour_shorter_or_longer_when_the_clocks_change(evening: str, hours: int) -> None:
    day = date.fromisoformat(evening)
    assert CLOCK.closes_at(day) - CLOCK.opens_at(day) == timedelta(hours=hours)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CLOCK.evening_of(datetime(2026, 3, 28, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        CLOCK.last_morning(datetime(2026, 3, 28, 1))  # noqa: DTZ001


@given(st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_column_of_instants_agrees_with_one_instant_at_a_time(instant: datetime) -> None:
    frame = pl.DataFrame({"at": [instant]}, schema={"at": pl.Datetime("us", "UTC")})
    assert frame.select(CLOCK.evening_column(pl.col("at"))).item() == CLOCK.evening_of(instant)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_last_morning_is_at_most_a_day_ago(instant: datetime) -> None:
    morning = CLOCK.last_morning(instant)
    assert morning <= instant < morning + timedelta(hours=25)
    assert morning.astimezone(LONDON).hour == 6
