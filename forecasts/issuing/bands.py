"""The bands of coming nights: what to expect of every centre and source, and from which count on to tell."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from forecasts.curve import spread
from forecasts.curve.almanac import build_almanac
from forecasts.curve.panel import Ints, Panel, build_panel
from forecasts.curve.series_model import SeriesForecast, forecast_series
from forecasts.issuing import limits, looks
from forecasts.settings import MODEL_VERSION, BandSettings
from nte.words import AlertRule

__all__ = ["BAND_SCHEMA", "BandSettings", "issue_bands"]

BAND_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "evening": pl.Date,
    "centre_code": pl.String,
    "source": pl.String,
    "expected": pl.Float64,
    "dispersion": pl.Float64,
    "lower": pl.Int64,
    "upper": pl.Int64,
    "alert_limit": pl.Int64,
    "alert_level": pl.Float64,
    "rule": pl.String,
    "detectable_ratio": pl.Float64,
    "n_training_nights": pl.Int64,
    "trained_from": pl.Date,
    "trained_to": pl.Date,
    "model_version": pl.String,
}

PER_SERIES = ("alert_limit", "lower", "upper", "detectable_ratio")
"""Columns that each series works out for itself; the area's fit holds all others."""
FIT_SCHEMA = {name: dtype for name, dtype in BAND_SCHEMA.items() if name not in PER_SERIES}


def issue_bands(  # noqa: PLR0917 - the inputs are the interface
    history: pl.DataFrame,
    nights: Sequence[date],
    calendar: pl.DataFrame,
    centres: pl.DataFrame,
    recording_changes: pl.DataFrame,
    settings: BandSettings,
    completeness: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return one band per night, centre and source that has been covered often enough to know it.

    `history` holds only what may be known when the band is issued: that no night of it is ahead of its time is
    the caller's duty. The distribution of the final count is negative binomial with mean `expected` and size
    `dispersion`. 0 <= lower <= expected <= upper always holds, because lower and upper are widened to the
    whole numbers around a mean that is too small for its own quantiles to enclose it.
    """
    if not nights:
        return pl.DataFrame(schema=BAND_SCHEMA)
    fit = fit_area(history, nights, calendar, centres, recording_changes, settings, completeness)
    return in_whole_counts(fit, settings)


def fit_area(  # noqa: PLR0917 - the inputs are the interface
    history: pl.DataFrame,
    nights: Sequence[date],
    calendar: pl.DataFrame,
    centres: pl.DataFrame,
    recording_changes: pl.DataFrame,
    settings: BandSettings,
    completeness: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the distribution of every night's final count, and the level at which the whole area alerts.

    One row a night, centre and source that has been covered often enough: the columns of a band without PER_SERIES.
    `completeness` (source, age_days, share) is how nights fill; None where they are complete when first judged.
    """
    panel = build_panel(history, nights, centres["centre_code"].to_list())
    almanac = build_almanac(panel, calendar, recording_changes)
    evenings = _indices(panel, nights)
    from forecasts.curve.area_curve import log_area_curves  # Prophet takes seconds to import

    log_area = log_area_curves(panel, almanac, settings)
    forecast = forecast_series(panel, almanac, log_area, settings, evenings)
    return _as_fit(panel, forecast, evenings, settings, completeness)


def in_whole_counts(fit: pl.DataFrame, settings: BandSettings) -> pl.DataFrame:
    """Return the bands of some series: their distributions in whole incidents. No series depends on another."""
    if fit.is_empty():
        return pl.DataFrame(schema=BAND_SCHEMA)
    mean, size = fit["expected"].to_numpy(), fit["dispersion"].to_numpy()
    least = settings.least_limits(fit["source"].to_list())
    limit = limits.night_limit(fit["alert_level"].to_numpy(), mean, size, least)
    lower, upper = limits.visible_band(mean, size, settings)
    return fit.with_columns(
        alert_limit=pl.Series(limit.astype(np.int64)),
        lower=pl.Series(lower.astype(np.int64)),
        upper=pl.Series(upper.astype(np.int64)),
        detectable_ratio=pl.Series(limits.detectable_ratio(limit, mean, size, settings.detection_power)),
    ).select(list(BAND_SCHEMA))


def _indices(panel: Panel, nights: Sequence[date]) -> Ints:
    wanted = np.unique(np.array(list(nights), dtype="datetime64[D]"))
    indices = (wanted - panel.evenings[0]).astype(np.int64)
    if indices[0] < 0:
        raise ValueError(f"night {wanted[0]} lies before the first night of the history {panel.evenings[0]}")
    return np.asarray(indices)


def _as_fit(
    panel: Panel,
    forecast: SeriesForecast,
    evenings: Ints,
    settings: BandSettings,
    completeness: pl.DataFrame | None,
) -> pl.DataFrame:
    n_nights = panel.is_known.sum(axis=-1)
    c, s, e = np.nonzero(
        np.repeat((n_nights >= settings.min_training_nights)[..., None], len(evenings), axis=-1)
    )
    if not len(c):
        return pl.DataFrame(schema=FIT_SCHEMA)
    # Rounded before limits are taken from them: the last digits depend on the order of a sum, a stored limit must not.
    mean = np.maximum(np.round(forecast.mean[c, s, e], 6), 1e-6)
    inverse_size, log_variance = forecast.inverse_size[c, s, 0], forecast.log_variance[c, s, e]
    size = np.round(spread.predictive_size(inverse_size, log_variance), 6)
    is_judged = np.isin(panel.weekdays[evenings][e], settings.judged_weekdays)
    n_judged = np.isin(panel.weekdays[evenings], settings.judged_weekdays).sum()
    budget = settings.night_budget(7.0 * n_judged / len(settings.judged_weekdays))
    least = settings.least_limits(panel.sources)[s]
    if completeness is None:
        level = limits.alert_level(mean, size, least, is_judged, budget)
    else:
        filling = looks.filling_at_looks(completeness, panel.sources).at(s)
        clumping = looks.clumping_at(completeness, panel.sources)[s]
        nights = looks.Nights(mean, size, least, filling, clumping)
        level = looks.alert_level(nights, is_judged, budget, settings.gamma)
    first, last = _trained_span(panel)
    return pl.DataFrame(
        {
            "evening": panel.evenings[evenings][e].astype("datetime64[D]"),
            "centre_code": np.array(panel.centres)[c],
            "source": np.array(panel.sources)[s],
            "expected": mean,
            "dispersion": size,
            "alert_level": np.full(len(c), level),
            "rule": np.full(len(c), str(AlertRule.STANDS)),
            "n_training_nights": n_nights[c, s],
            "trained_from": first[c, s],
            "trained_to": last[c, s],
            "model_version": np.full(len(c), MODEL_VERSION),
        },
        schema=FIT_SCHEMA,
    ).sort("evening", "centre_code", "source")


def _trained_span(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and last known evening of every series."""
    n_evenings = len(panel.evenings)
    first = panel.is_known.argmax(axis=-1)
    last = n_evenings - 1 - panel.is_known[..., ::-1].argmax(axis=-1)
    return panel.evenings[first], panel.evenings[last]
