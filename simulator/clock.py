"""When incidents happen, and on which morning they are delivered. Times are local and without offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simulator.counts import NIGHT
from simulator.draws import Ints, Times, draw_indices

AREA_ZONE = ZoneInfo("Europe/London")
"""The three feeds state local time, whatever the area."""
SECOND, MINUTE = np.timedelta64(1, "s"), np.timedelta64(1, "m")
HOUR, DAY = np.timedelta64(1, "h"), np.timedelta64(1, "D")
NIGHT_OPENS_HOUR, NIGHT_CLOSES_HOUR, NIGHT_HOURS = 18, 6, 12


@dataclass(frozen=True)
class Happenings:
    """Incidents of one source in order of time: where (position of the cell) and when."""

    cell: Ints
    occurred_at: Times

    def __len__(self) -> int:
        """Return the number of incidents."""
        return len(self.cell)

    def taken(self, rows: Ints) -> "Happenings":
        """Return these rows, in the order given."""
        return Happenings(self.cell[rows], self.occurred_at[rows])


def place_in_time(
    rng: np.random.Generator, counts: Ints, days: Sequence[date], hours_of_night: Sequence[float]
) -> Happenings:
    """Return one row an incident, with an instant within its night (18:00-06:00) or daytime (06:00-18:00)."""
    cell, day, part = np.nonzero(counts)
    n_each = counts[cell, day, part]
    cell, day, part = (np.repeat(position, n_each) for position in (cell, day, part))
    night_second = draw_indices(rng, hours_of_night, len(cell)) * 3600 + rng.integers(0, 3600, len(cell))
    daytime_second = rng.integers(0, NIGHT_HOURS * 3600, len(cell))
    opens = np.where(part == NIGHT, NIGHT_OPENS_HOUR, NIGHT_CLOSES_HOUR) * 3600
    seconds = opens + np.where(part == NIGHT, night_second, daytime_second)
    midnight = np.array(days, dtype="datetime64[s]")[day]
    occurred_at = existing(later(midnight, seconds * SECOND))
    order = np.lexsort((cell, occurred_at))
    return Happenings(cell[order].astype(np.int64), occurred_at[order])


def later(times: Times, by: npt.NDArray[np.timedelta64] | np.timedelta64) -> Times:
    """Return the times, each later by a span."""
    moved: Times = np.add(times, by)
    return moved


def existing(times: Times) -> Times:
    """Return the times, moved to the end of the hour that the clocks skip where they lie in it.

    Order is kept: of two times the earlier never becomes the later.
    """
    moved = times.copy()
    for year in np.unique(times.astype("datetime64[Y]").astype(int) + 1970):
        for skipped in _skipped_hours(int(year)):
            start = np.datetime64(skipped, "s")
            moved[(moved >= start) & (moved < start + HOUR)] = start + HOUR
    return moved


def _skipped_hours(year: int) -> list[datetime]:
    """Return the local hours of March that the clocks skip."""
    hours = [datetime(year, 3, day, hour) for day in range(25, 32) for hour in (0, 1, 2)]  # noqa: DTZ001  local
    return [hour for hour in hours if _is_skipped(hour)]


def _is_skipped(local: datetime) -> bool:
    later = (local + timedelta(hours=1)).replace(tzinfo=AREA_ZONE).utcoffset()
    earlier = local.replace(tzinfo=AREA_ZONE).utcoffset()
    return bool(earlier is not None and later is not None and later > earlier)


def first_morning(times: Times) -> Times:
    """Return the first day whose 06:00 is not before each time: whose delivery can tell of it."""
    shifted = later(times, -(NIGHT_CLOSES_HOUR * HOUR + SECOND))
    return later(shifted.astype("datetime64[D]"), DAY)


def delivery_morning(rng: np.random.Generator, times: Times, mornings: Sequence[float]) -> Times:
    """Return the morning on which each is delivered: `mornings` has the shares of the first, second, ... ."""
    return later(first_morning(times), draw_indices(rng, mornings, len(times)) * DAY)


def six_o_clock(mornings: Times) -> Times:
    """Return 06:00 of each morning."""
    return later(mornings.astype("datetime64[s]"), NIGHT_CLOSES_HOUR * HOUR)


def recorded_before(rng: np.random.Generator, earliest: Times, morning: Times) -> Times:
    """Return when each was recorded: after `earliest`, within the day before 06:00 of its morning."""
    closes = six_o_clock(morning)
    opens = np.maximum(earliest, closes - DAY)
    span = (closes - opens).astype(np.int64)
    seconds = (rng.random(len(span)) * np.maximum(span - 1, 0)).astype(np.int64)
    return existing(later(opens, seconds * SECOND))
