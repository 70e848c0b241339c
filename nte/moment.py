"""The moment as of which a run works: said by a person, or read from the clock where a run starts."""

from datetime import UTC, datetime

from nte.area import Area
from nte.errors import MisuseError


def moment(text: str | None, area: Area) -> datetime:
    """Return the UTC instant that `text` names in the area's local time, or the clock's when it is empty.

    Raises MisuseError when the text is no time.
    """
    if not text:
        return datetime.now(UTC)
    try:
        said = datetime.fromisoformat(text)
    except ValueError as problem:
        raise MisuseError(
            f"{text!r} is not a time. Write it like 2026-03-30T09:00 (local time)."
        ) from problem
    zoned = said if said.tzinfo else said.replace(tzinfo=area.clock.time_zone)
    return zoned.astimezone(UTC)


def moment_of_run(said: str | None, area: Area, backfilled: datetime | None) -> datetime:
    """Return the instant as of which a run works: said, or the run's own in a backfill, or the clock's.

    `backfilled` is the time that the run stands for when it belongs to a backfill, otherwise None.
    """
    return moment(said, area) if said or backfilled is None else backfilled


def may_post(wanted: bool | None, backfilled: datetime | None) -> bool:
    """Say whether a run posts to Slack: as asked; not asked, yes, but not in a backfill."""
    return backfilled is None if wanted is None else wanted
