"""How the counts of one centre move together: between its sources on a night, and from night to night.

Counts are seen as steps of hidden normal scores whose correlations are estimated here. That holds at counts of
0, 1 and 2, where ordinary correlations of counts come out far too small.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtri

from forecasts.curve.panel import Floats, Ints
from nte import negative_binomial as nb

MAX_CORRELATION = 0.8
USUAL_PAIRS = 500.0
"""Weight of the prior correlations, in pairs that show their correlation in full."""


@dataclass(frozen=True)
class Togetherness:
    """Correlations of the hidden scores within one centre. The defaults are the prior."""

    same_night: float = 0.2
    """Two sources, one night."""
    same_source: float = 0.03
    """One source, two nights of a window: what the level has got wrong stays wrong for a while."""
    other: float = 0.01
    """Two sources, two nights."""

    def correlation(self, night: Ints, source: Ints) -> Floats:
        """Return the correlation matrix of cells given by their night and source numbers."""
        is_same_night, is_same_source = night[:, None] == night, source[:, None] == source
        matrix = np.where(
            is_same_night, self.same_night, np.where(is_same_source, self.same_source, self.other)
        )
        np.fill_diagonal(matrix, 1.0)
        return _nearest_correlation(matrix)


def learn_togetherness(judged: pl.DataFrame, prior: Togetherness | None = None) -> Togetherness:
    """Return the correlations that past judged nights show, blended with `prior`.

    `judged`: centre_code, source, evening, n_incidents, expected (so far) and dispersion, of nights with known
    counts. Nights of one week of a centre make the pairs.
    """
    prior = prior or Togetherness()
    if judged.is_empty():
        return prior
    score, variance = hidden_scores(
        judged["n_incidents"].to_numpy(), judged["expected"].to_numpy(), judged["dispersion"].to_numpy()
    )
    rows = judged.select(
        "centre_code", "source", "evening", week=pl.col("evening").dt.truncate("1w")
    ).with_columns(score=pl.Series(score), variance=pl.Series(variance), row=pl.int_range(pl.len()))
    pairs = (
        rows.join(rows, on=["centre_code", "week"], suffix="_2")
        .filter(pl.col("row") < pl.col("row_2"))
        .sort("row", "row_2")
    )
    is_night, is_source = pl.col("evening") == pl.col("evening_2"), pl.col("source") == pl.col("source_2")
    return Togetherness(
        _correlation(pairs.filter(is_night), prior.same_night),
        _correlation(pairs.filter(~is_night, is_source), prior.same_source),
        _correlation(pairs.filter(~is_night, ~is_source), prior.other),
    )


def hidden_scores(count: Floats, mean: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Return the expected hidden normal score of each count, and its variance over all counts."""
    highest = int(np.max(nb.quantile(1 - 1e-6, mean, size))) + 1
    ladder = np.arange(max(highest, int(np.max(count))) + 1)
    below = 1.0 - nb.tail_probability(ladder, mean[:, None], size[:, None])
    density = _normal_density(ndtri(np.clip(np.column_stack([below, np.ones(len(mean))]), 0.0, 1.0)))
    mass = np.maximum(np.diff(np.column_stack([below, np.ones(len(mean))]), axis=1), 1e-300)
    scores = (density[:, :-1] - density[:, 1:]) / mass
    return scores[np.arange(len(count)), count.astype(np.int64)], (mass * scores**2).sum(axis=1)


def _correlation(pairs: pl.DataFrame, prior: float) -> float:
    # A pair shows its correlation as far as both counts tell their scores: the product of variances.
    shown = float((pairs["score"] * pairs["score_2"]).sum())
    could_show = float((pairs["variance"] * pairs["variance_2"]).sum())
    estimate = (shown + USUAL_PAIRS * prior) / (could_show + USUAL_PAIRS)
    return float(np.clip(estimate, 0.0, MAX_CORRELATION))


def _normal_density(score: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * score**2) / np.sqrt(2 * np.pi))


def _nearest_correlation(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    repaired = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(repaired))
    return np.asarray(repaired / np.outer(scale, scale))
