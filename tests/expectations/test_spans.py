"""What a manifest claims is believed as far as it is likely: no slip of the pen makes quiet nights."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.manifest import Manifest, UnreadableManifest, read_manifest
from expectations.spans import believed_span, told_of_span
from nte.area import Area
from nte.deliveries.inbox import Arrival, arrival_at
from nte.tables.counts import NIGHT_COUNTS
from nte.warehouse import open_warehouse
from tests.expectations.house import DAY, House, ae_row, csv_text, emas_row, police_row
from transforms.steps import count_nights

EARLY = DAY - timedelta(days=1)
NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)
NIGHT = f"{EARLY} 23:00"
"""A time in the night before DAY."""
BEFORE = [("2026-03-01", "2026-03-24")]
"""Deliveries account for the time to the morning of the day before."""


def at(text: str) -> datetime:
    """An instant of local winter time; of a date, its morning."""
    return datetime.fromisoformat(text if " " in text else f"{text} 06:00").replace(tzinfo=UTC)


def arrival_of(area: Area, name: str = f"police_{DAY}.csv") -> Arrival:
    arrival = arrival_at(Path(name), area.sources["police"], area)
    assert arrival
    return arrival


def believed(
    area: Area,
    said: dict[str, object],
    happened: list[str],
    before: list[tuple[str, str]] = BEFORE,
    name: str = f"police_{DAY}.csv",
) -> tuple[str, str, set[str]]:
    """Return the believed start and end, local, and the names of the warnings."""
    arrival = arrival_of(area, name)
    claim = read_manifest(json.dumps(said).encode(), arrival, area)
    events = pl.Series([at(h) for h in happened], dtype=pl.Datetime("us", "UTC"))
    span = believed_span(claim, arrival, area, events, [(at(a), at(b)) for a, b in before])
    told = {o.rule.rule for o in told_of_span(claim, span, arrival, area)}
    ends = (
        f"{i.astimezone(area.clock.time_zone):%Y-%m-%d %H}" for i in (span.covers_from_at, span.covers_to_at)
    )
    return *ends, told  # type: ignore[return-value]


def claims(start: str | None = None, end: str | None = None) -> dict[str, object]:
    return {k: v for k, v in (("covers_from", start), ("covers_to", end)) if v is not None}


USUAL = ("2026-03-24 06", "2026-03-25 06", set[str]())
CUT = ("2026-03-24 06", "2026-03-25 06", {"span_unlikely"})
LIKELY = [
    (claims("2026-03-24", "2026-03-25"), USUAL),
    (claims("20260324", "20260325"), USUAL),
    (claims(" 2026-03-24 ", "2026-03-25T06:00:00Z"), USUAL),
    (claims("2026-03-24T07:00+01:00", "2026-03-25T07:00:00+01:00"), USUAL),
    (claims("2026-03-24 06:00:00", "2026-03-25T06:00:00.000"), USUAL),
    ({"Feed": "Police", "ROWS": 1, "Covers_From": "2026-03-24", "COVERS_TO": "2026-03-25"}, USUAL),
    ({}, USUAL),
    ({"rows": None, "covers_from": None, "note": "x"}, USUAL),
    (claims("2026-03-22T06:00"), ("2026-03-22 06", "2026-03-25 06", set[str]())),
    (claims("2026-03-17T06:00"), ("2026-03-17 06", "2026-03-25 06", set[str]())),
    (claims(None, "2026-03-25T09:00"), USUAL),
]
SLIPS = [
    (claims("2016-03-24T06:00"), CUT),
    (claims("2025-03-24"), CUT),
    (claims("2026-01-24T06:00"), CUT),
    (claims("0001-01-01T00:00:00"), CUT),
    (claims("1900-01-01"), CUT),
    (claims("2026-03-02"), CUT),
    (claims("2006-03-24", "2026-03-25"), CUT),
    (claims("2016-03-24T06:00:00Z", "2026-03-25T06:00:00+00:00"), CUT),
    (claims("2026-03-24", "2026-03-26"), (*USUAL[:2], {"span_ends_late"})),
    (claims("2026-03-24", "2062-03-25"), (*USUAL[:2], {"span_ends_late"})),
    (claims("2026-03-24", "9999-12-31T23:59:59"), (*USUAL[:2], {"span_ends_late"})),
    (claims("0001-01-01", "9999-12-31"), (*USUAL[:2], {"span_unlikely", "span_ends_late"})),
    (claims("2026-03-24T06:00", "2026-03-25T00:00:00"), ("2026-03-24 06", "2026-03-25 00", {"span_leaves_open"})),
    (claims("2026-03-23", "2026-03-24"), ("2026-03-23 06", "2026-03-24 06", {"span_leaves_open"})),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), [*LIKELY, *SLIPS])
def test_a_span_is_believed_as_far_as_it_is_likely(
    said: dict[str, object], expected: tuple[str, str, set[str]], area: Area
) -> None:
    assert believed(area, said, [NIGHT]) == expected


REFUSED = [
    claims("2026-03-25T06:00", "2026-03-24T06:00"),
    claims("2027-03-24", "2027-03-25"),
    claims("2016-03-24", "2016-03-25"),
    claims(None, "2025-03-25"),
    claims("yesterday"),
    claims("24/03/2026 06:00"),
    claims("2026-03-24T06:00 Europe/London"),
    claims("2026-02-30"),
    claims("2026-03-24T25:00"),
    claims(""),
    {"covers_from": 1774332000, "covers_to": 1774418400},
    {"rows": "5"},
    {"rows": 5.5},
    {"rows": 5, "Rows": 6},
    {"feed": "ae"},
]


@pytest.mark.parametrize("said", REFUSED, ids=str)
def test_a_span_that_cannot_be_is_refused_in_words(said: dict[str, object], area: Area) -> None:
    with pytest.raises(UnreadableManifest, match=r"accounts for|gives no|belongs to|says the same"):
        read_manifest(json.dumps(said).encode(), arrival_of(area), area)


@pytest.mark.parametrize("mark", ["\ufeff", "\u00a0", "\u200b", "\u202f"])
def test_marks_and_hard_spaces_hide_no_manifest(mark: str, area: Area) -> None:
    said = f'{mark}{{"feed":{mark}"police{mark}", "{mark}rows":\u00a0109,\r\n"covers_to": "2026-03-25{mark}"}}{mark}'
    for encoding in ("utf-8", "utf-16"):
        read = read_manifest(said.encode(encoding), arrival_of(area), area)
        assert (read.n_declared, read.covers_to_at) == (109, at("2026-03-25"))


def test_after_an_outage_a_claim_is_believed_from_where_the_deliveries_before_it_end(area: Area) -> None:
    outage = [("2026-01-01", "2026-03-01")]
    every_night = [f"2026-03-{n:02} 23:00" for n in range(1, 25)]
    assert believed(area, claims("2026-03-01"), every_night, outage)[0] == "2026-03-01 06"
    assert believed(area, claims("2016-03-01"), every_night, outage)[0] == "2026-03-01 06"
    assert believed(area, claims("2026-03-01"), ["2026-03-23 23:00"], outage) == (
        "2026-03-23 06", "2026-03-25 06", {"span_unlikely"},
    )  # fmt: skip
    assert believed(area, claims("2016-03-01"), [], outage) == CUT


def test_the_first_delivery_of_a_source_may_hold_a_history_but_not_claim_more_than_it_holds(
    area: Area,
) -> None:
    assert believed(area, claims("2022-01-01"), ["2022-01-03 23:00", NIGHT], [])[0] == "2022-01-01 06"
    assert believed(area, claims("2016-01-01"), ["2022-01-03 23:00", NIGHT], [])[0] == "2022-01-03 06"
    assert believed(area, claims("2016-01-01"), [], []) == CUT


def test_a_history_load_is_believed_by_its_name_unless_it_is_empty_for_most_of_it(area: Area) -> None:
    name = "police_2022-01-01_2026-03-23.csv"
    assert believed(area, {}, ["2022-01-20 23:00"], [], name)[0] == "2022-01-01 06"
    assert believed(area, {}, ["2022-01-20 23:00"], BEFORE, name)[0] == "2022-01-01 06"
    assert believed(area, claims("2012-01-01"), ["2022-01-20 23:00"], [], name) == (
        "2021-12-31 06", "2026-03-24 06", {"span_unlikely"},
    )  # fmt: skip
    assert believed(area, {}, ["2026-03-20 23:00"], [], name)[0] == "2026-03-20 06"


@given(
    start=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001  as a manifest says it
    end=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001
    reached=st.integers(0, 4000),
    happened=st.lists(st.integers(0, 4000), max_size=3),
)
@settings(max_examples=60)
def test_no_claim_opens_more_than_a_week_of_silence(
    start: datetime, end: datetime, reached: int, happened: list[int], area: Area
) -> None:
    arrival = arrival_of(area)
    try:
        claim = read_manifest(json.dumps(claims(start.isoformat(), end.isoformat())).encode(), arrival, area)
    except UnreadableManifest:
        claim = Manifest(datetime(2000, 1, 1, tzinfo=UTC), arrival.known_at)
    ends = arrival.known_at - timedelta(days=reached)
    events = sorted(arrival.known_at - timedelta(days=n, hours=5) for n in happened)
    times = pl.Series(events, dtype=pl.Datetime("us", "UTC"))
    span = believed_span(claim, arrival, area, times, [(ends - timedelta(days=30), ends)])
    assert claim.covers_from_at <= span.covers_from_at < span.covers_to_at == claim.covers_to_at
    opens = max(span.covers_from_at, ends)
    first = next((event for event in events if event >= opens), claim.covers_to_at)
    assert first - opens <= timedelta(days=8)


def test_a_slip_of_the_year_makes_no_quiet_nights_and_a_corrected_rest_is_known(house: House) -> None:
    """The years before a source began, and the nights that its deliveries left open, stay unknown."""
    house.put_day("police", [police_row(1, DAY - timedelta(days=20))], DAY - timedelta(days=20))
    house.put(f"police_{DAY}.csv", csv_text([police_row(2)]), n_rows=1, covers_from="2016-03-24T06:00")
    checked = house.check(now=NOW).checked[-1]
    house.conform()
    count_nights(house.settings, house.area, NOW)
    assert checked.summary == (
        f"police_{DAY}.csv: 1 row used; its manifest says that it accounts for the time from 24 March 2016 on; only from "
        "24 March 2026 on is believed."
    )
    with open_warehouse(house.settings) as warehouse:
        covered = warehouse.read(NIGHT_COUNTS, "is_covered AND centre_code = 'derby' AND source = 'police'")
    assert sorted(set(covered["evening"])) == [DAY - timedelta(days=21), EARLY]


def test_a_date_without_an_hour_is_its_morning_for_every_source(house: House) -> None:
    span = {"covers_from": str(EARLY), "covers_to": str(DAY)}
    for source, row in (("police", police_row()), ("emas", emas_row()), ("ae", ae_row())):
        house.put(f"{source}_{DAY}.csv", csv_text([row], source), n_rows=1, **span)
        assert house.check_one(source).summary == f"{source}_{DAY}.csv: 1 row used."
        house.conform(source)
    count_nights(house.settings, house.area, NOW)
    with open_warehouse(house.settings) as warehouse:
        known = warehouse.read(NIGHT_COUNTS, "is_covered AND centre_code = 'derby' AND evening = ?", [EARLY])
    assert sorted(set(known["source"])) == ["ae", "emas", "police"]
    assert isinstance(EARLY, date)
