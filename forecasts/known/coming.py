"""How records come and go while a night fills: which share of those that are in stays, and do they come in lots?"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaln, gammaln

from forecasts.curve.panel import Floats

INDEPENDENT: Final = 1e6
"""Clumping of records that come each by itself."""
CLUMPINGS: Final = (2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0, 128.0, INDEPENDENT)
SUSPICION: Final = 0.02
"""Probability, before any delivery is seen, of each clumping but the independent one."""
FEWEST_TO_SPLIT = 2
"""A single record comes or does not come: it cannot show whether records come together."""
USUAL_RECORDS = 30.0
"""Records that stayed, added to what is seen: a source is not taken to lose records before it has lost some."""

STEPS = ["source", "centre_code", "evening", "age_days", "next_age_days", "n_known", "n_next", "n_final"]
"""Columns of the steps: a count at an age, at the next, and as it stands now. One row a series, night and age."""


def steps_of(known: pl.DataFrame) -> pl.DataFrame:
    """Return the steps from each age to the next: STEPS, and latest_age_days.

    `known`: source, centre_code, evening, age_days, n_known, n_latest, latest_age_days, one row for each age reached.
    """
    series = ["source", "centre_code", "evening"]
    return (
        known.sort(*series, "age_days")
        .with_columns(
            pl.col("age_days").shift(-1).over(series).alias("next_age_days"),
            pl.col("n_known").shift(-1).over(series).alias("n_next"),
            pl.col("n_latest").alias("n_final"),
        )
        .drop_nulls("next_age_days")
        .select(*STEPS, "latest_age_days")
    )


def survival_shares(steps: pl.DataFrame, ages: Floats) -> Floats:
    """Return, for each of a source's learned ages, the share of the records in by then that is never withdrawn.

    The share that stays from one age to the next, multiplied up to the last age. What comes and what goes between two
    ages of one night cannot be told apart, so the share is rather too high.
    """
    lost = steps.group_by("age_days").agg(
        n_lost=(pl.col("n_known") - pl.col("n_next")).clip(lower_bound=0).sum(),
        n_known=pl.col("n_known").sum(),
    )
    by_age = {age: n_lost / (n_known + USUAL_RECORDS) for age, n_lost, n_known in lost.iter_rows()}
    stays = np.array([1.0 - by_age.get(age, 0.0) for age in ages[:-1].astype(int).tolist()] + [1.0])
    return np.asarray(np.cumprod(stays[::-1])[::-1])


def clumping_of(steps: pl.DataFrame, ages: Floats, shares: Floats) -> float:
    """Return how alone a source's records come: INDEPENDENT, or the most likely of CLUMPINGS.

    Of the m records still to come, those of the next step are beta-binomial with the step's hazard and this clumping.
    """
    own = steps.filter(
        pl.col("n_next") >= pl.col("n_known"), pl.col("n_final") - pl.col("n_known") >= FEWEST_TO_SPLIT
    ).with_columns(pl.min_horizontal("n_next", "n_final").alias("n_next"))
    own = own.filter(pl.col("latest_age_days") > pl.col("next_age_days"))
    if own.is_empty():
        return INDEPENDENT
    at = {
        name: np.interp(own[name].to_numpy(), ages, shares)
        for name in ("age_days", "next_age_days", "latest_age_days")
    }
    hazard = (at["next_age_days"] - at["age_days"]) / np.maximum(at["latest_age_days"] - at["age_days"], 1e-9)
    to_come = (own["n_final"] - own["n_known"]).to_numpy().astype(np.float64)
    came = (own["n_next"] - own["n_known"]).to_numpy().astype(np.float64)
    told = (hazard > 1e-6) & (hazard < 1 - 1e-6)  # noqa: PLR2004  a step in which nothing or all must come tells nothing
    likely = [log_beta_binomial(came[told], to_come[told], hazard[told], c).sum() for c in CLUMPINGS]
    prior = np.log([SUSPICION] * (len(CLUMPINGS) - 1) + [1.0 - SUSPICION * (len(CLUMPINGS) - 1)])
    return CLUMPINGS[int(np.argmax(np.array(likely) + prior))]


def log_beta_binomial(
    came: NDArray[np.float64], to_come: NDArray[np.float64], hazard: NDArray[np.float64], clumping: float
) -> Floats:
    """Return log P(`came` of `to_come` records come in a step), each drawn with `hazard`, in lots."""
    choose = gammaln(to_come + 1) - gammaln(came + 1) - gammaln(to_come - came + 1)
    alone = choose + came * np.log(hazard) + (to_come - came) * np.log1p(-hazard)
    return alone if clumping >= INDEPENDENT else alone + log_lots_over_alone(came, to_come, hazard, clumping)


def log_lots_over_alone(came: Floats, to_come: Floats, hazard: Floats, clumping: Floats | float) -> Floats:
    """Return the log of how much likelier it is in lots than one by one that `came` of `to_come` records come."""
    a, b = hazard * clumping, (1.0 - hazard) * clumping
    in_lots = betaln(came + a, to_come - came + b) - betaln(a, b)
    return np.asarray(in_lots - came * np.log(hazard) - (to_come - came) * np.log1p(-hazard))
