"""When a night's records came, morning by morning: where records come in lots it says how many are still to come.

The count of today is not all that is known of a night whose records come in lots. Nine that came one by one over a week
mean that few are missing; nine that came this morning mean that more of their lot may be.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.known.coming import INDEPENDENT, log_lots_over_alone

PATH_SCHEMA = {
    "clumping": pl.Float64,
    "seen_path": pl.List(pl.Float64),
    "share_path": pl.List(pl.Float64),
}
"""Columns of a night's path: the count of each look, and the share of the final count that is usually in by then."""
PATH_DAYS = 35
"""Older nights are complete."""
NIGHT = ["evening", "centre_code", "source"]
TELLS_NOTHING = 1e-6
"""A step in which nothing, or everything, must come says nothing about lots."""


@dataclass(frozen=True)
class Paths:
    """How nights filled: night × look, the oldest look first, the last is now."""

    clumping: Floats
    """By night: INDEPENDENT where each record comes by itself."""
    seen: Floats
    """Records in by each look that are in now: it never falls."""
    share: Floats
    """Share of the final records usually in by then: it never falls."""

    @property
    def in_lots(self) -> Bools:
        """Say which nights' records come in lots."""
        return np.asarray(self.clumping < INDEPENDENT)

    def at(self, places: Ints) -> "Paths":
        """Return the paths of some of the nights."""
        return Paths(self.clumping[places], self.seen[places], self.share[places])

    def until(self, look: int) -> "Paths":
        """Return the paths as they were at an earlier look, where no record has gone since."""
        return Paths(self.clumping, self.seen[:, : look + 1], self.share[:, : look + 1])

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Paths":
        """Read the columns of PATH_SCHEMA beside `n_incidents`; a night without them has come one by one."""
        if not set(PATH_SCHEMA) <= set(rows.columns):
            return cls(np.full(rows.height, INDEPENDENT), *np.zeros((2, rows.height, 1)))
        seen, share = (_padded(rows[name]) for name in ("seen_path", "share_path"))
        now = rows["n_incidents"].fill_null(0).cast(pl.Float64).to_numpy()
        still_in = np.minimum.accumulate(np.column_stack([seen, now])[:, ::-1], axis=1)[:, ::-1]
        share = np.maximum.accumulate(np.column_stack([share, share[:, -1:]]), axis=1)
        return cls(rows["clumping"].fill_null(INDEPENDENT).to_numpy(), still_in, share)

    def log_likelier(self, to_come: Floats) -> Floats:
        """Return how much likelier the path is in lots than one by one: log, night × number still to come."""
        total = np.zeros((len(self.clumping), len(to_come)))
        before_seen, before_share = np.zeros((2, len(self.clumping)))
        for look in range(self.seen.shape[1]):
            seen, share = self.seen[:, look], self.share[:, look]
            hazard = (share - before_share) / np.maximum(1.0 - before_share, TELLS_NOTHING)
            tells = np.flatnonzero((hazard > TELLS_NOTHING) & (hazard < 1.0 - TELLS_NOTHING))
            missing = (self.seen[:, -1] - before_seen)[tells, None] + to_come
            came = (seen - before_seen)[tells, None]
            total[tells] += log_lots_over_alone(
                came, missing, hazard[tells, None], self.clumping[tells, None]
            )
            before_seen, before_share = seen, share
        return total


def in_lots(completeness: pl.DataFrame) -> pl.DataFrame:
    """Return source and clumping of the sources whose records come in lots."""
    return completeness.filter(pl.col("clumping") < INDEPENDENT).select("source", "clumping").unique()


def with_paths(counts: pl.DataFrame, looks: pl.DataFrame, completeness: pl.DataFrame) -> pl.DataFrame:
    """Add PATH_SCHEMA to the counts of sources whose records come in lots.

    `looks`: NIGHT, n_incidents, known_share and survival_share as they stood at each look, the oldest first.
    """
    of_final = pl.col("known_share") * pl.col("survival_share")
    paths = (
        looks.drop_nulls("n_incidents")
        .group_by(NIGHT, maintain_order=True)
        .agg(seen_path=pl.col("n_incidents").cast(pl.Float64), share_path=of_final)
    )
    return counts.join(in_lots(completeness), on="source", how="left", maintain_order="left").join(
        paths, on=NIGHT, how="left", maintain_order="left"
    )


def _padded(lists: pl.Series) -> Floats:
    """Return lists as an array, short ones filled up with their last value, missing ones with nought."""
    values = [row or [0.0] for row in lists.to_list()]
    longest = max(map(len, values), default=1)
    return np.array([row + [row[-1]] * (longest - len(row)) for row in values]).reshape(len(values), longest)
