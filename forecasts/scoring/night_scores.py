"""What each night tells of its band: where the count lies in it, and how far off it was.

A count that comes from its band's distribution lies in each tenth of it (PIT) equally often. Counts are whole
numbers, so a count lies in several tenths at once, in each with the part that its probability covers: nothing is
drawn, and the shares are still a tenth each when the band is right.
"""

import numpy as np
import polars as pl

from forecasts.curve.panel import Floats
from nte import negative_binomial as nb

N_TENTHS = 10
SAME_WEEKDAY_WEEKS = (1, 52)
"""Baseline: the counts of the same night of the week in the last year …"""
LAST_YEAR_WEEKS = (50, 54)
"""… and those of the five same nights around a year ago."""
SERIES = ["centre_code", "source"]
TENTHS = [f"pit_{n}_share" for n in range(1, N_TENTHS + 1)]


def with_scores(nights: pl.DataFrame) -> pl.DataFrame:
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


def with_baselines(scored: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """Add the scores that the baselines have on each night; null where they have no past count."""
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
    return drawn.group_by("evening", *SERIES, maintain_order=True).agg(
        crps_past=(pl.col("x") - pl.col("n_incidents")).abs().mean() - apart
    )
