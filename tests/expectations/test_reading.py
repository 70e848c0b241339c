"""Bytes into a frame of strings, and local times into instants."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from nte.area import Area
from nte.deliveries.inbox import scan_inbox
from nte.deliveries.local_times import is_clock_change, parse_local
from nte.deliveries.packed import UnreadableDelivery
from nte.deliveries.text import DeliveryText, read_delivery
from tests.expectations.house import COLUMNS, ae_row, csv_text

ISO, BRITISH = "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M"


def read(area: Area, content: bytes) -> DeliveryText:
    return read_delivery(content, area.sources["ae"])


def test_empty_cells_are_null_and_the_space_around_others_is_dropped(area: Area) -> None:
    frame = read(area, csv_text([ae_row(1, assault_at="  ", place_text="  a b ")], "ae").encode()).frame
    assert frame["assault_at"].to_list() == [None]
    assert frame["place_text"].to_list() == ["a b"]
    assert frame.columns == [*COLUMNS["ae"], "row_number"]


def test_blank_lines_are_no_rows_but_keep_their_number(area: Area) -> None:
    header, row = csv_text([ae_row()], "ae").splitlines()
    frame = read(area, f"\n{header}\n{row}\n\n  \n{row}\n\n".encode()).frame
    assert frame["row_number"].to_list() == [1, 4]


def test_ragged_rows_are_named_and_what_they_hold_beyond_the_header_is_kept_for_the_search(
    area: Area,
) -> None:
    header, row = csv_text([ae_row(place_text="two\nlines")], "ae").split("\n", maxsplit=1)
    text = read(area, f"{header}\n{row.strip()},x,y\nshort,row\n{row}".encode())
    assert text.ragged_rows == (1, 2)
    assert text.surplus == {1: "x y"}
    assert text.frame.height == 3


@pytest.mark.parametrize("content", [b'a,"b\nc"d,e\n"1",2,3\n', b'"a"b,c\n1,2\n', b'a,b\n1,"x" y"z"\n'])
def test_quotation_marks_in_odd_places_never_crash_and_are_never_repeated(area: Area, content: bytes) -> None:
    said = ""
    try:
        assert read(area, content).frame.height >= 0
    except UnreadableDelivery as problem:
        said = problem.reason
    assert said == "" or "quotation marks" in said


def test_a_column_named_twice_is_refused(area: Area) -> None:
    header, row = csv_text([ae_row()], "ae").splitlines()
    with pytest.raises(UnreadableDelivery, match="names site_code more than once"):
        read(area, f"{header},site_code\n{row},RTG\n".encode())


def parsed(cells: list[str | None], *formats: str) -> list[datetime | None]:
    frame = pl.DataFrame({"at": cells}, {"at": pl.String})
    return frame.select(parse_local("at", formats, "Europe/London"))["at"].to_list()


def test_summer_and_winter_times_become_utc_instants() -> None:
    assert parsed(["2026-07-01 00:30:00", "2026-01-01 00:30:00", None], ISO) == [
        datetime(2026, 6, 30, 23, 30, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 30, tzinfo=UTC),
        None,
    ]


def test_the_repeated_hour_is_its_first_and_the_skipped_hour_that_of_a_clock_not_set() -> None:
    assert parsed(["2026-10-25 01:30:00", "2026-03-29 01:30:00"], ISO) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    ]
    frame = pl.DataFrame({"at": ["2026-10-25 01:30:00", "2026-03-29 01:30:00", "no time", None]})
    changes = frame.select(is_clock_change("at", (ISO,), "Europe/London"))["at"].to_list()
    assert [bool(change) for change in changes] == [True, True, False, False]


def test_a_column_has_one_format_and_a_row_in_another_is_never_guessed() -> None:
    midday = datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert parsed(["02/01/2026 12:00", "02/01/2026 12:00", "2026-01-02 12:00:00"], ISO, BRITISH) == [
        midday,
        midday,
        None,
    ]
    assert parsed(["2026-01-02 12:00:00", "02/01/2026 12:00"], ISO, BRITISH) == [midday, None]


def test_a_name_with_only_years_covers_them_whole(area: Area, tmp_path: Path) -> None:
    source = area.sources["ae"].model_copy(
        update={"date_format": "%Y", "history_pattern": r"shots_(?P<from>\d{4})_(?P<to>\d{4})\.csv"}
    )
    yearly = area.model_copy(update={"sources": {"ae": source}})
    (tmp_path / "ae").mkdir()
    (tmp_path / "ae" / "shots_2006_2018.csv").write_text("x")
    (arrival,) = scan_inbox(tmp_path, yearly, datetime(2026, 1, 1, tzinfo=UTC)).arrivals
    assert (arrival.first_date, arrival.last_date) == (date(2006, 1, 1), date(2018, 12, 31))
    assert arrival.known_at == datetime(2019, 1, 1, 6, tzinfo=UTC)
