"""The drawings of an evaluation: what came beside what would have, and the effect among its placebos. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import altair as alt
import polars as pl

from nte.words import Method
from reports.interventions.sentences import Row
from reports.papers.charts import DASHES, HEIGHT, INK, INKS, SOFT, WIDTH, axis_of, values_of
from reports.papers.paper import Drawn

MIDDLE: Final = timedelta(days=14)
"""A sum of four weeks is drawn at their middle."""
DRAWN_BEFORE: Final = timedelta(weeks=104)
"""Two years, so that a phone shows what came after them too."""
NAMES: Final = {str(Method.FORECAST): "our forecast", str(Method.SYNTHETIC): "other centres"}
RATIOS: Final = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4]
LEAST_RATIO, MOST_RATIO = 0.2, 5.0
LABELS: Final = 200


def sums_told(periods: Sequence[Row], since: date, least_shown: int) -> dict[date, int]:
    """Return the four-week sums of one source that may be drawn, by their first evening."""
    return {
        row["first_evening"]: row["n_observed"]
        for row in periods
        if row["first_evening"] >= since and row["n_observed"] >= least_shown
    }


def periods_drawn(periods: Sequence[Row], starts_on: date, since: date, least_shown: int) -> Drawn:
    """Return the four-week sums of one source: dots what came, lines what would have come.

    Sums before the start that may not be shown are left out; the caller has seen to it that those after it may.
    """
    is_recent = pl.col("first_evening") >= since
    rows = pl.DataFrame(list(periods)).filter(pl.col("n_counterfactual").is_not_null(), is_recent)
    rows = rows.with_columns(at=pl.col("first_evening") + MIDDLE, line=pl.col("method").replace_strict(NAMES))
    is_synthetic = pl.col("method") == str(Method.SYNTHETIC)
    came = rows.filter(
        is_synthetic, pl.col("first_evening").is_in(list(sums_told(periods, since, least_shown)))
    )
    due = rows.filter(is_synthetic | pl.col("is_after"))
    x = alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format="%b %Y", grid=False, tickCount=8),
    )
    y = alt.Y("n:Q", title="incidents in four weeks", scale=alt.Scale(zero=True), axis=axis_of(tickCount=5))
    names = list(NAMES.values())
    ink = alt.Color(
        "line:N",
        scale=alt.Scale(domain=names, range=list(INKS[:2])),
        legend=alt.Legend(
            orient="top", symbolType="stroke", symbolSize=400, title="what would have come beside"
        ),
    )
    dash = alt.StrokeDash("line:N", scale=alt.Scale(domain=names, range=list(DASHES[:2])), legend=None)
    start = alt.Chart(values_of([{"at": starts_on}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=x)
    lines = alt.Chart(values_of(due.select("at", "line", n="n_counterfactual").to_dicts())).mark_line(
        strokeWidth=1.8
    )
    dots = alt.Chart(values_of(came.select("at", n="n_observed").to_dicts())).mark_circle(
        size=40, color=INK, opacity=1
    )
    layers = start, lines.encode(x=x, y=y, color=ink, strokeDash=dash), dots.encode(x=x, y=y)
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def placebos_drawn(given: Sequence[Row], placebos: Sequence[Row], titles: Mapping[str, str]) -> Drawn:
    """Return each effect with its interval among its placebos, on one scale of ratios."""
    names = {
        (row["source"], row["method"]): f"{titles[row['source']]}, {NAMES[row['method']]}" for row in given
    }
    ticks = [
        {"row": names[p["source"], p["method"]], "ratio": _within(p["n_observed"] / p["n_counterfactual"])}
        for p in placebos
        if (p["source"], p["method"]) in names
    ]
    marks = [
        {"row": names[row["source"], row["method"]]}
        | {part: _within(row[part]) for part in ("ratio", "lower", "upper")}
        for row in given
    ]
    scale = alt.Scale(type="log", domain=[LEAST_RATIO, MOST_RATIO], nice=False)
    y = alt.Y("row:N", title=None, sort=list(names.values()), axis=axis_of(labelLimit=LABELS))
    x = alt.X(
        "ratio:Q", title="what came, over what would have come", scale=scale, axis=axis_of(values=RATIOS)
    )
    none = alt.Chart(values_of([{"ratio": 1.0}])).mark_rule(color=SOFT).encode(x=x)
    strayed = alt.Chart(values_of(ticks)).mark_tick(color="#9fb3c8", thickness=1.5, size=14).encode(x=x, y=y)
    effect = alt.Chart(values_of(marks))
    bar = effect.mark_rule(color=INKS[1], strokeWidth=2.5).encode(
        x=alt.X("lower:Q", scale=scale), x2=alt.X2("upper:Q"), y=y
    )
    dot = effect.mark_circle(color=INKS[1], size=80, opacity=1).encode(x=x, y=y)
    return alt.layer(none, strayed, bar, dot).properties(width=WIDTH - LABELS, height=34 * len(given))


def _within(ratio: float) -> float:
    return min(max(ratio, LEAST_RATIO), MOST_RATIO)
