"""What retention removes, and what it must not change."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.deliveries import DELIVERIES, VERDICTS
from nte.tables.records import LEDGER, PURGES, RECORDS
from nte.tables.slices import HOUR_PROFILE, SLICE_COUNTS
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from tests.spec.test_revisions import FRIDAY, MORNINGS, crime
from transforms.steps import count_nights, purge_originals, purge_records

AREA = derbyshire()
NOW = MORNINGS[-1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return counted_home(tmp_path)


def counted_home(folder: Path) -> Settings:
    """Return a home with two nights of records, Friday's and Saturday's, one delivery a morning, counted."""
    home = Settings(home=folder)
    saturday = crime(
        "B-1", 2, night=FRIDAY + timedelta(days=1), occurred_at=datetime(2026, 3, 28, 23, tzinfo=UTC)
    )
    records = [crime("A-1", 1), crime("A-2", 1, row_number=2), saturday]
    deliveries = [
        {
            "delivery_id": f"d{n + 1}", "source": "police", "file_name": f"{n}.csv", "sha256": "", "n_bytes": 0,
            "taken_at": known, "known_at": known, "covers_from_at": known - timedelta(days=1), "covers_to_at": known,
            "is_history": False, "n_declared": None, "is_conformed": True,
        }
        for n, known in enumerate(MORNINGS)
    ]  # fmt: skip
    verdicts = [
        {
            "delivery_id": d["delivery_id"], "file_name": d["file_name"], "verdict": "accepted", "decided_at": NOW,
            "n_rows": n_rows, "n_accepted": n_rows, "n_quarantined": 0, "n_warnings": 0, "summary": "",
        }
        for d, n_rows in zip(deliveries, (2, 1, 0, 0, 0), strict=True)
    ]  # fmt: skip
    with open_warehouse(home) as warehouse:
        warehouse.append(RECORDS, pl.DataFrame(records, schema=RECORDS.schema))
        warehouse.append(DELIVERIES, pl.DataFrame(deliveries, schema=DELIVERIES.schema))
        warehouse.append(VERDICTS, pl.DataFrame(verdicts, schema=VERDICTS.schema))
    count_nights(home, AREA, NOW)
    return home


def read(settings: Settings, table: object) -> pl.DataFrame:
    with open_warehouse(settings) as warehouse:
        return warehouse.read(table).sort(pl.all())  # type: ignore[arg-type]


def test_purged_records_are_gone_and_every_count_stays(settings: Settings) -> None:
    counts, fates = read(settings, NIGHT_COUNT_REVISIONS), read(settings, LEDGER)
    assert purge_records(settings, AREA, FRIDAY + timedelta(days=1), NOW) == 2
    assert read(settings, RECORDS)["record_id"].to_list() == ["B-1"]
    assert pl.read_parquet(settings.lake / "police" / "d1.parquet").height == 0
    count_nights(settings, AREA, NOW)
    assert read(settings, NIGHT_COUNT_REVISIONS).equals(counts)
    assert read(settings, LEDGER).equals(fates)


def test_a_purge_twice_removes_nothing_more(settings: Settings) -> None:
    purge_records(settings, AREA, FRIDAY + timedelta(days=1), NOW)
    done = read(settings, PURGES)
    assert purge_records(settings, AREA, FRIDAY + timedelta(days=1), NOW + timedelta(days=1)) == 0
    assert read(settings, PURGES).equals(done)
    count_nights(settings, AREA, NOW)
    assert read(settings, LEDGER)["n_rows"].sum() == 3


def test_the_ledger_gives_every_row_one_fate(settings: Settings) -> None:
    fates = dict(read(settings, LEDGER).group_by("fate").agg(pl.col("n_rows").sum()).iter_rows())
    assert fates == {"counted": 2, "same_incident": 1}


def test_originals_go_when_their_time_is_over_and_not_before(settings: Settings) -> None:
    kept = settings.accepted / "police" / "police_2026-03-28.csv"
    half = settings.pickup / "police" / "0123.part"
    for original in (kept, half):
        original.parent.mkdir(parents=True)
        original.write_text("as received")
    os.utime(kept, (0, 0))  # the provider's date does not count
    placed = datetime.fromtimestamp(kept.stat().st_ctime, tz=UTC)
    assert (
        purge_originals(settings, AREA, placed + timedelta(days=AREA.retention.keep_originals_days - 1)) == []
    )
    over = placed + timedelta(days=AREA.retention.keep_originals_days + 1)
    assert purge_originals(settings, AREA, over) == []  # nothing has come for months: the clock may be wrong
    with open_warehouse(settings) as warehouse:
        newest = warehouse.read(DELIVERIES, "delivery_id = 'd5'").with_columns(known_at=pl.lit(over))
        warehouse.merge(DELIVERIES, newest)
    assert purge_originals(settings, AREA, over) == [kept.name, half.name]
    assert not kept.exists()


def test_a_purge_before_a_day_without_records_changes_nothing(settings: Settings) -> None:
    assert purge_records(settings, AREA, date(2020, 1, 1), NOW) == 0


def test_months_of_purged_records_keep_their_sums_and_are_described_less_closely(settings: Settings) -> None:
    before = read(settings, SLICE_COUNTS)
    hours = read(settings, HOUR_PROFILE)
    purge_records(settings, AREA, FRIDAY + timedelta(days=30), NOW)
    count_nights(settings, AREA, NOW)
    after = read(settings, SLICE_COUNTS)
    sums = pl.col("n_incidents", "n_offences", "n_victims").sum()
    assert before.height
    assert after.group_by("definition").agg(sums).sort("definition").equals(
        before.group_by("definition").agg(sums).sort("definition")
    )  # fmt: skip
    assert set(after["offence_group"]) == {"not_kept"}
    assert read(settings, HOUR_PROFILE).equals(hours)
