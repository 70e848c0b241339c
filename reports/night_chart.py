"""The geometry of one small picture: this night on the bands of the last 12 weekends. Pure; drawn by a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reports.night_state import Row

WEEKENDS_SHOWN = 12
WIDTH, HEIGHT = 340, 150
"""Units of the drawing."""
LEFT, RIGHT, TOP, BOTTOM = 26, 10, 10, 22
MOST_TICKS = 5


@dataclass(frozen=True)
class Mark:
    """One night in the picture; None where there is nothing to draw."""

    x: float
    band_top: float | None
    band_height: float
    expected_y: float | None
    count_y: float | None
    is_this: bool
    words: str


@dataclass(frozen=True)
class Chart:
    """What the template draws, in units of the drawing."""

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, int], ...]
    dates: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def first_shown(evening: date) -> date:
    """Return the Monday of the first week in the picture of a night."""
    return evening - timedelta(days=evening.weekday(), weeks=WEEKENDS_SHOWN - 1)


def view_chart(
    evening: date, evenings: Sequence[date], bands: dict[date, Row], counts: dict[date, int]
) -> Chart | None:
    """Return the picture of one centre and source, or None where neither band nor count is known.

    `counts` holds only nights whose count is known: an unknown night has no dot.
    """
    drawn = [e for e in evenings if e in bands or e in counts]
    if not drawn:
        return None
    most = max([*(int(bands[e]["upper"]) for e in drawn if e in bands), *counts.values(), 1])
    step = (WIDTH - LEFT - RIGHT) / max(1, len(evenings))
    tall = HEIGHT - TOP - BOTTOM

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - tall * value / most, 1)

    marks = []
    for place, day in enumerate(evenings):
        band, count = bands.get(day), counts.get(day)
        marks.append(
            Mark(
                x=round(LEFT + step * (place + 0.5), 1),
                band_top=y(band["upper"]) if band else None,
                band_height=max(2.0, round(y(band["lower"]) - y(band["upper"]), 1)) if band else 0.0,
                expected_y=y(band["expected"]) if band else None,
                count_y=None if count is None else y(count),
                is_this=day == evening,
                words=_say(day, band, count),
            )
        )
    every = -(-most // MOST_TICKS)
    ticks = tuple((y(n), n) for n in range(0, most + 1, every))
    return Chart(tuple(marks), ticks, _dates(evenings, step))


def _say(day: date, band: Row | None, count: int | None) -> str:
    said = "not known" if count is None else str(count)
    expected = f", expected {band['expected']:.1f}, band {band['lower']} to {band['upper']}" if band else ""
    return f"{day:%a} {day.day} {day:%b %Y}: {said}{expected}"


def _dates(evenings: Sequence[date], step: float) -> tuple[tuple[float, str], ...]:
    """Return the names under the picture: the first evening of every fourth weekend."""
    starts = [
        n
        for n, e in enumerate(evenings)
        if n == 0 or e.isocalendar().week != evenings[n - 1].isocalendar().week
    ]
    return tuple(
        (round(LEFT + step * (n + 0.5), 1), f"{evenings[n].day} {evenings[n]:%b}") for n in starts[::4]
    )
