"""Where each series stands now: a level that moves slowly, by the week, at three heights.

The area's level per source, each centre's level relative to it, and each series' own relative to both. Every
height is a gamma-Poisson filter: its mean is the level, its shape the evidence, and each week some evidence is
forgotten. How fast is learned from how well the filter would have foretold the next week.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from forecasts.panel import Bools, Floats, Ints
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


def follow_level(sums: WeeklySums, jump: Floats, settings: BandSettings) -> LevelPath:
    """Return the level as foretold week by week, with the drift that foretells best over all series together.

    `jump` (series × week) is variance added before a week, where a change is known to have come.
    """
    drifts = DRIFT_GRID if sums.expected.sum() > 0 else DRIFT_GRID[:1]
    scores = [_foretelling(sums, _walk(sums, drift, jump, settings)) for drift in drifts]
    best = float(drifts[int(np.argmax(scores))])
    factor, variance = _walk(sums, best, jump, settings)
    return LevelPath(factor, variance, best)


def smooth_level(sums: WeeklySums, path: LevelPath, jump: Floats, settings: BandSettings) -> Floats:
    """Return each week's level in the light of all weeks, before and after: series × week."""
    back = WeeklySums(sums.observed[:, ::-1], sums.expected[:, ::-1])
    # A jump before week w stands, seen backwards, before week w - 1.
    jump_back = np.roll(jump[:, ::-1], 1, axis=1)
    jump_back[:, 0] = 0.0
    factor, variance = _walk(back, path.drift, jump_back, settings)
    ahead, behind = 1.0 / path.variance, 1.0 / variance[:, ::-1]
    own = sums.expected
    shape = np.maximum(ahead + behind + sums.observed - 1.0 / START_VARIANCE, 1e-3)
    rate = ahead / path.factor + behind / factor[:, ::-1] + own - 1.0 / START_VARIANCE
    return np.where(rate > 0, shape / np.maximum(rate, 1e-3), path.factor)


def _walk(sums: WeeklySums, drift: float, jump: Floats, settings: BandSettings) -> tuple[Floats, Floats]:
    n_series, n_weeks = sums.observed.shape
    factor, variance = np.ones((n_series, n_weeks)), np.full((n_series, n_weeks), START_VARIANCE)
    mean, spread = np.ones(n_series), np.full(n_series, START_VARIANCE)
    surprise, expected_recently = np.zeros(n_series), np.zeros(n_series)
    keep = 1.0 - 1.0 / settings.shift_weeks
    for week in range(n_weeks):
        spread = spread + drift + jump[:, week]
        recent = _has_shifted(surprise, expected_recently, settings)
        spread = np.where(recent, spread + settings.recording_step_sd**2 / 4, spread)
        surprise, expected_recently = (
            np.where(recent, 0.0, surprise),
            np.where(recent, 0.0, expected_recently),
        )
        factor[:, week], variance[:, week] = mean, spread
        seen, due = sums.observed[:, week], sums.expected[:, week] * mean
        surprise = keep * surprise + (seen - due)
        expected_recently = keep**2 * expected_recently + due + due**2 * spread
        shape = 1.0 / spread
        mean = mean * (shape + seen) / (shape + due)
        spread = 1.0 / (shape + seen)
    return factor, variance


def _has_shifted(surprise: Floats, variance: Floats, settings: BandSettings) -> Bools:
    return np.asarray(np.abs(surprise) > settings.shift_threshold * np.sqrt(variance + 1.0))


def _foretelling(sums: WeeklySums, walked: tuple[Floats, Floats]) -> float:
    """Return the log likelihood of each week's count, foretold by the weeks before."""
    factor, variance = walked
    shape = 1.0 / variance
    mean = np.maximum(sums.expected * factor, 1e-9)
    seen = sums.observed
    score = gammaln(seen + shape) - gammaln(shape) - shape * np.log1p(mean / shape)
    score += seen * (np.log(mean) - np.log(mean + shape))
    return float(score[sums.expected > 0].sum())
