"""A quarter beside the four before it: what would be usual, and the drawing. From shown numbers alone. Pure.

What is made of shown numbers alone says nothing that they do not say, so that no band can give a hidden number away.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10, sqrt
from typing import Any, Final

import altair as alt

from reports.papers.charts import as_svg

N_BEFORE: Final = 4
"""Quarters that a quarter is held against: each season once."""
WIDER: Final = 1.96
"""Standard deviations within which 19 of 20 lie."""
WIDTH, HEIGHT = 330, 150
N_STEPS: Final = 4
"""Steps of the upright axis, about."""
MOST_NAMED, MOST_WITH_TWO_YEARS = 16, 10
"""Quarters that have room for a name each, and for two years side by side."""
INK, SOFT, LINE, BAND = "var(--ink)", "var(--soft)", "var(--line)", "var(--band)"
FONT: Final = "Arial, Liberation Sans, sans-serif"


@dataclass(frozen=True)
class Point:
    """A quarter of a series: its number where it is shown, and between which numbers it would usually lie."""

    quarter: str
    said: str
    n: int | None
    lower: float | None = None
    upper: float | None = None
    mean: float | None = None
    """Of the four quarters before."""

    @property
    def reach_share(self) -> float | None:
        """Return how far the usual range reaches to either side of its mean, as a share of that; None without one."""
        return self.upper / self.mean - 1 if self.upper is not None and self.mean else None

    @property
    def verdict(self) -> str:
        """Return how it stands to the four quarters before it, in words."""
        if self.n is None or self.lower is None or self.upper is None:
            return "not compared"
        if self.n > self.upper:
            return "higher than usual"
        return "lower than usual" if self.n < self.lower else "within the usual range"

    @property
    def usual(self) -> str:
        """Return '120 to 160', or that nothing is compared."""
        return "not compared" if self.lower is None else f"{self.lower:,.0f} to {self.upper:,.0f}"


def with_usual(points: Sequence[Point]) -> list[Point]:
    """Return quarters with the range in which 19 of 20 would lie had nothing changed since the four before.

    A count scatters around the mean of four counts with 5/4 of its variance; that is the mean times how much more than
    chance neighbouring quarters differ, at least 1. Without four shown numbers before it a quarter has no range.
    """
    scatter = _scatter(points)
    found = []
    for n, point in enumerate(points):
        before = [p.n for p in points[max(n - N_BEFORE, 0) : n] if p.n is not None]
        if len(before) < N_BEFORE:
            found.append(point)
            continue
        mean = sum(before) / N_BEFORE
        wide = WIDER * sqrt(scatter * mean * (1 + 1 / N_BEFORE))
        found.append(Point(point.quarter, point.said, point.n, max(mean - wide, 0.0), mean + wide, mean))
    return found


def _scatter(points: Sequence[Point]) -> float:
    """Return how many times as much as chance neighbouring quarters differ: (a - b)² / (a + b) is 1 by chance."""
    pairs = [(a.n, b.n) for a, b in pairwise(points) if a.n is not None and b.n is not None]
    parts = [(a - b) ** 2 / (a + b) for a, b in pairs if a + b]
    return max(1.0, sum(parts) / len(parts)) if parts else 1.0


def drawing(points: Sequence[Point], changed: Collection[str] = ()) -> str:
    """Return the quarters as SVG, dots and a broken line on the band of what is usual; empty where no number is shown.

    `changed`: quarters in which something began to be recorded otherwise.
    """
    if all(point.n is None for point in points):
        return ""
    highest = max(1, *(max(point.n or 0, point.upper or 0) for point in points))
    rows, piece = list[dict[str, Any]](), 0
    for point in points:
        piece += point.n is None
        rows.append(
            {
                "quarter": point.quarter,
                "n": point.n,
                "lower": point.lower,
                "upper": point.upper,
                "piece": piece,
            }
        )
    base = alt.Chart({"values": rows}).encode(x=_quarters([point.quarter for point in points]))
    ticks = _ticks(highest)
    axis = _axis(values=ticks)
    count = alt.Y("n:Q", title=None, scale=alt.Scale(domain=[0, ticks[-1]], nice=False), axis=axis)
    band = (
        base.transform_filter("isValid(datum.lower)")
        .mark_bar(color=BAND, width={"band": 1})
        .encode(y=alt.Y("lower:Q", title=None, axis=axis), y2="upper:Q")
    )
    shown = base.transform_filter("isValid(datum.n)")
    line = shown.mark_line(color=LINE, strokeWidth=1.5).encode(y=count, detail="piece:N")
    dots = shown.mark_circle(color=LINE, size=44, opacity=1).encode(y=count)
    hidden = (
        base.transform_filter("!isValid(datum.n)")
        .mark_text(text="×", color=SOFT, fontSize=13, baseline="bottom")
        .encode(y=alt.datum(0))
    )
    rule = (
        alt.Chart({"values": [{"quarter": quarter} for quarter in changed]})
        .mark_rule(color=INK, strokeDash=[4, 3])
        .encode(x=_quarters([point.quarter for point in points]))
    )
    drawn = alt.layer(band, *([rule] if changed else []), line, dots, hidden).properties(
        width=WIDTH, height=HEIGHT, background="transparent"
    )
    return _svg(drawn.configure(font=FONT, padding=2, view=alt.ViewConfig(stroke=None)))


def _ticks(highest: float) -> list[int]:
    """Return round numbers from 0 on, of which the last is not below `highest`: whatever is drawn lies within them."""
    power = 10 ** max(floor(log10(highest / N_STEPS)), 0) if highest > N_STEPS else 1
    step = next(step for n in (1, 2, 5, 10) if (step := n * power) * N_STEPS >= highest)
    return [n * step for n in range(ceil(highest / step) + 1)]


def _quarters(quarters: Sequence[str]) -> alt.X:
    said = f"({json.dumps(_labels(quarters))})[datum.value]"
    return alt.X(
        "quarter:O", sort=list(quarters), title=None,
        axis=_axis(labelExpr=said, labelAngle=0, grid=False, labelOverlap=False),
    )  # fmt: skip


def _labels(quarters: Sequence[str]) -> dict[str, list[str]]:
    """Return 'Q1' of each quarter, with its year below the first of each; of many quarters only the years."""
    found = dict[str, list[str]]()
    for n, quarter in enumerate(quarters):
        year, name = quarter[:4], quarter[4:]
        is_room = name == "Q1" or (n == 0 and (name != "Q4" or len(quarters) <= MOST_WITH_TWO_YEARS))
        shown = name if len(quarters) <= MOST_NAMED else ""
        found[quarter] = [shown, year if is_room else ""]
    return found


def _axis(**more: Any) -> alt.Axis:
    return alt.Axis(
        labelColor=SOFT,
        labelFontSize=12,
        gridColor="var(--grid)",
        domain=False,
        ticks=False,
        labelPadding=6,
        **more,
    )


def _svg(chart: alt.LayerChart) -> str:
    """Return a drawing for a page, which says in words what it shows: readers of screens pass it by."""
    return as_svg(chart).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
