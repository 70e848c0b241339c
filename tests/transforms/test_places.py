"""Which town centre a point is in."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.areas import derbyshire
from transforms.places import assign_centres, place_points

AREA = derbyshire()
DERBY = next(c for c in AREA.current_centres if c.centre_code == "derby")
SQUARE = DERBY.model_copy(
    update={
        "centre_code": "square", "is_placeholder": False, "radius_m": None, "x": 435500.0, "y": 336500.0,
        "boundary": ((435000.0, 336000.0), (436000.0, 336000.0), (436000.0, 337000.0), (435000.0, 337000.0), (435000.0, 336000.0)),
    }
)  # fmt: skip

POINTS = [
    ("435160", "336280", "derby"),  # its middle
    ("435910", "336280", "derby"),  # on the circle
    ("435911", "336280", "outside_any_centre"),
    (" 435160 ", "336280.0", "derby"),
    ("", "336280", "unplaced"),
    ("0", "0", "unplaced"),
    ("336280", "435160", "unplaced"),  # swapped
    ("530000", "180000", "unplaced"),  # London
    ("n/a", "336280", "unplaced"),
    ("inf", "336280", "unplaced"),
    ("420000", "380000", "outside_any_centre"),
]


@pytest.mark.parametrize(("x", "y", "place"), POINTS)
def test_a_point_is_in_a_centre_outside_all_or_unplaced(x: str, y: str, place: str) -> None:
    frame = pl.DataFrame({"x": [x], "y": [y], "happened_on": [date(2026, 3, 27)]})
    placed = place_points(frame, AREA.sources["police"], AREA)
    assert placed["place_code"].to_list() == [place]
    assert placed["place_confidence"][0] == (None if place == "unplaced" else 1.0)


def codes(x: list[float], y: list[float], day: str, centres: list[object]) -> list[str]:
    days = np.array([day] * len(x), dtype="datetime64[D]")
    return list(assign_centres(np.array(x), np.array(y), days, centres))  # type: ignore[arg-type]


def test_a_surveyed_boundary_decides_by_its_polygon() -> None:
    assert codes([435001.0, 434999.0], [336001.0, 336001.0], "2026-03-27", [SQUARE]) == [
        "square", "outside_any_centre",
    ]  # fmt: skip


def test_a_boundary_holds_while_it_is_valid() -> None:
    old = DERBY.model_copy(update={"valid_to": date(2025, 12, 31)})
    new = SQUARE.model_copy(update={"centre_code": "derby", "valid_from": date(2026, 1, 1)})
    corner = ([435950.0], [336950.0])  # in the square, outside the circle
    assert codes(*corner, "2025-12-31", [old, new]) == ["outside_any_centre"]
    assert codes(*corner, "2026-01-01", [old, new]) == ["derby"]


def test_where_centres_overlap_the_nearer_middle_has_the_point() -> None:
    assert codes([435600.0], [336600.0], "2026-03-27", [DERBY, SQUARE]) == ["square"]
    assert codes([435600.0], [336600.0], "2026-03-27", [SQUARE, DERBY]) == ["square"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(402000, 454000), st.integers(318000, 396000)), min_size=1, max_size=50))
def test_the_sweep_agrees_with_looking_at_every_centre(points: list[tuple[int, int]]) -> None:
    slow = []
    for x, y in points:
        inside = [
            (np.hypot(x - c.x, y - c.y), c.centre_code)
            for c in AREA.current_centres
            if np.hypot(x - c.x, y - c.y) <= (c.radius_m or 0)
        ]
        slow.append(min(inside)[1] if inside else "outside_any_centre")
    fast = codes(
        [float(x) for x, _ in points], [float(y) for _, y in points], "2026-03-27", list(AREA.current_centres)
    )
    assert fast == slow
