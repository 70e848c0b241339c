"""What was counted is not counted again, and whatever a count depends on makes it count anew."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from nte.columns import Table
from nte.settings import Settings
from nte.tables.counts import COUNTED, NIGHT_COUNTS, NIGHTS
from nte.tables.deliveries import VERDICTS
from nte.tables.records import LEDGER, RECORDS
from nte.warehouse import Warehouse, open_warehouse
from tests.spec.test_revisions import crime
from tests.transforms.test_purge import AREA, NOW, counted_home
from transforms.steps import Counted, count_nights

LATER = NOW + timedelta(hours=1)


def all_of(home: Settings, *tables: Table) -> list[pl.DataFrame]:
    with open_warehouse(home) as warehouse:
        return [warehouse.read(table).sort(pl.all()) for table in tables]


def test_a_count_of_what_was_counted_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    home = counted_home(tmp_path)
    before = (tmp_path / "journal" / "state.json").read_text()
    done = count_nights(home, AREA, LATER)
    assert (tmp_path / "journal" / "state.json").read_text() == before
    assert done == Counted(n_records=3, n_revisions_new=0, n_nights_unknown=done.n_nights_unknown)
    with open_warehouse(home) as warehouse:
        warehouse.remove(COUNTED, "true", [])
    assert count_nights(home, AREA, LATER) == done


def one_more_record(warehouse: Warehouse) -> None:
    warehouse.append(RECORDS, pl.DataFrame([crime("A-3", 1, row_number=3)], schema=RECORDS.schema))


def a_record_less(warehouse: Warehouse) -> None:
    warehouse.remove(RECORDS, "record_id = ?", ["B-1"])


def another_verdict(warehouse: Warehouse) -> None:
    first = warehouse.read(VERDICTS, "delivery_id = 'd1'").with_columns(verdict=pl.lit("rejected"))
    warehouse.merge(VERDICTS, first)


@pytest.mark.parametrize("change", [one_more_record, a_record_less, another_verdict])
def test_what_a_count_depends_on_makes_it_count_anew(
    change: Callable[[Warehouse], None], tmp_path: Path
) -> None:
    home = counted_home(tmp_path)
    before = all_of(home, NIGHT_COUNTS, LEDGER)
    with open_warehouse(home) as warehouse:
        change(warehouse)
    count_nights(home, AREA, LATER)
    after = all_of(home, NIGHT_COUNTS, LEDGER)
    assert not all(rows.equals(earlier) for rows, earlier in zip(after, before, strict=True))
    with open_warehouse(home) as warehouse:
        warehouse.remove(COUNTED, "true", [])
    count_nights(home, AREA, LATER)
    for ours, anew in zip(after, all_of(home, NIGHT_COUNTS, LEDGER), strict=True):
        assert ours.equals(anew)


def test_a_night_that_has_closed_and_a_row_that_has_gone_are_counted_anew(tmp_path: Path) -> None:
    home = counted_home(tmp_path)
    [nights, fates] = all_of(home, NIGHTS, LEDGER)
    with open_warehouse(home) as warehouse:
        warehouse.remove(LEDGER, "fate = ?", ["counted"])
    count_nights(home, AREA, LATER)
    assert all_of(home, LEDGER)[0].equals(fates)
    count_nights(home, AREA, NOW + timedelta(days=1))
    assert all_of(home, NIGHTS)[0].height == nights.height + 1
