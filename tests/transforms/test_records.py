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
    "victim_age_band": "18-24", "location_type": "street", "offence_title": "typed by hand",
}  # fmt: skip
VISIT = {
    "attendance_ref": "E1", "record_version": "1", "site_code": "RTG", "arrival_at": "2026-03-28 01:30:00",
    "assault_at": "2026-03-27 23:45:00", "place_text": "outside the iron otter, ask for Zebedee",
    "age_band": "25+", "place_type": "street", "assault_method": "blunt", "police_informed": "Y",
    "assault_time_precision": "exact",
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


def test_a_code_is_kept_in_our_words_and_a_cell_that_is_none_is_unknown() -> None:
    record = conformed(CRIME | {"victim_age_band": "0-17", "location_type": "car_park"}, "police")
    assert (record["age_group"], record["location_group"]) == ("under_18", "public_place")
    record = conformed(CRIME | {"victim_age_band": "born 1999-03-01", "location_type": "her flat"}, "police")
    assert (record["age_group"], record["location_group"]) == (None, None)
    assert "1999" not in repr(record)
    visit = VISIT | {"assault_method": "knife_sharp", "police_informed": "", "assault_time_precision": "hour"}
    record = conformed(visit, "ae")
    assert (record["method_group"], record["is_police_informed"]) == ("sharp_object", None)
    assert record["time_precision"] == "hour"
    assert conformed(visit | {"police_informed": "N"}, "ae")["is_police_informed"] is False


def test_a_day_is_known_where_the_hour_is_not() -> None:
    window = {"committed_from": "2026-03-01 02:00:00", "committed_to": "2026-03-09 02:00:00"}
    assert conformed(CRIME | window, "police")["happened_on"] == date(2026, 3, 1)
    early = {"committed_from": "2026-03-28 01:00:00", "committed_to": ""}
    assert conformed(CRIME | early, "police")["happened_on"] == date(2026, 3, 27)  # its night's evening


@pytest.mark.parametrize(
    ("text", "basis", "place"),
    [
        ("The Iron Otter", "text", "derby"),
        ("Home address", "elsewhere", "unplaced"),
        ("behind the bins", "unmatched", "unplaced"),
        ("Not known", "none", "unplaced"),
        ("?", "none", "unplaced"),
        ("", "none", "unplaced"),
    ],
)
def test_a_text_says_a_town_centre_or_another_place_or_none(text: str, basis: str, place: str) -> None:
    record = conformed(VISIT | {"place_text": text}, "ae")
    assert (record["place_basis"], record["place_code"]) == (basis, place)


def test_a_describing_column_that_a_delivery_may_lack_is_unknown() -> None:
    visit = {name: cell for name, cell in VISIT.items() if name not in ("age_band", "police_informed")}
    record = conformed(visit, "ae")
    assert (record["age_group"], record["is_police_informed"]) == (None, None)


@pytest.mark.parametrize(
    ("said", "kept"),
    [("Derby", "Derby"), (" high peak ", "High Peak"), ("Zebedee Quux", None), ("", None), ("Leeds", None)],
)
def test_of_districts_those_of_the_area_alone_are_kept(said: str, kept: str | None) -> None:
    assert conformed(CRIME | {"district": said}, "police")["district"] == kept
