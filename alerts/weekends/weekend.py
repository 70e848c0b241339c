"""Which weekend is spoken of, and when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nte.area import Area
from nte.english import say_span

DIGEST_DAYS = 2
"""So many days after the weekend its digest is still of use."""


@dataclass(frozen=True)
class Weekend:
    """The monitored nights of one week."""

    evenings: tuple[date, ...]

    @classmethod
    def of(cls, area: Area, day: date) -> "Weekend":
        """Return the weekend of the week that contains `day`."""
        monday = day - timedelta(days=day.weekday())
        week = [monday + timedelta(days=n) for n in range(7)]
        return cls(tuple(e for e in week if area.clock.is_monitored(e)))

    @property
    def title(self) -> str:
        """Return '3 to 5 April'."""
        return say_span(self.evenings[0], self.evenings[-1])


def due_outlook(area: Area, now: datetime) -> Weekend | None:
    """Return the weekend whose outlook is due: from the day before its first night until that night opens."""
    weekend = Weekend.of(area, area.clock.local_date(now))
    if not weekend.evenings:
        return None
    day_before = weekend.evenings[0] - timedelta(days=1)
    due = datetime.combine(day_before, area.slack.outlook_from, area.clock.time_zone)
    return weekend if due <= now < area.clock.opens_at(weekend.evenings[0]) else None


def due_digest(area: Area, now: datetime) -> Weekend | None:
    """Return the weekend whose digest is due: from the day after its last night, for two days."""
    weekend = Weekend.of(area, area.clock.local_date(now) - timedelta(days=DIGEST_DAYS))
    if not weekend.evenings:
        return None
    day_after = weekend.evenings[-1] + timedelta(days=1)
    due = datetime.combine(day_after, area.slack.digest_from, area.clock.time_zone)
    is_of_use = area.clock.local_date(now) < day_after + timedelta(days=DIGEST_DAYS)
    return weekend if due <= now and is_of_use else None
