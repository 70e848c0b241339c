"""What stops alerts: a pause of them all, or a silence of one town centre in one channel; who, and until when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from nte.area import Area
from nte.english import say_instant

EVERY_CHANNEL = "everywhere"
"""In the place of a channel: all of them, as silences were until version 4."""
EVERY_CENTRE = "everywhere"
PAUSE, SILENCE = "pause", "silence"
IS_SILENT = " is silent in "
"""Stands in every sentence about a silence."""


def standing(silences: pl.DataFrame, now: datetime, kind: str) -> pl.DataFrame:
    """Return the pauses or the silences that stand at `now`, the oldest first."""
    return silences.filter(
        pl.col("kind") == kind,
        pl.col("starts_at") <= now,
        pl.col("ends_at").is_null() | (pl.col("ends_at") > now),
    ).sort("starts_at", "silence_id")


def silence_of(
    silences: pl.DataFrame, centre_code: str, channel: str, now: datetime
) -> Mapping[str, Any] | None:
    """Return the silence of a town centre in a channel that ends last of those that stand, or None."""
    stands = standing(silences, now, SILENCE).filter(
        pl.col("centre_code").is_in([centre_code, EVERY_CENTRE]),
        pl.col("channel").is_in([channel, EVERY_CHANNEL]),
    )
    rows = stands.sort("ends_at", descending=True, nulls_last=False)
    return rows.row(0, named=True) if rows.height else None


def say_pause(row: Mapping[str, Any], area: Area) -> str:
    """Return 'All alerts are paused since …, by …: why'; without the reason where it is not published."""
    said = f"All alerts are paused since {say_instant(row['starts_at'], area)}, by {row['made_by']}"
    return f"{said}: {row['why']}" if row.get("why") else said


def say_silence(row: Mapping[str, Any], area: Area) -> str:
    """Return 'Derby city centre is silent in #nte-derby until Sunday 5 April, 09:00, by k.shah'.

    Without the note: it is for the channel in which it was typed.
    """
    is_all = row["centre_code"] == EVERY_CENTRE
    place = "Every town centre" if is_all else area.centre_name(row["centre_code"])
    where = "every channel" if row["channel"] == EVERY_CHANNEL else row["channel"]
    until = "it is lifted" if row["ends_at"] is None else say_instant(row["ends_at"], area)
    return f"{place}{IS_SILENT}{where} until {until}, by {row['made_by']}"


def how_to_lift(row: Mapping[str, Any]) -> str:
    """Return the command that ends a pause or a silence."""
    if row["kind"] == PAUSE:
        return "nte resume"
    where = "" if row["channel"] == EVERY_CHANNEL else f" --channel '{row['channel']}'"
    return f"nte lift {row['centre_code']}{where}"
