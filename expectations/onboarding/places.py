"""Which columns are coordinates: by where their points lie, in each coordinate system and each order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Final

import numpy as np
import polars as pl
from pyproj import Transformer

from expectations.onboarding.exports import Export
from nte.area import Area
from nte.deliveries.made_columns import TWO_NUMBERS

DEGREES, BRITISH_GRID, WEB = "EPSG:4326", "EPSG:27700", "EPSG:3857"
LEAST_SHARE: Final = 0.5
"""Of the rows with a point, so many must lie in the area."""
LEAST_FILLED: Final = 0.3
NUMBER: Final = r"^-?\d+(?:\.\d+)?$"
MOST_DEGREES: Final = 180
MOST_PAIRED: Final = 12
"""So many columns of numbers are tried with each other; an export has two or four."""


@dataclass(frozen=True)
class Points:
    """Two columns, or the two halves of one, that hold points of the area."""

    columns: tuple[str, ...]
    """x and y; or the one column that holds both."""
    crs: str
    is_y_first: bool
    """Of one column: whether northing or latitude comes first."""
    share: float
    """Of its points so many lie in the area."""
    n_points: int


def find_points(export: Export, area: Area) -> list[Points]:
    """Return what can be read as points of the area, the best first."""
    found = [*_of_two(export, area), *_of_one(export, area)]
    return sorted(found, key=lambda points: -points.share)


def _of_two(export: Export, area: Area) -> Iterator[Points]:
    numbers = {name: column for name in export.header if (column := numbers_of(export, name)) is not None}
    for x, y in permutations(list(numbers)[:MOST_PAIRED], 2):
        for crs in _systems(area):
            yield from _points((x, y), numbers[x], numbers[y], crs, area, is_y_first=False)


def _of_one(export: Export, area: Area) -> Iterator[Points]:
    for name in export.header:
        cells = export.text.frame[name]
        n_filled = cells.len() - cells.null_count()
        if not n_filled or cells.str.contains(TWO_NUMBERS).sum() < LEAST_FILLED * cells.len():
            continue
        first, second = (cells.str.extract(TWO_NUMBERS, i).cast(pl.Float64) for i in (1, 2))
        for crs in _systems(area):
            yield from _points((name,), first, second, crs, area, is_y_first=False)
            yield from _points((name,), second, first, crs, area, is_y_first=True)


def numbers_of(export: Export, name: str) -> pl.Series | None:
    """Return a column as numbers; None where most of it is something else."""
    cells = export.text.frame[name]
    is_number = cells.str.contains(NUMBER).fill_null(value=False)
    if is_number.sum() < max(LEAST_FILLED * cells.len(), 1) or is_number.sum() < 0.9 * (
        cells.len() - cells.null_count()
    ):
        return None
    return cells.set(~is_number, None).cast(pl.Float64)


def _systems(area: Area) -> list[str]:
    return list(dict.fromkeys([area.places.crs, DEGREES, BRITISH_GRID, WEB]))


@cache
def _between(crs: str, other: str) -> Transformer:
    return Transformer.from_crs(crs, other, always_xy=True)


def _points(
    columns: tuple[str, ...], x: pl.Series, y: pl.Series, crs: str, area: Area, *, is_y_first: bool
) -> Iterator[Points]:
    points = pl.DataFrame({"x": x, "y": y}).drop_nulls().filter((pl.col("x") != 0) & (pl.col("y") != 0))
    if points.is_empty() or is_degrees(crs) != _are_degrees(points):
        return
    at = points["x"].to_numpy(), points["y"].to_numpy()
    if crs != area.places.crs:
        at = _between(crs, area.places.crs).transform(*at)
    west, south, east, north = area.places.bounds
    is_inside = (at[0] >= west) & (at[0] <= east) & (at[1] >= south) & (at[1] <= north)
    share = float(np.mean(is_inside))
    if share >= LEAST_SHARE:
        yield Points(columns, crs, is_y_first, share, points.height)


def _are_degrees(points: pl.DataFrame) -> bool:
    most = points.select(pl.max_horizontal(pl.all().abs().max())).item()
    return bool(most <= MOST_DEGREES)


def is_degrees(crs: str) -> bool:
    """Say whether a coordinate system counts in degrees."""
    return re.fullmatch(r"EPSG:4\d{3}", crs) is not None
