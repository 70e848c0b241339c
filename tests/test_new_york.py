"""Another area by configuration alone: rows in the shape of a public file of another country."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from nte.area_files import load_area
from nte.errors import AreaError
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNTS
from nte.tables.records import LEDGER, RECORDS
from nte.warehouse import open_warehouse
from tests.areas import AREAS
from tests.expectations.house import House
from transforms.steps import count_nights

NOW = datetime(2019, 1, 1, 14, tzinfo=UTC)
HEADER = "INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,BORO,PRECINCT,Latitude,Longitude"
ROWS = """169180023,9/9/17,3:57:00,STATEN ISLAND,120,40.63812599,-74.08746692
169180027,9/9/17,22:15:00,BRONX,50,40.86906069,-73.90224226
169180025,9/9/17,18:35:00,BROOKLYN,79,40.69645001,-73.94360674
169180025,9/9/17,18:35:00,BROOKLYN,79,40.69645001,-73.94360674
169180031,9/10/17,0:05:00,BROOKLYN,75,40.6656747,-73.8661555
169180044,9/10/17,14:30:00,QUEENS,103,40.7056747,-73.7961555
171090112,11/5/17,1:30:00,MANHATTAN,32,40.8156747,-73.9361555
171090113,3/12/17,2:30:00,MANHATTAN,32,40.8156747,-73.9361555
171090114,9/9/17,,BRONX,50,40.86906069,-73.90224226
171090115,2/30/17,22:00:00,BRONX,50,40.86906069,-73.90224226
191709964,1/2/19,4:26:00,BROOKLYN,75,40.6656747,-73.8661555
171090117,9/9/17,23:00:00,JERSEY CITY,1,40.71,-74.05"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house in New York that took the rows above as its history."""
    area = load_area(AREAS / "new-york")
    house = House(Settings(home=tmp_path / "home", inbox=tmp_path / "home" / "inbox"), area)
    path = house.settings.inbox_folder / "nypd" / "nypd_shootings_2017_2018.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f"{HEADER}\n{ROWS}\n")
    house.check("nypd", NOW)
    house.conform("nypd")
    count_nights(house.settings, area, NOW)
    return house


def counted(house: House) -> dict[tuple[date, str], int]:
    with open_warehouse(house.settings) as warehouse:
        rows = warehouse.read(NIGHT_COUNTS, "n_incidents > 0")
    return {(r["evening"], r["centre_code"]): r["n_incidents"] for r in rows.iter_rows(named=True)}


def test_boroughs_are_counted_by_night_and_several_victims_are_one_incident(house: House) -> None:
    assert counted(house) == {
        (date(2017, 3, 11), "manhattan"): 1,
        (date(2017, 9, 8), "staten-island"): 1,
        (date(2017, 9, 9), "bronx"): 1,
        (date(2017, 9, 9), "brooklyn"): 2,
        (date(2017, 9, 9), "outside_any_centre"): 1,
        (date(2017, 11, 4), "manhattan"): 1,
    }


def test_rows_whose_time_cannot_be_are_set_aside_with_their_reason(house: House) -> None:
    assert house.quarantine() == [
        (9, "time_unreadable", "OCCUR_DATE"),
        (10, "time_unreadable", "OCCUR_DATE"),
        (11, "time_impossible", "OCCUR_DATE"),
    ]


def test_every_row_has_one_fate(house: House) -> None:
    with open_warehouse(house.settings) as warehouse:
        fates = dict(warehouse.read(LEDGER).select("fate", "n_rows").iter_rows())
    assert fates == {"counted": 7, "by_day": 1, "superseded": 1, "quarantined": 3}


def test_absent_columns_have_defaults(house: House) -> None:
    with open_warehouse(house.settings) as warehouse:
        records = warehouse.read(RECORDS)
    assert set(records["record_version"]) == {1}
    assert not records["is_withdrawn"].any()
    assert records["offence_code"].null_count() == records.height


def test_the_repeated_hour_counts_and_times_are_those_of_the_area(house: House) -> None:
    with open_warehouse(house.settings) as warehouse:
        (late,) = warehouse.read(RECORDS, "record_id = '171090112'")["occurred_at"]
    assert late == datetime(2017, 11, 5, 5, 30, tzinfo=UTC)


def test_a_daily_file_corrects_an_incident_of_the_history(house: House) -> None:
    path = house.settings.inbox_folder / "nypd" / "nypd_shootings_2019-01-02.csv"
    path.write_text(f"{HEADER}\n169180027,9/9/17,22:15:00,QUEENS,103,40.7056747,-73.7961555\n")
    house.check("nypd", datetime(2019, 1, 2, 14, tzinfo=UTC))
    house.conform("nypd")
    count_nights(house.settings, house.area, datetime(2019, 1, 2, 14, tzinfo=UTC))
    found = counted(house)
    assert (date(2017, 9, 9), "bronx") not in found
    assert found[date(2017, 9, 9), "queens"] == 1


def test_a_centre_name_that_leads_nowhere_is_refused_in_plain_words(tmp_path: Path) -> None:
    for file in (AREAS / "new-york").iterdir():
        text = file.read_text().replace('"BRONX" = "bronx"', '"BRONX" = "the-bronx"')
        (tmp_path / file.name).write_text(text)
    with pytest.raises(AreaError, match="centre_names: no town centre is called 'the-bronx'"):
        load_area(tmp_path)
