"""A delivery with personal data is refused and not kept: no byte of the value is left anywhere."""

import json
from datetime import timedelta

import pytest

from expectations.cell_checks import is_personal
from expectations.personal_data import find_personal_data
from nte.deliveries.text import read_delivery
from tests.expectations.house import COLUMNS, DAY, House, ae_row, csv_text

NAME = f"ae_{DAY}.csv"
GOOD = [ae_row(n) for n in range(1, 6)]


def assert_nothing_of_it_is_left(house: House, value: str) -> None:
    """No file under the house holds the value, in any encoding that a delivery may have."""
    for path in house.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert value.encode() not in content, path
            assert value.encode("utf-16-le") not in content, path


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("943 476 5919", "an NHS number"),
        ("lives near DE1 2ZQ", "a full postcode"),
        ("rang from 07700 900123", "a phone number"),
        ("ask j.doe@example.org", "an e-mail address"),
        ("John 12/03/1987", "a date of birth"),
    ],
)
def test_a_cell_with_personal_data_refuses_the_delivery_and_leaves_only_a_receipt(
    house: House, value: str, kind: str
) -> None:
    house.put(NAME, csv_text([*GOOD, ae_row(6, place_text=value)], "ae"), n_rows=6)
    checked = house.check_one("ae")
    assert checked.verdict == "rejected"
    assert checked.summary == (
        f"{NAME}: it holds what may never be here: {kind} in place_text (row 6). Nothing of it was kept but a "
        "receipt in rejected/ae; tell the provider, who must send it again without."
    )
    assert house.names("inbox") == []
    (name,) = house.names("rejected")
    receipt = json.loads((house.home / "rejected" / name).read_text())
    assert receipt["found"] == [{"kind": kind, "column": "place_text", "n_rows": 1, "rows": [6]}]
    assert (receipt["file_name"], receipt["n_rows"], len(receipt["sha256"])) == (NAME, 6, 64)
    assert_nothing_of_it_is_left(house, value)
    house.put(NAME, csv_text(GOOD, "ae"), n_rows=5)
    assert house.check_one("ae").verdict == "accepted"


@pytest.mark.parametrize(
    "name",
    [
        "Patient Name",
        "NHS_No",
        "DOB",
        "Postcode",
        "mobile number",
        "E-Mail",
        "surname",
        "IP Name",
        "OIC Name",
        "Collar No",
    ],
)
def test_a_column_that_must_never_be_here_refuses_the_delivery(house: House, name: str) -> None:
    rows = [row | {name: "Zebedee"} for row in GOOD]
    house.put(NAME, csv_text(rows, "ae", columns=[*COLUMNS["ae"], name]))
    checked = house.check_one("ae")
    assert checked.verdict == "rejected"
    assert "(column 14)" in checked.summary
    assert house.names("inbox") == []
    assert_nothing_of_it_is_left(house, "Zebedee")


PEOPLE = ["John Smith", "SMITH, Jane", "A. Khan", "PC 1234 Jones", "Wei Zhang"]
KINDS = ["Member of the public", "Security Staff", "Door Supervisor", "Police Officer", "Not Known"]
STREETS = ["Market Place", "Friar Gate", "St James Street", "Sadler Gate", "Victoria Street"]


def found_in(house: House, header: str, cells: list[str]) -> list[str]:
    """Return what is found in deliveries with one column more, of these cells again and again."""
    source, columns = house.area.sources["ae"], [*COLUMNS["ae"], header]
    rows = [ae_row(n) | {header: cells[n % len(cells)]} for n in range(25)]
    text = read_delivery(csv_text(rows, "ae", columns=columns).encode(), source)
    return [f.kind for f in find_personal_data(text, source, house.area, DAY)]


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("Victim", ["John Smith"], "people's names"),
        ("Aggrieved", PEOPLE, "people's names"),
        ("Suspect 1", PEOPLE, "people's names"),
        ("Officer in Case", ["PC 4411", "1234", "882"], "numbers of staff"),
        ("OIC", ["4411", "1234 Smith"], "numbers of staff"),
        (
            "Seen by",
            [f"{letter}wei Mensah" for letter in "ABCDEFGHIJKLM"],
            "people's names",
        ),
        ("Who", ["Anna Smith", "Ahmed Khan", "Tom Baker", "Sarah O'Neil", "Joan Price"], "people's names"),
    ],
)
def test_a_column_whose_cells_look_like_people_is_found(
    house: House, header: str, cells: list[str], kind: str
) -> None:
    assert found_in(house, header, cells) == [kind]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Suspect", ["Y", "N", "U"]),
        ("Victim", ["18-24", "25-34"]),
        ("Caller", KINDS),
        ("Officer injured", ["Yes", "No"]),
        ("Beat Name", STREETS),
        ("Force ID", ["30"]),
        ("Street", STREETS),
    ],
)
def test_kinds_of_people_numbers_of_them_and_streets_are_no_people(
    house: House, header: str, cells: list[str]
) -> None:
    assert found_in(house, header, cells) == []


def test_personal_data_beyond_the_headers_columns_or_in_an_unreadable_file_is_found_too(house: House) -> None:
    lines = csv_text(GOOD, "ae").splitlines()
    lines[3] += ",07700 900123"
    house.put(NAME, "\n".join(lines))
    assert "fields beyond the header (row 3)" in house.check_one("ae").summary
    house.put(NAME, 'ref,text\n1,"never closed 943 476 5919\n')
    assert house.check_one("ae").verdict == "rejected"
    assert_nothing_of_it_is_left(house, "943 476 5919")
    assert_nothing_of_it_is_left(house, "07700 900123")
    assert house.names("inbox") == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("nhs_number", "943 476 5918"),
        ("nhs_number", "40.9434765919"),
        ("nhs_number", "OC94347659190"),
        ("uk_postcode", "at the 2nd door of M1 5th"),
        ("uk_postcode", "8N/20"),
        ("uk_phone", "2026-02-18 03:00:00"),
        ("uk_phone", "OC00154203-1"),
        ("email", "<!channel> @ home"),
        ("date_of_birth", "2026-03-12"),
        ("date_of_birth", "1987-03-12 10:15:00"),
        ("date_of_birth", "12/03/2026"),
    ],
)
def test_what_only_looks_like_personal_data_is_let_through(kind: str, text: str) -> None:
    assert not is_personal(kind, text, DAY)


def test_a_column_of_ten_digit_references_is_not_taken_for_nhs_numbers(house: House) -> None:
    rows = [ae_row(n, attendance_ref=str(4_000_000_000 + n)) for n in range(60)]
    source = house.area.sources["ae"]
    assert (
        find_personal_data(read_delivery(csv_text(rows, "ae").encode(), source), source, house.area, DAY)
        == []
    )


def test_a_column_of_recent_dates_is_not_taken_for_dates_of_birth(house: House) -> None:
    rows = [ae_row(n, age_band=str(DAY - timedelta(days=20 * n))) for n in range(30)]
    source = house.area.sources["ae"]
    found = find_personal_data(read_delivery(csv_text(rows, "ae").encode(), source), source, house.area, DAY)
    assert found == []
