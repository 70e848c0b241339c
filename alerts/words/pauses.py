"""The one switch that pauses all alerts: who, since when, why; shown wherever messages are shown."""

from datetime import datetime

import polars as pl

from alerts.deciding.facts import EVERYWHERE
from alerts.words.message import outside
from nte.area import Area
from nte.english import say_instant
from nte.tables.alerts import SILENCES


def pause_row(now: datetime, who: str, why: str) -> pl.DataFrame:
    """Return the row that pauses all alert messages from `now` on."""
    row = (f"pause@{now.isoformat()}", "pause", EVERYWHERE, now, None, outside(why), outside(who), now)
    return SILENCES.conform(pl.DataFrame([row], schema=SILENCES.schema, orient="row"))


def standing_pause(silences: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return the pause that stands at `now`; no row when alerts are on."""
    return silences.filter(
        pl.col("kind") == "pause",
        pl.col("starts_at") <= now,
        pl.col("ends_at").is_null() | (pl.col("ends_at") > now),
    ).sort("starts_at")


def say_pause(silences: pl.DataFrame, area: Area, now: datetime) -> str:
    """Return 'All alerts are paused since …', or nothing while they are on."""
    standing = standing_pause(silences, now)
    if standing.is_empty():
        return ""
    row = standing.row(0, named=True)
    since = say_instant(row["starts_at"], area)
    return f"All alerts are paused since {since}, by {row['made_by']}: {row['why']}"
