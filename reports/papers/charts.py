"""The drawings of a paper, each a still picture in the page. Pure: the same figures give the same drawing."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import altair as alt
import vl_convert as vlc

from reports.papers.paper import Drawn, Row

WIDTH, HEIGHT, LANE = 690, 190, 14
"""Units of a drawing, and the height of one line of words in it; pages scale it to their width."""
INKS: Final = ("#1d4f8b", "#b8540a", "#15803d", "#6b3fa0")
DASHES: Final[tuple[list[int], ...]] = ([1, 0], [7, 3], [2, 3], [9, 3, 2, 3])
INK, SOFT, GRID, PAPER, MARKED = "#161d2d", "#3e5873", "#dee3ea", "#ffffff", "#edf0f4"
FONT: Final = "Liberation Sans, Arial, sans-serif"
NAMESPACES: Final = (' xmlns="http://www.w3.org/2000/svg"', ' xmlns:xlink="http://www.w3.org/1999/xlink"')
"""Needed in a file of its own alone: a page names no other host."""
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
N_HOURS: Final = 24


def as_drawing(chart: Drawn) -> str:
    """Return a chart as SVG for a page."""
    styled = chart.properties(background=PAPER, padding=4).configure_view(stroke=None).configure(font=FONT)
    return as_svg(styled)


def as_svg(chart: Drawn) -> str:
    """Return a chart as it is, as SVG that stands in a page."""
    drawing = str(vlc.vegalite_to_svg(chart.to_json()))
    for namespace in NAMESPACES:
        drawing = drawing.replace(namespace, "")
    return drawing


def series_chart(
    points: Sequence[Row], changes: Sequence[Row] = (), *, marked: tuple[date, date] | None = None, unit: str
) -> Drawn:
    """Return lines by month: `points` have month, name, value (None breaks the line) and is_final (hollow if not).

    `changes`: first_day and said, each an upright; `marked`: first and last month of what the paper is of.
    """
    names = list(dict.fromkeys(point["name"] for point in points))
    values = [point for point in _in_pieces(points) if point["value"] is not None]
    months = sorted({point["month"].isoformat() for point in points})
    x = alt.X("month:T", scale=alt.Scale(type="utc", domain=[months[0], months[-1]]), title=None,
              axis=alt.Axis(format="%b %Y", labelColor=SOFT, grid=False, tickCount=8, labelOverlap=True))  # fmt: skip
    highest = max((point["value"] for point in values), default=0) * (1 + LANE * len(changes) / HEIGHT)
    y = alt.Y(
        "value:Q",
        title=unit,
        scale=alt.Scale(domain=[0, highest], nice=True),
        axis=axis_of(tickCount=5, labelPadding=8),
    )
    inks, dashes = list(INKS[: len(names)]), list(DASHES[: len(names)])
    legend = alt.Legend(orient="top", symbolType="stroke", symbolSize=400, labelColor=INK, labelLimit=400)
    ink = alt.Color(
        "name:N", sort=names, scale=alt.Scale(domain=names, range=inks), title=None, legend=legend
    )
    dash = alt.StrokeDash("name:N", sort=names, scale=alt.Scale(domain=names, range=dashes), title=None)
    base = alt.Chart(values_of(values)).encode(x=x, y=y)
    lines = base.mark_line(strokeWidth=1.8).encode(color=ink, strokeDash=dash, detail="piece:N")
    dots = base.mark_point(size=22, opacity=1).encode(
        color=ink, fill=alt.condition("datum.is_final", ink, alt.value(PAPER))
    )
    layers = [*_marked(marked, x), *_uprights(changes, x), lines, dots]
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _in_pieces(points: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield the points, each with the unbroken piece of its line."""
    n_breaks: dict[str, int] = {}
    for point in points:
        name = point["name"]
        n_breaks[name] = n_breaks.get(name, 0) + (point["value"] is None)
        yield {**point, "piece": f"{name} {n_breaks[name]}"}


def values_of(rows: Sequence[Row]) -> alt.InlineData:
    """Return rows as a drawing holds them: days as text."""
    plain = [{name: v.isoformat() if isinstance(v, date) else v for name, v in row.items()} for row in rows]
    return alt.InlineData(values=plain)


def _marked(marked: tuple[date, date] | None, x: alt.X) -> list[alt.Chart]:
    if marked is None:
        return []
    first, last = marked
    shade = alt.Chart(values_of([{"month": first, "until": last}]))
    return [shade.mark_rect(color=MARKED).encode(x=x, x2=alt.X2("until:T"))]


def _uprights(changes: Sequence[Row], x: alt.X) -> list[alt.Chart]:
    """Return the days on which something began to be recorded otherwise, each with its words on a line of its own."""
    drawn = []
    for n, change in enumerate(changes):
        one = alt.Chart(values_of([{"month": change["first_day"], "said": change["said"]}]))
        drawn += [
            one.mark_rule(color=INK, strokeDash=[4, 3]).encode(x=x),
            one.mark_text(align="right", dx=-5, fontSize=11, color=INK, baseline="top").encode(
                x=x, y=alt.value(n * LANE), text="said:N"
            ),
        ]
    return drawn


def week_chart(cells: Sequence[Row]) -> Drawn:
    """Return the hours of a week as a table of shades: `cells` have weekday (1 Monday), hour, value (None) and said."""
    values = [{**cell, "day": WEEKDAYS[cell["weekday"] - 1]} for cell in cells]
    days, hours = axis_of(orient="top", labelAngle=0), axis_of()
    base = alt.Chart(values_of(values)).encode(
        x=alt.X("day:O", sort=list(WEEKDAYS), title=None, axis=days),
        y=alt.Y("hour:O", sort=list(range(N_HOURS)), title="hour in which it began", axis=hours),
    )
    shade = alt.Color("value:Q", scale=alt.Scale(range=["#f3f6fb", "#1d4f8b"], zero=True), legend=None)
    most = max((cell["value"] for cell in cells if cell["value"] is not None), default=0)
    words = base.mark_text(fontSize=10).encode(
        text="said:N", color=alt.condition(f"datum.value > {most / 2}", alt.value(PAPER), alt.value(INK))
    )
    unsaid = base.mark_rect(stroke=PAPER, color=GRID)
    said = base.transform_filter("datum.value !== null").mark_rect(stroke=PAPER).encode(color=shade)
    drawn: Drawn = alt.layer(unsaid, said, words).properties(width=WIDTH, height=N_HOURS * 16)
    return drawn


def interval_chart(rows: Sequence[Row], *, unit: str) -> Drawn:
    """Return a dot and its 95 % interval for each name: `rows` have name, value, lower and upper."""
    base = alt.Chart(values_of(rows)).encode(
        y=alt.Y("name:N", sort=[row["name"] for row in rows], title=None, axis=axis_of(labelLimit=220)),
    )
    x = alt.X("value:Q", title=unit, scale=alt.Scale(zero=True), axis=axis_of())
    ends = base.mark_rule(color=INKS[0], strokeWidth=2).encode(
        x=alt.X("lower:Q", title=unit), x2=alt.X2("upper:Q")
    )
    dots = base.mark_point(color=INKS[0], filled=True, size=50, opacity=1).encode(x=x)
    return alt.layer(ends, dots).properties(width=WIDTH - 120, height=22 * len(rows))


def axis_of(**more: Any) -> alt.Axis:
    """Return an axis in soft ink, without a line of its own."""
    return alt.Axis(
        gridColor=GRID,
        labelColor=SOFT,
        titleColor=SOFT,
        titleFontWeight="normal",
        domain=False,
        ticks=False,
        **more,
    )
