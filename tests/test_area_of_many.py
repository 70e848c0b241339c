"""The area of a force of average size, which the national rehearsal is made of."""

from pathlib import Path

import pytest
from shapely.geometry import Point, Polygon

from bench.area_of_many import write_area
from nte.area_files import load_area
from simulator.calibration import load_calibration
from simulator.counts import list_cells
from simulator.ground import load_ground
from tests.areas import derbyshire


def test_more_town_centres_lie_apart_and_are_all_simulated(tmp_path: Path) -> None:
    folder = write_area(tmp_path / "area", 28)
    area, ground = load_area(folder), load_ground(folder)
    assert len(area.current_centres) == 28
    assert area.districts == derbyshire().districts
    places = [Polygon(centre.boundary) for centre in area.town_centres]
    assert all(a.disjoint(b) for n, a in enumerate(places) for b in places[:n])
    assert all(place.contains(Point(c.x, c.y)) for place, c in zip(places, area.town_centres, strict=True))
    venues = [spot.name for spot in ground.spots if spot.kind != "street"]
    assert len(set(venues)) == len(venues)
    assert {spot.centre_code for spot in ground.spots} == {c.centre_code for c in area.town_centres}
    assert len(list_cells(ground, load_calibration(folder))) == 28 + len(area.districts)


def test_a_number_of_town_centres_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="99 town centres: give 19 to 37"):
        write_area(tmp_path / "area", 99)
