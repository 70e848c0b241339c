"""Where each series stands now: a level that moves slowly, by the week, at three heights.

The area's level per source, each centre's level relative to it, and each series' own relative to both. Every
height is a gamma-Poisson filter: its mean is the level, its shape the evidence, and each week some evidence is
forgotten. How fast is learned from how well the filter would have foretold the next week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from forecasts.curve.panel import Floats, Ints
from forecasts.settings import BandSettings

_WALKS = (0.0, 2e-5, 1e-4, 4e-4, 1.6e-3, 6.4e-3)
_RETURNS = (1e-4, 4e-4, 1.6e-3, 6.4e-3)
DRIFTS = np.array(_WALKS + _RETURNS)
"""Ways of moving: variance by which a log level may move in a week, from not at all to 8 % …"""
MEMORIES = np.array((1.0,) * len(_WALKS) + (0.95,) * len(_RETURNS))
"""… and the part of its distance from the long run that is left a week later; 1 never returns."""
PRIOR_SERIES = 1.0
"""Weight of "every way is as usual as any other", in series."""
N_BLEND_STEPS = 20
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
    weight: Floats
    """Of every way of moving: way × series."""

    def times(self, other: "LevelPath") -> "LevelPath":
        """Return the product of two independent levels."""
        return LevelPath(self.factor * other.factor, self.variance + other.variance, self.weight)


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
    """Return each series' level as foretold week by week.

    Every way of moving is tried, and each series follows a blend of them by how well they foretold its own weeks;
    how usual each way is, is learned over all series, so a sparse one moves as the others do. `jump` (series × week)
    is variance added before a week, where a change is known to have come.
    """
    factors, variances = _walk(sums, DRIFTS[:, None], MEMORIES[:, None], jump, settings)
    scores = np.stack([_foretelling(sums, f, v) for f, v in zip(factors, variances, strict=True)])
    weight = _blend(scores)
    mean = np.einsum("ks,ksw->sw", weight, np.log(factors))
    spread = np.einsum("ks,ksw->sw", weight, variances + (np.log(factors) - mean) ** 2)
    return LevelPath(np.exp(mean), spread, weight)


def _blend(scores: Floats) -> Floats:
    """Return the weight of every way of moving for every series: way × series, columns sum to 1."""
    usual = np.full(len(scores), 1.0 / len(scores))
    for _ in range(N_BLEND_STEPS):
        weight = usual[:, None] * np.exp(scores - scores.max(axis=0))
        weight = weight / weight.sum(axis=0)
        usual = (weight.sum(axis=1) + PRIOR_SERIES / len(scores)) / (weight.shape[1] + PRIOR_SERIES)
    return np.asarray(weight)


def smooth_level(sums: WeeklySums, path: LevelPath, jump: Floats, settings: BandSettings) -> Floats:
    """Return each week's level in the light of all weeks, before and after: series × week."""
    back = WeeklySums(sums.observed[:, ::-1], sums.expected[:, ::-1])
    # A jump before week w stands, seen backwards, before week w - 1.
    jump_back = np.roll(jump[:, ::-1], 1, axis=1)
    jump_back[:, 0] = 0.0
    drift, memory = (DRIFTS @ path.weight)[None], (MEMORIES @ path.weight)[None]
    factors, variances = _walk(back, drift, memory, jump_back, settings)
    factor, variance = factors[0], variances[0]
    ahead, behind = 1.0 / path.variance, 1.0 / variance[:, ::-1]
    own = sums.expected
    shape = np.maximum(ahead + behind + sums.observed - 1.0 / START_VARIANCE, 1e-3)
    rate = ahead / path.factor + behind / factor[:, ::-1] + own - 1.0 / START_VARIANCE
    return np.where(rate > 0, shape / np.maximum(rate, 1e-3), path.factor)


def _walk(
    sums: WeeklySums, drift: Floats, memory: Floats, jump: Floats, settings: BandSettings
) -> tuple[Floats, Floats]:
    """Return factor and variance as foretold for each week, for several ways of moving: way × series × week."""
    n_weeks = sums.observed.shape[1]
    log_factor = np.empty((n_weeks, len(drift), len(sums.observed)))
    variance = np.empty_like(log_factor)
    log_mean = np.zeros(log_factor.shape[1:])
    spread = np.full(log_mean.shape, START_VARIANCE)
    surprise, expected_recently, due_recently = np.zeros((3, *log_mean.shape))
    keep = 1.0 - 1.0 / settings.shift_weeks
    # What a level returns to: the average of the history, or from a step on the average since that step.
    log_long_run = np.zeros_like(log_mean)
    n_weeks_since = np.where(jump.any(axis=1), 0.0, np.inf) + np.zeros_like(log_mean)
    has_step, memory_square = np.greater(jump, 0.0), memory**2
    is_step_week, has_long_run = np.any(has_step, axis=0).tolist(), bool(np.any(has_step))
    for week in range(n_weeks):
        log_mean = log_long_run + memory * (log_mean - log_long_run)
        spread = spread * memory_square + drift
        if is_step_week[week]:
            spread = spread + jump[:, week]
            n_weeks_since[:, has_step[:, week]] = 0.0
        has_shifted = surprise**2 > settings.shift_threshold**2 * (expected_recently + 1.0)
        if has_shifted.any():
            has_long_run = True
            n_weeks_since[has_shifted] = 0.0
            leap = np.log((due_recently + surprise + 1.0) / (due_recently + 1.0)) ** 2
            spread = spread + has_shifted * (settings.recording_step_sd**2 + leap)
            surprise, expected_recently = surprise * ~has_shifted, expected_recently * ~has_shifted
            due_recently = due_recently * ~has_shifted
        log_factor[week], variance[week] = log_mean, spread
        seen, due = sums.observed[:, week], sums.expected[:, week] * np.exp(log_mean)
        surprise = keep * surprise + (seen - due)
        due_recently = keep * due_recently + due
        expected_recently = keep**2 * expected_recently + due + due**2 * spread
        shape = 1.0 / spread
        log_mean = log_mean + np.log((shape + seen) / (shape + due))
        spread = 1.0 / (shape + seen)
        if has_long_run:
            n_weeks_since += 1.0
            log_long_run = log_long_run + (log_mean - log_long_run) / n_weeks_since
    return np.exp(np.moveaxis(log_factor, 0, -1)), np.moveaxis(variance, 0, -1)


def _foretelling(sums: WeeklySums, factor: Floats, variance: Floats) -> Floats:
    """Return the log likelihood of each series' weeks, each foretold by the weeks before."""
    shape = 1.0 / variance
    mean = np.maximum(sums.expected * factor, 1e-9)
    seen = sums.observed
    score = gammaln(seen + shape) - gammaln(shape) - shape * np.log1p(mean / shape)
    score += seen * (np.log(mean) - np.log(mean + shape))
    return np.asarray((score * (sums.expected > 0)).sum(axis=1))
