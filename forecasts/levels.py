"""Where each series stands now: a level that moves slowly, by the week, at three heights.

The area's level per source, each centre's level relative to it, and each series' own relative to both. Every
height is a gamma-Poisson filter: its mean is the level, its shape the evidence, and each week some evidence is
forgotten. How fast is learned from how well the filter would have foretold the next week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from forecasts.panel import Floats, Ints
from forecasts.settings import BandSettings

DRIFT_GRID = np.array([0.0, 1e-5, 4e-5, 1e-4, 2e-4, 4e-4, 8e-4, 1.6e-3, 3.2e-3, 6.4e-3])
"""Variance by which a log level may move in a week: from not at all to 8 %."""
START_VARIANCE = 0.05
"""Uncertainty of a log level at the start, around the average of the history."""


@dataclass(frozen=True)
class WeeklySums:
    """Information-weighted counts and expectations per week: series × week."""

    observed: Floats
    expected: Floats


@dataclass(frozen=True)
class LevelPath:
    """A level's factor and the variance of its logarithm, as foretold for each week from the weeks before."""

    factor: Floats
    variance: Floats
    drift: float

    def times(self, other: "LevelPath") -> "LevelPath":
        """Return the product of two independent levels."""
        return LevelPath(self.factor * other.factor, self.variance + other.variance, self.drift + other.drift)


def sum_by_week(values: Floats, weeks: Ints, n_weeks: int) -> Floats:
    """Sum the last axis (evenings) within weeks."""
    edges = np.searchsorted(weeks, np.arange(n_weeks))
    return np.asarray(np.add.reduceat(values, edges, axis=-1))


def jumps(steps: Mapping[str, Sequence[int]], sources: Sequence[str], weeks: Ints, step_sd: float) -> Floats:
    """Return the variance that known recording changes add before each week: source × week."""
    jump = np.zeros((len(sources), int(weeks[-1]) + 1))
    for place, source in enumerate(sources):
        for index in steps[source]:
            jump[place, weeks[index]] += step_sd**2
    return jump


def follow_level(sums: WeeklySums, jump: Floats, settings: BandSettings) -> LevelPath:
    """Return the level as foretold week by week, with the drift that foretells best over all series together.

    `jump` (series × week) is variance added before a week, where a change is known to have come.
    """
    factors, variances = _walk(sums, DRIFT_GRID, jump, settings)
    scores = [
        _foretelling(sums, factor, variance) for factor, variance in zip(factors, variances, strict=True)
    ]
    best = int(np.argmax(scores))
    return LevelPath(factors[best], variances[best], float(DRIFT_GRID[best]))


def smooth_level(sums: WeeklySums, path: LevelPath, jump: Floats, settings: BandSettings) -> Floats:
    """Return each week's level in the light of all weeks, before and after: series × week."""
    back = WeeklySums(sums.observed[:, ::-1], sums.expected[:, ::-1])
    # A jump before week w stands, seen backwards, before week w - 1.
    jump_back = np.roll(jump[:, ::-1], 1, axis=1)
    jump_back[:, 0] = 0.0
    factors, variances = _walk(back, np.array([path.drift]), jump_back, settings)
    factor, variance = factors[0], variances[0]
    ahead, behind = 1.0 / path.variance, 1.0 / variance[:, ::-1]
    own = sums.expected
    shape = np.maximum(ahead + behind + sums.observed - 1.0 / START_VARIANCE, 1e-3)
    rate = ahead / path.factor + behind / factor[:, ::-1] + own - 1.0 / START_VARIANCE
    return np.where(rate > 0, shape / np.maximum(rate, 1e-3), path.factor)


def _walk(sums: WeeklySums, drifts: Floats, jump: Floats, settings: BandSettings) -> tuple[Floats, Floats]:
    """Return factor and variance as foretold for each week, for several drifts: drift × series × week."""
    n_weeks = sums.observed.shape[1]
    factor = np.ones((n_weeks, len(drifts), len(sums.observed)))
    variance = np.empty_like(factor)
    mean = np.ones(factor.shape[1:])
    spread = np.full(factor.shape[1:], START_VARIANCE)
    surprise, expected_recently = np.zeros_like(mean), np.zeros_like(mean)
    keep = 1.0 - 1.0 / settings.shift_weeks
    for week in range(n_weeks):
        has_shifted = np.abs(surprise) > settings.shift_threshold * np.sqrt(expected_recently + 1.0)
        spread = spread + drifts[:, None] + jump[:, week] + has_shifted * settings.recording_step_sd**2
        surprise, expected_recently = surprise * ~has_shifted, expected_recently * ~has_shifted
        factor[week], variance[week] = mean, spread
        seen, due = sums.observed[:, week], sums.expected[:, week] * mean
        surprise = keep * surprise + (seen - due)
        expected_recently = keep**2 * expected_recently + due + due**2 * spread
        shape = 1.0 / spread
        mean = mean * (shape + seen) / (shape + due)
        spread = 1.0 / (shape + seen)
    return np.moveaxis(factor, 0, -1), np.moveaxis(variance, 0, -1)


def _foretelling(sums: WeeklySums, factor: Floats, variance: Floats) -> float:
    """Return the log likelihood of each week's count, foretold by the weeks before."""
    shape = 1.0 / variance
    mean = np.maximum(sums.expected * factor, 1e-9)
    seen = sums.observed
    score = gammaln(seen + shape) - gammaln(shape) - shape * np.log1p(mean / shape)
    score += seen * (np.log(mean) - np.log(mean + shape))
    return float(score[sums.expected > 0].sum())
