"""A header that is nearly right is read; titles over it are read past. Inch marks are refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.steps import announce_feeds
from expectations.judging import judge_delivery
from nte.area import Area
from nte.deliveries.inbox import arrival_at
from nte.deliveries.packed import UnreadableDelivery
from nte.deliveries.text import read_delivery
from nte.due import read_deliveries, state_of_source
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from nte.words import FeedState
from tests.expectations.house import COLUMNS, DAY, House, ae_row, csv_text, police_row

NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)
HEADER, ROW = csv_text([ae_row()], "ae").splitlines()
QUOTED = ",".join(f'"{name}"' for name in HEADER.split(","))
READ = {
    "capitals": HEADER.upper(),
    "title case": HEADER.title(),
    "a byte order mark": f"\ufeff{HEADER}",
    "a mark and quotation marks": f"\ufeff{QUOTED}",
    "quotation marks and capitals": QUOTED.upper(),
    "spaces around": HEADER.replace(",", " , "),
    "hard spaces around": HEADER.replace(",", "\u00a0,\u00a0"),
    "marks inside": HEADER.replace(",", "\u200b,\ufeff"),
    "spaces for underlines": HEADER.replace("_", " "),
    "hard spaces for underlines": HEADER.replace("_", "\u00a0").title(),
    "sep": f"sep=,\n{HEADER}",
    "sep with a return": f"sep=,\r\n{HEADER}",
    "SEP with a mark": f"\ufeffSEP=,\r\n{HEADER}",
    "sep in quotation marks": f'"sep=,"\n{HEADER}',
    "sep and blank lines": f"sep=,\n\n\n{HEADER}",
    "blank lines": f"\n\n{HEADER}",
}
TITLES = {
    "two lines": f"Daily extract,,,\nRun 29/03/2026 06:05,,,\n\n{HEADER}",
    "one line": f"Assault attendances\n{HEADER}",
    "a title in capitals over one in capitals": f"A&E,ISTV\n{HEADER.upper()}",
    "a quoted title with a mark": f'\ufeff"Extract, daily"\n{QUOTED}',
    "a rule": f"----------\n{HEADER}",
    "many lines": "note\n" * 28 + HEADER,
    "a title under a blank line": f"\nExtract\n{HEADER}",
    "semicolons": f"Extract;;\n{HEADER.replace(',', ';')}",
}
HIDDEN = {
    "none": ROW,
    "too deep": "note\n" * 40 + HEADER,
    "another contract": "a,b,c\n1,2,3",
    "half of it": "title\n" + ",".join(COLUMNS["ae"][:5]),
}


@pytest.mark.parametrize("header", READ.values(), ids=READ)
def test_a_header_that_is_nearly_right_is_read(header: str, area: Area) -> None:
    text = read_delivery(f"{header}\n{ROW}\n".encode(), area.sources["ae"])
    assert text.frame.columns == [*COLUMNS["ae"], "row_number"]
    assert text.frame.height == 1
    assert text.frame["attendance_ref"].to_list() == ["AE00000001"]


@pytest.mark.parametrize("start", TITLES.values(), ids=TITLES)
def test_titles_over_the_header_are_no_rows_and_are_kept_for_the_search(start: str, area: Area) -> None:
    ends = ";" if ";;" in start else ","
    text = read_delivery(f"{start}\n{ROW.replace(',', ends)}\n".encode(), area.sources["ae"])
    assert text.frame.columns == [*COLUMNS["ae"], "row_number"]
    assert text.frame.select("attendance_ref", "row_number").rows() == [("AE00000001", 1)]
    assert text.beside == tuple(line for line in start.lstrip("\ufeff\n").split("\n")[:-1] if line)


@pytest.mark.parametrize("start", HIDDEN.values(), ids=HIDDEN)
def test_without_a_header_the_missing_columns_are_named(start: str, area: Area) -> None:
    source = area.sources["ae"]
    arrival = arrival_at(Path(f"ae_{DAY}.csv"), source, area)
    assert arrival
    judged = judge_delivery(f"{start}\n{ROW}\n".encode, None, arrival, area)
    assert judged.verdict == "rejected"
    assert "13 columns are missing" in judged.failed[0].detail
    assert judged.failed[0].detail.endswith("it may have another delimiter, or no header")


def test_a_column_that_stands_there_by_its_own_name_is_no_other(area: Area) -> None:
    text = read_delivery(f"{HEADER},SITE_CODE\n{ROW},secret\n".encode(), area.sources["ae"])
    assert text.frame["site_code"].to_list() == ["RTG"]
    with pytest.raises(UnreadableDelivery, match="names site_code more than once"):
        read_delivery(f"{HEADER.upper()},Site_Code\n{ROW},RTG\n".encode(), area.sources["ae"])


INCHES = ['street 5" blade', 'a 6"', '"half quoted', '6" "or" so', '"', 'x"y"z"']
WHOLE = ['5" and 6" blades', 'bar "The Crown" yard', '12"x12"']
"""Marks that pair up in their own cell hide nothing."""


@pytest.mark.parametrize("n_rows", [None, 6])
@pytest.mark.parametrize("inch", [*INCHES, *WHOLE])
def test_unquoted_inch_marks_are_never_half_a_file(inch: str, n_rows: int | None, area: Area) -> None:
    """Where they run rows into each other the file is refused, whatever its manifest says."""
    lines = csv_text([police_row(n) for n in range(6)]).splitlines()
    for n in (2, 5):
        lines[n] = lines[n].replace(",street,", f",{inch},")
    arrival = arrival_at(Path(f"police_{DAY}.csv"), area.sources["police"], area)
    assert arrival
    manifest = None if n_rows is None else f'{{"rows": {n_rows}}}'.encode()
    judged = judge_delivery("\n".join(lines).encode, manifest, arrival, area)
    if inch in WHOLE:
        assert judged.n_accepted == 6
    else:
        assert judged.verdict == "rejected"
        assert "quotation mark" in judged.failed[0].detail
        assert '"' not in judged.failed[0].detail


def test_a_file_with_inch_marks_leaves_its_night_unknown_and_ops_are_told(house: House) -> None:
    lines = csv_text([police_row(n) for n in range(6)]).replace(",street,", ',5" blade,', 2)
    house.put(f"police_{DAY}.csv", lines)
    assert house.check_one().verdict == "rejected"
    assert house.conform() == 0
    announce_feeds(house.settings, house.area, NOW)
    with open_warehouse(house.settings) as warehouse:
        told = "\n".join(warehouse.read(OUTBOX, "purpose = 'feed'")["message"])
        come = read_deliveries(warehouse.query, house.area, NOW)
    assert "quotation marks do not" in told
    assert state_of_source(house.area, "police", come, NOW).state is FeedState.REFUSED
