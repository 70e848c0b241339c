"""A file whose name is of another year than its events: as every January some are."""

from datetime import date, timedelta
from typing import Final

import polars as pl

from expectations.events import record_events
from expectations.rules import Outcome, Rule, Severity
from nte.area import Area
from nte.deliveries.inbox import Arrival
from nte.deliveries.near_names import agreed_name
from nte.deliveries.text import DeliveryText

YEAR: Final = 365.2425
NEAR_DAYS: Final = 4.0
"""Most events of a daily file lie in so many days before its morning."""
LATEST_DAYS: Final = 1.5


def of_another_year(
    text: DeliveryText, quarantine: pl.DataFrame, arrival: Arrival, area: Area
) -> list[Outcome]:
    """Return a refusal when most of a daily file's events lie just before its morning, some years later."""
    is_late = (pl.col("rule") == "time_impossible").any()
    if arrival.is_history or quarantine.is_empty() or not quarantine.select(is_late).item():
        return []
    happened = record_events(text, quarantine.clear(), area.sources[arrival.source], area)["happened_at"]
    later = (happened - arrival.known_at).dt.total_seconds() / timedelta(days=1).total_seconds()
    years = (later / YEAR).round()
    off = later - years * YEAR
    is_other = (years >= 1) & off.is_between(-NEAR_DAYS, LATEST_DAYS)
    n_other = int(is_other.sum())
    if n_other == 0 or n_other * 2 < len(happened):
        return []
    n_years = years.filter(is_other).mode().sort()[0]
    meant = _in_years(arrival.last_date, int(n_years))
    name = agreed_name(area.sources[arrival.source], meant) or "as agreed"
    detail = (
        f"its name is of {arrival.last_date.year}, and its events are of {meant.year}: it seems to be {name}"
    )
    return [Outcome(Rule("another_year", "", Severity.CRITICAL), is_met=False, detail=detail)]


def of_an_earlier_year(happened: pl.Series, arrival: Arrival) -> list[Outcome]:
    """Return a refusal when most of a daily file's events lie just before its morning, to the day, some years before.

    `happened`: when its used records say that they happened. So many late reports do not fall on one anniversary.
    """
    earlier = (arrival.known_at - happened).dt.total_seconds() / timedelta(days=1).total_seconds()
    years = (earlier / YEAR).round()
    is_other = (years >= 1) & (earlier - years * YEAR).is_between(-LATEST_DAYS, NEAR_DAYS)
    n_other = int(is_other.sum())
    if arrival.is_history or n_other == 0 or n_other * 2 < len(happened):
        return []
    n_years = years.filter(is_other).mode().sort()[0]
    meant = _in_years(arrival.last_date, -int(n_years))
    detail = f"its name is of {arrival.last_date.year}, and its events are of {meant.year}: one of the two is wrong"
    return [Outcome(Rule("events_of_an_earlier_year", "", Severity.CRITICAL), is_met=False, detail=detail)]


def _in_years(day: date, n_years: int) -> date:
    """Return the same day so many years later; 1 March for a 29 February that a year does not have."""
    try:
        return day.replace(year=day.year + n_years)
    except ValueError:
        return date(day.year + n_years, 3, 1)
