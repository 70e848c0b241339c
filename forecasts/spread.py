"""How far counts scatter around their mean: one dispersion per series, drawn towards its source's."""

import numpy as np

from forecasts.panel import Floats
from nte import negative_binomial as nb

MIN_INVERSE_SIZE = 1e-3
MAX_INVERSE_SIZE = 2.0
MIN_INFORMATION = 1e-9
USUAL_INVERSE_SIZE = 0.05
"""What a source's dispersion is taken to be before its counts speak …"""
USUAL_SD = 0.03
"""… and by how much sources differ: counts this small hold little about their own scatter."""


def inverse_sizes(counts: Floats, mean: Floats, weight: Floats, mean_variance: Floats) -> Floats:
    """Return 1/size per series (centre × source × 1) from one-week-ahead expectations of past nights.

    `mean_variance` is the variance of the log of each expectation: what it explains is not charged to scatter.
    """
    per_series, information = _moments(counts, mean, weight, mean_variance)
    pooled = _pool(per_series, information)
    return np.clip(pooled, MIN_INVERSE_SIZE, MAX_INVERSE_SIZE)[..., None]


def _moments(counts: Floats, mean: Floats, weight: Floats, mean_variance: Floats) -> tuple[Floats, Floats]:
    excess = (counts - mean) ** 2 - mean - mean**2 * mean_variance
    # A night's excess has variance about 2 mean² + mean (Poisson): weighing by it is nearly optimal.
    trust = weight / (2.0 * mean**2 + mean + 1e-9)
    information = (trust * mean**4).sum(axis=-1) + MIN_INFORMATION
    return (trust * mean**2 * excess).sum(axis=-1) / information, information


def _pool(estimate: Floats, information: Floats) -> Floats:
    """Draw centre × source estimates towards their source by the spread that noise does not explain."""
    trust_in_usual = 1.0 / USUAL_SD**2
    source = (estimate * information).sum(axis=0) + trust_in_usual * USUAL_INVERSE_SIZE
    source = source / (information.sum(axis=0) + trust_in_usual)
    noise = 1.0 / information
    gap = (estimate - source) ** 2
    surplus = ((gap - noise) * information).sum(axis=0) / information.sum(axis=0)
    true_spread = np.maximum(surplus, (0.3 * np.maximum(source, MIN_INVERSE_SIZE)) ** 2)
    trust = true_spread / (true_spread + noise)
    return np.asarray(source + trust * (estimate - source))


def predictive_size(inverse_size: Floats, log_mean_variance: Floats) -> Floats:
    """Return the size of the predictive distribution: scatter plus the uncertainty of the mean."""
    return nb.size_with_uncertain_mean(1.0 / inverse_size, log_mean_variance)
