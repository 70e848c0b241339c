"""`nte retry`: a corrected mapping brings back the rows that were set aside."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from cli.retry import retry_sources
from expectations.steps import retry_quarantine
from nte.errors import MisuseError
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNTS
from nte.tables.records import LEDGER, RECORDS
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from tests.expectations.house import House, police_row
from transforms.steps import count_nights

NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house that took twenty offences, three of them in a state that its area file does not know."""
    house = House(Settings(home=tmp_path / "home", inbox=tmp_path / "home" / "inbox"), derbyshire())
    rows = [police_row(n, status="recorded" if n > 3 else "awaiting_review") for n in range(1, 21)]
    house.put_day("police", rows, n_rows=20)
    house.check()
    house.conform()
    count_nights(house.settings, house.area, NOW)
    return house


def corrected(house: House) -> House:
    police = house.area.sources["police"]
    states = police.model_copy(update={"live_states": (*police.live_states, "awaiting_review")})
    area = house.area.model_copy(update={"sources": house.area.sources | {"police": states}})
    return House(house.settings, area)


def n_incidents(house: House) -> int:
    with open_warehouse(house.settings) as warehouse:
        counts = warehouse.read(NIGHT_COUNTS, "definition = ? AND is_covered", [house.area.alert_definition])
    return int(counts["n_incidents"].sum())


def fates(house: House) -> dict[str, int]:
    with open_warehouse(house.settings) as warehouse:
        return dict(warehouse.read(LEDGER).select("fate", "n_rows").iter_rows())


def retried(house: House) -> tuple[int, int, str]:
    console = Console(record=True, width=200, quiet=True)
    (answer,) = retry_sources(console, house.settings, house.area, ["police"], NOW)
    return answer.n_released, answer.n_still_aside, answer.source


def test_a_retry_that_was_killed_before_it_counted_is_counted_by_the_next(house: House) -> None:
    now = corrected(house)
    retry_quarantine(now.settings, now.area, "police", NOW)
    now.conform()
    assert n_incidents(house) == 17
    assert retried(now) == (0, 0, "police")
    assert n_incidents(house) == 20


def test_a_retry_that_was_killed_before_it_was_noted_is_done_by_the_next(house: House) -> None:
    """The original was in the inbox again, and the warehouse did not know of it."""
    now = corrected(house)
    [original] = (now.settings.accepted / "police").glob("*.csv")
    (now.settings.inbox_folder / "police" / original.name).write_bytes(original.read_bytes())
    assert retried(now) == (3, 0, "police")
    assert n_incidents(now) == 20


def test_a_retry_leaves_another_delivery_of_the_name_alone(house: House) -> None:
    now = corrected(house)
    [original] = (now.settings.accepted / "police").glob("*.csv")
    other = now.settings.inbox_folder / "police" / original.name
    other.write_bytes(original.read_bytes() + b"\n")
    assert retried(now) == (0, 3, "police")
    assert other.exists()


def test_a_corrected_mapping_releases_the_rows_and_heals_the_counts(house: House) -> None:
    assert n_incidents(house) == 17
    mended = corrected(house)
    assert retried(mended) == (3, 0, "police")
    assert n_incidents(mended) == 20
    assert sum(fates(mended).values()) == 20
    assert "quarantined" not in fates(mended)
    assert mended.names("inbox") == []


def test_a_retry_without_a_correction_changes_nothing(house: House) -> None:
    before = fates(house)
    assert retried(house) == (0, 3, "police")
    assert (n_incidents(house), fates(house)) == (17, before)


def test_a_second_retry_changes_nothing(house: House) -> None:
    mended = corrected(house)
    retried(mended)
    assert retried(mended) == (0, 0, "police")
    assert n_incidents(mended) == 20


def test_rows_whose_original_is_gone_are_named_for_the_provider(house: House) -> None:
    for path in (house.home / "accepted").rglob("*.csv"):
        path.unlink()
    console = Console(record=True, width=200)
    retry_sources(console, house.settings, corrected(house).area, ["police"], NOW)
    asked = "ask the provider (crime data team, Derbyshire Constabulary) to send again: police_2026-03-25.csv"
    assert asked in console.export_text()


def test_a_source_that_the_area_does_not_have_is_misuse(house: House) -> None:
    with pytest.raises(MisuseError, match="It has: police, emas, ae"):
        retry_sources(Console(quiet=True), house.settings, house.area, ["taxi"], NOW)


def test_retried_rows_are_the_records_of_the_same_delivery(house: House) -> None:
    mended = corrected(house)
    retried(mended)
    conformed = mended.deliveries().filter(pl.col("is_conformed"))
    assert conformed["file_name"].to_list() == ["police_2026-03-25.csv"]


def test_released_rows_are_known_from_the_retry_and_the_others_as_they_were(house: House) -> None:
    with open_warehouse(house.settings) as warehouse:
        before = warehouse.read(RECORDS)
    later = NOW + timedelta(days=3)
    retry_sources(Console(quiet=True), house.settings, corrected(house).area, ["police"], later)
    with open_warehouse(house.settings) as warehouse:
        after = warehouse.read(RECORDS)
    assert after.join(before, on=after.columns, how="semi", nulls_equal=True).height == before.height == 17
    released = after.join(before, on="row_number", how="anti")
    assert released["known_at"].to_list() == [later] * 3
