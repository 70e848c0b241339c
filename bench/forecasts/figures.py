"""The figures of docs/method.md, as SVG: `python -m bench.forecasts.figures SCORES_FOLDER FIGURES_FOLDER`.

The scores are those that `python -m bench.forecasts.scores … --write SCORES_FOLDER` writes.
"""

import sys
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl

from forecasts.issuing.limits import detectable_ratio
from nte import negative_binomial as nb

SIZE = 15.0
"""A usual dispersion of the predictive distribution."""
ALERT_LEVEL = 0.002
"""The alert level of an area with fourteen centres and three sources under the default budget."""
NAMES = {
    "this forecast": "this forecast",
    "NB regression": "NB regression",
    "night of week + NB": "same night of week + NB",
    "Prophet + NB": "Prophet + NB",
    "default Prophet": "Prophet as it comes",
}
IN_TENTHS = ["this forecast", "night of week + NB", "default Prophet"]
"""The methods whose tenths are drawn: three fit beside each other."""
AREAS = {"easy": "steady", "delayed": "delayed reports", "recording_change": "recording changes"}


def main() -> None:
    """Draw all figures."""
    scores, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    charts = {
        "false-alarms": false_alarms(pl.read_csv(scores / "scores.csv")),
        "pit": pit_histograms(pl.read_csv(scores / "pit.csv")),
        "rise-seen": rise_seen(),
    }
    for name, chart in charts.items():
        chart.save(folder / f"{name}.svg")


def false_alarms(scores: pl.DataFrame) -> alt.LayerChart:
    """Return the exact false alarm rates of every method and panel beside the promised 1 %."""
    rows = scores.filter(pl.col("method").is_in(list(NAMES))).with_columns(pl.col("method").replace(NAMES))
    rows = rows.filter(~pl.col("panel").str.contains("Mondays"))
    long = rows.select(
        "panel",
        "method",
        pl.col("false_alarm_percent").alias("all nights"),
        pl.col("event_percent").alias("event nights"),
    ).unpivot(
        ["all nights", "event nights"],
        index=["panel", "method"],
        variable_name="nights",
        value_name="percent",
    )
    points = (
        alt.Chart(long)
        .mark_point(size=90, filled=True)
        .encode(
            x=alt.X(
                "percent:Q",
                title="false alarms in 100 clean nights at the 1 % limit",
                scale=alt.Scale(zero=True),
            ),
            y=alt.Y("method:N", title=None, sort=list(NAMES.values())),
            color=alt.Color("nights:N", title=None, scale=alt.Scale(range=["#1b4f72", "#ca6f1e"])),
            shape=alt.Shape("nights:N", title=None),
        )
    )
    promise = alt.Chart(pl.DataFrame({"percent": [1.0]})).mark_rule(strokeDash=[4, 3]).encode(x="percent:Q")
    return (promise + points).properties(
        width=520, height=170, title="Does one in a hundred mean one in a hundred?"
    )


def pit_histograms(pit: pl.DataFrame) -> alt.FacetChart:
    """Return in which tenth of their band the nights of each panel lie, beside the even tenth that is right."""
    rows = pit.filter(pl.col("method").is_in(IN_TENTHS)).with_columns(
        pl.col("method").replace(NAMES),
        pl.col("panel").replace(AREAS),
        percent=100 * pl.col("share"),
        promised=pl.lit(10.0),
    )
    base = alt.Chart(rows)
    promise = base.mark_rule(strokeDash=[4, 3]).encode(y=alt.Y("mean(promised):Q"))
    lines = base.mark_line(point=True).encode(
        x=alt.X("tenth:O", title="tenth of the band", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("percent:Q", title="nights, %", scale=alt.Scale(domain=[5, 17], zero=False)),
        color=alt.Color("panel:N", title=None, scale=alt.Scale(range=["#ca6f1e", "#1b4f72", "#7d8b99"])),
    )
    return (
        alt.layer(promise, lines)
        .properties(width=165, height=170)
        .facet(column=alt.Column("method:N", title=None, sort=list(NAMES.values())))
        .properties(title="Where the counts of ordinary nights lie in their bands: a tenth each is right")
    )


def rise_seen() -> alt.Chart:
    """Return the rise that one night would show with probability 80 %, by the count that is usual."""
    mean = np.exp(np.linspace(np.log(0.2), np.log(20.0), 120))
    size = np.full_like(mean, SIZE)
    limit = nb.limit(ALERT_LEVEL, mean, size)
    rows = pl.DataFrame({"mean": mean, "ratio": detectable_ratio(limit, mean, size, 0.8)})
    return (
        alt.Chart(rows)
        .mark_line(color="#1b4f72")
        .encode(
            x=alt.X(
                "mean:Q",
                title="incidents to be expected on the night",
                scale=alt.Scale(type="log", domain=[0.2, 20]),
            ),
            y=alt.Y(
                "ratio:Q",
                title="rise seen four times in five (×)",
                scale=alt.Scale(type="log", domain=[2, 40]),
            ),
        )
        .properties(width=520, height=260, title="What a single night can show")
    )


if __name__ == "__main__":
    main()
