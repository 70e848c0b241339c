"""From the area's curve to every series: its shape, its level, its scatter, and how sure each of them is."""

from dataclasses import dataclass

import numpy as np

from forecasts.curve import levels, pooling, spread, surges
from forecasts.curve.almanac import Almanac, fourier, recent_trend
from forecasts.curve.panel import Floats, Ints, Panel
from forecasts.settings import BandSettings

N_PASSES = 2
"""Shapes first, then shapes around the levels that they showed."""
SERIES_PRIORS = {"week": 0.04, "season": 0.01, "trend": 0.005, "event": 0.04, "local": 0.1, "closure": 1.0}
"""Variance by which a centre's log shape may differ from its area's, before the data speak."""


@dataclass(frozen=True)
class SeriesForecast:
    """Means on all evenings of the panel, and what is unsure about them: centre × source × evening."""

    mean: Floats
    log_variance: Floats
    inverse_size: Floats
    """centre × source × 1."""


def forecast_series(
    panel: Panel, almanac: Almanac, log_area: Floats, settings: BandSettings, evenings: Ints
) -> SeriesForecast:
    """Return the forecast of every series on the evenings with the given indices."""
    design = series_design(panel, almanac, settings)
    age_weight = _age_weight(panel, settings)
    ordinary = panel.is_known.astype(np.float64)
    offset = log_area[None] + np.log(panel.share)
    offset = offset + _log_part_of_area(panel, offset)
    # Scatter before surges: to one who takes wild counts for tame, every lucky night is a surge.
    inverse_size = spread.inverse_sizes(panel.counts, np.exp(offset), ordinary, np.zeros(1))
    log_level = np.zeros_like(offset)
    for _ in range(N_PASSES):
        counts = pooling.Counts(panel.counts, ordinary * age_weight, offset + log_level, inverse_size)
        shapes = pooling.fit_shapes(counts, design)
        mean = np.exp(offset + shapes.log_shape(design))
        surge = surges.surge_probability(panel.counts, mean * np.exp(log_level), inverse_size, panel.is_known)
        ordinary = panel.is_known * (1.0 - surge)
        path, log_level = _levels(panel, almanac, mean, ordinary / (1.0 + mean * inverse_size), settings)
        foretold = mean * path.factor[..., panel.weeks]
        scatter = path.variance[..., panel.weeks]
        inverse_size = spread.inverse_sizes(panel.counts, foretold, ordinary, scatter)
    variance = shapes.log_variance(design, evenings) + scatter[..., evenings]
    # The history's completeness belongs to the history: a forecast is of the final count.
    return SeriesForecast((foretold / panel.share)[..., evenings], variance, inverse_size)


def _log_part_of_area(panel: Panel, log_area: Floats) -> Floats:
    """Return the log of each series' part of its area: centre × source × 1.

    Half an incident stands in for none, so that a centre where nothing ever happens expects next to nothing.
    """
    due = (np.exp(log_area) * panel.is_known).sum(axis=-1, keepdims=True)
    return np.asarray(np.log(panel.counts.sum(axis=-1, keepdims=True) + 0.5) - np.log(due + 0.5))


def series_design(panel: Panel, almanac: Almanac, settings: BandSettings) -> pooling.Design:
    """Return the columns by which centres may differ from their area."""
    n_evenings = len(panel.evenings)
    week = (panel.weekdays[:, None] == np.arange(1, 8)).astype(np.float64)
    season = fourier(panel.evenings, settings.season_order)
    events = np.stack([*almanac.events.values(), np.zeros(n_evenings)], axis=1)[:, : len(almanac.events)]
    local = np.zeros((len(panel.centres), n_evenings, len(almanac.local_events)))
    for place, values in enumerate(almanac.local_events.values()):
        local[:, :, place] = values
    kinds = [5 if not name.startswith("clos") else 6 for name in almanac.local_events]
    trend = recent_trend(panel.evenings, panel.n_train)
    blocks = [0] + [1] * 7 + [2] * season.shape[1] + [3] + [4] * events.shape[1] + kinds
    columns = np.hstack([np.ones((n_evenings, 1)), week, season, trend, events])
    return pooling.Design(columns, local, np.array(blocks), np.array([1.0, *SERIES_PRIORS.values()]))


def _age_weight(panel: Panel, settings: BandSettings) -> Floats:
    age_years = (panel.n_train - np.arange(len(panel.evenings))) / 365.25
    fading = 0.5 ** (np.maximum(age_years, 0.0) / settings.shape_half_life_years)
    is_judged = np.isin(panel.weekdays, settings.judged_weekdays)
    return np.asarray(fading * np.where(is_judged, 1.0, settings.other_nights_weight))


def _levels(
    panel: Panel, almanac: Almanac, mean: Floats, weight: Floats, settings: BandSettings
) -> tuple[levels.LevelPath, Floats]:
    """Return the foretold level (centre × source × week) and the smoothed log level per evening."""
    weeks = panel.weeks
    n_weeks = int(weeks[-1]) + 1
    observed = levels.sum_by_week(weight * panel.counts, weeks, n_weeks)
    expected = levels.sum_by_week(weight * mean, weeks, n_weeks)
    source_jump = levels.jumps(almanac.steps, panel.sources, weeks, settings.recording_step_sd)
    own_jump = levels.jumps(almanac.steps, panel.sources, weeks, settings.centre_step_sd)[None]
    area, area_smooth = _area_level(observed, expected, source_jump, settings)
    centre, centre_smooth = _centre_level(observed, expected * area_smooth, settings)
    sums = levels.WeeklySums(_flat(observed), _flat(expected * area_smooth * centre_smooth))
    own = levels.follow_level(sums, _flat(np.broadcast_to(own_jump, observed.shape)), settings)
    own_smooth = levels.smooth_level(sums, own, _flat(np.broadcast_to(own_jump, observed.shape)), settings)
    own = levels.LevelPath(_unflat(own.factor, observed), _unflat(own.variance, observed), own.weight)
    smooth = np.log(area_smooth * centre_smooth * _unflat(own_smooth, observed))
    return area.times(centre).times(own), smooth[..., weeks]


def _area_level(
    observed: Floats, expected: Floats, jump: Floats, settings: BandSettings
) -> tuple[levels.LevelPath, Floats]:
    """Return the level that all centres of a source share: foretold and smoothed, 1 × source × week."""
    sums = _damped(levels.WeeklySums(observed.sum(axis=0), expected.sum(axis=0)))
    path = levels.follow_level(sums, jump, settings)
    smooth = levels.smooth_level(sums, path, jump, settings)
    return levels.LevelPath(path.factor[None], path.variance[None], path.weight), smooth[None]


def _centre_level(
    observed: Floats, expected: Floats, settings: BandSettings
) -> tuple[levels.LevelPath, Floats]:
    """Return the level that all sources of a centre share: foretold and smoothed, centre × 1 × week."""
    sums = _damped(levels.WeeklySums(observed.sum(axis=1), expected.sum(axis=1)))
    jump = np.zeros_like(sums.observed)
    path = levels.follow_level(sums, jump, settings)
    smooth = levels.smooth_level(sums, path, jump, settings)
    return levels.LevelPath(path.factor[:, None], path.variance[:, None], path.weight), smooth[:, None]


def _damped(sums: levels.WeeklySums) -> levels.WeeklySums:
    """Take sums of series that move together for the evidence that they are, not for independent counts."""
    residual = np.diff(sums.observed - sums.expected, axis=-1) ** 2 / 2.0
    due = (sums.expected[:, 1:] + sums.expected[:, :-1]) / 2.0
    factor = np.maximum(residual.sum(axis=-1) / np.maximum(due.sum(axis=-1), 1e-9), 1.0)[:, None]
    return levels.WeeklySums(sums.observed / factor, sums.expected / factor)


def _flat(values: Floats) -> Floats:
    return np.asarray(values.reshape(-1, values.shape[-1]))


def _unflat(values: Floats, like: Floats) -> Floats:
    return np.asarray(values.reshape(like.shape))
