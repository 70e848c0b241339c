"""One picture of the weekend ahead: each centre's three nights, expected and band, beside the usual night."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

import altair as alt
import polars as pl
import vl_convert as vlc

from nte.night_chart import BAND, FONT, INK, PAPER, SOFT, USUAL, counts_axis, headed

WIDTH, SCALE = 285, 2
"""Pixels of the drawing, and how many of the picture stand for one: sharp on a phone, and light."""
ROW, GAP = 19, 27
"""Height of a night, and of the line above it that names the town centre, in pixels of the drawing."""
BAR: Final = 11
BUSIER_INK = "#b3541e"
SMALL_PRINT = (
    "Dot: expected (brown: busier than most).",
    "Bar: where 98 of 100 such nights are. Line: the usual night.",
)


@dataclass(frozen=True)
class Row:
    """One line of the picture."""

    centre: str
    """The town centre's name above its first night; empty beside the others."""
    night: str
    y: int
    expected: float
    lower: int
    upper: int
    usual: float | None
    is_busier: bool


def draw_outlook(nights: pl.DataFrame, names: Mapping[str, str], title: str) -> bytes | None:
    """Return a PNG, or None without a night to draw. It shows forecasts alone, no count of any night.

    `nights`: centre_code, evening, expected, lower, upper, usual (null: unknown) and is_busier, of one source,
    in the order in which they are shown.
    """
    if nights.is_empty():
        return None
    rows = _rows(nights, names)
    spec = alt.layer(*_layers(rows)).properties(
        width=WIDTH,
        height=rows[-1].y + ROW,
        title=headed(title, SMALL_PRINT, offset=8),
        background=PAPER,
        padding=12,
    )
    spec = spec.configure(font=FONT).configure_view(strokeWidth=0)
    return bytes(vlc.vegalite_to_png(spec.to_json(), scale=SCALE))


def _rows(nights: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = []
    y, before = -ROW, ""
    for night in nights.iter_rows(named=True):
        is_first = night["centre_code"] != before
        y, before = y + ROW + (GAP if is_first else 0), night["centre_code"]
        rows.append(
            Row(
                names.get(before, before) if is_first else "",
                f"{night['evening']:%a} {night['evening'].day}",
                y,
                night["expected"],
                night["lower"],
                night["upper"],
                night["usual"],
                night["is_busier"],
            )
        )
    return rows


def _layers(rows: list[Row]) -> list[alt.Chart]:
    base = alt.Chart(alt.InlineData(values=[asdict(row) for row in rows]))
    height = rows[-1].y + ROW
    place = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, height], range=[0, height], nice=False))
    count = alt.Scale(domainMin=0, nice=True)
    x = alt.X("lower:Q", title=None, scale=count, axis=counts_axis(n_ticks=6, orient="top"))
    colour = alt.condition("datum.is_busier", alt.value(BUSIER_INK), alt.value(INK))
    band = base.mark_bar(color=BAND, height=BAR).encode(y=place, x=x, x2="upper:Q")
    usual = base.transform_filter("datum.usual !== null").mark_tick(
        color=USUAL, thickness=2.5, size=BAR + 5, orient="vertical"
    )
    night = base.mark_text(align="right", dx=-8, fontSize=13, color=SOFT)
    centre = base.transform_filter("datum.centre !== ''").mark_text(
        align="left", dx=-46, dy=-ROW, fontSize=14, fontWeight="bold", color=INK
    )
    return [
        band,
        usual.encode(y=place, x=alt.X("usual:Q", scale=count)),
        base.mark_circle(size=75, opacity=1).encode(
            y=place, x=alt.X("expected:Q", scale=count), color=colour
        ),
        night.encode(y=place, x=alt.value(0), text="night:N"),
        centre.encode(y=place, x=alt.value(0), text="centre:N"),
    ]
