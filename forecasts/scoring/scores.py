"""Do the bands mean what they say? Counts once nights are complete, against the bands issued before them."""

from datetime import timedelta

import numpy as np
import polars as pl

from forecasts.scoring.night_scores import N_TENTHS, SERIES, TENTHS, with_baselines, with_scores

SPANS: dict[str, int | None] = {"last 8 weekends": 8, "last 26 weekends": 26, "all weekends": None}
"""Name of each span of scored weekends, and how many they are."""
TESTED_SPAN = "last 26 weekends"
LEAST_TESTED_WEEKENDS = 13
WEEKS_PER_FALSE_WARNING = 104
"""A false warning may come once in so many weekly looks, all sources together: once in two years."""
EVERY_SOURCE = ""
LOOKED_BACK = timedelta(weeks=54)
"""How far before the first band the baselines look."""


def complete_nights(bands: pl.DataFrame, counts: pl.DataFrame, complete_share: float) -> pl.DataFrame:
    """Return the bands of nights that are known to `complete_share` at least, each with its count.

    `counts`: evening, centre_code, source, n_incidents, is_covered, known_share. The expectation is that of the
    part that should be known by now, so the last missing reports are no error of the band.
    """
    known = counts.filter("is_covered", pl.col("known_share") >= complete_share).drop_nulls("n_incidents")
    rows = bands.join(known.select("evening", *SERIES, "n_incidents", "known_share"), on=["evening", *SERIES])
    return rows.with_columns(
        mean=pl.col("expected") * pl.col("known_share").clip(0.0, 1.0),
        week=pl.col("evening").dt.truncate("1w").cast(pl.Date),
    ).sort("evening", *SERIES)


def score_bands(nights: pl.DataFrame, counts: pl.DataFrame, budget_per_weekend: float) -> pl.DataFrame:
    """Return one row a span and source, and one for every source together: what was promised and what came.

    `nights` is what `complete_nights` returns, `counts` the history that the baselines look back on, and
    `budget_per_weekend` the false alarms that single nights may raise in the area. No nights, no rows.
    """
    if nights.is_empty():
        return pl.DataFrame()
    scored = with_baselines(with_scores(nights), counts)
    frames = []
    for span, n_weekends in SPANS.items():
        rows = _latest(scored, n_weekends)
        tested = drift_of(rows) if span == TESTED_SPAN else drift_of(rows.clear())
        frames.append(_summary(rows, budget_per_weekend).join(tested, on="source", how="left"))
        frames[-1] = frames[-1].with_columns(span=pl.lit(span))
    return pl.concat(frames)


def _latest(scored: pl.DataFrame, n_weekends: int | None) -> pl.DataFrame:
    if n_weekends is None:
        return scored
    return scored.filter(pl.col("week") > pl.col("week").max() - timedelta(weeks=n_weekends))


def _summary(rows: pl.DataFrame, budget_per_weekend: float) -> pl.DataFrame:
    both = pl.concat([rows, rows.with_columns(source=pl.lit(EVERY_SOURCE))])
    n_weekends = rows["week"].n_unique()
    return (
        both.group_by("source", maintain_order=True)
        .agg(
            first_evening=pl.col("evening").min(),
            last_evening=pl.col("evening").max(),
            n_weekends=pl.col("week").n_unique(),
            n_nights=pl.len(),
            within_80_share=pl.col("is_within_80").mean(),
            within_80_promised_share=pl.col("p_within_80").mean(),
            within_95_share=pl.col("is_within_95").mean(),
            within_95_promised_share=pl.col("p_within_95").mean(),
            above_upper_share=pl.col("is_above_upper").mean(),
            above_upper_promised_share=pl.col("p_above_upper").mean(),
            n_exceedances=pl.col("is_exceedance").sum(),
            n_exceedances_promised=pl.col("p_exceedance").sum(),
            crps=pl.col("crps").mean(),
            crps_to_same_weekday_ratio=_ratio("crps_same_weekday"),
            crps_to_last_year_ratio=_ratio("crps_last_year"),
            mean_pit=pl.col("pit").mean(),
            **{name: pl.col(name).mean() for name in TENTHS},
        )
        .with_columns(
            n_exceedances_budget=pl.when(pl.col("source") == EVERY_SOURCE).then(
                n_weekends * budget_per_weekend
            )
        )
    )


def _ratio(baseline: str) -> pl.Expr:
    has_one = pl.col(baseline).is_not_null()
    ratio = pl.col("crps").filter(has_one).sum() / pl.col(baseline).sum()
    return pl.when(pl.col(baseline).sum() > 0).then(ratio)


def drift_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return per source the probability of so large a drift by chance, and whether ops should hear of it.

    Two drifts are tested: counts lie too high or too low in their bands (mean PIT against a half), and too many or
    too few lie in the top tenth. The nights of a weekend move together, so the weekend is the unit (Student's t).
    """
    from scipy.stats import t as student  # takes a second to import

    excess = {"is_shifted": pl.col("pit") - 0.5, "is_tailed": pl.col(TENTHS[-1]) - 1 / N_TENTHS}
    weekends = rows.group_by("source", "week", maintain_order=True).agg(
        **{name: e.sum() for name, e in excess.items()}
    )
    found = weekends.group_by("source", maintain_order=True).agg(
        n=pl.len(),
        **{name: pl.col(name).mean() / pl.col(name).std() * pl.len().sqrt() for name in excess},
    )
    found = found.filter(pl.col("n") >= LEAST_TESTED_WEEKENDS).drop_nulls()
    statistic = np.abs(found.select(list(excess)).to_numpy()).max(axis=1, initial=0.0)
    p_value = np.minimum(2 * 2 * student.sf(statistic, np.maximum(found["n"].to_numpy() - 1, 1)), 1.0)
    level = 1.0 / (WEEKS_PER_FALSE_WARNING * max(rows["source"].n_unique(), 1))
    return found.select(
        "source", drift_p_value=pl.Series(p_value), is_out_of_bounds=pl.Series(p_value < level)
    )
