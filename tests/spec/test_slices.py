"""What happened in a month: small tables in, counts by cell out."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from nte.tables.records import RECORDS
from nte.tables.slices import SLICE_COUNTS
from tests.areas import derbyshire
from tests.spec.test_revisions import crime
from transforms.slices import coarsened, sliced
from transforms.versions import ranked

AREA = derbyshire()
FRIDAY, SATURDAY = date(2026, 3, 27), date(2026, 3, 28)
AT_NIGHT, BY_DAY = datetime(2026, 3, 27, 22, tzinfo=UTC), datetime(2026, 3, 28, 12, tzinfo=UTC)
Row = dict[str, Any]


def said(name: str, code: str, **cells: Any) -> Row:
    """Return a crime of the occurrence A on Friday night, as the records have it."""
    facts = {
        "occurred_at": AT_NIGHT,
        "night": FRIDAY,
        "happened_on": FRIDAY,
        "incident_id": "A",
        "offence_code": code,
    }
    return crime(name, 1) | facts | cells


def cells_of(*rows: Row, definition: str = "sv-2025") -> pl.DataFrame:
    records = pl.DataFrame([{**row, "row_number": n} for n, row in enumerate(rows)], RECORDS.schema)
    deliveries = pl.DataFrame({"delivery_id": records["delivery_id"].unique()})
    cells, _ = sliced(ranked(records, deliveries), AREA)
    return cells.filter(definition=definition)


def test_an_occurrence_stands_once_under_its_gravest_offence_and_each_offence_under_its_own() -> None:
    cells = cells_of(said("A-1", "8N"), said("A-2", "5D", has_knife=True), said("A-3", "10D"))
    counts = cells.select("offence_group", "n_incidents", "n_offences", "n_victims").sort("offence_group")
    assert counts.rows() == [("abh", 0, 1, 1), ("gbh_with_intent", 1, 1, 1), ("possession", 0, 1, 0)]


def test_an_occurrence_is_where_and_when_its_earliest_counted_offence_is() -> None:
    later = said(
        "A-2", "5D", occurred_at=BY_DAY, night=None, happened_on=SATURDAY, place_code="outside_any_centre"
    )
    [row] = cells_of(said("A-1", "8N"), later).filter(pl.col("n_incidents") > 0).to_dicts()
    assert (row["time_class"], row["place_code"], row["offence_group"]) == (
        "fri_sat_night",
        "derby",
        "gbh_with_intent",
    )


def test_the_boards_measure_has_all_hours_and_the_alert_measure_nights_alone() -> None:
    by_day = said("A-1", "5D", occurred_at=BY_DAY, night=None, happened_on=SATURDAY)
    assert cells_of(by_day)["time_class"].to_list() == ["day"]
    assert cells_of(by_day, definition="nte-violence").is_empty()


def test_a_record_whose_hour_is_not_known_belongs_to_its_month() -> None:
    row = said("A-1", "5D", occurred_at=None, night=None, happened_on=FRIDAY, time_basis="time_uncertain")
    [cell] = cells_of(row).to_dicts()
    assert (cell["month"], cell["time_class"]) == (date(2026, 3, 1), "unknown")
    assert cells_of(row | {"happened_on": None})["month"].to_list() == [None]  # kept before days were


def test_a_place_outside_every_centre_keeps_its_district_and_a_centre_has_its_own() -> None:
    cells = [
        cells_of(said("A-1", "5D", place_code=place, district=stated)).select("place_code", "district").row(0)
        for place, stated in [
            ("derby", "Erewash"), ("outside_any_centre", "High Peak"), ("outside_any_centre", "Nowhere"),
            ("outside_any_centre", None), ("unplaced", "High Peak"),
        ]
    ]  # fmt: skip
    assert cells == [
        ("derby", "Derby"), ("outside_high_peak", "High Peak"), ("outside_any_centre", ""),
        ("outside_any_centre", ""), ("unplaced", "High Peak"),
    ]  # fmt: skip


def test_a_place_that_is_stated_to_be_elsewhere_is_no_unknown_place() -> None:
    visit = said("A-1", "", source="ae", place_code="unplaced", district=None)
    places = [
        cells_of(visit | {"place_basis": basis}, definition="nte-violence")["place_code"][0]
        for basis in ("elsewhere", "unmatched", "none")
    ]
    assert places == ["elsewhere", "unplaced", "unplaced"]


def test_unknown_is_a_word_of_its_own() -> None:
    [cell] = cells_of(said("A-1", "5D", has_knife=None, has_alcohol=None, age_group=None)).to_dicts()
    assert {cell[name] for name in ("knife", "alcohol", "age_group", "location_group", "method_group")} == {
        "unknown"
    }


def test_a_small_cell_whose_records_go_is_described_less_closely_and_no_sum_changes() -> None:
    few = [
        said(f"{n}-1", "5D", incident_id=f"{n}", age_group=group)
        for n, group in enumerate(["under_18", "18_24"])
    ]
    many = [said(f"m{n}-1", "8N", incident_id=f"m{n}", age_group="18_24") for n in range(5)]
    cells = cells_of(*few, *many)
    after = coarsened(cells, AREA)
    assert after.height == 2
    assert after.filter(offence_group="abh")["age_group"].to_list() == ["18_24"]
    left = after.filter(offence_group="not_kept").drop("month").row(0, named=True)
    assert {left["age_group"], left["knife"], left["alcohol"], left["location_group"]} == {"not_kept"}
    assert (left["place_code"], left["n_incidents"]) == ("derby", 2)
    sums = pl.col("n_incidents", "n_offences", "n_victims").sum()
    assert after.select(sums).equals(cells.select(sums))
    assert coarsened(after, AREA).equals(after)


def test_no_records_leave_no_cells() -> None:
    assert cells_of().equals(SLICE_COUNTS.empty())
