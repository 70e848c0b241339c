"""How many serious offences each day and night should see: published months, weekdays, special nights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
import numpy as np

from nte.calendar import area_events
from simulator.calibration import Calibration
from simulator.draws import Bools, Floats, Ints
from simulator.figures import Events, Published, Times

MONTHS_A_YEAR = 12
FRIDAY, SATURDAY = 4, 5
HOURS_BEFORE_MIDNIGHT = 6
LEAST_FACTOR = 1e-9
N_FITTING_STEPS = 60
"""Each step corrects what the one before left; after 30 nothing moves by more than a millionth."""


@dataclass(frozen=True)
class DayMeans:
    """Expected serious offences of the whole area by day (06:00 to 06:00), in and outside town centres."""

    days: tuple[date, ...]
    centre_night: Floats
    centre_daytime: Floats
    elsewhere_night: Floats
    elsewhere_daytime: Floats


@dataclass(frozen=True)
class _Span:
    """Whole months of days, with what each is worth before they are fitted to the published figures."""

    days: list[date]
    month: Ints
    next_month: Ints
    targets: Floats
    is_friday_or_saturday: Bools
    is_published: Bools
    parts: Floats
    """Unfitted weights: rows centre night, elsewhere night, centre daytime, elsewhere daytime."""
    before_midnight: float


def month_target(published: Published, year: int, month: int) -> float:
    """Return the serious offences expected in a month; simulation.toml says how for other years."""
    years = published.serious_offences
    if year in years:
        return years[year][month - 1]
    nearest = min(years, key=lambda known: abs(known - year))
    month_share = sum(figures[month - 1] for figures in years.values()) / sum(map(sum, years.values()))
    return sum(years[nearest]) * month_share


def expected_offences(calibration: Calibration, days: Sequence[date]) -> DayMeans:
    """Return the expected serious offences of each day.

    Summed over a calendar month they are the published figure, and over the published years Friday and
    Saturday nights have the published share: both hold at once after alternating corrections.
    """
    span = _span(calibration, days[0], days[-1])
    wanted = calibration.published.friday_saturday_share / (1 - calibration.police.time_uncertain_share)
    fitted = _fit(span, wanted)
    first = span.days.index(days[0])
    cut = fitted[:, first : first + len(days)]
    return DayMeans(tuple(days), cut[0], cut[2], cut[1], cut[3])


def _fit(span: _Span, wanted_share: float) -> Floats:
    scale, lift = np.ones(len(span.targets)), 1.0
    fitted = span.parts
    for _ in range(N_FITTING_STEPS):
        fitted = span.parts * scale[span.month]
        fitted[:2, span.is_friday_or_saturday] *= lift
        nights, daytimes = fitted[:2].sum(axis=0), fitted[2:].sum(axis=0)
        scale *= span.targets / _month_sums(span, nights, daytimes)
        counted = span.is_published
        share = nights[counted & span.is_friday_or_saturday].sum() / (nights + daytimes)[counted].sum()
        lift *= (wanted_share / (1 - wanted_share)) / (share / (1 - share))
    return fitted


def _month_sums(span: _Span, nights: Floats, daytimes: Floats) -> Floats:
    """Sum by calendar month: the hours after midnight belong to the next day."""
    n = len(span.targets)
    here = np.bincount(span.month, daytimes + nights * span.before_midnight, minlength=n)
    after = np.bincount(span.next_month, nights * (1 - span.before_midnight), minlength=n)
    return np.asarray(here + after, dtype=np.float64)


def _span(calibration: Calibration, first: date, last: date) -> _Span:
    published_years = calibration.published.serious_offences
    begins = date(min(first.year, *published_years), 1, 1)
    ends = date(max(last.year, *published_years), 12, 31)
    days = [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]
    months = [
        (year, month + 1) for year in range(begins.year, ends.year + 1) for month in range(MONTHS_A_YEAR)
    ]
    month = np.array(
        [(day.year - begins.year) * MONTHS_A_YEAR + day.month - 1 for day in days], dtype=np.int64
    )
    return _Span(
        days=days,
        month=month,
        next_month=np.append(month[1:], month[-1]),
        targets=np.array([month_target(calibration.published, *key) for key in months]),
        is_friday_or_saturday=np.array([day.weekday() in (FRIDAY, SATURDAY) for day in days]),
        is_published=np.array([day.year in published_years for day in days]),
        parts=_unfitted(calibration, days),
        before_midnight=_share_before_midnight(calibration.times),
    )


def _unfitted(calibration: Calibration, days: list[date]) -> Floats:
    times, inside = calibration.times, calibration.places.in_town_centres_share
    weekday = np.array([day.weekday() for day in days])
    factors = event_factors(calibration.events, days)
    return np.array(
        [
            inside * np.array(times.town_centre_nights)[weekday] * factors,
            (1 - inside)
            * np.array(times.elsewhere_nights)[weekday]
            * factors**calibration.events.elsewhere_strength,
            np.full(len(days), inside * times.town_centre_daytimes / 7),
            np.full(len(days), (1 - inside) * times.elsewhere_daytimes / 7),
        ]
    )


def _share_before_midnight(times: Times) -> float:
    return sum(times.hours_of_night[:HOURS_BEFORE_MIDNIGHT]) / sum(times.hours_of_night)


def event_factors(events: Events, days: Sequence[date]) -> Floats:
    """Return the factor of each evening's events; where several meet, the one farthest from 1.

    Raises ValueError if a factor's name is none of the calendar's.
    """
    days_off = _days_off(events, days)
    found = [area_events(day, days_off) for day in days]
    if unknown := sorted(set(events.factors) - set(found[0])):
        raise ValueError(
            f"simulation.toml: events.factors names {unknown[0]!r}, which the calendar does not have. "
            f"Choose from {', '.join(found[0])}."
        )
    return np.array(
        [_strongest([events.factors.get(n, 1.0) for n, is_on in on.items() if is_on]) for on in found]
    )


def _strongest(factors: Sequence[float]) -> float:
    return max([1.0, *factors], key=lambda factor: abs(np.log(max(factor, LEAST_FACTOR))))


def _days_off(events: Events, days: Sequence[date]) -> set[date]:
    years = range(days[0].year, days[-1].year + 2)
    found = holidays.country_holidays(
        events.holidays_country, subdiv=events.holidays_subdivision, years=years
    )
    return set(found)
