"""How a night count changes as deliveries arrive: small tables in, counts as known out."""

import itertools
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nte.tables.counts import NIGHT_COUNTS
from nte.tables.records import RECORDS
from tests.areas import derbyshire
from transforms.coverage import Account, covered_since
from transforms.day_rows import day_rows, delivery_changes
from transforms.night_counts import count_changes, night_count_revisions
from transforms.site_coverage import NO_EXCEPTIONS
from transforms.versions import ranked

AREA = derbyshire()
Row = dict[str, Any]
FRIDAY = date(2026, 3, 27)
MORNINGS = [AREA.clock.morning_of(FRIDAY + timedelta(days=n)) for n in range(1, 6)]
TEN_PM = datetime(2026, 3, 27, 22, tzinfo=UTC)


def crime(ref: str, morning: int, **changed: object) -> Row:
    """A Friday 10 pm assault in Derby, first known on the n-th morning after, unless said otherwise."""
    row: Row = {
        "source": "police",
        "record_id": ref,
        "incident_id": ref.split("-", maxsplit=1)[0],
        "record_version": 1,
        "delivery_id": f"d{morning}",
        "row_number": 1,
        "known_at": MORNINGS[morning - 1],
        "is_withdrawn": False,
        "state": "recorded",
        "offence_code": "8N",
        "is_domestic": False,
        "has_knife": False,
        "has_alcohol": None,
        "occurred_at": TEN_PM,
        "time_basis": "event",
        "night": FRIDAY,
        "place_code": "derby",
        "place_basis": "point",
        "place_confidence": 1.0,
        "district": "Derby",
        "site_code": None,
    }
    return row | changed


def frame_of(records: list[Row]) -> pl.DataFrame:
    """Records, each with the rank of its delivery: d1 before d2."""
    frame = RECORDS.conform(pl.DataFrame(records, schema=RECORDS.schema))
    return ranked(frame, frame.select("delivery_id").unique().sort("delivery_id"))


def as_known(records: list[Row], evening: date = FRIDAY, centre: str = "derby") -> list[int | None]:
    """The police count of a night as known on each of the five mornings, every night covered on time."""
    frame = frame_of(records)
    evenings = [FRIDAY + timedelta(days=n) for n in range(-1, 4)]
    accounts = [Account(AREA.clock.morning_of(FRIDAY - timedelta(days=1)), MORNINGS[0], MORNINGS[0])] + [
        Account(a, b, b) for a, b in itertools.pairwise(MORNINGS)
    ]
    covered = {"police": covered_since(accounts, evenings, AREA.clock)}
    revisions = night_count_revisions(
        count_changes(frame, AREA.definitions),
        covered,
        evenings,
        AREA,
        {"police": MORNINGS[0]},
        exceptions=NO_EXCEPTIONS,
    )
    series = revisions.filter(
        (pl.col("evening") == evening)
        & (pl.col("centre_code") == centre)
        & (pl.col("definition") == "nte-violence")
    ).sort("known_at")
    return [
        known["n_incidents"][-1] if (known := series.filter(pl.col("known_at") <= m)).height else None
        for m in MORNINGS
    ]


def test_a_late_record_raises_the_count_from_the_morning_it_is_known() -> None:
    assert as_known([crime("A-1", 1), crime("B-1", 3)]) == [1, 1, 2, 2, 2]


def test_two_crimes_of_one_occurrence_are_one_incident() -> None:
    assert as_known([crime("A-1", 1), crime("A-2", 1), crime("A-3", 2)]) == [1, 1, 1, 1, 1]


def test_a_withdrawn_record_lowers_the_count() -> None:
    withdrawn = crime("A-1", 4, record_version=2, is_withdrawn=True, state="cancelled")
    assert as_known([crime("A-1", 1), withdrawn]) == [1, 1, 1, 0, 0]


def test_a_withdrawal_that_comes_before_its_record_still_wins() -> None:
    withdrawn = crime("A-1", 1, record_version=2, is_withdrawn=True, state="cancelled")
    assert as_known([withdrawn, crime("A-1", 3)]) == [0, 0, 0, 0, 0]


def test_an_older_version_after_a_newer_one_changes_nothing() -> None:
    assert as_known(
        [crime("A-1", 1, record_version=3), crime("A-1", 2, record_version=2, place_code="belper")]
    ) == [
        1,
        1,
        1,
        1,
        1,
    ]


def test_of_one_version_with_two_contents_the_later_delivery_wins() -> None:
    assert as_known([crime("A-1", 1), crime("A-1", 2, place_code="belper")]) == [1, 0, 0, 0, 0]


def test_a_record_that_moves_to_another_night_leaves_the_first() -> None:
    moved = crime(
        "A-1", 2, record_version=2, night=FRIDAY + timedelta(days=1), occurred_at=TEN_PM + timedelta(days=1)
    )
    records = [crime("A-1", 1), moved]
    assert as_known(records) == [1, 0, 0, 0, 0]
    assert as_known(records, evening=FRIDAY + timedelta(days=1)) == [None, 1, 1, 1, 1]


def test_the_earliest_crime_that_counts_gives_the_occurrence_its_place() -> None:
    earlier = crime("A-2", 1, occurred_at=TEN_PM - timedelta(hours=1), place_code="belper")
    assert as_known([crime("A-1", 1), earlier]) == [0, 0, 0, 0, 0]
    assert as_known([crime("A-1", 1), earlier], centre="belper") == [1, 1, 1, 1, 1]


def test_when_the_earliest_crime_is_withdrawn_the_next_one_gives_the_place() -> None:
    earlier = crime("A-2", 1, occurred_at=TEN_PM - timedelta(hours=1), place_code="belper")
    gone = {
        **earlier,
        "record_version": 2,
        "is_withdrawn": True,
        "known_at": MORNINGS[2],
        "delivery_id": "d3",
    }
    assert as_known([crime("A-1", 1), earlier, gone]) == [0, 0, 1, 1, 1]


def test_an_uncertain_time_is_placed_in_no_night() -> None:
    uncertain = crime("A-1", 1, occurred_at=None, night=None, time_basis="time_uncertain")
    assert as_known([uncertain]) == [0, 0, 0, 0, 0]


def test_a_night_without_its_delivery_is_unknown_until_it_comes() -> None:
    evenings = [FRIDAY - timedelta(days=1), FRIDAY]
    accounts = [
        Account(
            AREA.clock.morning_of(FRIDAY - timedelta(days=1)), AREA.clock.morning_of(FRIDAY), MORNINGS[0]
        ),
        Account(AREA.clock.morning_of(FRIDAY), MORNINGS[1], MORNINGS[1]),
    ]
    covered = {"police": covered_since(accounts, evenings, AREA.clock)}
    frame = frame_of([crime("A-1", 2)])
    revisions = night_count_revisions(
        count_changes(frame, AREA.definitions),
        covered,
        evenings,
        AREA,
        {"police": MORNINGS[0]},
        exceptions=NO_EXCEPTIONS,
    ).filter(
        (pl.col("evening") == FRIDAY)
        & (pl.col("centre_code") == "derby")
        & (pl.col("definition") == "nte-violence")
    )
    rows = revisions.sort("known_at").select("known_at", "n_incidents", "is_covered").rows()
    assert rows == [(MORNINGS[0], None, False), (MORNINGS[1], 1, True)]


def test_a_source_that_never_covers_a_centre_is_silent_there_not_quiet() -> None:
    frame = frame_of([crime("A-1", 1)]).with_columns(
        pl.lit("emas").alias("source"),
        pl.lit("assault").alias("offence_code"),
        pl.lit("conveyed").alias("state"),
    )
    accounts = [Account(AREA.clock.morning_of(FRIDAY), MORNINGS[0], MORNINGS[0])]
    covered = {"emas": covered_since(accounts, [FRIDAY], AREA.clock)}
    revisions = night_count_revisions(
        count_changes(frame, AREA.definitions),
        covered,
        [FRIDAY],
        AREA,
        {"emas": MORNINGS[0]},
        exceptions=NO_EXCEPTIONS,
    )
    counts = {r["centre_code"]: (r["n_incidents"], r["is_covered"]) for r in revisions.iter_rows(named=True)}
    assert counts["glossop"] == (None, False)
    assert counts["derby"] == (1, True)
    assert counts["belper"] == (0, True)


def test_what_a_delivery_changed_is_counted() -> None:
    records = [
        crime("A-1", 1),
        crime("B-1", 1, row_number=2),
        crime("A-1", 2, record_version=2),
        crime("B-1", 2, record_version=2, is_withdrawn=True, row_number=2),
        crime("A-1", 3),
    ]
    frame = frame_of(records).with_columns(pl.col("night").alias("day"))
    changes = delivery_changes(day_rows(frame, NIGHT_COUNTS.empty(), AREA))
    assert changes.select("delivery_id", "n_added", "n_changed", "n_withdrawn", "n_superseded").rows() == [
        ("d1", 2, 0, 0, 0),
        ("d2", 0, 2, 1, 0),
        ("d3", 0, 0, 0, 1),
    ]


RECORD_VERSIONS = st.lists(
    st.builds(
        lambda ref, morning, version, place, gone, hour: crime(
            ref,
            morning,
            record_version=version,
            place_code=place,
            is_withdrawn=gone,
            delivery_id=f"d{morning}",
            row_number=version,
            occurred_at=TEN_PM + timedelta(hours=hour),
        ),
        st.sampled_from(["A-1", "A-2", "B-1"]),
        st.integers(1, 5),
        st.integers(1, 4),
        st.sampled_from(["derby", "belper"]),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda r: (r["record_id"], r["known_at"], r["record_version"]),
)


@given(RECORD_VERSIONS)
def test_the_fast_count_agrees_with_a_slow_one_on_every_morning(records: list[Row]) -> None:
    assert as_known(records) == [slow_count(records, morning) for morning in MORNINGS]


@given(RECORD_VERSIONS, st.randoms())
def test_any_order_of_records_gives_the_same_counts(records: list[Row], chance: Random) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert as_known(records) == as_known(shuffled)


def slow_count(records: list[Row], morning: datetime) -> int:
    newest: dict[str, Row] = {}
    for row in sorted(records, key=lambda r: (r["known_at"], r["record_version"])):
        before = newest.get(str(row["record_id"]))
        if row["known_at"] <= morning and (
            before is None or row["record_version"] >= before["record_version"]
        ):
            newest[str(row["record_id"])] = row
    first: dict[str, tuple[object, object, object]] = {}
    for row in newest.values():
        mark = (row["occurred_at"], row["record_id"], row["place_code"])
        if not row["is_withdrawn"]:
            first[str(row["incident_id"])] = min(first.get(str(row["incident_id"]), mark), mark)
    return sum(place == "derby" for _, _, place in first.values())
