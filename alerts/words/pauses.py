"""The one switch that pauses all alerts, and what else stops some: shown wherever messages are shown."""

from datetime import datetime

import polars as pl

from alerts.deciding.facts import EVERYWHERE
from alerts.words.message import outside
from nte import stops
from nte.area import Area
from nte.tables.alerts import SILENCES


def pause_row(now: datetime, who: str, why: str) -> pl.DataFrame:
    """Return the row that pauses all alert messages from `now` on."""
    row = {
        "silence_id": f"pause@{now.isoformat()}",
        "kind": stops.PAUSE,
        "centre_code": EVERYWHERE,
        "channel": stops.EVERY_CHANNEL,
        "starts_at": now,
        "ends_at": None,
        "why": outside(why),
        "made_by": outside(who),
        "made_at": now,
        "lifted_by": None,
    }
    return SILENCES.conform(pl.DataFrame([row], schema=SILENCES.schema))


def standing_pause(silences: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return the pause that stands at `now`; no row when alerts are on."""
    return stops.standing(silences, now, stops.PAUSE)


def say_pause(silences: pl.DataFrame, area: Area, now: datetime) -> str:
    """Return 'All alerts are paused since …', or nothing while they are on."""
    paused = standing_pause(silences, now)
    return stops.say_pause(paused.row(0, named=True), area) if paused.height else ""


def say_silences(silences: pl.DataFrame, area: Area, now: datetime) -> list[str]:
    """Return a sentence for each silence that stands."""
    rows = stops.standing(silences, now, stops.SILENCE).iter_rows(named=True)
    return [stops.say_silence(row, area) for row in rows]


def say_stops(silences: pl.DataFrame, area: Area, now: datetime) -> list[tuple[str, str]]:
    """Return a sentence for the pause and for each silence that stands, each with the command that ends it."""
    paused = [
        (stops.say_pause(row, area), row) for row in standing_pause(silences, now).iter_rows(named=True)
    ]
    silent = stops.standing(silences, now, stops.SILENCE).iter_rows(named=True)
    said = [*paused, *((stops.say_silence(row, area), row) for row in silent)]
    return [(text, stops.how_to_lift(row)) for text, row in said]


def stops_by_channel(silences: pl.DataFrame, area: Area, now: datetime) -> list[tuple[str, str]]:
    """Return the channel in which the pause and each silence holds, each with its sentence."""
    paused = [(stops.EVERY_CHANNEL, said)] if (said := say_pause(silences, area, now)) else []
    silent = stops.standing(silences, now, stops.SILENCE).iter_rows(named=True)
    return paused + [(row["channel"], stops.say_silence(row, area)) for row in silent]


def lifted(silences: pl.DataFrame, now: datetime, who: str) -> pl.DataFrame:
    """Return these rows as they are when somebody ends them now."""
    return silences.with_columns(
        ends_at=pl.lit(now).cast(pl.Datetime("us", "UTC")), lifted_by=pl.lit(outside(who), dtype=pl.String)
    )
