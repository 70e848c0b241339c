"""Which weekend is spoken of, and when."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nte.area import Area
from nte.english import say_span

THURSDAY, MONDAY = 3, 0
OUTLOOK_FROM = time(16, 0)


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
    """Return the weekend whose outlook is due: from Thursday 16:00 until its first night opens."""
    local = now.astimezone(area.clock.time_zone)
    weekend = Weekend.of(area, local.date())
    if not weekend.evenings:
        return None
    is_due = local.weekday() > THURSDAY or (local.weekday() == THURSDAY and local.time() >= OUTLOOK_FROM)
    return weekend if is_due and now < area.clock.opens_at(weekend.evenings[0]) else None


def due_digest(area: Area, now: datetime) -> Weekend | None:
    """Return the weekend whose digest is due: on Monday and Tuesday, when its last night has ended."""
    local = now.astimezone(area.clock.time_zone)
    weekend = Weekend.of(area, local.date() - timedelta(days=7))
    if not weekend.evenings or local.weekday() > MONDAY + 1:
        return None
    return weekend if now >= area.clock.closes_at(weekend.evenings[-1]) else None
