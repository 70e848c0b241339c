"""A print of what was known of the nights of a morning, to see whether more is known since."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from forecasts.known.history import counts_as_known
from nte.area import Area
from nte.progress import print_of

JUDGED_DAYS = 35
"""A night is judged anew on every morning until it is this old: reports are complete by then."""
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

    def known_at(self, morning: datetime, at: datetime) -> str:
        """Return the print of what was known at `at` of the nights that a morning judges."""
        span = pl.col("evening").is_between(
            pl.lit(first_judged(morning, self.area)), self.area.clock.local_date(morning) - timedelta(days=1)
        )
        bands = self.bands.filter(span).select(BAND)
        judged = self.revisions.filter(span & pl.col("evening").is_in(bands["evening"].unique().implode()))
        return print_of(counts_as_known(judged, at).select(COUNT), bands)
