"""A wrong area file is refused with file, key or line, and what to do."""

import shutil
from pathlib import Path

import pytest

from nte.area_files import load_area
from nte.errors import AreaError
from tests.areas import DERBYSHIRE

WRONG = [
    # file, what stands there, what is put in its place, what the error must say
    (
        "area.toml",
        'time_zone = "Europe/London"',
        'time_zone = "Europe/Londn"',
        ["area.toml", "time_zone", "Europe/London"],
    ),
    ("area.toml", 'monitored = ["Friday"', 'monitored = ["Freitag"', ["area.toml", "hours.monitored"]),
    ("area.toml", "night = 0.6", "night = 0.9", ["area.toml", "budget", "add up to 1.3"]),
    ("area.toml", "police = 5", "police = -3", ["area.toml", "least_count", "police"]),
    ("area.toml", "police = 5", "police = true", ["area.toml", "least_count", "police"]),
    ("area.toml", "weekend = 6", "weekend = 60000", ["area.toml", "least_sum", "weekend"]),
    ("area.toml", "false_alarms_per_30_days = 1.0", "false_alarms_per_30_days = inf", ["budget", "30"]),
    ("area.toml", "delta = 0.10", "delta = 0.80", ["area.toml", "alerts", "delta must be under gamma"]),
    ("area.toml", "gamma_of_windows = 0.85", "gamma_of_windows = 0.6", ["alerts", "must be at least gamma"]),
    (
        "area.toml",
        '"Derby" = "#nte-derby"',
        '"Derby" = "NTE Derby!"',
        ["slack.district_channels", "#nte-derby"],
    ),
    ("area.toml", '"Derby" = "#nte-derby"\n', "", ["no channel for Derby"]),
    ("area.toml", 'crs = "EPSG:27700"', 'crs = "the grid"', ["places.crs"]),
    ("area.toml", "[budget]", "[budget", ["area.toml", "line"]),
    (
        "area.toml",
        'record_id = "crime_ref"',
        'record_idd = "crime_ref"',
        ["sources.police.columns", "record_id"],
    ),
    (
        "area.toml",
        r"(?P<date>\d{4}-\d{2}-\d{2})\.csv'",
        r"(\d{4})\.csv'",
        ["sources.police.daily_pattern", "(?P<date>"],
    ),
    (
        "area.toml",
        "information team, EMAS",
        "information team,\\nEMAS",
        ["sources.emas.contact", "in one line"],
    ),
    ("area.toml", 'ops = "the team', 'ops = "<b>the team', ["contacts.ops", "is no contact"]),
    ("area.toml", '"Derby" = "licensing', '"Derbi" = "licensing', ["contacts.districts", "'Derbi'"]),
    ("definitions.toml", 'source = "emas"', 'source = "ems"', ["unknown source 'ems'"]),
    ("definitions.toml", 'definition = "nte-violence"', 'definition = "nte"', ["alert_definition"]),
    ("area.toml", '"0-17" = "under_18"', '"0-17" = "children"', ["codes.age_group", "under_18"]),
    ("area.toml", 'age_group = "victim_age_band"', "", ["columns.age_group names no column"]),
    ("definitions.toml", '["8L", "62A"]', '["8L", "8N"]', ["'8N' of police stands in two groups"]),
    (
        "definitions.toml",
        '["3B"]\nhas_victim',
        '["3C"]\nhas_victim',
        ["'3B' of police is counted and stands in no"],
    ),
    (
        "recording_changes.csv",
        "robbery_business,",
        "robberies,",
        ["recording_changes", "robberies is not known"],
    ),
    ("populations.csv", "Bolsover,", "Bolsova,", ["populations", "no town centre lies in 'Bolsova'"]),
    ("populations.csv", ",80300,", ",many,", ["populations.csv", "n: "]),
    (
        "interventions.csv",
        ",chesterfield,",
        ",chesterfeld,",
        ["place_code: no town centre is called 'chesterfeld'"],
    ),
    (
        "interventions.csv",
        '"fri, sat"',
        '"fri, fun"',
        ["interventions.0.nights", "'fun' is no night of the week"],
    ),
    (
        "interventions.csv",
        "21:00-03:00",
        "9 pm to 3",
        ["interventions.0.hours", "Write them like 21:00-03:00"],
    ),
    (
        "interventions.csv",
        "21:00-03:00",
        "21:00-09:00",
        ["21:00-09:00 do not lie within a night, 18:00-06:00"],
    ),
    ("interventions.csv", ",nte-violence,", ",violence,", ["no definition is called 'violence'"]),
    ("interventions.csv", "2025-10-03,,", "2025-10-03,2025-09-03,", ["ends on 2025-09-03, before it starts"]),
    ("interventions.csv", "2025-10-03,,", ",,", ["interventions.csv", "starts_on"]),
    (
        "interventions.csv",
        '"fri, sat"',
        "",
        ["interventions.0.nights: there are no nights. Write them like 'fri, sat'"],
    ),
    (
        "interventions.csv",
        "21:00-03:00",
        "",
        ["interventions.0.hours: there are no hours. Write them like 21:00"],
    ),
    ("interventions.csv", "declared_on", "declared", ["interventions.csv: line 1 has no column declared_on"]),
    ("unit_costs.csv", "abh,", "abhh,", ["unit_costs", "'abhh' is no offence group"]),
    ("unit_costs.csv", "abh,", "gbh_with_intent,", ["unit_costs", "'gbh_with_intent' stands there twice"]),
    ("unit_costs.csv", "abh,14050,2015", "abh,14050,2016", ["prices of 2015 and of 2016 cannot be added up"]),
    ("unit_costs.csv", "abh,14050,", "abh,many,", ["unit_costs.csv", "gbp: "]),
    ("unit_costs.csv", "abh,14050,", "abh,inf,", ["unit_costs.csv", "gbp: "]),
    ("unit_costs.csv", "abh,14050,", "abh,1e300,", ["unit_costs.csv", "gbp: "]),
    ("unit_costs.csv", "price_year", "year", ["unit_costs.csv: line 1 has no column price_year"]),
    ("gazetteer.csv", "name,kind,centre_code", "name,kind,town", ["gazetteer.csv", "line 1", "centre_code"]),
    ("gazetteer.csv", ",derby,", ",derbi,", ["unknown town centre 'derbi'"]),
    ("town_centres.geojson", '"features": [', '"features": [,', ["town_centres.geojson", "line"]),
    ("town_centres.geojson", '"radius_m": 750.0', '"radius_m": "wide"', ["town_centres.0.radius_m"]),
]


def test_the_shipped_area_is_good() -> None:
    assert len(load_area(DERBYSHIRE).current_centres) == 19


@pytest.mark.parametrize(("file", "stands", "instead", "says"), WRONG)
def test_a_wrong_area_is_refused_in_plain_words(
    file: str, stands: str, instead: str, says: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "derbyshire"
    shutil.copytree(DERBYSHIRE, folder)
    text = (folder / file).read_text()
    assert stands in text
    (folder / file).write_text(text.replace(stands, instead))
    with pytest.raises(AreaError) as refused:
        load_area(folder)
    for part in says:
        assert part in str(refused.value)


def test_a_table_that_a_spreadsheet_saved_as_utf_8_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "derbyshire"
    shutil.copytree(DERBYSHIRE, folder)
    costs = folder / "unit_costs.csv"
    costs.write_text(costs.read_text(), encoding="utf-8-sig")
    assert load_area(folder).unit_costs == load_area(DERBYSHIRE).unit_costs


def test_a_folder_that_is_no_area_is_refused_with_the_next_action(tmp_path: Path) -> None:
    with pytest.raises(AreaError, match="NTE_AREA must name a folder"):
        load_area(tmp_path / "nowhere")
