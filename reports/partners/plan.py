"""The town centres on a map, drawn to scale from the area's own file. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from nte.area import Area

WIDTH, SIDE, TOP, GAP = 600.0, 185.0, 34.0, 6.0
"""Units of the drawing, the room at its sides, above and below, and between dots and names."""
LEAST_RADIUS, MOST_RADIUS = 5.0, 26.0
LINE_HEIGHT: Final = 18.0
"""Names nearer to each other than that would touch."""


@dataclass(frozen=True)
class Dot:
    """A town centre on the map; its name stands at the nearer side, a line leads to it."""

    x: float
    y: float
    radius: float
    name: str
    label_x: float
    label_y: float
    is_left: bool
    is_own: bool
    is_shown: bool


@dataclass(frozen=True)
class Map:
    """Dots, in units of the drawing."""

    width: float
    height: float
    dots: list[Dot]


def plan(area: Area, counts: Mapping[str, int | None], own: Collection[str]) -> Map:
    """Return the map of the centres: the area of a dot is its count, where that is shown. `own`: those of the page."""
    centres = area.current_centres
    xs, ys = [c.x for c in centres], [c.y for c in centres]
    scale = (WIDTH - 2 * SIDE) / max(max(xs) - min(xs), 1.0)
    height, middle = (max(ys) - min(ys)) * scale + 2 * TOP, (max(xs) + min(xs)) / 2
    most = max((n for n in counts.values() if n), default=1)
    dots: list[Dot] = []
    for centre in sorted(centres, key=lambda c: -c.y):
        x = round(SIDE + (centre.x - min(xs)) * scale, 1)
        y = round(TOP + (max(ys) - centre.y) * scale, 1)
        n = counts.get(centre.centre_code)
        radius = round(max(LEAST_RADIUS, MOST_RADIUS * ((n or 0) / most) ** 0.5), 1)
        is_left = centre.x < middle
        label_x = SIDE - MOST_RADIUS - GAP if is_left else WIDTH - SIDE + MOST_RADIUS + GAP
        label_y = _free(dots, y, is_left=is_left)
        dots.append(
            Dot(
                x, y, radius, centre.name, label_x, label_y, is_left,
                is_own=centre.centre_code in own, is_shown=n is not None,
            )
        )  # fmt: skip
    return Map(WIDTH, round(max(height, *(dot.label_y + LINE_HEIGHT for dot in dots))), dots)


def _free(dots: list[Dot], y: float, *, is_left: bool) -> float:
    """Return where a name has room: at its dot, or below the names above it on the same side."""
    above = [dot.label_y for dot in dots if dot.is_left is is_left]
    return max(y, max(above, default=-LINE_HEIGHT) + LINE_HEIGHT)
