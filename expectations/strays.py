"""What stands in the inbox and fits no feed."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from nte.inbox import LeftAlone, safe_name
from nte.tables.deliveries import INBOX_STRAYS


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
