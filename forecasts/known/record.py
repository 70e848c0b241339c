"""What the warehouse says of the nights, and what of it was known when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from forecasts.known.filling import Ages, with_filling
from forecasts.known.history import counts_as_known, learned_completeness
from forecasts.known.paths import PATH_DAYS, in_lots, with_paths
from nte.area import Area
from nte.reach import Reach


@dataclass(frozen=True)
class Record:
    """What the warehouse says, with the instant from which it was known."""

    area: Area
    revisions: pl.DataFrame
    """Every value of the night counts that alerts are about, in town centres."""
    live_from: dict[str, datetime]
    """By source, the morning from which deliveries came day by day."""
    labelled: pl.DataFrame
    """What people have said of past counts, `labelled_nights`."""
    reach: Reach
    """How far the deliveries of each source, and of its hospitals, reached when."""

    def completeness(self, at: datetime) -> pl.DataFrame:
        """Return how complete nights of each age are, as it could be learned at `at`."""
        learned = learned_completeness(self.revisions, self.area, self.live_from, at, self.reach)
        return learned.with_columns(pl.col("known_share", "survival_share").round(6))

    def counts(
        self, at: datetime, completeness: pl.DataFrame, evenings: pl.Expr | None = None
    ) -> pl.DataFrame:
        """Return the night counts as known at `at`, each with the share that should be known by then."""
        chosen = self.revisions if evenings is None else self.revisions.filter(evenings)
        return with_filling(counts_as_known(chosen, at), completeness, Ages(self.area, self.reach, at))

    def counts_with_paths(
        self, at: datetime, completeness: pl.DataFrame, evenings: pl.Expr | None = None
    ) -> pl.DataFrame:
        """Return `counts`, and how young nights came to them where a source's records come in lots."""
        counts, sources = self.counts(at, completeness, evenings), in_lots(completeness)["source"]
        if sources.is_empty():
            return counts
        clock = self.area.clock
        days = [clock.local_date(at) - timedelta(days=n) for n in reversed(range(PATH_DAYS))]
        young = pl.col("source").is_in(sources.implode()) & (pl.col("evening") >= days[0])
        mornings = [m for m in map(clock.morning_of, days) if m < at]
        looks = [
            self.counts(m, completeness, young & (pl.col("evening") < clock.local_date(m))) for m in mornings
        ]
        return with_paths(counts, pl.concat([*looks, counts]), completeness)
