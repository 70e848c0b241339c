"""From a row of text to a record: times, flags, places."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from tests.areas import derbyshire
from transforms.records import conform_records

AREA = derbyshire()
KNOWN = {"delivery_id": "d1", "known_at": datetime(2026, 3, 28, 6, tzinfo=UTC)}
CRIME = {
    "crime_ref": "A-1", "occurrence_ref": "A", "record_version": "1", "status": "recorded", "ho_code": "8N",
    "committed_from": "2026-03-27 22:00:00", "committed_to": "2026-03-27 22:00:00", "easting": "435160",
    "northing": "336280", "district": "Derby", "flag_domestic": "N", "flag_knife": "", "flag_alcohol": "Y",
    "victim_age_band": "18-24", "offence_title": "typed by hand",
}  # fmt: skip
VISIT = {
    "attendance_ref": "E1", "record_version": "1", "site_code": "RTG", "arrival_at": "2026-03-28 01:30:00",
    "assault_at": "2026-03-27 23:45:00", "place_text": "outside the iron otter, ask for Zebedee",
}  # fmt: skip

TIMES = [
    # from, to, basis, night
    ("2026-03-27 22:00:00", "2026-03-27 22:00:00", "event", "2026-03-27"),
    ("2026-03-27 16:00:00", "2026-03-27 22:00:00", "window_midpoint", "2026-03-27"),  # 19:00
    ("2026-03-27 14:00:00", "2026-03-27 20:00:00", "window_midpoint", None),  # 17:00
    ("2026-03-27 12:00:00", "2026-03-28 00:00:00", "window_midpoint", "2026-03-27"),  # twelve hours: 18:00
    ("2026-03-27 12:00:00", "2026-03-28 00:00:01", "time_uncertain", None),  # a second more
    ("2026-03-27 22:00:00", "", "event", "2026-03-27"),
    (
        "2026-03-28 20:00:00",
        "2026-03-29 09:00:00",
        "window_midpoint",
        "2026-03-28",
    ),  # 12 hours: the clocks skip one
]


def conformed(row: dict[str, str], source: str) -> dict[str, object]:
    text = pl.DataFrame([{k: v or None for k, v in row.items()}], schema=dict.fromkeys(row, pl.String))
    records = conform_records(
        text.with_columns(row_number=pl.lit(1, pl.Int64)), AREA.sources[source], AREA, known=KNOWN
    )
    return records.row(0, named=True)


@pytest.mark.parametrize(("start", "end", "basis", "night"), TIMES)
def test_a_crime_is_placed_in_time_by_its_window(start: str, end: str, basis: str, night: str | None) -> None:
    record = conformed(CRIME | {"committed_from": start, "committed_to": end}, "police")
    assert record["time_basis"] == basis
    assert record["night"] == (date.fromisoformat(night) if night else None)
    assert (record["occurred_at"] is None) == (basis == "time_uncertain")


def test_empty_is_unknown_never_no() -> None:
    record = conformed(CRIME, "police")
    assert record["is_domestic"] is False
    assert record["has_knife"] is None
    assert record["has_alcohol"] is True


@pytest.mark.parametrize(
    ("status", "is_withdrawn"), [("recorded", False), ("cancelled", True), ("transferred", True)]
)
def test_a_status_withdraws_a_record(status: str, is_withdrawn: bool) -> None:
    assert conformed(CRIME | {"status": status}, "police")["is_withdrawn"] is is_withdrawn


def test_an_attendance_without_a_time_of_the_assault_is_placed_by_its_arrival_and_says_so() -> None:
    assert conformed(VISIT, "ae")["time_basis"] == "event"
    record = conformed(VISIT | {"assault_at": ""}, "ae")
    assert record["time_basis"] == "fallback"
    assert record["occurred_at"] == datetime(2026, 3, 28, 1, 30, tzinfo=UTC)


def test_no_free_text_and_no_unused_column_is_kept() -> None:
    kept = repr(conformed(VISIT, "ae")) + repr(conformed(CRIME, "police"))
    for said in ("Zebedee", "otter", "typed by hand", "18-24"):
        assert said not in kept
