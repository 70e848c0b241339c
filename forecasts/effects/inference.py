"""How sure a ratio is: chance, and how far placebos strayed for which nothing was done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtrit

from forecasts.curve.panel import Floats

CONFIDENCE: Final = 0.95
POWER: Final = 0.8
"""Probability with which the stated effect would have been seen."""
POWER_QUANTILE: Final = float(ndtri(POWER))
FEWEST_PLACEBOS: Final = 10
"""Fewer cannot show how far a place strays by itself."""
RATIOS: Final = np.geomspace(1e-3, 1e3, 6001)
"""Ratios that are asked about."""
SMALLEST_SEEN: Final = 0.02


@dataclass(frozen=True)
class Gaps:
    """What came and what would have come, of several windows of several places; arrays of one length."""

    n_observed: Floats
    n_counterfactual: Floats
    scatter: Floats
    """Variance of the log ratio beside what a count of its size has by chance."""

    @property
    def log_ratio(self) -> Floats:
        """Return the log of observed over counterfactual; half an incident stands in for none."""
        return np.asarray(np.log((self.n_observed + 0.5) / (self.n_counterfactual + 0.5)))

    def variance(self, ratio: Floats | float = 1.0) -> Floats:
        """Return the variance of the log ratio that chance gives where the truth is `ratio`."""
        return np.asarray(1.0 / (ratio * self.n_counterfactual + 0.5) + self.scatter)


@dataclass(frozen=True)
class Effect:
    """A ratio with its interval, its place among the placebos, and what could have been seen."""

    ratio: float
    lower: float
    upper: float
    placebo_rank: int
    """1: nothing strayed as far; the largest is one more than the placebos."""
    n_placebos: int
    detectable_ratio: float | None


def between_variance(placebos: Gaps) -> float:
    """Return the variance of log ratios that chance does not explain, from placebos for which nothing was done.

    Paule and Mandel's estimate, as in a meta-analysis of no effect: the variance at which the standardised squares
    average 1; nought where chance explains them all.
    """
    square, chance = placebos.log_ratio**2, placebos.variance()

    def excess(between: float) -> float:
        return float(np.mean(square / (chance + between))) - 1.0

    if excess(0.0) <= 0.0:
        return 0.0
    return _root(excess, float(np.max(square)) + 1e-9)


def effect_of(gap: Gaps, placebos: Gaps) -> Effect:
    """Return the effect of one gap (arrays of length 1), judged by placebos.

    The interval holds every ratio that a test would not refuse: chance is taken as it is at that ratio, so that a fall
    is as unsure as the few incidents that it leaves.
    """
    between, n_placebos = between_variance(placebos), len(placebos.n_observed)
    critical = float(stdtrit(max(n_placebos - 1, 1), (1 + CONFIDENCE) / 2))
    spread = np.sqrt(gap.variance(RATIOS) + between)
    log_ratio = np.clip(gap.log_ratio, np.log(RATIOS[0]), np.log(RATIOS[-1]))
    is_held = np.abs(log_ratio - np.log(RATIOS)) <= critical * spread
    own = np.abs(gap.log_ratio[0]) / np.sqrt(gap.variance()[0] + between)
    others = np.abs(placebos.log_ratio) / np.sqrt(placebos.variance() + between)
    return Effect(
        ratio=float(gap.n_observed[0] / gap.n_counterfactual[0]),
        lower=float(RATIOS[is_held].min()),
        upper=float(RATIOS[is_held].max()),
        placebo_rank=1 + int((others >= own).sum()),
        n_placebos=n_placebos,
        detectable_ratio=detectable_ratio(gap, between, critical),
    )


def detectable_ratio(gap: Gaps, between: float, critical: float) -> float | None:
    """Return the mildest fall that would be told from none four times in five; None where no fall would."""

    def missing(log_fall: float) -> float:
        at_none = np.sqrt(gap.variance()[0] + between)
        at_fall = np.sqrt(gap.variance(np.exp(-log_fall))[0] + between)
        return float(log_fall - critical * at_none - POWER_QUANTILE * at_fall)

    steepest = -np.log(SMALLEST_SEEN)
    return float(np.exp(-_root(missing, steepest))) if missing(steepest) > 0 else None


def _root(function: Callable[[float], float], most: float) -> float:
    """Return where a function changes its sign between nought and `most`."""
    from scipy.optimize import brentq  # a tenth of a second that no forecast need wait for

    return float(brentq(function, 0.0, most))
