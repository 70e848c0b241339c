"""Counts of other nights than an alert's own, as they were known on any morning, and what is said of those to come."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import polars as pl

from alerts.deciding.facts import AlertFacts
from nte.detectors import window_of

Series = tuple[date, str, str]
"""Evening, town centre, source."""
A_WEEK, A_YEAR = timedelta(days=7), timedelta(weeks=52)
"""Both end on the same night of the week."""


def evenings_beside(facts: AlertFacts) -> set[date]:
    """Return the evenings whose counts may stand beside an alert, its own with them."""
    own = {night.evening for night in facts.nights}
    return own | {e - by for e in own for by in (nights_before(facts), A_YEAR)}


def nights_before(facts: AlertFacts) -> timedelta:
    """Return how far back the same night, or a window of as many weekends, lies before an alert's own."""
    window = window_of(facts.detector)
    return A_WEEK * (window.n_weekends if window else 1)


@dataclass(frozen=True)
class OtherNights:
    """Counts of other nights as they were known on any morning, and what is to be expected of those to come."""

    counts: Mapping[Series, list[tuple[datetime, int | None]]] = field(default_factory=dict)
    """Each count with the instant from which on it was known, the oldest first; None: not known."""
    expected: Mapping[Series, tuple[datetime, float]] = field(default_factory=dict)
    """What was to be expected, with the instant from which on it was said."""

    @classmethod
    def of(cls, revisions: pl.DataFrame, bands: pl.DataFrame) -> "OtherNights":
        """Return them from rows of night_count_revisions and of bands."""
        counts: dict[Series, list[tuple[datetime, int | None]]] = defaultdict(list)
        columns = ("evening", "centre_code", "source", "known_at", "n_incidents")
        for evening, centre, source, known_at, n in revisions.sort("known_at").select(columns).iter_rows():
            counts[evening, centre, source].append((known_at, n))
        columns = ("evening", "centre_code", "source", "made_at", "expected")
        ahead = {(e, c, s): (at, x) for e, c, s, at, x in bands.select(columns).iter_rows()}
        return cls(dict(counts), ahead)

    def steps(self, series: Series, as_of: datetime) -> list[tuple[datetime, int | None]]:
        """Return each count that a night had until a morning."""
        steps = self.counts.get(series, [])
        return steps[: bisect_right(steps, as_of, key=lambda step: step[0])]

    def count(self, series: Series, as_of: datetime) -> int | None:
        """Return a night's count as known on a morning; None where it is not known."""
        steps = self.steps(series, as_of)
        return steps[-1][1] if steps else None

    def ahead(self, series: Series, now: datetime) -> float | None:
        """Return what is to be expected of a night, or None where that has not been said yet."""
        said_at, expected = self.expected.get(series, (now, None))
        return expected if said_at <= now else None
