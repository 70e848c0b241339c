"""Days, spans, instants, shares, lists and rarity in English, said in one way everywhere."""

from collections.abc import Sequence
from datetime import date, datetime
from math import floor

from nte.area import Area

MOST_DAYS_LISTED = 3
WEEKS_A_YEAR = 52.1775
RAREST_YEARS = 10
"""Nobody can vouch for rarer than that from a few years of history."""
MONTHS_UNTIL_YEARS = 24
"""From so many months on a span is said in years."""


def say_day(day: date) -> str:
    """Return 'Saturday 28 March'."""
    return f"{day:%A} {day.day} {day:%B}"


def say_short_day(day: date) -> str:
    """Return 'Sat 28 Mar'."""
    return f"{day:%a} {day.day} {day:%b}"


def say_date(day: date) -> str:
    """Return '28 March 2026'."""
    return f"{day.day} {day:%B %Y}"


def say_span(first: date, last: date) -> str:
    """Return '27 to 29 March', or '27 February to 1 March'."""
    if first == last:
        return f"{first.day} {first:%B}"
    start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
    return f"{start} to {last.day} {last:%B}"


def say_days(days: Sequence[date]) -> str:
    """Return 'Fri 6 Mar, Sat 7 Mar', or with many of them the first and the last."""
    if len(days) > MOST_DAYS_LISTED:
        return f"{say_short_day(days[0])} to {say_short_day(days[-1])} ({len(days)} nights)"
    return ", ".join(say_short_day(day) for day in days)


def say_instant(instant: datetime, area: Area) -> str:
    """Return 'Monday 30 March, 06:00' in the area's time."""
    local = instant.astimezone(area.clock.time_zone)
    return f"{say_day(local.date())}, {local:%H:%M}"


def say_short_instant(instant: datetime, area: Area) -> str:
    """Return 'Mon 30 Mar, 06:00' in the area's time."""
    local = instant.astimezone(area.clock.time_zone)
    return f"{say_short_day(local.date())}, {local:%H:%M}"


def say_share(share: float) -> str:
    """Return '59 %'; never '100 %' for less than all of it."""
    return f"{100 if share >= 1.0 else min(99, round(100 * share))}\u00a0%"


def listed(names: Sequence[str]) -> str:
    """Return 'Buxton, Glossop and Matlock'."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def say_number(n: int, noun: str) -> str:
    """Return '1 night', '2 nights'."""
    return f"{n} {noun}{'' if n == 1 else 's'}"


def say_ordinal(n: int) -> str:
    """Return '1st', '2nd', '3rd', '11th'."""
    is_teen = 10 <= n % 100 <= 20  # noqa: PLR2004
    return f"{n}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


NEVER_SURE = 0.99
"""A record can always be corrected: nothing is said to stand with more than this chance."""


def say_chance(chance: float) -> str:
    """Return 'will almost certainly stand (98 in 100)': what becomes of an alert, with its chance."""
    if chance >= ALMOST_CERTAIN:
        return f"will almost certainly stand ({round(100 * min(chance, NEVER_SURE))} in 100)"
    words = next(text for least, text in _CHANCES if chance >= least)
    return f"{words} ({say_odds(chance)})"


def say_odds(chance: float) -> str:
    """Return '7 in 10', '2 in 100' near either end, or 'less than 1 in 100': nothing is said never to happen."""
    tens, hundreds = floor(10 * chance + 0.5), round(100 * min(chance, NEVER_SURE))
    if 1 <= tens <= 9:  # noqa: PLR2004
        return f"{tens} in 10"
    return f"{hundreds} in 100" if hundreds else "less than 1 in 100"


def say_filling(chance: float) -> str:
    """Return '7 in 10 to end above its limit', of a count that is no alert and may well become one."""
    return f"{say_odds(chance)} to end above its limit"


FILLING_HIGH = "filling high"
"""What such a count is called."""


ALMOST_CERTAIN = 0.95
_CHANCES = (
    (0.75, "will very likely stand"),
    (0.55, "is more likely to stand than not"),
    (0.45, "may or may not stand"),
    (0.25, "will probably not stand"),
    (0.05, "is very unlikely to stand"),
    (0.0, "will almost certainly not stand"),
)


BAND_TAIL = 0.01
"""At most this share of usual nights lies above the band that people see: its upper end is the 99 % quantile."""
HOW_UNUSUAL = (
    (0.1, ""),
    (BAND_TAIL, "high, but not unusual enough for an alert"),
    (0.0, "above the band, no alert"),
)
"""What a count that is no alert is called, by the least probability of so many or more on a normal night.

The one table of such phrases; what is an alert is called by its verdict, and its rarity by `say_rarity`.
"""


NOTED = "noted, as unusual as an alert but too few for one"
"""Of counts whose probability is under their alert level, and that are fewer than the area's least count."""


def name_no_alert(p_value: float, *, is_noted: bool = False) -> str:
    """Return 'above the band, no alert': what a count that is no alert is called; empty for a usual one.

    `is_noted`: it is as rare as an alert, and under its source's least count.
    """
    if is_noted:
        return NOTED
    return next(text for least, text in HOW_UNUSUAL if p_value > least or least == 0.0)


def say_no_alert(p_value: float, area: Area, *, is_noted: bool = False) -> str:
    """Return 'high, but not unusual enough for an alert (about one such night in 6 years)'; empty for a usual count.

    `p_value` as in `say_rarity`, of a count that is no alert; `is_noted` as in `name_no_alert`.
    """
    phrase = name_no_alert(p_value, is_noted=is_noted)
    return f"{phrase} ({say_rarity(p_value, area)})" if phrase else ""


def say_seldom(upper: int) -> str:
    """Return 'seldom over 47', of the upper end of the band that people see; `SELDOM` says what that means."""
    return f"seldom over {upper}"


SELDOM = f"Seldom: at most one such night in {round(1 / BAND_TAIL)}."


def say_limit(alert_limit: int) -> str:
    """Return 'alert above 21': the rule by which a count is an alert, wherever its limit is said."""
    return f"alert above {alert_limit}"


TIMES = ((2.5, "about {times} times"), (1.75, "about twice"), (1.25, "about one and a half times"))
"""How many times the usual, from which ratio on; a smaller one is not worth a word."""
MOST_TIMES = 10
"""Beyond it the usual is so small that its multiple says little."""
LEAST_USUAL = 0.75
"""Incidents: a smaller expectation is called 'fewer than 1', and has no multiple."""


def say_times(n_incidents: int, expected: float) -> str:
    """Return 'about 3 times the usual'; empty where that is nothing to speak of, or the usual too small for it."""
    if expected < LEAST_USUAL:
        return ""
    times = n_incidents / expected
    if times >= MOST_TIMES + 0.5:
        return f"more than {MOST_TIMES} times the usual"
    phrase = next((text for least, text in TIMES if times >= least), "")
    return f"{phrase.format(times=floor(times + 0.5))} the usual" if phrase else ""


def say_every(days: float) -> str:
    """Return 'about once in 4 months': how often what comes by chance once in so many days comes."""
    if days < 7 * FEWEST_MONTHS_OF_WEEKS:
        return f"about once in {max(2, round(days / 7))} weeks"
    months = round(days * 12 / 365.25)
    if months < MONTHS_UNTIL_YEARS:
        return f"about once in {months} months"
    return f"about once in {round(months / 12)} years"


FEWEST_MONTHS_OF_WEEKS = 9
"""From so many weeks on a span is said in months."""


def say_rarity(p_value: float, area: Area) -> str:
    """Return 'about one such night in 9 months': of one source's monitored nights in one town centre.

    `p_value` is the probability of so many or more on such a night; what comes once in ten years is as rare as can be
    said.
    """
    nights_a_year = WEEKS_A_YEAR * len(area.clock.monitored_weekdays)
    years = 1 / max(p_value, 1e-9) / nights_a_year
    if years >= RAREST_YEARS:
        return f"rarer than one such night in {RAREST_YEARS} years"
    months = round(years * 12)
    if months >= MONTHS_UNTIL_YEARS:
        return f"about one such night in {round(years)} years"
    if months > 1:
        return f"about one such night in {months} months"
    return f"about one such night in {max(2, round(years * WEEKS_A_YEAR))} weeks"
