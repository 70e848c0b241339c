"""How far counts scatter around their mean: one dispersion per series, drawn towards its source's."""

import numpy as np
from scipy.special import ndtri

from forecasts.panel import Floats
from nte import negative_binomial as nb

MIN_INVERSE_SIZE = 1e-3
MAX_INVERSE_SIZE = 2.0
MIN_INFORMATION = 1e-9


def surge_caps(mean: Floats, inverse_size: Floats, tail: float) -> Floats:
    """Return the counts beyond which a night is a surge, by a bound that is cheap to compute for millions of nights.

    The Wilson-Hilferty quantile of the gamma that mixes the counts stands in for the exact negative binomial one.
    """
    shape = mean / (1.0 + mean * inverse_size) + 0.5
    ninth = 1.0 / (9.0 * shape)
    cube = (1.0 - ninth - ndtri(tail) * np.sqrt(ninth)) ** 3
    return np.asarray(np.maximum(2.0, np.ceil((mean + 0.5 * (1 + mean * inverse_size)) * cube)))


def inverse_sizes(counts: Floats, mean: Floats, weight: Floats, mean_variance: Floats) -> Floats:
    """Return 1/size per series (centre × source × 1) from one-week-ahead expectations of past nights.

    `mean_variance` is the variance of the log of each expectation: what it explains is not charged to the scatter.
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
    source = (estimate * information).sum(axis=0) / information.sum(axis=0)
    noise = 1.0 / information
    gap = (estimate - source) ** 2
    surplus = ((gap - noise) * information).sum(axis=0) / information.sum(axis=0)
    true_spread = np.maximum(surplus, (0.3 * np.maximum(source, MIN_INVERSE_SIZE)) ** 2)
    trust = true_spread / (true_spread + noise)
    return np.asarray(source + trust * (estimate - source))


def predictive_size(inverse_size: Floats, log_mean_variance: Floats) -> Floats:
    """Return the size of the predictive distribution: scatter plus the uncertainty of the mean."""
    return nb.size_with_uncertain_mean(1.0 / inverse_size, log_mean_variance)
