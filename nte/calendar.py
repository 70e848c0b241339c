"""What is known ahead about a night: bank holidays, the turn of the year, paydays, matches, closures."""

from collections.abc import Sequence
from datetime import date, timedelta

import holidays
import polars as pl

from nte.area import Area

DECEMBER, CHRISTMAS_DAY, FRIDAY, SUNDAY = 12, 25, 4, 6


def calendar_frame(area: Area, evenings: Sequence[date]) -> pl.DataFrame:
    """Return one row an evening: `evening` and a 0/1 column for each event.

    A column `<event>_<centre_code>` belongs to one town centre; the others to the whole area.
    """
    days_off = _public_holidays(area, evenings)
    rows = [{"evening": evening, **area_events(evening, days_off)} for evening in evenings]
    frame = pl.DataFrame(rows, schema_overrides={"evening": pl.Date})
    for name, when in local_events(area).items():
        frame = frame.with_columns(pl.col("evening").is_in(sorted(when)).cast(pl.Int64).alias(name))
    return frame


def area_events(evening: date, days_off: set[date]) -> dict[str, int]:
    """Return the 0/1 events of one evening that follow from the date alone."""
    tomorrow_off = evening + timedelta(days=1) in days_off
    return {
        "bh_sunday": int(evening.weekday() == SUNDAY and tomorrow_off),
        "bank_holiday": int(evening in days_off and not tomorrow_off),
        "mad_friday": int(_is_last_friday_before_christmas(evening)),
        "xmas": int(evening.month == DECEMBER and evening.day in (24, 25, 26)),
        "nye": int(evening.month == DECEMBER and evening.day == 31),  # noqa: PLR2004  New Year's Eve
        "halloween": int(_is_halloween_night(evening)),
        "payday": int(_is_payday_weekend(evening)),
    }


def local_events(area: Area) -> dict[str, set[date]]:
    """Return the evenings of each local event, by column name."""
    found: dict[str, set[date]] = {}
    for entry in area.local_events:
        name = f"{entry.event}_{entry.centre_code}" if entry.centre_code else entry.event
        found.setdefault(name, set()).add(entry.evening)
    return found


def describe_evenings(area: Area, evenings: Sequence[date]) -> dict[date, str]:
    """Return what is special about each evening, in words; evenings without are left out."""
    days_off = _public_holidays(area, evenings)
    said: dict[date, list[str]] = {}
    for evening in evenings:
        events = area_events(evening, days_off)
        said[evening] = [TITLES[name] for name, is_on in events.items() if is_on]
    for entry in area.local_events:
        if entry.evening in said:
            said[entry.evening].append(entry.title or entry.event.replace("_", " "))
    return {evening: ", ".join(dict.fromkeys(words)) for evening, words in said.items() if words}


TITLES = {
    "bh_sunday": "Sunday before a bank holiday",
    "bank_holiday": "bank holiday",
    "mad_friday": "last Friday before Christmas",
    "xmas": "Christmas",
    "nye": "New Year's Eve",
    "halloween": "Halloween",
    "payday": "payday weekend",
}


def _public_holidays(area: Area, evenings: Sequence[date]) -> set[date]:
    years = {evening.year for evening in evenings} | {evening.year + 1 for evening in evenings}
    found = holidays.country_holidays(area.holidays_country, subdiv=area.holidays_subdivision, years=years)
    return set(found)


def _is_last_friday_before_christmas(evening: date) -> bool:
    days_to_christmas = (date(evening.year, DECEMBER, CHRISTMAS_DAY) - evening).days
    return evening.weekday() == FRIDAY and 0 < days_to_christmas <= 7  # noqa: PLR2004  a week


def _is_halloween_night(evening: date) -> bool:
    """The 31st itself, or the Friday and Saturday next to it when it falls in the week."""
    halloween = date(evening.year, 10, 31)
    saturday = halloween - timedelta(days=(halloween.weekday() - 5) % 7)
    return evening == halloween or evening in (saturday, saturday - timedelta(days=1))


def _is_payday_weekend(evening: date) -> bool:
    """The first Friday-to-Sunday on or after the 25th, or that includes the last day of the month."""
    friday = evening - timedelta(days=(evening.weekday() - FRIDAY) % 7)
    is_weekend = evening.weekday() in (FRIDAY, 5, SUNDAY)
    return is_weekend and (friday + timedelta(days=7)).month != friday.month
