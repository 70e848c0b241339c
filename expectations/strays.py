"""What stands in the inbox and fits no feed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import polars as pl

from nte.deliveries.inbox import Arrival, LeftAlone, safe_name
from nte.tables.deliveries import INBOX_STRAYS

FAR_AHEAD: Final = timedelta(days=7)
"""The next of the files to come is dated further ahead than that only by a mistake: a backlog has the next day's."""

MOST_FAR_AHEAD: Final = 20
"""Behind a gap no more of them are named."""


def far_ahead(later: Sequence[Arrival], now: datetime) -> list[Arrival]:
    """Return the files of a feed, oldest first, that are dated so far ahead of the others that it is a mistake."""
    steps = pairwise([now, *(a.known_at for a in later)])
    far = [i for i, (before, after) in enumerate(steps) if after - before > FAR_AHEAD]
    return list(later[far[0] :][:MOST_FAR_AHEAD]) if far else []


def stray_rows(strays: Sequence[LeftAlone], inbox: Path, before: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return the rows of `inbox_strays`; what was there before keeps the time it was first seen."""
    first_seen = {(row["folder"], row["name"]): row["first_seen_at"] for row in before.iter_rows(named=True)}
    found = {}
    for stray in strays:
        folder = "" if stray.path.parent == inbox else safe_name(stray.path.parent.name)
        key = folder, safe_name(stray.path.name)
        found[key] = {
            "folder": folder,
            "name": key[1],
            "why": stray.why,
            "first_seen_at": first_seen.get(key, now),
            "last_seen_at": now,
        }
    return pl.DataFrame(list(found.values()), INBOX_STRAYS.schema)
