"""Which town centre a point is in."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely
from pyproj import Transformer

from nte.area import Area, Source, TownCentre
from nte.tables.counts import OUTSIDE, UNPLACED

Floats = npt.NDArray[np.float64]


def place_points(frame: pl.DataFrame, source: Source, area: Area) -> pl.DataFrame:
    """Return place_code, place_basis and place_confidence for the columns x, y (text) and happened_on (Date).

    A point that is missing, no number, swapped or outside the area's box is unplaced. Where boundaries
    overlap, the centre whose middle is nearest has it.
    """
    x, y = _to_area_crs(_numbers(frame["x"]), _numbers(frame["y"]), source, area)
    days = frame["happened_on"].to_numpy()
    codes = assign_centres(x, y, days, area.town_centres)
    west, south, east, north = area.places.bounds
    is_inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    places = np.where(is_inside, codes, UNPLACED)
    return pl.DataFrame(
        {
            "place_code": places.tolist(),
            "place_basis": np.where(is_inside, "point", "none").tolist(),
            "place_confidence": np.where(is_inside, 1.0, np.nan),
        }
    ).with_columns(pl.col("place_confidence").fill_nan(None))


def assign_centres(
    x: Floats, y: Floats, days: npt.NDArray[np.datetime64], centres: Sequence[TownCentre]
) -> npt.NDArray[np.object_]:
    """Return for each point the code of the centre that it is in on its day, or outside_any_centre.

    Points are sorted by x once, so that each centre looks only at those in its own span.
    """
    order = np.argsort(x, kind="stable")
    sorted_x, sorted_y = x[order], y[order]
    found = np.full(len(x), OUTSIDE, dtype=object)
    nearest = np.full(len(x), np.inf)
    for centre in centres:
        ring = np.asarray(centre.boundary)
        reach = centre.radius_m or 0.0
        west = min(ring[:, 0].min(), centre.x - reach)
        east = max(ring[:, 0].max(), centre.x + reach)
        span = slice(np.searchsorted(sorted_x, west, "left"), np.searchsorted(sorted_x, east, "right"))
        rows = order[span]
        distance = np.hypot(sorted_x[span] - centre.x, sorted_y[span] - centre.y)
        is_in = _contains(centre, sorted_x[span], sorted_y[span], distance)
        wins = is_in & _is_valid(centre, days[rows]) & (distance < nearest[rows])
        found[rows[wins]] = centre.centre_code
        nearest[rows[wins]] = distance[wins]
    return found


def _contains(centre: TownCentre, x: Floats, y: Floats, distance: Floats) -> npt.NDArray[np.bool_]:
    if centre.is_placeholder and centre.radius_m is not None:
        return distance <= centre.radius_m
    polygon = shapely.Polygon(centre.boundary)
    shapely.prepare(polygon)
    return np.asarray(shapely.intersects_xy(polygon, x, y))


def _is_valid(centre: TownCentre, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.bool_]:
    """A record without a day is placed by the boundary that stands now."""
    last = centre.valid_to or date.max
    is_dated = (days >= np.datetime64(centre.valid_from)) & (days <= np.datetime64(last))
    return np.where(np.isnat(days), centre.valid_to is None, is_dated)


def _numbers(column: pl.Series) -> Floats:
    return column.str.strip_chars().cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


def _to_area_crs(x: Floats, y: Floats, source: Source, area: Area) -> tuple[Floats, Floats]:
    if source.crs is None or source.crs == area.places.crs:
        return x, y
    moved = Transformer.from_crs(source.crs, area.places.crs, always_xy=True).transform(x, y)
    return np.asarray(moved[0]), np.asarray(moved[1])
