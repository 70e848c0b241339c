"""A new area from a list of town centres: checked, complete, and through its first day and its first month."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.area_new import make_area
from cli.main import app
from cli.weekend import show_run
from expectations.contract.example import example_rows
from nte.area_files import load_area
from nte.deliveries.near_names import agreed_name
from nte.errors import MisuseError
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNTS
from nte.warehouse import open_warehouse
from reports.steps import publish_warehouse
from tests.areas import AREAS, DERBYSHIRE
from tests.expectations.house import House, csv_text
from transforms.steps import count_nights

DAY = date(2026, 3, 28)
NOW = datetime(2026, 3, 28, 9, tzinfo=UTC)
HEADER = "name,district,latitude,longitude,radius_m,sites\n"
CENTRES = (
    HEADER
    + "Newark-on-Trent,Newark and Sherwood,53.0765,-0.8085,450,RK5\nRetford,Bassetlaw,53.3225,-0.9430,,\n"
)
BOX = {
    "type": "Polygon",
    "coordinates": [[[-1.3, 52.8], [-0.7, 52.8], [-0.7, 53.5], [-1.3, 53.5], [-1.3, 52.8]]],
}


def made(tmp_path: Path, centres: str = CENTRES, boundary: object = BOX, name: str = "centres.csv") -> Path:
    given, outline = tmp_path / name, tmp_path / "outline.geojson"
    given.write_text(centres, "utf-8")
    outline.write_text(json.dumps(boundary), "utf-8")
    make_area("trent", "The Trent", given, outline, DERBYSHIRE, tmp_path)
    return tmp_path / "trent"


def test_a_folder_is_made_that_loads_and_says_nothing_of_its_model(tmp_path: Path) -> None:
    folder = made(tmp_path)
    area = load_area(folder)
    newark, retford = area.town_centres
    assert (newark.centre_code, newark.radius_m, newark.is_placeholder) == ("newark-on-trent", 450, True)
    assert (newark.covered_by, newark.sites) == (("police", "emas", "ae"), {"ae": ("RK5",)})
    assert (retford.covered_by, retford.radius_m) == (("police", "emas"), 400)
    assert area.slack.district_channels == {
        "Bassetlaw": "#nte-bassetlaw",
        "Newark and Sherwood": "#nte-newark-and-sherwood",
    }
    assert set(area.readers) == {"police", "licensing-bassetlaw", "licensing-newark-and-sherwood"}
    assert area.places.bounds[0] < newark.x < area.places.bounds[2]
    assert [d.definition for d in area.definitions] == [
        d.definition for d in load_area(DERBYSHIRE).definitions
    ]
    text = "\n".join(path.read_text("utf-8") for path in folder.iterdir())
    assert not [w for w in ("Chesterfield", "RTG", "Constabulary", "Erewash") if w in text]


def test_a_model_that_is_laid_out_otherwise_is_copied_as_well(tmp_path: Path) -> None:
    like = shutil.copytree(DERBYSHIRE, tmp_path / "like")
    text = (like / "area.toml").read_text("utf-8")
    for here, there in (
        ('code = "derbyshire"', 'code    = "derbyshire"'),
        ("recording_changes = [2024-03-01]", "recording_changes = [\n    2024-03-01,   # the real one\n]"),
        ("bounds = [398000, ", "bounds = [\n    398000,\n    "),
    ):
        assert here in text
        text = text.replace(here, there)
    (like / "area.toml").write_text(text, "utf-8")
    (tmp_path / "centres.csv").write_text(CENTRES, "utf-8")
    area = make_area("trent", "The Trent", tmp_path / "centres.csv", None, like, tmp_path)
    assert (area.code, area.sources["emas"].recording_changes) == ("trent", ())
    assert area.places.bounds != load_area(like).places.bounds


def test_town_centres_with_boundaries_keep_them(tmp_path: Path) -> None:
    ring = [[-0.81, 53.07], [-0.80, 53.07], [-0.80, 53.08], [-0.81, 53.08], [-0.81, 53.07]]
    feature = {"type": "Feature", "properties": {"name": "Newark", "district": "Newark and Sherwood"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    folder = made(
        tmp_path, json.dumps({"type": "FeatureCollection", "features": [feature]}), name="centres.geojson"
    )
    (centre,) = load_area(folder).town_centres
    assert (centre.is_placeholder, centre.radius_m, len(centre.boundary)) == (False, None, 5)


WRONG = {
    "no such column": ("town,district\nx,y\n", BOX, "line 1 has no column name"),
    "no district": (HEADER + "Newark,,53,-0.8,,\n", BOX, "line 2: has no district"),
    "no place": (HEADER + "Newark,N,,,,\n", BOX, "line 2: has no latitude and longitude"),
    "a word for a number": (HEADER + "Newark,N,north,-0.8,,\n", BOX, "line 2: latitude is no number"),
    "swapped": (HEADER + "Newark,N,-0.8,53,,\n", BOX, "line 2: 'Newark' .* are swapped"),
    "nowhere on earth": (HEADER + "Newark,N,530,-0.8,,\n", BOX, "out of bounds"),
    "a radius of a county": (HEADER + "Newark,N,53,-0.8,90000,\n", BOX, "radius_m is 90000"),
    "twice": (HEADER + "Newark,N,53,-0.8,,\nnewark,N,53,-0.8,,\n", BOX, "two town centres would have the code 'newark'"),
    "none": (HEADER, BOX, "holds 0 town centres"),
    "outside": (HEADER + "Leeds,Leeds,53.8,-1.55,,\n", BOX, "Leeds lies outside of it"),
    "a line for a boundary": (CENTRES, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "holds no polygon"),
    "no boundary": (CENTRES, [1, 2], "no GeoJSON"),
    "a boundary in metres": (CENTRES, {"type": "Point", "coordinates": [435000, 336000]}, "not in longitude and latitude"),
}  # fmt: skip


@pytest.mark.parametrize(("centres", "boundary", "why"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_and_no_folder_is_left(
    centres: str, boundary: object, why: str, tmp_path: Path
) -> None:
    with pytest.raises(MisuseError, match=why):
        made(tmp_path, centres, boundary)
    assert not (tmp_path / "trent").exists()


def test_a_code_that_is_none_and_one_that_is_taken_are_refused(tmp_path: Path) -> None:
    (tmp_path / "centres.csv").write_text(CENTRES, "utf-8")
    words = [
        "area",
        "new",
        "../up",
        "--name",
        "x",
        "--centres",
        str(tmp_path / "centres.csv"),
        "--into",
        str(tmp_path),
    ]
    assert "no code of an area" in str(CliRunner().invoke(app, words).exception)
    words[2] = "trent"
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "is there already" in str(CliRunner().invoke(app, words).exception)


def test_a_second_english_area_loads_and_counts_its_first_day(tmp_path: Path) -> None:
    """Nottinghamshire: its files as its own contract shows them, from the inbox to the page of the first weeks."""
    area = load_area(AREAS / "nottinghamshire")
    assert all(centre.is_placeholder for centre in area.town_centres)
    house = House(Settings(home=tmp_path / "home", inbox=tmp_path / "home" / "inbox"), area)
    for name, source in area.sources.items():
        rows = example_rows(source, area, DAY)
        house.put(str(agreed_name(source, DAY)), csv_text(rows, columns=list(rows[0])), n_rows=10)
        assert [c.verdict for c in house.check(name, NOW).checked] == ["accepted"]
        assert house.conform(name) == 10
    count_nights(house.settings, area, NOW)
    with open_warehouse(house.settings) as warehouse:
        counts = warehouse.read(NIGHT_COUNTS, "definition = ?", [area.alert_definition])
    evening = counts.filter(evening=DAY - timedelta(days=1))
    assert evening.filter(source="ae")["n_incidents"].sum() == 6  # of five precisions two say no night
    assert set(evening.filter(source="ae", is_covered=True)["centre_code"]) > {
        "nottingham-city-centre",
        "mansfield",
    }
    publish_warehouse(house.settings, area, NOW)
    console = Console(record=True, quiet=False, width=200)
    with console.capture() as said:
        show_run(console, house.settings, area, NOW)
    assert (
        "nothing can alert: 1 night is counted, and 28 of a source must be known before what is usual in a town centre can "
        "be said, from Friday 24 April on at the earliest"
    ) in " ".join(said.get().split())
