"""One chart for Slack and for the pages: a night on the bands of the 12 weekends before it, readable on a phone."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import altair as alt
import polars as pl
import vl_convert as vlc

from nte.english import say_limit
from nte.picture_span import first_shown

WIDTH, HEIGHT, SCALE = 300, 170, 3
"""Pixels of the drawing, and how many of the picture stand for one: sharp on a phone."""
INK, SOFT, BAND, USUAL, ALARM = "#1d1c1d", "#616061", "#c9d9ea", "#4a7bab", "#c8102e"
NIGHT_WIDTH: Final = 6
Drawn = alt.LayerChart | alt.FacetChart
FONT = "Liberation Sans, Arial, sans-serif"
SMALL_PRINT = ("Dots: nights, Friday to Sunday, of 12 weekends.", "Bars: where 98 of 100 usual nights are.")
LIMIT_PRINT: Final = "Red line: an alert is a night that ends above it."


def night_chart(nights: pl.DataFrame, evening: date, title: str, *, least_shown: int = 0) -> Drawn | None:
    """Return the picture of a night on the bands of the weekends before it, or None without a band to draw.

    `nights`: evening, expected, lower, upper, alert_limit, n_incidents (null: not known), of one centre and source.
    Counts under `least_shown` are drawn in one zone, not at their height; no limit stands beside those, and
    none is drawn that lies among them.
    """
    shown = _shown(nights, evening, least_shown)
    if shown["upper"].null_count() == shown.height:
        return None
    chart: Drawn = alt.layer(*_layers(shown, least_shown)).properties(
        width=WIDTH,
        height=HEIGHT,
        title=headed(title, (*SMALL_PRINT, LIMIT_PRINT), offset=10),
        background="white",
        padding=10,
    )
    styled: Drawn = chart.configure_view(stroke=None).configure(font=FONT)
    return styled


def as_png(chart: Drawn) -> bytes:
    """Return a chart as a picture, sharp on a phone."""
    return bytes(vlc.vegalite_to_png(chart.to_json(), scale=SCALE))


def as_svg(chart: Drawn) -> str:
    """Return a chart as a drawing for a page; the same chart is drawn once."""
    return _svg(chart.to_json())


@lru_cache(maxsize=256)
def _svg(spec: str) -> str:
    return str(vlc.vegalite_to_svg(spec))


def _shown(nights: pl.DataFrame, evening: date, least_shown: int) -> pl.DataFrame:
    """Return the nights by their place in the row, small counts in the middle of their zone."""
    is_small = (pl.col("n_incidents") < least_shown).fill_null(value=False)
    span = pl.col("evening").is_between(first_shown(evening), evening)
    count = pl.col("n_incidents").cast(pl.Float64)
    return (
        nights.filter(span)
        .sort("evening")
        .with_columns(
            place=pl.int_range(pl.len()),
            count=pl.when(is_small).then((least_shown - 1) / 2).otherwise(count),
            n_incidents=pl.when(~is_small).then("n_incidents"),
            label=pl.col("evening").dt.strftime("%-d %b"),
            is_this=pl.col("evening") == evening,
            # Between the last count that is no alert and the first that is one.
            limit=pl.when(~is_small, pl.col("alert_limit") >= least_shown - 1).then(
                pl.col("alert_limit") + 0.5
            ),
            limit_said=pl.when(pl.col("evening") == evening).then(
                pl.col("alert_limit").map_elements(say_limit, return_dtype=pl.String)
            ),
        )
    )


def _layers(shown: pl.DataFrame, least_shown: int) -> list[alt.Chart]:
    base = alt.Chart(alt.InlineData(values=_values(shown)))
    place = alt.X("place:Q", axis=_axis(shown), scale=alt.Scale(nice=False, padding=8))
    count = alt.Y("count:Q", title=None, axis=counts_axis(n_ticks=5), scale=alt.Scale(zero=True, nice=True))
    band = base.mark_bar(color=BAND, size=NIGHT_WIDTH).encode(
        x=place, y=alt.Y("lower:Q", title=None), y2="upper:Q"
    )
    usual = base.mark_tick(color=USUAL, thickness=2, size=NIGHT_WIDTH, orient="horizontal")
    past = base.transform_filter("!datum.is_this").mark_circle(color=INK, size=24, opacity=0.75)
    this = base.transform_filter("datum.is_this")
    dot = this.mark_circle(color=ALARM, size=130, opacity=1)
    said = this.mark_text(color=ALARM, dx=-12, align="right", fontSize=17, fontWeight="bold")
    layers = [
        band,
        usual.encode(x=place, y="expected:Q"),
        *(_hidden_zone(least_shown) if least_shown else []),
    ]
    layers += _limits(base, place)
    layers += [past.encode(x=place, y=count), dot.encode(x=place, y=count)]
    return [*layers, said.encode(x=place, y=count, text="n_incidents:Q")]


def _limits(base: alt.Chart, place: alt.X) -> list[alt.Chart]:
    """Return the limit of each night, above which it is an alert, and this night's in words."""
    known = base.transform_filter("datum.limit !== null")
    line = known.mark_tick(color=ALARM, thickness=1.5, size=NIGHT_WIDTH + 2, orient="horizontal")
    said = known.transform_filter("datum.is_this").mark_text(
        color=ALARM, align="right", baseline="bottom", dx=NIGHT_WIDTH, dy=-3, fontSize=12
    )
    y = alt.Y("limit:Q", title=None)
    return [line.encode(x=place, y=y), said.encode(x=place, y=y, text="limit_said:N")]


def _hidden_zone(least_shown: int) -> list[alt.Chart]:
    """Return the zone in which no dot tells its count, and what it is called."""
    top = least_shown - 0.5
    zone = alt.Chart(alt.InlineData(values=[{"from": 0, "to": top, "said": f"fewer than {least_shown}"}]))
    veil = zone.mark_rect(color="white", opacity=0.55).encode(y="from:Q", y2="to:Q")
    edge = zone.mark_rule(color=SOFT, strokeDash=[3, 3]).encode(y="to:Q")
    said = zone.mark_text(color=SOFT, align="left", baseline="top", dx=4, dy=3, fontSize=11).encode(
        x=alt.value(0), y="to:Q", text="said:N"
    )
    return [veil, edge, said]


def _values(shown: pl.DataFrame) -> list[dict[str, Any]]:
    columns = (
        "place",
        "count",
        "expected",
        "lower",
        "upper",
        "label",
        "is_this",
        "n_incidents",
        "limit",
        "limit_said",
    )
    return shown.select(columns).to_dicts()


def _axis(shown: pl.DataFrame) -> alt.Axis:
    """Return an axis that names every third weekend at its Friday."""
    fridays = shown.filter(pl.col("evening").dt.weekday() == 5)  # noqa: PLR2004  ISO Friday
    named = fridays[::4]
    labels = dict(named.select("place", "label").iter_rows())
    look = " : ".join(f"datum.value == {place} ? '{label}'" for place, label in labels.items()) + " : ''"
    return alt.Axis(
        values=list(labels),
        labelExpr=look,
        title=None,
        grid=False,
        labelFontSize=13,
        labelColor=SOFT,
        ticks=True,
        domainColor="#bbbabb",
        tickColor="#bbbabb",
    )


def counts_axis(*, n_ticks: int, **place: Any) -> alt.Axis:
    """Return an axis of whole counts; `place` is where it stands, in Altair's words."""
    return alt.Axis(
        tickMinStep=1,
        labelFontSize=13,
        labelColor=SOFT,
        gridColor="#ececec",
        domain=False,
        ticks=False,
        tickCount=n_ticks,
        format="d",
        **place,
    )


def headed(title: str, small_print: Sequence[str], *, offset: int) -> alt.TitleParams:
    """Return a title with what the marks mean beneath it, `offset` pixels above the drawing."""
    return alt.TitleParams(
        title,
        subtitle=list(small_print),
        anchor="start",
        fontSize=16,
        color=INK,
        subtitleColor=SOFT,
        subtitleFontSize=12,
        offset=offset,
    )
