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
    "name", ["Patient Name", "NHS_No", "DOB", "Postcode", "mobile number", "E-Mail", "surname"]
)
def test_a_column_that_must_never_be_here_refuses_the_delivery(house: House, name: str) -> None:
    rows = [row | {name: "Zebedee"} for row in GOOD]
    house.put(NAME, csv_text(rows, "ae", columns=[*COLUMNS["ae"], name]))
    checked = house.check_one("ae")
    assert checked.verdict == "rejected"
    assert "(column 14)" in checked.summary
    assert house.names("inbox") == []
    assert_nothing_of_it_is_left(house, "Zebedee")


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
