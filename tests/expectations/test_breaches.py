"""A reference is no NHS number, no name of a column hides its cells, and a breach is always told."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.steps import announce_feeds
from expectations.cell_checks import has_nhs_number
from expectations.personal_data import find_personal_data
from nte.area import Area
from nte.deliveries.text import read_delivery
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from tests.expectations.house import COLUMNS, DAY, House, ae_row, csv_text, emas_row, police_row
from transforms.steps import count_nights

MORNING = datetime(2026, 3, 25, 9, tzinfo=UTC)
NHS = "9434765919"


def found_in(area: Area, source: str, text: str) -> list[str]:
    contract = area.sources[source]
    return [f.kind for f in find_personal_data(read_delivery(text.encode(), contract), contract, area, DAY)]


def checked_numbers(n: int) -> list[str]:
    """Ten-digit numbers that all pass the check digit."""
    found = (f"{4_000_000_000 + i}" for i in range(40 * n))
    return [number for number in found if has_nhs_number(number)][:n]


@pytest.mark.parametrize("n_rows", [1, 2, 12, 19, 40])
@pytest.mark.parametrize("form", ["{}", "EM{}", "{}-1", "0{}"])
def test_a_key_of_ten_digits_is_a_reference_however_few_there_are(n_rows: int, form: str, area: Area) -> None:
    numbers = [n[1:] if form == "0{}" else n for n in checked_numbers(n_rows)]
    rows = [emas_row(n, incident_ref=form.format(number)) for n, number in enumerate(numbers)]
    assert found_in(area, "emas", csv_text(rows, "emas")) == []
    crimes = [police_row(n, crime_ref=number, occurrence_ref=number) for n, number in enumerate(numbers)]
    assert found_in(area, "police", csv_text(crimes)) == []


@pytest.mark.parametrize(
    "cell", ["943 476 5919", "943-476-5919", "NHS 943 476 5919", "07700900123", "a@b.org"]
)
def test_a_key_that_is_written_as_people_write_it_is_still_found(cell: str, area: Area) -> None:
    assert found_in(area, "emas", csv_text([emas_row(incident_ref=cell)], "emas"))


def test_a_number_outside_the_keys_is_still_found(area: Area) -> None:
    assert found_in(area, "ae", csv_text([ae_row(place_text=NHS)], "ae")) == ["an NHS number"]


@given(name=st.text(string.punctuation.replace('"', "") + "ab. ", min_size=1, max_size=12).filter(str.strip))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("value", ["943 476 5919"])
def test_no_name_of_a_column_hides_its_cells(value: str, name: str, area: Area) -> None:
    for header in (name, f"^{name}.*$", "^.*$", "*"):
        columns = [*COLUMNS["ae"], header.replace(",", "")]
        text = csv_text([ae_row() | {columns[-1]: value}], "ae", columns=columns)
        assert "an NHS number" in found_in(area, "ae", text)


def told(house: House, now: datetime) -> list[str]:
    announce_feeds(house.settings, house.area, now)
    with open_warehouse(house.settings) as warehouse:
        rows = warehouse.read(OUTBOX, "purpose = 'feed' AND kind <> 'edit'").sort("sequence")
    return [
        row["message_id"] for row in rows.iter_rows(named=True) if row["message_id"].startswith("refused|")
    ]


def take(house: House, now: datetime) -> None:
    house.check("police", now)
    house.conform()
    count_nights(house.settings, house.area, now)


@pytest.mark.parametrize("days_late", [0, 40])
def test_a_breach_is_told_once_though_its_night_is_covered(house: House, days_late: int) -> None:
    now = MORNING + timedelta(days=days_late)
    house.put_day("police", [police_row(1)])
    take(house, now)
    house.put_day("police", [police_row(1, district=f"call {NHS[:3]} {NHS[3:6]} {NHS[6:]}")])
    take(house, now)
    (head,) = told(house, now)
    take(house, now + timedelta(hours=1))
    assert told(house, now + timedelta(hours=1)) == [head]
    with open_warehouse(house.settings) as warehouse:
        (row,) = warehouse.read(OUTBOX, "message_id = ?", [head]).rows(named=True)
    assert row["status"] == "pending"
    assert "personal" not in row["status_reason"] if row["status_reason"] else True


def test_a_breach_is_told_though_a_clean_file_came_before_anybody_looked(house: House) -> None:
    house.put_day("police", [police_row(1, district="ask j.doe@example.org")])
    take(house, MORNING)
    house.put_day("police", [police_row(1)])
    take(house, MORNING + timedelta(minutes=5))
    later = MORNING + timedelta(minutes=10)
    (head,) = told(house, later)
    assert told(house, later + timedelta(hours=1)) == [head, f"{head}|mended"]
    assert told(house, later + timedelta(hours=2)) == [head, f"{head}|mended"]


def test_a_correction_that_was_refused_is_told_though_its_night_is_covered(house: House) -> None:
    house.put_day("police", [police_row(1)])
    take(house, MORNING)
    house.put_day("police", [police_row(1), police_row(2)], n_rows=3)
    take(house, MORNING + timedelta(hours=1))
    (head,) = told(house, MORNING + timedelta(hours=1))
    assert told(house, MORNING + timedelta(hours=2)) == [head]
    house.put_day("police", [police_row(1), police_row(2)], n_rows=2)
    take(house, MORNING + timedelta(hours=3))
    assert told(house, MORNING + timedelta(hours=3)) == [head, f"{head}|mended"]
