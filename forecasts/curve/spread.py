"""How far counts scatter around their mean: one dispersion per series, drawn towards its source's."""

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln

from forecasts.curve.panel import Floats
from nte import negative_binomial as nb

TRIED = np.geomspace(0.004, 4.0, 12)
"""1/size that the counts are asked about: from next to Poisson to a variance of mean + 4 mean² …"""
LADDER = np.geomspace(TRIED[0], TRIED[-1], 5 * (len(TRIED) - 1) + 1)
"""… and the finer steps in between, so that a series with much to say is not rounded to the nearest."""
USUAL_INVERSE_SIZE, USUAL_LOG_SD = 0.05, 1.0
"""What a series' 1/size is taken to be before any counts speak, and by how much its logarithm differs …"""
USUAL_SERIES = 3.0
"""… and how many series that is worth: each source learns its own."""
MIN_LOG_VARIANCE = 0.05
"""Series of one source differ at least this much, on the log scale: there are never enough to show that they do not."""
N_STEPS = 10


def inverse_sizes(counts: Floats, mean: Floats, weight: Floats, mean_variance: Floats) -> Floats:
    """Return 1/size per series (centre × source × 1) from one-week-ahead expectations of past nights.

    Every 1/size of a ladder is asked how well it would have foretold the series' counts, `mean_variance` (variance of
    the log of each expectation) included, so that what it explains is not charged to scatter. How usual each is, is
    learned from all series of the source.
    """
    from scipy.interpolate import CubicSpline  # takes half a second to import

    log_mean_variance = _average(mean_variance, weight, counts.shape)
    sizes = [predictive_size(np.asarray(rung), log_mean_variance) for rung in TRIED]
    score = _foretelling(counts, np.maximum(mean, nb.MIN_MEAN), weight, sizes)
    return _pool(CubicSpline(np.log(TRIED), score)(np.log(LADDER)).transpose(1, 2, 0))[..., None]


def _pool(score: Floats) -> Floats:
    """Return each series' 1/size in the light of all series of its source: centre × source."""
    usual = np.full(score.shape[1:], 1.0) * np.exp(
        -0.5 * ((np.log(LADDER) - np.log(USUAL_INVERSE_SIZE)) / USUAL_LOG_SD) ** 2
    )
    usual = usual / usual.sum(axis=-1, keepdims=True)
    prior = usual
    for _ in range(N_STEPS):
        share = prior * np.exp(score - score.max(axis=-1, keepdims=True))
        share = share / share.sum(axis=-1, keepdims=True)
        prior = _curve((share.sum(axis=0) + USUAL_SERIES * usual) / (len(share) + USUAL_SERIES))
    return np.asarray(share @ LADDER)


def _average(mean_variance: Floats, weight: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the usual variance of a series' log expectation: centre × source × 1."""
    total = (weight * np.broadcast_to(mean_variance, shape)).sum(axis=-1, keepdims=True)
    return np.asarray(total / np.maximum(weight.sum(axis=-1, keepdims=True), 1.0))


def _curve(prior: Floats) -> Floats:
    """Return the prior of each source as a log-normal curve: a few series cannot shape a free one."""
    log_rung = np.log(LADDER)
    centre = (prior * log_rung).sum(axis=-1, keepdims=True)
    spread = np.maximum((prior * (log_rung - centre) ** 2).sum(axis=-1, keepdims=True), MIN_LOG_VARIANCE)
    curve = np.exp(-0.5 * (log_rung - centre) ** 2 / spread)
    return np.asarray(curve / curve.sum(axis=-1, keepdims=True))


def _foretelling(counts: Floats, mean: Floats, weight: Floats, sizes: Sequence[Floats]) -> Floats:
    """Return the log likelihood of each series' counts: size × centre × source.

    Up to what is the same for every size, and from how often each count came where the night does not matter.
    """
    seen, nights = _how_often(counts, weight), weight.sum(axis=-1)
    ladder, weighted = np.arange(seen.shape[-1]), weight * counts
    score = np.empty((len(sizes), *nights.shape))
    for place, size in enumerate(sizes):
        log_choose = gammaln(ladder + size) - gammaln(size)
        log_sum = np.log(mean + size)
        of_mean = np.einsum("cst,cst->cs", weighted, log_sum)
        of_size = nights * np.log(size[..., 0]) - np.einsum("cst,cst->cs", weight, log_sum)
        score[place] = (seen * log_choose).sum(axis=-1) - of_mean + size[..., 0] * of_size
    return score


def _how_often(counts: Floats, weight: Floats) -> Floats:
    """Return the weight of the nights with each count: centre × source × count."""
    n_counts, n_series = int(counts.max()) + 1, counts[..., 0].size
    row = np.arange(n_series)[:, None] * n_counts + counts.reshape(n_series, -1).astype(np.int64)
    sums = np.bincount(row.ravel(), weight.ravel(), n_series * n_counts)
    return np.asarray(sums.reshape(*counts.shape[:2], n_counts))


def predictive_size(inverse_size: Floats, log_mean_variance: Floats) -> Floats:
    """Return the size of the predictive distribution: scatter plus the uncertainty of the mean."""
    return nb.size_with_uncertain_mean(1.0 / inverse_size, log_mean_variance)
