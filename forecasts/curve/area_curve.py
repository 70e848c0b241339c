"""The area's own curve per source: Prophet's shape, put right by the counts themselves."""

from dataclasses import dataclass, replace

import numpy as np

from forecasts.curve import levels, pooling, spread
from forecasts.curve.almanac import Almanac, fourier, recent_trend
from forecasts.curve.panel import Bools, Floats, Panel
from forecasts.curve.prophet_model import fit_area_curve
from forecasts.settings import BandSettings

MIN_COVERED_SHARE = 0.5
"""Nights on which less of the area than this is known do not teach Prophet."""
MIN_CURVE_NIGHTS = 28
"""With fewer nights than this there is no curve to draw: every night is like the others."""
STEP_NIGHTS = 28
"""Nights before and after a recording change that Prophet needs to tell it from the season."""
AREA_PRIORS = {"week": 0.01, "season": 0.01, "trend": 0.01, "event": 0.02}
"""Variance by which the counts may correct Prophet's log curve, before the data speak."""


@dataclass(frozen=True)
class AreaTotals:
    """The area's counts per source: source × evening."""

    counts: Floats
    coverage: Floats
    """Share of the usual total that was covered and known."""


def area_totals(panel: Panel) -> AreaTotals:
    """Return totals over centres with the share of the area that they stand for."""
    nights = np.maximum((panel.is_known * panel.share).sum(axis=-1), 1.0)
    usual = (panel.counts.sum(axis=-1) + 0.1) / (nights + 0.1)
    usual = usual * panel.is_known.any(axis=-1)
    known = (usual[..., None] * panel.is_known * panel.share).sum(axis=0)
    return AreaTotals(panel.counts.sum(axis=0), known / np.maximum(usual.sum(axis=0), 1e-9)[:, None])


def log_area_curves(panel: Panel, almanac: Almanac, settings: BandSettings) -> Floats:
    """Return the log of the area's expected total: source × evening, on all evenings of the panel.

    Prophet draws one curve for all sources; what a source does differently is learned from its own counts. Slow
    changes and the steps of recording changes are left out: the levels follow them.
    """
    totals = area_totals(panel)
    usual = np.maximum(totals.counts.sum(axis=1) / np.maximum(totals.coverage.sum(axis=1), 1e-6), 1e-6)
    prophet = np.log(_prophet_curve(panel, almanac, totals, usual, settings)) + np.log(usual)[:, None]
    design = _area_design(panel, almanac)
    weight = (totals.coverage > MIN_COVERED_SHARE / 5).astype(np.float64)
    offset = prophet + np.log(np.maximum(totals.coverage, 1e-6))
    counts = pooling.Counts(
        totals.counts[None], weight[None], offset[None], np.full((1, len(offset), 1), 0.02)
    )
    mean = np.exp(offset + pooling.fit_shapes(counts, design).log_shape(design)[0])
    inverse_size = spread.inverse_sizes(totals.counts[None], mean[None], weight[None], np.zeros(1))
    evidence = weight / (1 + mean * inverse_size[0])
    log_level = _smooth_log_level(panel, almanac, evidence * totals.counts, evidence * mean, settings)
    # Once more, around the level that the first shape showed.
    counts = replace(counts, offset=(offset + log_level)[None], inverse_size=inverse_size)
    return np.asarray(prophet + pooling.fit_shapes(counts, design).log_shape(design)[0])


def _prophet_curve(
    panel: Panel, almanac: Almanac, totals: AreaTotals, usual: Floats, settings: BandSettings
) -> Floats:
    """Return Prophet's curve of the sources' average, each relative to its usual total: 1 × evening."""
    enough = totals.coverage >= MIN_COVERED_SHARE
    relative = totals.counts / np.maximum(totals.coverage, 1e-6) / usual[:, None]
    weight = enough * usual[:, None]
    known = weight.sum(axis=0) >= MIN_COVERED_SHARE * usual.sum()
    average = (weight * relative).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-9)
    if known.sum() < MIN_CURVE_NIGHTS:
        return np.full((1, len(known)), max(float(np.average(relative, weights=weight + 1e-9)), 1e-6))
    curve = fit_area_curve(
        panel.evenings,
        np.where(known, average, np.nan),
        almanac.events,
        _step_columns(panel, almanac, known),
        settings,
    )
    return np.maximum(curve, 1e-6)[None]


def _step_columns(panel: Panel, almanac: Almanac, is_known: Bools) -> dict[str, Floats]:
    columns = {}
    for index in sorted({index for indices in almanac.steps.values() for index in indices}):
        if is_known[index:].sum() >= STEP_NIGHTS and is_known[:index].sum() >= STEP_NIGHTS:
            column = np.zeros(len(panel.evenings))
            column[index:] = 1.0
            columns[f"recording_{index}"] = column
    return columns


def _area_design(panel: Panel, almanac: Almanac) -> pooling.Design:
    week = (panel.weekdays[:, None] == np.arange(1, 8)).astype(np.float64)
    season = fourier(panel.evenings, 3)
    events = _stack_columns(almanac.events, len(panel.evenings))
    trend = recent_trend(panel.evenings, panel.n_train)
    columns = np.hstack([np.ones((len(week), 1)), week, season, trend, events])
    blocks = [0] + [1] * 7 + [2] * season.shape[1] + [3] + [4] * events.shape[1]
    return pooling.Design(
        columns,
        np.zeros((1, len(week), 0)),
        np.array(blocks),
        np.array(
            [1.0, AREA_PRIORS["week"], AREA_PRIORS["season"], AREA_PRIORS["trend"], AREA_PRIORS["event"]]
        ),
    )


def _stack_columns(columns: dict[str, Floats], n_evenings: int) -> Floats:
    return np.stack(list(columns.values()), axis=1) if columns else np.zeros((n_evenings, 0))


def _smooth_log_level(
    panel: Panel, almanac: Almanac, observed: Floats, expected: Floats, settings: BandSettings
) -> Floats:
    weeks = panel.weeks
    n_weeks = int(weeks[-1]) + 1
    sums = levels.WeeklySums(
        levels.sum_by_week(observed, weeks, n_weeks), levels.sum_by_week(expected, weeks, n_weeks)
    )
    jump = levels.jumps(almanac.steps, panel.sources, weeks, settings.recording_step_sd)
    path = levels.follow_level(sums, jump, settings)
    return np.asarray(np.log(levels.smooth_level(sums, path, jump, settings))[:, weeks])
