"""How far counts scatter around their mean: one dispersion per series, drawn towards its source's."""

import numpy as np
from scipy.special import gammaln

from forecasts.curve.panel import Floats, Ints
from nte import negative_binomial as nb

LADDER = np.geomspace(0.004, 1.0, 11)
"""1/size tried for every series: from next to Poisson to a variance of mean + mean²."""
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
    log_mean_variance = _average(mean_variance, weight, counts.shape)
    sizes = [predictive_size(np.asarray(rung), log_mean_variance) for rung in LADDER]
    score = np.stack(
        [_foretelling(counts, np.maximum(mean, nb.MIN_MEAN), weight, size) for size in sizes], axis=-1
    )
    return _pool(score)[..., None]


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


def _foretelling(counts: Floats, mean: Floats, weight: Floats, size: Floats) -> Floats:
    """Return the log likelihood of each series' counts, up to what is the same for every size."""
    ladder = np.arange(counts.max() + 1)
    log_choose = gammaln(ladder + size) - gammaln(size)
    chosen = np.take_along_axis(log_choose.reshape(-1, len(ladder)), _whole(counts), axis=1).reshape(
        counts.shape
    )
    score = chosen + counts * np.log(mean) - (counts + size) * np.log(mean + size) + size * np.log(size)
    return np.asarray((weight * score).sum(axis=-1))


def _whole(counts: Floats) -> Ints:
    return counts.astype(np.int64).reshape(-1, counts.shape[-1])


def predictive_size(inverse_size: Floats, log_mean_variance: Floats) -> Floats:
    """Return the size of the predictive distribution: scatter plus the uncertainty of the mean."""
    return nb.size_with_uncertain_mean(1.0 / inverse_size, log_mean_variance)
