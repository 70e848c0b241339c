"""Which past nights were out of the ordinary in a whole centre: they must not be learned as normal."""

import numpy as np

from forecasts.curve.panel import Bools, Floats

SURGE_RATIOS = (1.5, 2.0, 3.0)
"""By how much a surge may raise a centre's counts; each is taken to be equally likely."""
USUAL_SURGE_SHARE = 0.005
"""Share of centre-nights that are surges, before the data speak."""
PRIOR_NIGHTS = 1000.0
"""Weight of that belief, in centre-nights."""
N_STEPS = 6
SOURCES_MOVE_TOGETHER = 0.75
"""Sources of a centre share good and bad nights: their evidence for a surge is worth less than its sum."""


def surge_probability(counts: Floats, mean: Floats, inverse_size: Floats, is_known: Bools) -> Floats:
    """Return for every centre and evening the probability that it was a surge: centre × 1 × evening.

    All sources of the centre are asked together, and how common surges are is learned on the way. A night
    weighed by one minus this probability leaves mean and scatter of the ordinary nights unbiased.
    """
    odds = np.mean(
        [np.exp(_log_ratio(counts, mean, inverse_size, is_known, r)) for r in SURGE_RATIOS], axis=0
    )
    is_covered = is_known.any(axis=1)
    share = USUAL_SURGE_SHARE
    for _ in range(N_STEPS):
        probability = share * odds / (share * odds + 1.0 - share)
        found = float(probability[is_covered].sum()) + USUAL_SURGE_SHARE * PRIOR_NIGHTS
        share = found / (float(is_covered.sum()) + PRIOR_NIGHTS)
    return np.asarray(np.where(is_covered, probability, 0.0)[:, None])


def _log_ratio(counts: Floats, mean: Floats, inverse_size: Floats, is_known: Bools, ratio: float) -> Floats:
    """Return the log likelihood ratio of a surge by `ratio` against an ordinary night, over all sources."""
    size = 1.0 / inverse_size
    gain = counts * np.log(ratio) - (counts + size) * np.log((size + ratio * mean) / (size + mean))
    shared = SOURCES_MOVE_TOGETHER if counts.shape[1] > 1 else 1.0
    return np.asarray(np.clip(shared * (gain * is_known).sum(axis=1), -50.0, 50.0))
