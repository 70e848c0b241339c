"""One hospital falls silent inside a source that goes on: its centres are unknown, the others are judged."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from tests.expectations.house import House, Row, ae_row, csv_text
from transforms.coverage import Account
from transforms.site_coverage import Morning, silent_mornings
from transforms.steps import count_nights

SUNDAY = date(2026, 3, 22)
"""The morning of the delivery without a hospital; Chesterfield has a quarter of all rows."""
TEXTS = {"RTG": "The Iron Otter", "RFS": "The Velvet Falcon"}
CENTRES = {"RTG": "derby", "RFS": "chesterfield"}


def rows_of(day: date, n_derby: int, n_chesterfield: int, first: int = 0) -> list[Row]:
    """Attendances of the night before `day`, at both hospitals."""
    sites = ["RTG"] * n_derby + ["RFS"] * n_chesterfield
    return [
        ae_row(day.toordinal() * 1000 + first + n, day, site_code=site, place_text=TEXTS[site])
        for n, site in enumerate(sites)
    ]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with nine nights of history and three good mornings."""
    house = House(Settings(home=tmp_path / "home", inbox=tmp_path / "home" / "inbox"), derbyshire())
    start, last = SUNDAY - timedelta(days=13), SUNDAY - timedelta(days=4)
    days = [start + timedelta(days=n) for n in range(1, 10)]
    history = [row for day in days for row in rows_of(day, 30, 10)]
    house.put(f"ae_{start}_{last}.csv", csv_text(history, "ae"))
    for days_before in (3, 2, 1):
        day = SUNDAY - timedelta(days=days_before)
        house.put_day("ae", rows_of(day, 30, 10), day)
    return house


def known(house: House, now: date, evening: date, site: str) -> list[tuple[date, int | None]]:
    """What was known of the night of a site's centre: morning and count, None for unknown."""
    at = datetime.combine(now, datetime.min.time(), UTC) + timedelta(hours=9)
    house.check("ae", at)
    house.conform("ae")
    count_nights(house.settings, house.area, at)
    with open_warehouse(house.settings) as warehouse:
        rows = warehouse.read(
            NIGHT_COUNT_REVISIONS,
            "source = 'ae' AND evening = ? AND centre_code = ?",
            [evening, CENTRES[site]],
        )
    return [(r["known_at"].date(), r["n_incidents"]) for r in rows.sort("known_at").iter_rows(named=True)]


def test_the_centres_of_a_silent_hospital_are_unknown_and_the_others_judged(house: House) -> None:
    house.put_day("ae", rows_of(SUNDAY, 32, 0), SUNDAY)
    saturday = SUNDAY - timedelta(days=1)
    assert known(house, SUNDAY, saturday, "RFS") == [(SUNDAY, None)]
    assert known(house, SUNDAY, saturday, "RTG") == [(SUNDAY, 32)]


def test_the_nights_before_the_silence_stay_known(house: House) -> None:
    house.put_day("ae", rows_of(SUNDAY, 32, 0), SUNDAY)
    friday = SUNDAY - timedelta(days=2)
    assert known(house, SUNDAY, friday, "RFS")[-1] == (SUNDAY - timedelta(days=1), 10)


def test_a_later_delivery_with_the_hospitals_rows_heals_the_night(house: House) -> None:
    monday, saturday = SUNDAY + timedelta(days=1), SUNDAY - timedelta(days=1)
    house.put_day("ae", rows_of(SUNDAY, 32, 0), SUNDAY)
    house.put_day("ae", [*rows_of(monday, 15, 5), *rows_of(SUNDAY, 0, 11, first=500)], monday)
    assert known(house, monday, saturday, "RFS") == [(SUNDAY, None), (monday, 11)]


def test_a_straggler_does_not_heal_the_night(house: House) -> None:
    monday, saturday = SUNDAY + timedelta(days=1), SUNDAY - timedelta(days=1)
    house.put_day("ae", rows_of(SUNDAY, 40, 0), SUNDAY)
    house.put_day("ae", [*rows_of(monday, 15, 5), *rows_of(SUNDAY, 2, 1, first=500)], monday)
    assert known(house, monday, saturday, "RFS") == [(SUNDAY, None)]


def test_both_hospitals_in_files_of_their_own_are_no_silence(house: House) -> None:
    house.put(f"ae_{SUNDAY}.csv", csv_text(rows_of(SUNDAY, 32, 0), "ae"))
    start = SUNDAY - timedelta(days=1)
    house.put(f"ae_{start}_{start}.csv", csv_text(rows_of(SUNDAY, 0, 9, first=500), "ae"))
    assert known(house, SUNDAY, SUNDAY - timedelta(days=1), "RFS") == [(SUNDAY, 9)]


def morning(day: int, n_rtg: int, n_rfs: int, *, is_history: bool = False) -> Morning:
    at = datetime(2026, 3, day, 6, tzinfo=UTC)
    return Morning(at, (Account(at - timedelta(days=1), at, at),), is_history, {"RTG": n_rtg, "RFS": n_rfs})


def silent_days(mornings: list[Morning], site: str) -> list[int]:
    return [silence.morning.known_at.day for silence in silent_mornings(mornings, site)]


HISTORY = morning(1, 750, 250, is_history=True)


@pytest.mark.parametrize(
    ("n_rtg", "n_rfs", "site", "days"),
    [
        (12, 0, "RFS", []),  # a quiet Tuesday can leave a quarter out
        (29, 0, "RFS", []),
        (30, 0, "RFS", [2]),
        (40, 3, "RFS", []),  # few, but chance can do that
        (60, 2, "RFS", [2]),  # implausibly few
        (0, 6, "RTG", []),
        (0, 7, "RTG", [2]),
        (0, 0, "RFS", []),  # a quiet night is quiet everywhere
    ],
)
def test_a_morning_is_held_against_the_sites_usual_share(
    n_rtg: int, n_rfs: int, site: str, days: list[int]
) -> None:
    assert silent_days([HISTORY, morning(2, n_rtg, n_rfs)], site) == days


def test_small_mornings_are_taken_together_until_they_are_enough() -> None:
    mornings = [HISTORY, *(morning(day, 12, 0) for day in (2, 3, 4, 5)), morning(6, 10, 3)]
    assert silent_days(mornings, "RFS") == [4, 5]


def test_a_silence_does_not_teach_that_the_site_is_small() -> None:
    mornings = [HISTORY, *(morning(day, 40, 0) for day in range(2, 20))]
    assert silent_days(mornings, "RFS") == list(range(2, 20))


def test_a_history_without_a_hospital_is_unknown_for_its_centres() -> None:
    assert silent_days([morning(1, 750, 0, is_history=True)], "RFS") == [1]


def test_nothing_is_said_before_the_share_is_known() -> None:
    assert silent_days([morning(1, 100, 50), morning(2, 45, 0)], "RFS") == []
