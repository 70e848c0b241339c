"""The first counterfactual: our own forecast, frozen on the eve of the window, moved as the other centres moved.

Never the bands that were issued week by week: their level follows whatever is done, and so hides it.
"""

import numpy as np
import polars as pl

from forecasts.curve.almanac import build_almanac
from forecasts.curve.panel import Floats
from forecasts.curve.series_model import SeriesForecast, forecast_series
from forecasts.effects.windows import FEWEST_BEFORE, Comparison, Trial, Window, by_period
from forecasts.settings import BandSettings

FEWEST_NIGHTS = 182
"""Known nights of the year before a window on which nothing was done: fewer do not show where a series stood."""
LEVELS_APART = 0.1
"""By how much centres wander from each other in a window, on the log scale: no large centre speaks for all."""


def forecast_frozen(
    trial: Trial,
    window: Window,
    calendar: pl.DataFrame,
    recording_changes: pl.DataFrame,
    settings: BandSettings,
) -> SeriesForecast:
    """Return the forecast of every series on the evenings of a window, from what came before it."""
    from forecasts.curve.area_curve import log_area_curves  # Prophet takes seconds to import

    panel = trial.until(window)
    almanac = build_almanac(panel, calendar, recording_changes)
    evenings = np.arange(window.origin, window.end)
    return forecast_series(panel, almanac, log_area_curves(panel, almanac, settings), settings, evenings)


def compare_frozen(trial: Trial, window: Window, forecast: SeriesForecast) -> Comparison:
    """Return every centre's window against the forecast from before it.

    What the other centres of a source did against their own forecasts on the same nights is taken off each: growth, a
    changed recording or a hot summer that nobody could forecast is no effect.
    """
    seen, span = trial.seen(window), slice(window.origin, window.end)
    observed = np.where(seen, trial.panel.counts[..., span], 0.0)
    expected = np.where(seen, forecast.mean * trial.panel.share[..., span], 0.0)
    due = expected.sum(axis=-1)
    of_nights = (forecast.inverse_size * expected**2).sum(axis=-1) / np.maximum(due, 1e-9) ** 2
    n_before = trial.is_clean[..., max(window.origin - FEWEST_BEFORE, 0) : window.origin].sum(axis=-1)
    has_stood = n_before >= FEWEST_NIGHTS
    is_pooled = trial.untouched_in(window) & has_stood
    moved, of_move = area_move(observed.sum(axis=-1), due, of_nights, is_pooled=is_pooled)
    is_known = has_stood[..., None] & (by_period(seen.astype(np.float64), window) > 0)
    counterfactual = by_period(expected, window) * np.exp(moved)[..., None]
    return Comparison(
        window,
        by_period(observed, window),
        np.where(is_known, counterfactual, np.nan),
        of_nights + of_move,
    )


def area_move(
    observed: Floats, expected: Floats, scatter: Floats, *, is_pooled: np.ndarray
) -> tuple[Floats, Floats]:
    """Return the log of what the others did against their forecasts, and its variance: centre × source.

    Each centre's others are all that are pooled but itself, weighed by what chance leaves of them; without others
    nothing has moved.
    """
    log_ratio = np.log((observed + 0.5) / (expected + 0.5))
    weight = np.where(
        is_pooled & (expected > 0), 1.0 / (1.0 / (expected + 0.5) + scatter + LEVELS_APART**2), 0.0
    )
    others = weight.sum(axis=0) - weight
    moved = ((weight * log_ratio).sum(axis=0) - weight * log_ratio) / np.maximum(others, 1e-9)
    return np.where(others > 0, moved, 0.0), np.where(others > 0, 1.0 / np.maximum(others, 1e-9), 0.0)
