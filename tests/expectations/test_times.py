"""Times: only the one that places a record must be possible; a stated offset or precision is used."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from nte.area_files import load_area
from nte.deliveries.local_times import parse_local, says_dates_only, unreadable_format
from nte.errors import AreaError
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse
from tests.areas import DERBYSHIRE, derbyshire
from tests.expectations.house import DAY, House, Row, ae_row, emas_row, police_row
from transforms.records import conform_records
from transforms.times import place_in_time

AREA = derbyshire()
MakeRow = Callable[[int], Row]
EVENING = DAY - timedelta(days=1)
LATE_IN_THE_MORNING = [f"{DAY} {hour:02}:{minute}:00" for hour in (6, 7, 8) for minute in ("01", "30", "59")]


def test_times_that_place_nothing_only_warn_however_late_they_are(house: House) -> None:
    columns = ("reported_at", "recorded_at")
    cells = [
        {c: at}
        for c, at in product(columns, [*LATE_IN_THE_MORNING, f"{DAY} 23:00:00", "2062-01-01 00:00:00"])
    ]
    cells += [{"last_modified_at": at} for at in (*LATE_IN_THE_MORNING, "soon", "")]
    cells += [{"committed_to": f"{DAY} 08:00:00"}, {"reported_at": "1998-01-01 00:00:00"}]
    assert len(cells) > 25
    house.put_day("police", [police_row(n) | more for n, more in enumerate(cells, 1)])
    checked = house.check_one()
    assert (checked.verdict, checked.n_accepted) == ("accepted", len(cells))
    assert "and the row is used" not in house.messages()
    assert house.reasons() == {
        ("time_unlikely", "reported_at"): 12,
        ("time_unlikely", "recorded_at"): 11,
        ("time_unlikely", "committed_to"): 1,
    }
    assert house.conform() == len(cells)


@pytest.mark.parametrize(
    ("source", "row", "column"),
    [("emas", emas_row, "arrived_at"), ("ae", ae_row, "arrival_at")],
)
def test_an_extract_made_at_eight_loses_no_row_of_the_freshest_night(
    house: House, source: str, row: MakeRow, column: str
) -> None:
    house.put_day(source, [row(n) | {column: at} for n, at in enumerate(LATE_IN_THE_MORNING, 1)])
    assert house.check_one(source).verdict == "accepted"
    assert house.reasons("warning") == {("time_unlikely", column): len(LATE_IN_THE_MORNING)}


def test_the_time_that_places_a_record_must_be_known_by_the_morning(house: House) -> None:
    late, soon = f"{DAY} 06:00:01", f"{DAY} 06:00:00"
    placed_late: list[tuple[str, MakeRow, Row]] = [
        ("police", police_row, {"committed_from": late, "committed_to": ""}),
        ("police", police_row, {"committed_from": f"{DAY} 05:00:00", "committed_to": f"{DAY} 07:00:02"}),
        ("ae", ae_row, {"assault_at": late, "arrival_at": f"{DAY} 07:00:00"}),
        ("ae", ae_row, {"assault_at": "", "arrival_at": late}),
        ("emas", emas_row, {"call_connect_at": late, "arrived_at": ""}),
    ]
    for n, (source, row, cells) in enumerate(placed_late):
        on_time = {name: at.replace(late, soon) for name, at in cells.items()}
        rows = [row(10 * n + 1), row(10 * n + 2), row(10 * n + 3) | cells, row(10 * n + 4) | on_time]
        house.put_day(source, rows)
        assert house.check_one(source).n_quarantined == 1 + (cells.get("committed_to", "") > late), n
        house.conform(source)


OFFSETS = [
    # as written, format, the instant
    *(
        (f"2026-{month}-04{sign}21:37:00{offset}", f"%Y-%m-%d{sign}%H:%M:%S{form}", datetime(2026, int(month), 4, hour, 37, tzinfo=UTC))
        for month, sign, form, (offset, hour) in product(
            ("01", "07"), "T ", ("%z", "%:z", "%#z"),
            (("Z", 21), ("+00:00", 21), ("+01:00", 20), ("+0100", 20), ("-02:00", 23)),
        )
    ),
    ("2026-07-04T21:37:00Z", "%Y-%m-%dT%H:%M:%SZ", datetime(2026, 7, 4, 21, 37, tzinfo=UTC)),
    ("2026-07-04T21:37:00.250Z", "%Y-%m-%dT%H:%M:%S%.fZ", datetime(2026, 7, 4, 21, 37, 0, 250_000, tzinfo=UTC)),
    ("04/07/2026 21:37 +01:00", "%d/%m/%Y %H:%M %z", datetime(2026, 7, 4, 20, 37, tzinfo=UTC)),
    ("2026-07-04 21:37:00", "%Y-%m-%d %H:%M:%S", datetime(2026, 7, 4, 20, 37, tzinfo=UTC)),
    ("2026-01-04 21:37:00", "%Y-%m-%d %H:%M:%S", datetime(2026, 1, 4, 21, 37, tzinfo=UTC)),
    ("2026-07-04 21:37:00", "%Y-%m-%d %H:%M:%S%z", None),  # none where one was agreed
    ("2026-07-04 21:37:00+01:00", "%Y-%m-%d %H:%M:%S", None),  # one where none was agreed
]  # fmt: skip


@pytest.mark.parametrize(("written", "form", "instant"), OFFSETS)
def test_an_offset_is_used_in_winter_and_in_summer(written: str, form: str, instant: datetime | None) -> None:
    frame = pl.DataFrame({"at": [written, None, "soon"]})
    assert frame.select(parse_local("at", [form], "Europe/London"))["at"].to_list() == [instant, None, None]


def test_of_formats_with_and_without_an_offset_a_column_has_one() -> None:
    forms = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%z")
    frame = pl.DataFrame(
        {"at": ["2026-07-04 21:37:00+01:00", "2026-07-04 22:37:00+01:00", "2026-07-04 21:37:00"]}
    )
    read = frame.select(parse_local("at", forms, "Europe/London"))["at"]
    assert read.to_list() == [
        datetime(2026, 7, 4, 20, 37, tzinfo=UTC),
        datetime(2026, 7, 4, 21, 37, tzinfo=UTC),
        None,
    ]


WRONG = [
    "%Y-%m-%d %H:%M %Z",
    "%Y-%m-%d",
    "%H:%M",
    "%d/%m/%Y %I:%M",
    "%d-%m %H:%M",
    "%Q",
    "%Y-%m-%d %H:%M:%S+00:00",
]
RIGHT = [
    "%Y-%m-%d %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d %b %Y %I:%M %p",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%SZ",
]


@pytest.mark.parametrize("form", WRONG)
def test_a_format_by_which_times_cannot_be_read_right_is_named(form: str) -> None:
    assert unreadable_format([RIGHT[0], form], "Europe/London") == form


@pytest.mark.parametrize("form", RIGHT)
def test_a_format_by_which_they_can_is_not(form: str) -> None:
    assert unreadable_format([form], "Europe/London") is None


def test_an_area_file_with_such_a_format_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for file in DERBYSHIRE.iterdir():
        text = file.read_bytes().replace(
            b'time_formats = ["%Y-%m-%d %H:%M:%S"]', b'time_formats = ["%Y-%m-%d %H:%M %Z"]'
        )
        (tmp_path / file.name).write_bytes(text)
    with pytest.raises(AreaError, match=r"sources\.police\.time_formats: times cannot be read right by '%Y"):
        load_area(tmp_path)


PRECISIONS = [
    # precision, assault, basis, evening of its night
    *((p, "2026-03-28 22:10:00", "event", date(2026, 3, 28)) for p in ("exact", "hour", "")),
    *((p, "2026-03-28 22:10:00", "time_uncertain", None) for p in ("date", "unknown", "roughly", "DATE")),
    *(("date", f"2026-03-28 {hour}:00:00", "time_uncertain", None) for hour in ("00", "05", "12", "18")),
    *(("daypart", f"2026-03-28 {hour}:00:00", "event", date(2026, 3, 28)) for hour in (18, 21, 23)),
    *(("daypart", f"2026-03-29 0{hour}:00:00", "event", date(2026, 3, 28)) for hour in (0, 3, 5)),
    *(("daypart", f"2026-03-28 {hour}:30:00", "event", None) for hour in ("06", "11", "12", "17")),
    *((p, "", "fallback", date(2026, 3, 28)) for p in ("exact", "hour", "daypart", "date", "unknown", "")),
]  # fmt: skip


@pytest.mark.parametrize(("precision", "assault", "basis", "night"), PRECISIONS)
def test_a_stated_precision_says_whether_the_night_is_known(
    precision: str, assault: str, basis: str, night: date | None
) -> None:
    row = ae_row(assault_time_precision=precision, assault_at=assault, arrival_at="2026-03-29 05:30:00")
    assert placed("ae", row) == (basis, night)


def test_a_part_of_the_day_that_is_torn_by_the_night_says_no_night() -> None:
    row = ae_row(assault_time_precision="daypart", assault_at="2026-03-28 20:00:00")
    assert placed("ae", row, daypart_starts=(time(17), time(1))) == ("time_uncertain", None)
    assert placed("ae", row, daypart_starts=()) == ("time_uncertain", None)


CHANGES = [
    ("2026-03-29 01:00:00", date(2026, 3, 28)),
    ("2026-03-29 01:59:59", date(2026, 3, 28)),
    ("2025-10-26 01:00:00", date(2025, 10, 25)),
    ("2025-10-26 01:59:59", date(2025, 10, 25)),
]


@pytest.mark.parametrize(("written", "night"), CHANGES)
@pytest.mark.parametrize(
    ("source", "row", "column"),
    [
        ("police", police_row, "committed_from"),
        ("emas", emas_row, "call_connect_at"),
        ("ae", ae_row, "assault_at"),
    ],
)
def test_a_time_in_the_hour_that_the_clocks_skip_or_repeat_has_its_night(
    source: str, row: MakeRow, column: str, written: str, night: date
) -> None:
    assert placed(source, row(1) | {column: written, "committed_to": ""}) == ("clock_change", night)


def test_a_window_that_ends_in_the_repeated_hour_is_in_order(house: House) -> None:
    day = date(2025, 10, 26)
    cells = {"committed_from": f"{day} 01:50:00", "committed_to": f"{day} 01:10:00"}
    house.put_day("police", [police_row(n, day, **cells) for n in (1, 2, 3)], day)
    assert house.check_one().verdict == "accepted"


def placed(source: str, row: Row, **changed: object) -> tuple[str, date | None]:
    """Return the basis and the night of one row, of a source that is changed so."""
    text = pl.DataFrame([{k: v or None for k, v in row.items()}], schema=dict.fromkeys(row, pl.String))
    given = AREA.sources[source].model_copy(update=changed)
    found = place_in_time(text, given, AREA, has_dates_only=False)
    return found["time_basis"][0], found["night"][0]


MIDNIGHTS = [(n_midnights, n_others) for n_midnights in (2, 3, 5, 20, 60) for n_others in (0, 1, 4, 19, 70)]


@pytest.mark.parametrize("source", ["police", "ae"])
@pytest.mark.parametrize(("n_midnights", "n_others"), MIDNIGHTS)
def test_where_most_times_are_midnight_those_are_dates(source: str, n_midnights: int, n_others: int) -> None:
    column, make = {"police": ("committed_from", police_row), "ae": ("assault_at", ae_row)}[source]
    rows = [make(n) | {column: f"{DAY} 00:00:00"} for n in range(n_midnights)] + [
        make(n) for n in range(n_others)
    ]
    text = pl.DataFrame(rows)
    are_dates = n_midnights > n_others and n_midnights >= 3
    assert says_dates_only(text, AREA.sources[source]) is are_dates
    text = text.with_columns(pl.col(pl.String).replace("", None))
    found = place_in_time(text, AREA.sources[source], AREA, has_dates_only=are_dates)
    assert (found["time_basis"] == "time_uncertain").sum() == (n_midnights if are_dates else 0)


def test_dates_without_hours_are_kept_as_uncertain_and_said(house: House) -> None:
    rows = [
        police_row(n, committed_from=f"{DAY} 00:00:00", committed_to=f"{DAY} 00:00:00") for n in range(1, 40)
    ]
    house.put_day("police", [*rows, *(police_row(n) for n in range(40, 45))])
    assert house.check_one().verdict == "accepted"
    assert "most times in committed_from are exactly midnight" in house.messages()
    house.conform()
    with open_warehouse(house.settings) as warehouse:
        records = warehouse.read(RECORDS)
    assert dict(records["time_basis"].value_counts().iter_rows()) == {
        "time_uncertain": 39,
        "window_midpoint": 5,
    }
    assert records.filter(pl.col("time_basis") == "time_uncertain")["night"].null_count() == 39


def test_every_column_that_conform_needs_may_lack_the_precision() -> None:
    row = {k: v for k, v in ae_row().items() if k != "assault_time_precision"}
    text = pl.DataFrame([row]).with_columns(row_number=pl.lit(1, pl.Int64))
    known = {"delivery_id": "d", "known_at": datetime(2026, 3, 25, 6, tzinfo=UTC)}
    assert conform_records(text, AREA.sources["ae"], AREA, known=known)["time_basis"].to_list() == ["event"]
