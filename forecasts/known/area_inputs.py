"""The area file in the words of the forecasts."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl

from forecasts.settings import BandSettings
from nte.area import Area
from nte.calendar import calendar_frame

EVENTS_AHEAD_DAYS = 7


def issue_morning(area: Area, evening: date) -> datetime:
    """Return the morning before the first monitored night of an evening's week: Thursday for a weekend."""
    monday = evening - timedelta(days=evening.weekday())
    first = monday + timedelta(days=min(area.clock.monitored_weekdays))
    return area.clock.morning_of(first - timedelta(days=1))


def calendar_of(area: Area, history: pl.DataFrame, evening: date) -> pl.DataFrame:
    """Return the events of every evening from the first of the history to a week after `evening`."""
    first = history["evening"].min()
    start = first if isinstance(first, date) else evening
    n_days = (evening - start).days + EVENTS_AHEAD_DAYS
    return calendar_frame(area, [start + timedelta(days=n) for n in range(n_days)])


def centres_frame(area: Area) -> pl.DataFrame:
    """Return centre_code, lat, lon (WGS84 degrees) and radius_m of each town centre."""
    rows = [(c.centre_code, c.latitude, c.longitude, c.radius_m) for c in area.current_centres]
    schema = {"centre_code": pl.String, "lat": pl.Float64, "lon": pl.Float64, "radius_m": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def recording_changes(area: Area) -> pl.DataFrame:
    """Return source and first_evening of every recording change that is known ahead."""
    rows = [(s.source, day) for s in area.sources.values() for day in s.recording_changes]
    return pl.DataFrame(rows, schema={"source": pl.String, "first_evening": pl.Date}, orient="row")


def band_settings(area: Area) -> BandSettings:
    """Return the settings of the bands with the area's budget and monitored nights."""
    return replace(
        BandSettings(),
        false_alarms_per_30_days=area.budget.false_alarms_per_30_days,
        budget_shares={str(detector): share for detector, share in area.budget.shares.items()},
        gamma=area.alerts.gamma,
        gamma_of_windows=area.alerts.gamma_of_windows,
        least_count=dict(area.alerts.least_count),
        least_sum={str(detector): least for detector, least in area.alerts.least_sum.items()},
        judged_weekdays=tuple(sorted(day + 1 for day in area.clock.monitored_weekdays)),
    )
