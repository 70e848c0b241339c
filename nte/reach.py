"""How far what is known of a source reached at an instant: the day by which the age of its nights is counted."""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime

import polars as pl

from nte.nights import NightClock

WHOLE_SOURCE = ""


class Reach:
    """The rows of `reaches`, to be asked as known at an instant."""

    def __init__(self, rows: pl.DataFrame, clock: NightClock) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._ends: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._n_rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        columns = "source", "site_code", "known_at", "reaches_at", "n_rows"
        for source, site, known_at, reaches_at, n_rows in rows.sort("known_at").select(columns).iter_rows():
            self._known[source, site].append(known_at)
            self._ends[source, site].append(reaches_at)
            self._n_rows[source, site].append(n_rows)

    def day(self, source: str, at: datetime, site: str = WHOLE_SOURCE) -> date:
        """Return the last day whose morning a source's deliveries reached by `at`; the day of `at` where none is known.

        A night of an evening is then as old as the days from it to there.
        """
        place = bisect_right(self._known.get((source, site), []), at)
        if not place:
            return self._clock.local_date(at)
        reached = min(self._ends[source, site][place - 1], at)
        return self._clock.local_date(self._clock.last_morning(reached))

    def sites(self, source: str) -> list[str]:
        """Return the sites of a source that reach by themselves."""
        return sorted(site for of, site in self._known if of == source and site != WHOLE_SOURCE)

    def n_rows(self, source: str, site: str, at: datetime) -> int:
        """Return how many rows of a site had come by `at`."""
        place = bisect_right(self._known.get((source, site), []), at)
        return sum(self._n_rows[source, site][:place]) if place else 0

    def days_reached(self, source: str) -> set[date]:
        """Return the days on whose morning the source's deliveries reached to that morning."""
        ends = zip(self._known[source, WHOLE_SOURCE], self._ends[source, WHOLE_SOURCE], strict=True)
        mornings = [(self._clock.local_date(known_at), reaches_at) for known_at, reaches_at in ends]
        return {day for day, reaches_at in mornings if reaches_at >= self._clock.morning_of(day)}
