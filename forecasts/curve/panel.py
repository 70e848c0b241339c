"""History as one block of numbers: centre × source × evening, with what is known and what is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

MIN_SHARE_KNOWN = 0.05
"""A night of which less is known says next to nothing and is left out of training."""


@dataclass(frozen=True)
class Panel:
    """All nights from the first of the history to the last to forecast; unknown nights have weight nought."""

    centres: tuple[str, ...]
    sources: tuple[str, ...]
    evenings: Days
    n_train: int
    """Evenings before this index may carry history."""
    counts: Floats
    """centre × source × evening; 0 where unknown."""
    is_known: Bools
    share: Floats
    """Completeness of each count when it was taken."""

    @property
    def weeks(self) -> Ints:
        """Index of the Monday-to-Sunday week of every evening."""
        days = self.evenings.astype("datetime64[D]").astype(np.int64)
        # 1970-01-01 was a Thursday: + 3 makes weeks start on Mondays.
        weeks = (days + 3) // 7
        return np.asarray(weeks - weeks[0])

    @property
    def weekdays(self) -> Ints:
        """ISO weekday of every evening, 1 Monday to 7 Sunday."""
        days = self.evenings.astype("datetime64[D]").astype(np.int64)
        return np.asarray((days + 3) % 7 + 1)


def build_panel(history: pl.DataFrame, nights: Sequence[date], centre_codes: Sequence[str]) -> Panel:
    """Return the history as a panel up to the last of `nights`. Raises ValueError without history."""
    if history.is_empty():
        raise ValueError("no history: bands need covered nights to learn from; load the history files first")
    centres = tuple(centre_codes)
    sources = tuple(sorted(history["source"].unique().to_list()))
    known_evenings = history["evening"].unique().sort().to_list()
    first, last_known = known_evenings[0], known_evenings[-1]
    evenings = _every_day(first, max([last_known, *nights]))
    shape = (len(centres), len(sources), len(evenings))
    counts, is_known, share = np.zeros(shape), np.zeros(shape, dtype=np.bool_), np.ones(shape)
    rows = _usable(history, centres)
    index = (
        _positions(rows["centre_code"], centres),
        _positions(rows["source"], sources),
        (rows["evening"] - first).dt.total_days().to_numpy(),
    )
    counts[index] = rows["n_incidents"].cast(pl.Float64).to_numpy()
    share[index] = rows["known_share"].to_numpy()
    is_known[index] = True
    n_train = (last_known - first).days + 1
    return Panel(centres, sources, evenings, n_train, counts, is_known, share)


def _every_day(first: date, last: date) -> Days:
    return np.datetime64(first, "D") + np.arange((last - first).days + 1)


def _usable(history: pl.DataFrame, centres: Sequence[str]) -> pl.DataFrame:
    return history.filter(
        pl.col("is_covered"),
        pl.col("n_incidents").is_not_null(),
        pl.col("known_share") >= MIN_SHARE_KNOWN,
        pl.col("centre_code").is_in(list(centres)),
    )


def _positions(values: pl.Series, names: Sequence[str]) -> Ints:
    order = {name: place for place, name in enumerate(names)}
    return values.replace_strict(order, return_dtype=pl.Int64).to_numpy()
