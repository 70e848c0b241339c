"""From the originals alone: every file comes back, of one name the first before its correction."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from cli.restore_deliveries import restore_deliveries
from nte.errors import MisuseError
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.deliveries import DELIVERIES
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from tests.expectations.house import DAY, House, police_row
from transforms.steps import count_nights

NOW = datetime(2026, 4, 6, 9, tzinfo=UTC)
LOST = ("warehouse", "journal", "lake", "reports")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house that took two days, and a correction of the first under the same name: of the same version."""
    house = House(Settings(home=tmp_path / "home", inbox=tmp_path / "home" / "inbox"), derbyshire())
    days = (
        (DAY, [police_row(1), police_row(2)]),
        (DAY + timedelta(days=1), [police_row(3, DAY + timedelta(days=1))]),
        (DAY, [police_row(1), police_row(2, status="cancelled"), police_row(4)]),
    )
    for n, (day, rows) in enumerate(days):
        house.put_day("police", rows, day, n_rows=len(rows))
        house.check("police", NOW + timedelta(minutes=n))
        house.conform("police")
    count_nights(house.settings, house.area, NOW)
    return house


def known(settings: Settings) -> dict[str, pl.DataFrame]:
    with open_warehouse(settings) as warehouse:
        counts = warehouse.read(NIGHT_COUNT_REVISIONS).sort(pl.all())
        rows = warehouse.read(RECORDS).drop("known_at").sort("record_id", "delivery_id")
        deliveries = warehouse.read(DELIVERIES).drop("taken_at").sort("delivery_id")
    return {"counts": counts, "records": rows, "deliveries": deliveries}


def test_after_a_loss_of_everything_else_the_correction_still_wins(house: House) -> None:
    before, home = known(house.settings), house.settings.home
    names = sorted(path.name for path in (house.settings.accepted / "police").glob("*.csv"))
    assert names == ["police_2026-03-25-2.csv", "police_2026-03-25.csv", "police_2026-03-26.csv"]
    for folder in LOST:
        shutil.rmtree(home / folder, ignore_errors=True)
    taken = restore_deliveries(Console(quiet=True), house.settings, house.area, None, NOW)
    assert [one.n_accepted for one in taken] == [2, 1, 3]
    after = known(house.settings)
    assert [name for name, rows in before.items() if not rows.equals(after[name])] == []
    assert sorted(path.name for path in (house.settings.accepted / "police").glob("*.csv")) == names
    assert not (home / ".restoring").exists()


def test_a_second_time_it_takes_nothing(house: House) -> None:
    console = Console(record=True, width=200, quiet=True)
    before = known(house.settings)
    with open_warehouse(house.settings) as warehouse:
        warehouse.remove(NIGHT_COUNT_REVISIONS, "true", [])  # as after one that was killed before it counted
    assert restore_deliveries(console, house.settings, house.area, None, NOW) == []
    assert known(house.settings)["counts"].equals(before["counts"])


def test_what_came_after_a_backup_is_taken_from_the_folder_of_another_disk(
    house: House, tmp_path: Path
) -> None:
    before = known(house.settings)
    moved = tmp_path / "old disk" / "accepted"
    shutil.copytree(house.settings.accepted, moved)
    fresh = House(Settings(home=tmp_path / "new", inbox=tmp_path / "new" / "inbox"), house.area)
    fresh.put_day("police", [police_row(1), police_row(2)], DAY, n_rows=2)
    fresh.check("police", NOW)
    fresh.conform("police")
    assert len(restore_deliveries(Console(quiet=True), fresh.settings, house.area, moved, NOW)) == 2
    assert known(fresh.settings)["counts"].equals(before["counts"])
    assert len(list(moved.glob("police/*.csv"))) == 3


def test_a_folder_without_originals_is_named(house: House, tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match="no originals here"):
        restore_deliveries(Console(quiet=True), house.settings, house.area, tmp_path / "nowhere", NOW)
