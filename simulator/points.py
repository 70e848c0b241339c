"""Where incidents happen: at a venue or street of a town centre, or well outside every town centre."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.counts import Cell
from simulator.draws import Bools, Floats, Ints, draw_indices
from simulator.figures import Places
from simulator.ground import Centre, Spot

SPOT_SPREAD_M = 20.0
EDGE_M = 80.0
"""Points keep this far inside the circle, so that neither rounding nor a polygon's corners lose them."""
N_POOL_POINTS = 4000
NOWHERE = -1


@dataclass(frozen=True)
class Points:
    """Where incidents happened, EPSG:27700 metres; `spot` is a position in the gazetteer, or NOWHERE."""

    easting: Floats
    northing: Floats
    spot: Ints


def place_on_ground(
    rng: np.random.Generator, cell_of: Ints, cells: Sequence[Cell], spots: Sequence[Spot], places: Places,
    *, is_emas: bool = False,
) -> Points:  # fmt: skip
    """Return a point for each incident, given its cell. EMAS points lie near centres that EMAS serves."""
    n = len(cell_of)
    easting, northing, spot = np.zeros(n), np.zeros(n), np.full(n, NOWHERE, dtype=np.int64)
    every_centre = [cell.centres[0] for cell in cells if cell.is_centre]
    for position, cell in enumerate(cells):
        rows = np.flatnonzero(cell_of == position)
        if cell.is_centre:
            easting[rows], northing[rows], spot[rows] = _in_centre(rng, cell.centres[0], spots, len(rows))
        else:
            near = [centre for centre in cell.centres if centre.has_emas or not is_emas]
            easting[rows], northing[rows] = _elsewhere(rng, near, every_centre, places, len(rows))
    return Points(easting, northing, spot)


def _in_centre(
    rng: np.random.Generator, centre: Centre, spots: Sequence[Spot], n: int
) -> tuple[Floats, Floats, Ints]:
    known = [(row, spot) for row, spot in enumerate(spots) if spot.centre_code == centre.centre_code]
    if not known:
        return np.full(n, centre.easting), np.full(n, centre.northing), np.full(n, NOWHERE, dtype=np.int64)
    chosen = rng.integers(0, len(known), n)
    x = (
        np.array([spot.easting for _, spot in known])[chosen]
        + rng.normal(0, SPOT_SPREAD_M, n)
        - centre.easting
    )
    y = (
        np.array([spot.northing for _, spot in known])[chosen]
        + rng.normal(0, SPOT_SPREAD_M, n)
        - centre.northing
    )
    pull = np.minimum(1.0, (centre.radius_m - EDGE_M) / np.maximum(np.hypot(x, y), 1.0))
    rows = np.array([row for row, _ in known], dtype=np.int64)[chosen]
    return centre.easting + x * pull, centre.northing + y * pull, rows


def _elsewhere(
    rng: np.random.Generator, near: Sequence[Centre], every_centre: Sequence[Centre], places: Places, n: int
) -> tuple[Floats, Floats]:
    """Draw from a pool of points in rings about the district's town centres, outside all circles."""
    if n == 0:
        return np.zeros(0), np.zeros(0)
    chosen = rng.integers(0, len(near), N_POOL_POINTS)
    radius = np.array([centre.radius_m for centre in near])[chosen]
    distance = rng.uniform(radius + places.nearest_elsewhere_m, radius + places.farthest_elsewhere_m)
    angle = rng.uniform(0, 2 * np.pi, N_POOL_POINTS)
    x = np.array([centre.easting for centre in near])[chosen] + distance * np.cos(angle)
    y = np.array([centre.northing for centre in near])[chosen] + distance * np.sin(angle)
    pool = np.flatnonzero(_is_outside(x, y, every_centre, places.nearest_elsewhere_m / 2))
    drawn = pool[draw_indices(rng, np.ones(len(pool)), n)]
    return x[drawn], y[drawn]


def _is_outside(x: Floats, y: Floats, centres: Sequence[Centre], margin_m: float) -> Bools:
    is_clear = np.ones(len(x), dtype=np.bool_)
    for centre in centres:
        is_clear &= np.hypot(x - centre.easting, y - centre.northing) > centre.radius_m + margin_m
    return is_clear


def rounded_to_100_m(metres: Floats) -> Ints:
    """Return the middle of the 100 m square that a coordinate lies in, as EMAS gives it."""
    return (np.floor(metres / 100) * 100 + 50).astype(np.int64)
