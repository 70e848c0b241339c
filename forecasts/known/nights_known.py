"""A print of what was known of the nights of a morning, to see whether more is known since."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from forecasts.known.history import counts_as_known
from nte.area import Area
from nte.due import Query, read_deliveries, state_of_night
from nte.progress import print_of
from nte.reach import Reach

JUDGED_DAYS = 35
"""A night is judged anew on every morning until it is this old: reports are complete by then."""
WHY = {"source": pl.String, "evening": pl.Date, "why_unknown": pl.String}
COUNT = ["evening", "centre_code", "source", "n_incidents", "is_covered"]
BAND = ["evening", "centre_code", "source", "issued_as_of", "alert_limit"]


def first_judged(morning: datetime, area: Area) -> date:
    """Return the oldest evening that is still judged on a morning."""
    return area.clock.local_date(morning) - timedelta(days=JUDGED_DAYS)


@dataclass(frozen=True)
class NightsKnown:
    """The counts and bands of the nights that mornings judge."""

    revisions: pl.DataFrame
    bands: pl.DataFrame
    area: Area
    reach: Reach
    query: Query
    """Asks the warehouse how the deliveries stood."""

    def known_at(self, morning: datetime, at: datetime) -> str:
        """Return the print of what was known at `at` of the nights that a morning judges."""
        span = pl.col("evening").is_between(
            pl.lit(first_judged(morning, self.area)), self.area.clock.local_date(morning) - timedelta(days=1)
        )
        bands = self.bands.filter(span).select(BAND)
        judged = self.revisions.filter(span & pl.col("evening").is_in(bands["evening"].unique().implode()))
        days = [(source, self.reach.day(source, at)) for source in self.area.sources]
        reached = pl.DataFrame(days, schema={"source": pl.String, "day": pl.Date}, orient="row")
        counts = counts_as_known(judged, at).select(COUNT)
        return print_of(counts, bands, self.why_unknown(morning, at), reached)

    def why_unknown(self, morning: datetime, at: datetime) -> pl.DataFrame:
        """Return source, evening and why_unknown of the nights that no source's delivery accounts for, as of `at`."""
        today = self.area.clock.local_date(morning)
        recent = self.revisions.filter(pl.col("evening") >= first_judged(morning, self.area))
        covered = counts_as_known(recent, at).filter("is_covered").select("source", "evening").unique()
        come = replace(read_deliveries(self.query, self.area, at), covered=frozenset(covered.iter_rows()))
        evenings = [today - timedelta(days=n) for n in range(1, JUDGED_DAYS + 1)]
        states = [
            (source, evening, str(state_of_night(self.area, source, evening, come, at)))
            for source in self.area.sources
            for evening in evenings
            if self.area.clock.is_monitored(evening) and (source, evening) not in come.covered
        ]
        return pl.DataFrame(states, schema=WHY, orient="row")
