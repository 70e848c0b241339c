"""The forecasts that are compared, each refitted week by week, and what a refit costs."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from rich.progress import track

from bench.forecasts import baselines
from bench.forecasts.truth import Floats
from forecasts.backtest.panel_files import PanelFiles
from forecasts.backtest.walk import issue_week
from forecasts.settings import BandSettings

CLIMATOLOGY_DAYS = 3 * 365
ALL_DAYS = 10_000
BANDS, CLIMATOLOGY, PROPHET = "this forecast", "night of week + NB", "default Prophet"
PROPHET_COUNTS, REGRESSION = "Prophet + NB", "NB regression"
Foretell = Callable[[PanelFiles, date], pl.DataFrame]


@dataclass(frozen=True)
class Method:
    """Forecasts of one method, and what they cost."""

    name: str
    rows: pl.DataFrame
    tails: Callable[[pl.DataFrame], Floats]
    seconds_per_refit: float


def bands(panel: PanelFiles, mondays: Sequence[date]) -> Method:
    """Return this forecast, as it could be issued on each Monday."""
    return _refit(BANDS, _bands_of_week, baselines.count_tails, panel, mondays)


def climatology(panel: PanelFiles, mondays: Sequence[date]) -> Method:
    """Return the average of the same night of the week over three years."""
    return _refit(CLIMATOLOGY, _climatology_of_week, baselines.count_tails, panel, mondays)


def prophet(panel: PanelFiles, mondays: Sequence[date]) -> Method:
    """Return one Prophet per series with every setting as it comes."""
    return _refit(PROPHET, _prophet_of_week, baselines.prophet_tails, panel, mondays)


def prophet_counts(prophet: Method) -> Method:
    """Return Prophet's mean with a negative binomial distribution around it; it costs what Prophet costs."""
    return Method(PROPHET_COUNTS, prophet.rows, baselines.count_tails, prophet.seconds_per_refit)


def regression(panel: PanelFiles, mondays: Sequence[date]) -> Method:
    """Return a negative binomial regression per series: week, season, trend and events."""
    return _refit(REGRESSION, _regression_of_week, baselines.count_tails, panel, mondays)


def all_mondays(panel: PanelFiles) -> list[date]:
    """Return the Mondays of the weeks that are to be forecast."""
    return sorted({night - timedelta(days=night.weekday()) for night in panel.evenings})


def _refit(
    name: str,
    foretell: Foretell,
    tails: Callable[[pl.DataFrame], Floats],
    panel: PanelFiles,
    mondays: Sequence[date],
) -> Method:
    # Loaded before the clock starts: whoever comes first would pay for all.
    import prophet  # noqa: F401

    started = _cpu_seconds()
    frames = [foretell(panel, monday) for monday in track(mondays, name)]
    return Method(name, pl.concat(frames), tails, (_cpu_seconds() - started) / len(mondays))


def _cpu_seconds() -> float:
    # Prophet fits in a child process: its time counts too.
    return sum(os.times()[:4])


def _bands_of_week(panel: PanelFiles, monday: date) -> pl.DataFrame:
    bands = issue_week(panel, monday, BandSettings()).bands
    return bands.with_columns(mean="expected", size="dispersion")


def _climatology_of_week(panel: PanelFiles, monday: date) -> pl.DataFrame:
    return baselines.climatology(_recent(panel, monday, CLIMATOLOGY_DAYS), _week(panel, monday))


def _prophet_of_week(panel: PanelFiles, monday: date) -> pl.DataFrame:
    return baselines.default_prophet(_recent(panel, monday, ALL_DAYS), _week(panel, monday))


def _regression_of_week(panel: PanelFiles, monday: date) -> pl.DataFrame:
    return baselines.count_regression(_recent(panel, monday, ALL_DAYS), panel.calendar, _week(panel, monday))


def _recent(panel: PanelFiles, monday: date, days: int) -> pl.DataFrame:
    return panel.counts.filter(pl.col("evening").is_between(monday - timedelta(days), monday, closed="left"))


def _week(panel: PanelFiles, monday: date) -> list[date]:
    return [night for night in panel.evenings if monday <= night < monday + timedelta(days=7)]
