"""Nights: the local evening they start on, and the instants between which they last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

NOON_SHIFT = timedelta(hours=12)
"""Any cut between 06:00 and 18:00 puts both halves of a night on the date of its evening."""

LEAST_NIGHTS = 28
"""So many nights of a source must be known in a town centre before anybody can say what is usual there: four weeks."""


@dataclass(frozen=True)
class NightClock:
    """The hours of an area's nights, in its own time zone."""

    time_zone: ZoneInfo
    opens: time
    closes: time
    monitored_weekdays: frozenset[int]
    """Days of the week of the evenings that are judged, Monday 0."""

    def opens_at(self, evening: date) -> datetime:
        """Return the UTC instant at which the night of `evening` begins."""
        return self._instant(evening, self.opens)

    def closes_at(self, evening: date) -> datetime:
        """Return the UTC instant at which it ends: 11 to 13 hours later, by the clock changes."""
        return self._instant(evening + timedelta(days=1), self.closes)

    def morning_of(self, day: date) -> datetime:
        """Return the UTC instant of `day`'s morning, when the delivery of that date is known."""
        return self._instant(day, self.closes)

    def last_morning(self, instant: datetime) -> datetime:
        """Return the latest morning not after `instant`. Raises ValueError if it is naive."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        today = self.morning_of(instant.astimezone(self.time_zone).date())
        return today if today <= instant else self.morning_of(self.local_date(instant) - timedelta(days=1))

    def local_date(self, instant: datetime) -> date:
        """Return the local date of `instant`."""
        return instant.astimezone(self.time_zone).date()

    def evening_of(self, instant: datetime) -> date | None:
        """Return the evening of the night that contains `instant`, or None by day.

        Raises ValueError if `instant` is naive.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        evening = (instant.astimezone(self.time_zone).replace(tzinfo=None) - NOON_SHIFT).date()
        return evening if self.opens_at(evening) <= instant < self.closes_at(evening) else None

    def is_monitored(self, evening: date) -> bool:
        """Say whether the night of `evening` is one that is judged."""
        return evening.weekday() in self.monitored_weekdays

    def evenings_closed(self, first: date, as_of: datetime) -> list[date]:
        """Return the evenings from `first` on whose nights had ended by `as_of`."""
        last = self.local_date(as_of)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [evening for evening in days if self.closes_at(evening) <= as_of]

    def evening_column(self, instant: pl.Expr) -> pl.Expr:
        """Return the evening (Date) of each UTC instant, null by day and where the instant is null."""
        local = instant.dt.convert_time_zone(self.time_zone.key).dt.replace_time_zone(None)
        hour = local.dt.time()
        is_night = (hour >= self.opens) | (hour < self.closes)
        return pl.when(is_night).then((local - NOON_SHIFT).dt.date())

    def nights_frame(self, evenings: Sequence[date]) -> pl.DataFrame:
        """Return one row a night: evening, opens_at, closes_at (UTC), is_monitored."""
        return pl.DataFrame(
            {
                "evening": list(evenings),
                "opens_at": [self.opens_at(e) for e in evenings],
                "closes_at": [self.closes_at(e) for e in evenings],
                "is_monitored": [self.is_monitored(e) for e in evenings],
            },
            schema={
                "evening": pl.Date,
                "opens_at": pl.Datetime("us", "UTC"),
                "closes_at": pl.Datetime("us", "UTC"),
                "is_monitored": pl.Boolean,
            },
        )

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.time_zone).astimezone(UTC)
