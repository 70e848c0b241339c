"""A lost or damaged warehouse is made again, to the same tables."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from cli.doctor import _kept as kept_findings
from cli.rebuild import rebuild
from nte.errors import NteError
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse, rebuilding_mark
from tests.recovery.house import LAST, Home, different, used_home
from transforms.steps import count_nights, purge_records

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return used_home(tmp_path_factory.mktemp("used"))


@pytest.fixture
def home(used: Home, tmp_path: Path) -> Home:
    return used.copy(tmp_path)


def truncate(home: Home) -> None:
    path = home.settings.warehouse_file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(0.5, id="half of it"),
        pytest.param(0.0, id="nothing in it", marks=pytest.mark.campaign),
        pytest.param(None, id="no file", marks=pytest.mark.campaign),
    ],
)
def test_a_warehouse_that_was_cut_off_is_named_and_made_again_to_the_same_tables(
    home: Home, left: float | None
) -> None:
    before, path = home.tables(), home.settings.warehouse_file
    assert before["alerts"].height
    assert before["record_prints"].height
    content = path.read_bytes()
    path.unlink()
    if left is not None:
        path.write_bytes(content[: int(len(content) * left)])
    with pytest.raises(NteError, match=r"Make it again.*nte rebuild"):
        home.run()
    done = rebuild(home.settings, home.area, home.now)
    assert different(before, home.tables()) == []
    assert (done.aside is None) == (left is None)
    home.run()
    assert (
        different({n: before[n] for n in ("decisions", "outbox", "bands", "judgements")}, home.tables()) == []
    )


def test_after_a_purge_the_counts_of_purged_nights_are_made_again_too(home: Home) -> None:
    assert purge_records(home.settings, home.area, LAST - timedelta(weeks=8), home.now) > 0
    count_nights(home.settings, home.area, home.now)
    before = home.tables()
    truncate(home)
    rebuild(home.settings, home.area, home.now)
    assert different(before, home.tables()) == []
    assert before["records"].height < before["verdicts"]["n_accepted"].sum()


def test_where_the_lake_is_gone_too_the_originals_are_read_again(home: Home) -> None:
    before = home.tables()
    truncate(home)
    shutil.rmtree(home.settings.lake)
    done = rebuild(home.settings, home.area, home.now)
    assert len(done.loaded.from_originals) == before["deliveries"].height
    del before["record_prints"], before["event_prints"]  # they come again with the next deliveries
    assert different(before, home.tables()) == []
    assert len(list(home.settings.lake.glob("*/*.parquet"))) == before["deliveries"].height


def test_what_the_lake_did_not_keep_yet_is_unknown_when_a_warehouse_is_made_again(home: Home) -> None:
    before = home.tables()
    kept = max(home.settings.lake.glob("police/*.parquet"))
    facts = pl.read_parquet_metadata(kept)
    pl.read_parquet(kept).drop("age_group", "happened_on").write_parquet(kept, metadata=facts)
    truncate(home)
    rebuild(home.settings, home.area, home.now)
    after = home.tables()
    of_it = after["records"].filter(delivery_id=kept.stem)
    assert of_it.height
    assert of_it["age_group"].null_count() == of_it.height
    assert different({"night_counts": before["night_counts"]}, after) == []


@pytest.mark.campaign
def test_what_is_nowhere_is_named_and_its_nights_are_unknown(home: Home) -> None:
    truncate(home)
    shutil.rmtree(home.settings.lake / "emas")
    shutil.rmtree(home.settings.accepted / "emas")
    done = rebuild(home.settings, home.area, home.now)
    assert len(done.loaded.lost) == 8
    counts = home.tables()["night_counts"]
    assert not counts.filter(source="emas")["is_covered"].any()
    assert counts.filter(source="police")["is_covered"].any()


@pytest.mark.campaign
def test_a_lake_that_was_deleted_is_written_again_from_the_warehouse(home: Home) -> None:
    before = home.tables()
    shutil.rmtree(home.settings.lake)
    home.run()
    truncate(home)
    shutil.rmtree(home.settings.accepted)
    assert rebuild(home.settings, home.area, home.now).loaded.lost == ()
    assert (
        different({"records": before["records"], "night_counts": before["night_counts"]}, home.tables()) == []
    )


def test_a_rebuild_that_was_cut_short_lets_nothing_run_until_it_is_done(home: Home) -> None:
    before, path = home.tables(), home.settings.warehouse_file
    rebuilding_mark(path).touch()
    path.rename(path.with_suffix(".aside"))
    with pytest.raises(NteError, match="was cut short"):
        home.run()
    rebuild(home.settings, home.area, home.now)
    assert different(before, home.tables()) == []


def test_a_damaged_journal_is_named_and_the_warehouse_stays(home: Home) -> None:
    before = home.tables()
    [whole] = sorted((home.settings.journal / "bands").glob("*.whole.parquet"))
    whole.write_bytes(whole.read_bytes()[:100])
    with pytest.raises(NteError, match="the table bands cannot be read"):
        rebuild(home.settings, home.area, home.now)
    assert different(before, home.tables()) == []
    with open_warehouse(home.settings) as warehouse:
        assert warehouse.n_rows(RECORDS) == before["records"].height


def test_where_nothing_was_kept_the_next_action_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(NteError, match="nte restore-deliveries"):
        rebuild(home.settings, home.area, home.now)


@pytest.mark.campaign
def test_a_rebuild_of_a_warehouse_that_is_whole_changes_nothing(home: Home) -> None:
    before = home.tables()
    rebuild(home.settings, home.area, home.now)
    rebuild(home.settings, home.area, home.now)
    assert different(before, home.tables()) == []
    assert date(2026, 3, 7) in before["judgements"]["evening"].to_list()


def test_the_doctor_names_a_lake_and_originals_that_were_deleted(home: Home) -> None:
    assert [finding.is_good for finding in kept_findings(home.settings)] == [True]
    shutil.rmtree(home.settings.lake / "police")
    shutil.rmtree(home.settings.accepted / "emas")
    texts = [finding.text for finding in kept_findings(home.settings) if not finding.is_good]
    assert "kept deliveries are gone" in texts[0]
    if (datetime.now(UTC).date() - LAST).days < home.area.retention.keep_originals_days:
        assert "originals are gone before their time" in texts[1]
