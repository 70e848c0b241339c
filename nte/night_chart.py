"""One chart for Slack and for the pages: a night on the bands of the weekends before it, readable on a phone.

It stands on paper of its own, because Slack does not say whether its reader has a light or a dark theme.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import altair as alt
import polars as pl
import vl_convert as vlc

from nte.english import say_limit
from nte.picture_span import Chapter, first_shown
from nte.words import Verdict

WIDTH, HEIGHT, SCALE = 300, 170, 3
"""Pixels of the drawing, and how many of the picture stand for one: sharp on a phone."""
PAPER, INK, SOFT, BAND, USUAL, GRID = "#f5f6f8", "#1d1c1d", "#5b5a5c", "#bfd2e8", "#3b6c9e", "#e2e4e8"
VERDICT_INK: Final = {
    Verdict.UNKNOWN: SOFT,
    Verdict.WITHIN: USUAL,
    Verdict.ABOVE: "#b8540a",
    Verdict.FAR_ABOVE: "#c8102e",
}
NIGHT_WIDTH: Final = 5
MARGIN, LABEL_MARGIN = 8, 62
"""Pixels beside the first and the last night; on the right more, where the limit of the last is named."""
LIMIT_WIDTH: Final = 24
"""Pixels of the named limit: it stands out on both sides of the dot."""
NEAR_PLACES: Final = 5
"""Labels of nights so near to each other would touch."""
Drawn = alt.LayerChart | alt.VConcatChart | alt.FacetChart
FONT = "Liberation Sans, Arial, sans-serif"


def night_charts(
    chapters: Sequence[Chapter], evening: date, heading: str, *, marked_from: date | None = None
) -> Drawn | None:
    """Return one picture of a night in several sources, each below the other, or None without a band to draw.

    `marked_from`: the first of the nights that it is about, where it is a window that ends with `evening`.
    """
    shown: list[Drawn] = []
    for chapter in chapters:
        title = f"{heading}, {chapter.title}"
        if chart := _chart(chapter, evening, title, marked_from or evening, says_marks=not shown):
            shown.append(chart)
    if not shown:
        return None
    whole = shown[0] if len(shown) == 1 else alt.vconcat(*shown, spacing=22)
    styled: Drawn = (
        whole.properties(background=PAPER, padding=12).configure(font=FONT).configure_view(strokeWidth=0)
    )
    return styled


def night_chart(
    nights: pl.DataFrame,
    evening: date,
    title: str,
    *,
    least_shown: int = 0,
    verdict: Verdict = Verdict.WITHIN,
    is_so_far: bool = False,
) -> Drawn | None:
    """Return the picture of a night in one source; `nights` and what follows its title as a `Chapter` has them."""
    place, _, source = title.rpartition(", ")
    return night_charts([Chapter(nights, source, least_shown, verdict, is_so_far)], evening, place)


def as_png(chart: Drawn) -> bytes:
    """Return a chart as a picture, sharp on a phone."""
    return bytes(vlc.vegalite_to_png(chart.to_json(), scale=SCALE))


def as_svg(chart: Drawn) -> str:
    """Return a chart as a drawing for a page; the same chart is drawn once."""
    return _svg(chart.to_json())


@lru_cache(maxsize=256)
def _svg(spec: str) -> str:
    return str(vlc.vegalite_to_svg(spec))


def drawn(chapter: Chapter, evening: date, marked_from: date) -> list[dict[str, Any]]:
    """Return all that a picture holds of each of its nights: what can be read off its dots, lines and words."""
    return _values(_shown(chapter, evening, marked_from))


def _chart(
    chapter: Chapter, evening: date, title: str, marked_from: date, *, says_marks: bool
) -> Drawn | None:
    shown = _shown(chapter, evening, marked_from)
    if shown["upper"].null_count() == shown.height:
        return None
    drawn: Drawn = alt.layer(*_layers(shown, chapter)).properties(
        width=WIDTH, height=HEIGHT, title=headed(title, small_print(shown, says_marks=says_marks), offset=10)
    )
    return drawn


def small_print(shown: pl.DataFrame, *, says_marks: bool) -> list[str]:
    """Return what the marks mean, of as many weekends as there are; only what is new where that was said above."""
    unknown = ["?: not known."] if shown["is_unknown"].any() else []
    if not says_marks:
        return unknown
    week = pl.col("evening").dt.truncate("1w")
    before = shown.filter(week < week.filter(pl.col("is_marked")).min())
    n_weekends = before["evening"].dt.truncate("1w").n_unique()
    weekends = "the weekend" if n_weekends == 1 else f"{n_weekends} weekends"
    large = "this night" if shown["is_marked"].sum() == 1 else "these nights"
    first_week = week.filter(pl.col("is_marked")).min()
    has_own = not shown.filter(week == first_week, ~pl.col("is_marked")).is_empty()
    own = " and its own" if n_weekends else "its own weekend"
    small = f"{f'{weekends} before' if n_weekends else ''}{own if has_own else ''}"
    dots = f"Dots: {small}; large: {large}." if small else f"Large dot: {large}."
    lines = [
        dots,
        "Bar: where 98 of 100 usual nights are; dash in it: usual.",
        "Dark line: an alert is a night that ends above it.",
    ]
    return [*lines, *unknown]


def _shown(chapter: Chapter, evening: date, marked_from: date) -> pl.DataFrame:
    """Return the nights by their place in the row; of a small count neither its height nor a limit.

    Nor is a limit drawn that lies among the small counts.
    """
    is_small = (pl.col("n_incidents") < chapter.least_shown).fill_null(value=False)
    span = pl.col("evening").is_between(first_shown(evening), evening)
    so_far = " so far" if chapter.is_so_far else ""
    is_this = pl.col("evening") == evening
    may_limit = ~is_small & (pl.col("alert_limit") >= chapter.least_shown)
    is_said = is_this & ~is_small & (marked_from == evening)
    return (
        chapter.nights.filter(span)
        .sort("evening")
        .with_columns(
            place=pl.int_range(pl.len()),
            count=pl.when(~is_small).then(pl.col("n_incidents")),
            label=pl.col("evening").dt.strftime("%-d %b"),
            is_this=is_this,
            is_marked=pl.col("evening") >= marked_from,
            is_unknown=pl.col("n_incidents").is_null(),
            # Between the last count that is no alert and the first that is one.
            limit=pl.when(may_limit).then(pl.col("alert_limit") + 0.5),
            count_said=pl.when(is_said).then(pl.format("{}" + so_far, "n_incidents")),
            limit_said=pl.when(is_said & may_limit).then(
                pl.col("alert_limit").map_elements(say_limit, return_dtype=pl.String)
            ),
        )
        .drop("n_incidents")
    )


def _layers(shown: pl.DataFrame, chapter: Chapter) -> list[alt.Chart]:
    base = alt.Chart(alt.InlineData(values=_values(shown)))
    ink = VERDICT_INK[chapter.verdict]
    right = WIDTH - (MARGIN if shown["limit_said"].is_null().all() else LABEL_MARGIN)
    span = alt.Scale(domain=[0, max(1, shown.height - 1)], range=[MARGIN, right], nice=False)
    place = alt.X("place:Q", axis=_axis(shown), scale=span)
    count = alt.Y("count:Q", title=None, axis=counts_axis(n_ticks=5), scale=alt.Scale(zero=True, nice=True))
    band = base.mark_bar(color=BAND, size=NIGHT_WIDTH).encode(
        x=place, y=alt.Y("lower:Q", title=None), y2="upper:Q"
    )
    usual = base.mark_tick(color=USUAL, thickness=2, size=NIGHT_WIDTH, orient="horizontal")
    known = base.transform_filter("datum.count !== null")
    past = known.transform_filter("!datum.is_marked").mark_circle(color=INK, size=24, opacity=0.75)
    marked = known.transform_filter("datum.is_marked")
    dot = marked.mark_circle(color=ink, size=_dot_size(shown), opacity=1)
    said = marked.transform_filter("datum.count_said !== null").mark_text(
        color=ink, dx=-12, align="right", fontSize=17, fontWeight="bold"
    )
    unknown = base.transform_filter("datum.is_unknown").mark_text(
        text="?", color=SOFT, fontSize=11, baseline="bottom"
    )
    layers = [band, usual.encode(x=place, y="expected:Q")]
    layers += _hidden_zone(chapter.least_shown) if chapter.least_shown else []
    limits, named = _limits(base, place)
    layers += [limits, past.encode(x=place, y=count), dot.encode(x=place, y=count), *named]
    layers += [unknown.encode(x=place, y=alt.value(HEIGHT))] if shown["is_unknown"].any() else []
    return [*layers, said.encode(x=place, y=count, text="count_said:N")]


def _dot_size(shown: pl.DataFrame) -> int:
    return 130 if shown["is_marked"].sum() == 1 else 60


def _limits(base: alt.Chart, place: alt.X) -> tuple[alt.Chart, list[alt.Chart]]:
    """Return the limit of each night, above which it is an alert; and the last one's, with its name to the right of it.

    That one is drawn over the dot, which would hide it where the count is near its limit.
    """
    y = alt.Y("limit:Q", title=None)
    known = base.transform_filter("datum.limit !== null")
    line = known.mark_tick(color=INK, thickness=1.5, size=NIGHT_WIDTH + 1, orient="horizontal")
    this = known.transform_filter("datum.limit_said !== null")
    own = this.mark_tick(color=INK, thickness=2, size=LIMIT_WIDTH, orient="horizontal")
    # In two lines: what stands to the left of its line would be read as another night's.
    name = this.transform_calculate(lines="replace(datum.limit_said, ' above', '|above')").mark_text(
        color=INK, align="left", baseline="middle", dx=LIMIT_WIDTH / 2 + 2, dy=-7, fontSize=12, lineBreak="|"
    )
    named = [own.encode(x=place, y=y), name.encode(x=place, y=y, text="lines:N")]
    return line.encode(x=place, y=y), named


def _hidden_zone(least_shown: int) -> list[alt.Chart]:
    """Return the zone of the counts that are not shown, and what it is called: no dot stands in it."""
    top = least_shown - 0.5
    said = f"0 to {least_shown - 1} (not shown)"
    zone = alt.Chart(alt.InlineData(values=[{"from": 0, "to": top, "said": said}]))
    veil = zone.mark_rect(color=PAPER, opacity=0.6).encode(y="from:Q", y2="to:Q")
    edge = zone.mark_rule(color=SOFT, strokeDash=[3, 3]).encode(y="to:Q")
    text = zone.mark_text(color=SOFT, align="left", baseline="top", dx=4, dy=3, fontSize=11).encode(
        x=alt.value(0), y="to:Q", text="said:N"
    )
    return [veil, edge, text]


def _values(shown: pl.DataFrame) -> list[dict[str, Any]]:
    return shown.select(
        "place", "count", "expected", "lower", "upper", "label", "is_this", "is_marked", "is_unknown",
        "limit", "count_said", "limit_said",
    ).to_dicts()  # fmt: skip


def _axis(shown: pl.DataFrame) -> alt.Axis:
    """Return an axis that names every fourth weekend at its Friday, and the night itself, in bold."""
    this = shown.filter("is_this")["place"].to_list()
    fridays = shown.filter(pl.col("evening").dt.weekday() == 5)  # noqa: PLR2004  ISO Friday
    named = [p for p in fridays["place"][::4] if all(abs(p - own) > NEAR_PLACES for own in this)]
    labels = dict(shown.filter(pl.col("place").is_in([*named, *this])).select("place", "label").iter_rows())
    look = " : ".join(f"datum.value == {place} ? '{label}'" for place, label in labels.items()) + " : ''"
    own = this[0] if this else -1
    return alt.Axis(
        values=list(labels),
        labelExpr=look,
        title=None,
        grid=False,
        labelFontSize=13,
        labelColor=alt.condition(f"datum.value == {own}", alt.value(INK), alt.value(SOFT)),
        labelFontWeight=alt.condition(f"datum.value == {own}", alt.value("bold"), alt.value("normal")),
        labelFlush=False,
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
        gridColor=GRID,
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
        fontSize=15,
        color=INK,
        subtitleColor=SOFT,
        subtitleFontSize=12,
        offset=offset,
    )
