"""The town centres on a map, drawn to scale and numbered, from the area's own file. Pure.

No outline of the area is drawn: an area's folder has the boundaries of its town centres alone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin, sqrt
from typing import Final

from nte.area import Area, TownCentre

WIDTH, SIDE, FOOT, GAP = 360.0, 44.0, 44.0, 2.0
"""Units of the drawing, about pixels of a phone: its width, room around the dots, for the scale, and beside a dot."""
TALLEST: Final = 480.0
LEAST_RADIUS, MOST_RADIUS = 4.0, 20.0
LETTER, LINE_HEIGHT = 8.5, 15.0
"""Room that a figure of a number takes."""
N_SIDES, N_RINGS = 12, 6
"""Where a number may stand: so many places around its dot, and so many circles of them."""
KM: Final = 1000
BARS: Final = (50, 20, 10, 5, 2, 1)
"""Kilometres that a scale may show."""


@dataclass(frozen=True)
class Dot:
    """A town centre on the map; its number stands beside it, and its name in a list."""

    x: float
    y: float
    radius: float
    name: str
    number: int
    """From north to south."""
    label_x: float
    label_y: float
    is_own: bool
    is_shown: bool


@dataclass(frozen=True)
class Map:
    """Dots and a scale, in units of the drawing."""

    width: float
    height: float
    dots: list[Dot]
    bar_km: int
    bar: float
    bar_x: float


@dataclass(frozen=True)
class _Circle:
    """Where a centre lies on the map."""

    x: float
    y: float
    radius: float


def plan(area: Area, counts: Mapping[str, int | None], own: Collection[str]) -> Map:
    """Return the map of the centres: the area of a dot is its count, where that is shown. `own`: those of the page."""
    centres = sorted(area.current_centres, key=lambda c: -c.y)
    xs, ys = [c.x for c in centres], [c.y for c in centres]
    scale = min((WIDTH - 2 * SIDE) / max(max(xs) - min(xs), 1.0), TALLEST / max(max(ys) - min(ys), 1.0))
    left = (WIDTH - (max(xs) - min(xs)) * scale) / 2
    circles = [
        _Circle(
            round(left + (c.x - min(xs)) * scale, 1),
            round(SIDE / 2 + (max(ys) - c.y) * scale, 1),
            _radius(c, counts),
        )
        for c in centres
    ]
    dots = list[Dot]()
    for number, (centre, circle) in enumerate(zip(centres, circles, strict=True), start=1):
        x, y = _free(number, circle, circles, dots)
        is_own, is_shown = centre.centre_code in own, counts.get(centre.centre_code) is not None
        dots.append(Dot(circle.x, circle.y, circle.radius, centre.name, number, x, y, is_own, is_shown))
    km = next((n for n in BARS if n * KM * scale <= WIDTH / 4), BARS[-1])
    return Map(
        WIDTH, round(max(c.y for c in circles) + SIDE / 2 + FOOT), dots, km, round(km * KM * scale, 1), GAP
    )


def _radius(centre: TownCentre, counts: Mapping[str, int | None]) -> float:
    most = max((n for n in counts.values() if n), default=1)
    return round(max(LEAST_RADIUS, MOST_RADIUS * sqrt((counts.get(centre.centre_code) or 0) / most)), 1)


def _free(
    number: int, circle: _Circle, circles: Sequence[_Circle], dots: Sequence[Dot]
) -> tuple[float, float]:
    """Return where a number has room: as near to its dot as it touches no dot and no number before it."""
    wide, tall = LETTER * len(str(number)), LINE_HEIGHT
    places = list(_around(circle, wide, tall))
    for x, y in places:
        is_clear = all(
            hypot(max(abs(other.x - x) - wide / 2, 0), max(abs(other.y - y) - tall / 2, 0)) >= other.radius
            for other in circles
        )
        is_alone = all(
            abs(dot.label_x - x) >= (wide + LETTER * len(str(dot.number))) / 2 or abs(dot.label_y - y) >= tall
            for dot in dots
        )
        if is_clear and is_alone:
            return x, y
    return places[0]


def _around(circle: _Circle, wide: float, tall: float) -> Iterator[tuple[float, float]]:
    """Yield places around a dot, the nearest circle of them first, each from the right on."""
    for ring in range(N_RINGS):
        for n in range(N_SIDES):
            turn = 2 * pi * n / N_SIDES
            away = circle.radius + GAP + ring * tall / 3
            x, y = circle.x + (away + wide / 2) * cos(turn), circle.y + (away + tall / 2) * sin(turn)
            yield round(x, 1), round(y, 1)
