"""The moment as of which a run works: said by a person, or read from the clock where a run starts."""

from datetime import UTC, datetime, timedelta
from typing import Final

from nte.area import Area
from nte.errors import MisuseError

FIRST_YEAR: Final = 2015
"""No run is as of an earlier time: nothing can be backfilled from before it."""
MOST_AHEAD: Final = timedelta(days=366)
"""A rehearsal looks no further ahead than the next season's calendar."""

PATTERN_OF_MOMENTS: Final = r"^20(1[5-9]|[2-9][0-9])-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]"
"""How Airflow's form knows a time within these bounds, before it starts a run."""


def moment(text: str | None, area: Area, *, may_be_ahead: bool = False) -> datetime:
    """Return the UTC instant that `text` names in the area's local time, or the clock's when it is empty.

    Raises MisuseError when the text is no time, when it lies before 2015, and when it lies ahead of the clock unless
    that `may_be`, and then more than a year.
    """
    clock = datetime.now(UTC)
    if not text:
        return clock
    try:
        said = datetime.fromisoformat(text)
    except ValueError as problem:
        raise MisuseError(
            f"{text!r} is not a time. Write it like 2026-03-30T09:00 (local time)."
        ) from problem
    zoned = said if said.tzinfo else said.replace(tzinfo=area.clock.time_zone)
    if zoned > clock and not may_be_ahead:
        here = clock.astimezone(area.clock.time_zone)
        raise MisuseError(
            f"{text} lies ahead of this machine's clock, {here:%Y-%m-%dT%H:%M}. Leave it out to work as of now, or "
            "rehearse with --as-if (in Airflow: Rehearsal), which posts and purges nothing."
        )
    if zoned.year < FIRST_YEAR or zoned > clock + MOST_AHEAD:
        raise MisuseError(
            f"{text} is out of bounds: this service works as of {FIRST_YEAR} at the earliest, and in a rehearsal "
            f"{MOST_AHEAD.days} days ahead at most. Look at the year."
        )
    return zoned.astimezone(UTC)


def moment_of_run(
    said: str | None, area: Area, backfilled: datetime | None, *, is_rehearsal: bool = False
) -> datetime:
    """Return the instant as of which a run works: said, or the run's own in a backfill, or the clock's.

    `backfilled` is the time that the run stands for when it belongs to a backfill, otherwise None. Only a rehearsal
    may work as of a time that has not come.
    """
    if not said and backfilled is not None:
        return moment(backfilled.isoformat(), area, may_be_ahead=is_rehearsal)
    return moment(said, area, may_be_ahead=is_rehearsal)


def may_post(wanted: bool | None, backfilled: datetime | None, *, is_rehearsal: bool = False) -> bool:
    """Say whether a run posts to Slack: as asked; not asked, yes, but not in a backfill; in a rehearsal never."""
    return not is_rehearsal and (backfilled is None if wanted is None else wanted)
