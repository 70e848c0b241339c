"""Of equal versions the later delivery wins: by when it is known, its name's date, and when it was taken; never a hash."""

import shutil
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from nte.progress import Look, Step, say_done
from nte.tables.counts import NIGHT_COUNTS
from nte.warehouse import open_warehouse
from tests.expectations.house import DAY, House, csv_text, police_row
from transforms.steps import count_nights
from transforms.versions import current_versions, ranked

NOW = datetime(2026, 3, 27, 9, tzinfo=UTC)
EVENING = DAY - timedelta(days=1)


def take(house: House, now: datetime = NOW) -> int:
    """Take what is in the inbox; return the police count of Derby's night."""
    house.check("police", now)
    house.conform()
    count_nights(house.settings, house.area, now)
    where = "evening = ? AND centre_code = 'derby' AND source = 'police' AND definition = 'nte-violence'"
    with open_warehouse(house.settings) as warehouse:
        return int(warehouse.read(NIGHT_COUNTS, where, [EVENING])["n_incidents"][0])


@pytest.mark.parametrize("n_days", [6, pytest.param(25, marks=pytest.mark.campaign)])
def test_a_correction_under_the_same_name_and_version_counts_whatever_its_hash(
    n_days: int, house: House
) -> None:
    """Each day has a hash of its own: about half of the corrections sort before what they correct."""
    days = [DAY - timedelta(days=n) for n in range(n_days)]
    first = {day: [police_row(10 * i + n, day) for n in range(3)] for i, day in enumerate(days)}
    for day, rows in first.items():
        house.put_day("police", rows, day)
    assert take(house) == 3
    for day, rows in first.items():
        house.put_day("police", [row | {"status": "cancelled"} for row in rows], day)
    assert take(house) == 0
    where = "source = 'police' AND is_covered AND definition = 'nte-violence'"
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(NIGHT_COUNTS, where)["n_incidents"].sum() == 0


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_later_name_wins_in_any_order_of_taking(order: tuple[int, ...], house: House) -> None:
    """Three daily files bring the same version: in force, cancelled, in force, by their names' dates."""
    for n in order:
        status = "cancelled" if n == 1 else "recorded"
        house.put_day(
            "police", [police_row(1, status=status, victim_age_band=f"{n}")], DAY + timedelta(days=n)
        )
        if n == order[0]:
            house.check("police", NOW + timedelta(days=1))
            house.conform()
    house.check("police", NOW + timedelta(days=1))
    house.conform()
    count_nights(house.settings, house.area, NOW + timedelta(days=1))
    where = "evening = ? AND centre_code = 'derby' AND definition = 'nte-violence'"
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.read(NIGHT_COUNTS, where, [EVENING])["n_incidents"].sum() == 1


def test_a_record_of_a_later_delivery_wins_whatever_it_is_called() -> None:
    records = pl.DataFrame(
        {
            "source": "police", "record_id": "A", "record_version": 1, "known_at": NOW, "row_number": 1,
            "delivery_id": ["b", "a"], "is_withdrawn": [False, True],
        }
    )  # fmt: skip
    for order in (["a", "b"], ["b", "a"]):
        (truth,) = current_versions(ranked(records, pl.DataFrame({"delivery_id": order}))).rows(named=True)
        assert truth["delivery_id"] == order[-1]


def test_the_highest_version_wins_before_any_order_of_deliveries(house: House) -> None:
    house.put_day("police", [police_row(1, record_version="2", status="cancelled")])
    take(house)
    later = date(2026, 3, 26)
    house.put(f"police_{later}.csv", csv_text([police_row(1, record_version="1")]))
    assert take(house) == 0


def done(house: House, morning: date, at: datetime) -> None:
    """Say that the nights of a morning were judged."""
    instant = house.area.clock.morning_of(morning)
    with open_warehouse(house.settings) as warehouse:
        say_done(warehouse, Step.JUDGE, [Look(instant, instant, "")], at)


KNOWN = [
    # morning done, when, taken at, known at
    (None, None, "2026-03-27 09:00", "2026-03-25 06:00"),
    (date(2026, 3, 24), "2026-03-24 09:00", "2026-03-27 09:00", "2026-03-25 06:00"),
    (date(2026, 3, 25), "2026-03-25 09:00", "2026-03-25 11:00", "2026-03-25 11:00"),
    (date(2026, 3, 26), "2026-03-26 09:00", "2026-03-27 09:00", "2026-03-27 09:00"),
    (date(2026, 3, 26), "2026-04-26 09:00", "2026-03-27 09:00", "2026-03-25 06:00"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("morning", "done_at", "taken_at", "known_at"), KNOWN)
def test_a_delivery_is_known_from_its_morning_unless_that_was_done(
    morning: date | None, done_at: str | None, taken_at: str, known_at: str, house: House
) -> None:
    if morning and done_at:
        done(house, morning, at(done_at))
    house.put_day("police", [police_row()])
    house.check("police", at(taken_at))
    assert house.deliveries()["known_at"].to_list() == [at(known_at)]


LOADS = {
    ("02-01", "03-18"): False,
    ("03-20", "03-24"): True,
    ("03-01", "03-24"): True,
    ("03-23", "03-24"): True,
}


def test_a_history_load_over_nights_that_are_known_is_a_correction(house: House) -> None:
    for n in range(8):
        day = DAY - timedelta(days=n)
        house.put_day("police", [police_row(n, day)], day)
    house.check("police", NOW)
    house.conform()
    names = {f"police_2026-{first}_2026-{last}.csv": known for (first, last), known in LOADS.items()}
    for n, name in enumerate(names):
        house.put(name, csv_text([police_row(100 + n, date(2026, 3, 18))]))
    house.check("police", NOW)
    known_at = dict(house.deliveries().select("file_name", "known_at").iter_rows())
    assert {name: known_at[name] == NOW for name in names} == names


def test_what_was_decided_when_it_was_taken_outlives_the_warehouse(house: House) -> None:
    done(house, DAY, NOW)
    house.put_day("police", [police_row()])
    house.check("police", NOW)
    house.conform()
    before = house.deliveries()
    house.settings.warehouse_file.unlink()
    shutil.rmtree(house.settings.journal)
    house.put_day("police", [police_row()])
    house.check("police", NOW + timedelta(days=5))
    house.conform()
    assert house.deliveries().equals(before)
