"""From a distribution to the numbers people see: band, alert limit, and the rise that would be seen."""

import numpy as np

from forecasts.curve.panel import Bools, Floats
from forecasts.settings import BandSettings
from nte import negative_binomial as nb

N_HALVINGS = 30
MAX_LEVEL = 0.05
"""However few the series, a night that happens one time in twenty is not an alert."""
MIN_LEVEL = 1e-9
MAX_RATIO = 1000.0


def visible_band(mean: Floats, size: Floats, settings: BandSettings) -> tuple[Floats, Floats]:
    """Return lower and upper, whole counts around the mean: 0 <= lower <= mean <= upper.

    A mean under a hundredth has its 99 % quantile at nought; the band is then widened to the whole numbers
    that enclose the mean, which makes it hold a little more than it promises, never less.
    """
    lower = np.minimum(nb.quantile(settings.lower_level, mean, size), np.floor(mean))
    upper = np.maximum(nb.quantile(settings.upper_level, mean, size), np.ceil(mean))
    return lower, upper


def night_limit(level: Floats | float, mean: Floats, size: Floats, least: Floats) -> Floats:
    """Return the limit of each night's final count: its level's, and at least `least`, that of its least count."""
    return np.maximum(nb.limit(level, mean, size), least)


def alert_level(mean: Floats, size: Floats, least: Floats, is_judged: Bools, budget: float) -> float:
    """Return the tail probability at which the final counts of all judged nights exceed `budget` limits by chance.

    Counts are whole numbers, so a night's true probability of an alarm lies below the level, often far; the
    level is the largest for which these true probabilities add up to no more than the budget.
    """
    if not is_judged.any():
        return budget / max(mean.size, 1) if mean.size else MIN_LEVEL
    mu, r, low_limit = mean[is_judged], size[is_judged], least[is_judged]
    low, high = np.log(MIN_LEVEL), np.log(MAX_LEVEL)
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2.0
        alarms = nb.tail_probability(night_limit(np.exp(middle), mu, r, low_limit) + 1, mu, r).sum()
        low, high = (middle, high) if alarms <= budget else (low, middle)
    return float(np.exp(low))


def detectable_ratio(limit: Floats, mean: Floats, size: Floats, power: float) -> Floats:
    """Return the factor by which the mean must rise for a count above `limit` to have probability `power`."""
    low, high = np.zeros_like(mean), np.full_like(mean, np.log(MAX_RATIO))
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2.0
        seen = nb.tail_probability(limit + 1, mean * np.exp(middle), size) >= power
        low, high = np.where(seen, low, middle), np.where(seen, middle, high)
    return np.asarray(np.exp(high))
