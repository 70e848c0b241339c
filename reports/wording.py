"""Plain English for the pages: days, instants, shares, verdicts."""

from datetime import date, datetime

from nte.area import Area

ALERT_STATES = {
    "open": "open",
    "withdrawn": "withdrawn: it no longer holds",
    "completed": "completed: all counts are in, and it holds",
    "silenced": "silenced: decided, not said",
    "grouped": "said by another alert",
    "acknowledged": "somebody is acting on it",
}
REASONS = {
    "first": "said: above what was to be expected, and nobody had been told",
    "rose": "said: higher than what people had been told",
    "fell": "said: lower than what people had been told, still above",
    "withdrawn": "said: no longer above",
    "filled": "said: another source has come in",
    "completed": "said: all counts are complete, and still above",
    "unchanged": "not said: nothing that people had not been told",
    "not_yet_complete": "not said: lower than people were told, but the night is still filling",
    "not_known": "not said: no source can be judged, and unknown is not an all-clear",
    "acknowledged": "not said: somebody is acting on it, and the change is small",
    "silenced": "not said: somebody silenced this centre",
    "grouped": "not said: another alert says it too",
    "judged": "the morning's nights were looked at",
}
"""Every reason that a decision can have."""


def say_day(day: date) -> str:
    """Return 'Saturday 28 March'."""
    return f"{day:%A} {day.day} {day:%B}"


def say_short_day(day: date) -> str:
    """Return 'Sat 28 Mar'."""
    return f"{day:%a} {day.day} {day:%b}"


def say_span(first: date, last: date) -> str:
    """Return '27 to 29 March 2026', or '27 February to 1 March 2026'."""
    if first == last:
        return f"{first.day} {first:%B %Y}"
    start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
    return f"{start} to {last.day} {last:%B %Y}"


def say_instant(instant: datetime, area: Area) -> str:
    """Return 'Monday 30 March, 06:00' in the area's time."""
    local = instant.astimezone(area.clock.time_zone)
    return f"{say_day(local.date())}, {local:%H:%M}"


def say_short_instant(instant: datetime, area: Area) -> str:
    """Return 'Mon 30 Mar, 06:00' in the area's time."""
    local = instant.astimezone(area.clock.time_zone)
    return f"{say_short_day(local.date())}, {local:%H:%M}"


def say_days(days: list[date]) -> str:
    """Return 'Fri 6 Mar, Sat 7 Mar', or with many of them the first and the last."""
    if len(days) > 3:  # noqa: PLR2004  more are not read
        return f"{say_short_day(days[0])} to {say_short_day(days[-1])} ({len(days)} nights)"
    return ", ".join(say_short_day(day) for day in days)


def say_share(share: float) -> str:
    """Return '59 %'; never '100 %' for less than all of it."""
    return f"{100 if share >= 1.0 else min(99, round(100 * share))}\u00a0%"


def say_expected(expected: float) -> str:
    """Return '7.7', or '<0.1' for the least."""
    return f"{expected:.1f}" if expected >= 0.05 else "<0.1"  # noqa: PLR2004  it would read 0.0


def listed(names: list[str]) -> str:
    """Return 'Buxton, Glossop and Matlock'."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
