"""Do the bands mean what they say? Counts once nights are complete, against the bands issued before them.

A count that comes from its band's distribution lies in each tenth of it (PIT) equally often. Counts are whole
numbers, so a count lies in several tenths at once, in each with the part that its probability covers: nothing is
drawn, and the shares are still a tenth each when the band is right.
"""

from datetime import timedelta

import numpy as np
import polars as pl
from scipy.stats import t as student

from forecasts.panel import Floats
from nte import negative_binomial as nb

SPANS: dict[str, int | None] = {"last 8 weekends": 8, "last 26 weekends": 26, "all weekends": None}
"""Name of each span of scored weekends, and how many they are."""
TESTED_SPAN = "last 26 weekends"
LEAST_TESTED_WEEKENDS = 13
WEEKS_PER_FALSE_WARNING = 104
"""A false warning may come once in so many weekly looks, all sources together: once in two years."""
N_TENTHS = 10
EVERY_SOURCE = ""
SAME_WEEKDAY_WEEKS = (1, 52)
"""Baseline: the counts of the same night of the week in the last year …"""
LAST_YEAR_WEEKS = (50, 54)
"""… and those of the five same nights around a year ago."""
SERIES = ["centre_code", "source"]
TENTHS = [f"pit_{n}_share" for n in range(1, N_TENTHS + 1)]


def complete_nights(bands: pl.DataFrame, counts: pl.DataFrame, complete_share: float) -> pl.DataFrame:
    """Return the bands of nights that are known to `complete_share` at least, each with its count.

    `counts`: evening, centre_code, source, n_incidents, is_covered, share_known. The expectation is that of the
    part that should be known by now, so the last missing reports are no error of the band.
    """
    known = counts.filter("is_covered", pl.col("share_known") >= complete_share).drop_nulls("n_incidents")
    rows = bands.join(
        known.select("evening", *SERIES, "n_incidents", "share_known"), on=["evening", *SERIES]
    )
    return rows.with_columns(
        mean=pl.col("expected") * pl.col("share_known").clip(0.0, 1.0),
        week=pl.col("evening").dt.truncate("1w").cast(pl.Date),
    ).sort("evening", *SERIES)


def score_bands(nights: pl.DataFrame, counts: pl.DataFrame, budget_per_weekend: float) -> pl.DataFrame:
    """Return one row a span and source, and one for every source together: what was promised and what came.

    `nights` is what `complete_nights` returns, `counts` the history that the baselines look back on, and
    `budget_per_weekend` the false alarms that single nights may raise in the area. No nights, no rows.
    """
    if nights.is_empty():
        return pl.DataFrame()
    scored = _with_baselines(_with_scores(nights), counts)
    frames = []
    for span, n_weekends in SPANS.items():
        rows = _latest(scored, n_weekends)
        tested = _drift(rows) if span == TESTED_SPAN else _drift(rows.clear())
        frames.append(_summary(rows, budget_per_weekend).join(tested, on="source", how="left"))
        frames[-1] = frames[-1].with_columns(span=pl.lit(span))
    return pl.concat(frames)


def _latest(scored: pl.DataFrame, n_weekends: int | None) -> pl.DataFrame:
    if n_weekends is None:
        return scored
    return scored.filter(pl.col("week") > pl.col("week").max() - timedelta(weeks=n_weekends))


def _with_scores(nights: pl.DataFrame) -> pl.DataFrame:
    """Add to each night what its band promised of it and what came."""
    count, mean = nights["n_incidents"].to_numpy().astype(np.float64), nights["mean"].to_numpy()
    size, upper = nights["dispersion"].to_numpy(), nights["upper"].to_numpy()
    alert_limit = nights["alert_limit"].to_numpy()
    tenths = pit_tenths(count, mean, size)
    return nights.with_columns(
        *_within(0.80, count, mean, size),
        *_within(0.95, count, mean, size),
        is_above_upper=pl.Series(count > upper),
        p_above_upper=pl.Series(nb.tail_probability(upper + 1, mean, size)),
        is_exceedance=pl.Series(count > alert_limit),
        p_exceedance=pl.Series(nb.tail_probability(alert_limit + 1, mean, size)),
        pit=pl.Series(_middle_pit(count, mean, size)),
        crps=pl.Series(ranked_probability_score(count, mean, size)),
        **{name: pl.Series(tenths[:, n]) for n, name in enumerate(TENTHS)},
    )


def _within(share: float, count: Floats, mean: Floats, size: Floats) -> list[pl.Series]:
    """Return whether each count lies in the middle range of its band, and how probable that was."""
    low, high = nb.quantile((1 - share) / 2, mean, size), nb.quantile((1 + share) / 2, mean, size)
    promised = nb.tail_probability(low, mean, size) - nb.tail_probability(high + 1, mean, size)
    name = f"{100 * share:.0f}"
    return [
        pl.Series(f"is_within_{name}", (count >= low) & (count <= high)),
        pl.Series(f"p_within_{name}", promised),
    ]


def pit_tenths(count: Floats, mean: Floats, size: Floats) -> Floats:
    """Return the part of each count that lies in each tenth of its distribution: night × tenth, rows sum to 1."""
    below = 1.0 - nb.tail_probability(count, mean, size)[:, None]
    own = np.maximum(nb.probability(count, mean, size)[:, None], 1e-12)
    reached = np.clip((np.linspace(0.0, 1.0, N_TENTHS + 1) - below) / own, 0.0, 1.0)
    reached[:, -1] = 1.0
    return np.asarray(np.diff(reached, axis=1))


def _middle_pit(count: Floats, mean: Floats, size: Floats) -> Floats:
    return 1.0 - (nb.tail_probability(count, mean, size) + nb.tail_probability(count + 1, mean, size)) / 2


def ranked_probability_score(count: Floats, mean: Floats, size: Floats) -> Floats:
    """Return each night's continuous ranked probability score, in incidents; 0 is perfect."""
    most = int(max(count.max(), nb.quantile(1 - 1e-9, mean, size).max())) + 1
    ladder = np.arange(1, most + 1)
    reached = count[:, None] >= ladder
    tails = nb.tail_probability(ladder, mean[:, None], size[:, None])
    return np.asarray(((tails - reached) ** 2).sum(axis=1))


def _with_baselines(scored: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    past = counts.filter("is_covered").drop_nulls("n_incidents")
    for name, weeks in {"same_weekday": SAME_WEEKDAY_WEEKS, "last_year": LAST_YEAR_WEEKS}.items():
        baseline = _past_counts_score(scored, past, weeks).rename({"crps_past": f"crps_{name}"})
        scored = scored.join(baseline, on=["evening", *SERIES], how="left", maintain_order="left")
    return scored


def _past_counts_score(scored: pl.DataFrame, past: pl.DataFrame, weeks: tuple[int, int]) -> pl.DataFrame:
    """Return the score of "it will be one of the counts of these weeks": mean |x - y| less half mean |x - x'|."""
    nights = scored.select("evening", *SERIES, "n_incidents")
    back = pl.DataFrame({"days": [7 * week for week in range(weeks[0], weeks[1] + 1)]})
    then = nights.join(back, how="cross").with_columns(
        past_evening=pl.col("evening") - pl.duration(days="days")
    )
    drawn = then.join(
        past.select(*SERIES, past_evening="evening", x="n_incidents"), on=[*SERIES, "past_evening"]
    )
    apart = (pl.col("x").sort() * (2 * pl.int_range(1, pl.len() + 1) - pl.len() - 1)).sum() / pl.len() ** 2
    return drawn.group_by("evening", *SERIES).agg(
        crps_past=(pl.col("x") - pl.col("n_incidents")).abs().mean() - apart
    )


def _summary(rows: pl.DataFrame, budget_per_weekend: float) -> pl.DataFrame:
    both = pl.concat([rows, rows.with_columns(source=pl.lit(EVERY_SOURCE))])
    n_weekends = rows["week"].n_unique()
    return (
        both.group_by("source")
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


def _drift(rows: pl.DataFrame) -> pl.DataFrame:
    """Return per source the probability of so large a drift by chance, and whether ops should hear of it.

    Two drifts are tested: counts lie too high or too low in their bands (mean PIT against a half), and too many or
    too few lie in the top tenth. The nights of a weekend move together, so the weekend is the unit (Student's t).
    """
    excess = {"is_shifted": pl.col("pit") - 0.5, "is_tailed": pl.col(TENTHS[-1]) - 1 / N_TENTHS}
    weekends = rows.group_by("source", "week").agg(**{name: e.sum() for name, e in excess.items()})
    found = weekends.group_by("source").agg(
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
