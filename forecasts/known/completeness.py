"""How much of a night is known at which age: learned from when reports came, blended with what is expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from forecasts.curve.panel import Floats, Ints

EVIDENCE_HALF_LIFE_DAYS = 120.0
"""A night this old counts half: reporting habits change."""
MAX_SHARE = 1.0
MIN_SHARE = 0.01

COMPLETENESS_SCHEMA = {
    "source": pl.String,
    "age_days": pl.Int64,
    "known_share": pl.Float64,
    "n_evidence": pl.Int64,
}


def learn_completeness(revisions: pl.DataFrame, priors: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the share of a night's final count that is known at each age.

    `revisions`: source, evening, age_days, n_known (as it stood at that age), n_latest and latest_age_days (as
    it stands now). Nights that came with a history load are no evidence and are left out by the caller.
    `priors`: source, age_days, known_share, weight_nights (the average nights of evidence that the prior is worth).
    Returns source, age_days, known_share and n_evidence (nights). Shares never fall with age. `as_of`
    weighs the evidence by its age; rows of later evenings are not used.
    """
    frames = [
        _learn_source(source, _evidence(revisions, source, as_of), priors.filter(pl.col("source") == source))
        for source in sorted(priors["source"].unique().to_list())
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=COMPLETENESS_SCHEMA)


@dataclass(frozen=True)
class Filling:
    """How full nights are: arrays of one shape, or that broadcast."""

    known: Floats
    """Records that are in over final records: what was withdrawn by then is in neither."""
    survival: Floats
    """Share of the records that are in which will not be withdrawn."""

    @property
    def of_final(self) -> Floats:
        """Return the share of the final records that are in."""
        return self.known * self.survival

    def at(self, places: Ints) -> "Filling":
        """Return the filling of some of the nights."""
        return Filling(self.known[places], self.survival[places])


def filling_at(completeness: pl.DataFrame, sources: Sequence[str], ages: Floats) -> Filling:
    """Return how full nights are, for pairs of source and age in days.

    Between learned ages both shares are interpolated; before the first, what is known starts at nought on the evening
    itself. A source that is not in `completeness` is taken as complete, and none of its records as withdrawn.
    """
    known, survival = np.ones(len(ages)), np.ones(len(ages))
    names = np.array(list(sources))
    for (source,), rows in completeness.sort("age_days").group_by("source", maintain_order=True):
        is_source, grid = names == source, rows["age_days"].to_numpy().astype(np.float64)
        shares, lasting = rows["known_share"].to_numpy(), rows["survival_share"].to_numpy()
        if grid[0] > 0:
            grid, shares, lasting = np.append(0, grid), np.append(0.0, shares), np.append(lasting[0], lasting)
        known[is_source] = np.interp(ages[is_source], grid, shares, left=0.0)
        survival[is_source] = np.interp(ages[is_source], grid, lasting)
    return Filling(known, survival)


def _evidence(revisions: pl.DataFrame, source: str, as_of: date) -> pl.DataFrame:
    """Return a source's revisions with the weight of each night."""
    age = (pl.lit(as_of) - pl.col("evening")).dt.total_days()
    return revisions.filter(
        pl.col("source") == source, age > 0, pl.col("latest_age_days") > pl.col("age_days")
    ).with_columns(weight=0.5 ** (age / EVIDENCE_HALF_LIFE_DAYS))


def _learn_source(source: str, evidence: pl.DataFrame, priors: pl.DataFrame) -> pl.DataFrame:
    """Go from the oldest age to the youngest: what is final is judged by the shares learned so far."""
    ages, prior_shares, prior_weights = priors.sort("age_days").select(
        "age_days", "known_share", "weight_nights"
    )
    shares = prior_shares.cast(pl.Float64).to_numpy().copy()
    n_evidence = np.zeros(len(shares), dtype=np.int64)
    usual = _usual_count(evidence)
    for place in reversed(range(len(shares))):
        rows = evidence.filter(pl.col("age_days") == ages[place])
        latest = np.interp(rows["latest_age_days"].to_numpy(), ages.to_numpy(), shares)
        weight = rows["weight"].to_numpy()
        final = float((weight * rows["n_latest"].to_numpy() / np.maximum(latest, MIN_SHARE)).sum())
        known = float((weight * rows["n_known"].to_numpy()).sum())
        prior = float(prior_weights[place]) * usual
        shares[place] = (
            (known + prior * shares[place]) / (final + prior) if final + prior > 0 else shares[place]
        )
        n_evidence[place] = rows["evening"].n_unique()
    shares = np.maximum.accumulate(np.clip(shares, MIN_SHARE, MAX_SHARE))
    return pl.DataFrame(
        {"source": [source] * len(shares), "age_days": ages, "known_share": shares, "n_evidence": n_evidence},
        schema=COMPLETENESS_SCHEMA,
    )


def _usual_count(evidence: pl.DataFrame) -> float:
    """Return a source's average final count per night over all its rows' centres; 1 without evidence."""
    nights = evidence["evening"].n_unique()
    ages = max(evidence["age_days"].n_unique(), 1)
    return float(evidence["n_latest"].sum()) / (nights * ages) if nights else 1.0
