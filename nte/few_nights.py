"""Nights for which far fewer incidents came in the whole area than that weekday brings: to leads they are not known.

A failed export looks like peace. What is read here of the whole area holds wherever one of its nights is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from nte import negative_binomial as nb
from nte.area import Area
from nte.due import Query

WHOLE_AREA = """
WITH known AS (SELECT r.*, n.closes_at FROM night_count_revisions r JOIN nights n USING (evening)
               WHERE r.definition = $3 AND r.known_at <= $1 AND r.evening >= $2),
first AS (SELECT source, evening, min(known_at) AS first_at FROM known WHERE is_covered
          GROUP BY ALL HAVING min(known_at) < max(closes_at) + INTERVAL 36 HOUR),
each AS (SELECT source, evening, centre_code,
                arg_max(n_incidents, known_at) FILTER (known_at <= first_at AND is_covered) AS n_first,
                arg_max(CASE WHEN is_covered THEN n_incidents END, known_at) AS n_now,
                arg_max(is_covered, known_at) AS is_covered
         FROM known JOIN first USING (source, evening) GROUP BY ALL)
SELECT source, evening, sum(n_first)::DOUBLE AS n_first, sum(n_now) FILTER (is_covered)::DOUBLE AS n_incidents,
       count(*) FILTER (is_covered) AS n_places
FROM each GROUP BY ALL ORDER BY ALL
"""
"""Of each source and night: the incidents of the whole area, in no town centre too, as first known and as known now.

Nights that were first known long after, as from a history load, are left out: more of them was in.
"""
PAST: Final = timedelta(weeks=12)
MOST_SURPRISING: Final = 0.0002
"""So few incidents come by chance once in 5,000 nights, or less often: with three sources once in ten years."""
MOST_SHARE: Final = 0.5
FEWEST_SAME, FEWEST_PAST = 3, 8
"""Nights of one weekday, and nights at all, from which it is known what is usual."""
LEAST_SIZE, MOST_SIZE = 1.0, 50.0


@dataclass(frozen=True)
class FewNight:
    """A night of a source, what came for it in the whole area, and what that weekday usually brings."""

    source: str
    evening: date
    n_incidents: float
    expected: float
    size: float
    before: "FewNight | None" = None
    """The night before it, which it is looked at with: two quiet nights say more than one."""

    @property
    def is_far_below(self) -> bool:
        """Say whether chance does not explain it, alone or with the night before."""
        if is_far_below(self.n_incidents, self.expected, self.size):
            return True
        return self._is_pair_far_below() if self.before else False

    def _is_pair_far_below(self) -> bool:
        own = (self, self.before) if self.before else (self,)
        expected = sum(night.expected for night in own)
        scatter = sum(night.expected**2 / night.size for night in own)
        n_incidents = sum(night.n_incidents for night in own)
        is_each = all(night.n_incidents <= MOST_SHARE * night.expected for night in own)
        return is_each and is_far_below(n_incidents, expected, expected**2 / scatter)


def nights_of_area(counts: pl.DataFrame, since: date) -> list[FewNight]:
    """Return the nights from `since` on, each beside those of its weekday. `counts`: the answer to WHOLE_AREA."""
    found: list[FewNight] = []
    for (source,), rows in counts.drop_nulls().sort("evening").group_by("source", maintain_order=True):
        nights: dict[date, FewNight] = {}
        for row in rows.filter(pl.col("evening") >= since - timedelta(days=1)).iter_rows(named=True):
            evening = row["evening"]
            past = rows.filter(pl.col("evening").is_between(evening - PAST, evening - timedelta(days=2)))
            usual = _usual(past, evening)
            if usual is None or row["n_places"] < past["n_places"].median():
                continue
            before = nights.get(evening - timedelta(days=1))
            nights[evening] = FewNight(str(source), evening, row["n_incidents"], *usual, before)
        found += [night for evening, night in nights.items() if evening >= since]
    return found


def _usual(past: pl.DataFrame, evening: date) -> tuple[float, float] | None:
    """Return mean and size of what a night of this weekday usually has when it is first known; None while unknown."""
    if past.height < FEWEST_PAST:
        return None
    counts = past["n_first"].to_numpy()
    weekdays = past["evening"].dt.weekday().to_numpy()
    own = counts[weekdays == evening.isoweekday()]
    chosen = own if len(own) >= FEWEST_SAME else counts
    mean = (float(chosen.sum()) + 0.5) / (len(chosen) + 1)
    return mean, nb.size_of_groups(counts, weekdays, mean, least=LEAST_SIZE, most=MOST_SIZE)


def read_nights_of_area(query: Query, area: Area, since: date, now: datetime) -> list[FewNight]:
    """Return what came for the nights from an evening on in the whole area, beside what is usual."""
    first = since - PAST - timedelta(days=1)
    return nights_of_area(query(WHOLE_AREA, [now, first, area.alert_definition]), since)


def is_far_below(n_incidents: float, expected: float, size: float) -> bool:
    """Say whether a night's incidents in the whole area are far fewer than chance leaves."""
    if n_incidents > MOST_SHARE * expected:
        return False
    return bool(nb.at_most(np.floor(n_incidents), expected, size) < MOST_SURPRISING)


def doubted_nights(nights: Sequence[FewNight]) -> set[tuple[str, date]]:
    """Return source and evening of each night that is far too quiet to be told as one."""
    found = {(night.source, night.evening) for night in nights if night.is_far_below}
    pairs = [night.before for night in nights if night.is_far_below and night.before]
    return found | {(b.source, b.evening) for b in pairs if b.n_incidents <= MOST_SHARE * b.expected}


def read_doubted(query: Query, area: Area, since: date, now: datetime) -> set[tuple[str, date]]:
    """Return source and evening of each night from `since` on that is far too quiet to be told as one."""
    return doubted_nights(read_nights_of_area(query, area, since, now))
