"""What each record says happened, as a print: to see known events under new ids, and old ids with other events.

A print is of the time, to the minute, and the place, as numbers: enough to know an event again whatever it is called
and however it is written, too little to read it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import polars as pl

from expectations.prints import PART_ROWS, last_of_each, print_of
from nte.area import Area, Source
from nte.deliveries.local_times import is_midnight, parse_local, says_dates_only, written_time
from nte.deliveries.text import ROW_NUMBER, DeliveryText

SCHEMA: Final = {
    "record_id": pl.String(),
    "incident_id": pl.String(),
    "event_print": pl.Int64(),
    "happened_at": pl.Datetime("us", "UTC"),
}
NO_EVENTS: Final = pl.DataFrame(schema=SCHEMA)
MOVED: Final = timedelta(hours=12)
"""A correction moves few events so far; an id that is used again has at least another day."""
FEW, SHARE_OF_FEW = 3, 0.2
"""So many rows, if they are so great a share of those that could be at fault, and the file is held …"""
FEWEST_OF_ALL: Final = 2
"""… as with so many, if the file holds nothing else …"""
MANY, SHARE_OF_MANY = 20, 0.1
"""… as with so many and this share: of ordinary rows less than one in a hundred looks like an event that is known."""


@dataclass(frozen=True)
class Suspects:
    """How many rows of a delivery are not what their ids say."""

    n_known: int
    """Records under new ids whose events are known under others."""
    n_new_ids: int
    n_moved: int
    """Records under old ids whose events are on another day."""
    n_old_ids: int
    n_incidents: int = 0
    n_records: int = 0
    """Of the whole delivery."""


def record_events(text: DeliveryText, quarantine: pl.DataFrame, source: Source, area: Area) -> pl.DataFrame:
    """Return record_id, incident_id, event_print and happened_at of each used record; without a time it has none.

    Where most times are midnight, midnight is none: a record does not move when its provider sends dates.
    """
    has_dates_only = says_dates_only(text.frame, source)
    n_rows = PART_ROWS if len(source.time_formats) == 1 else max(text.frame.height, 1)
    parts = [
        _events_of(
            part.frame.join(quarantine, on=ROW_NUMBER, how="anti", maintain_order="left"),
            source,
            area,
            has_dates_only=has_dates_only,
        )
        for part in text.parts(n_rows)
    ]
    return last_of_each(pl.concat(parts), "record_id").drop_nulls("happened_at")


def _events_of(used: pl.DataFrame, source: Source, area: Area, *, has_dates_only: bool) -> pl.DataFrame:
    """Return what each row says happened."""
    roles, zone = source.columns, area.zone_of(source).key
    times = [
        parse_local(written_time(name, source), source.time_formats, zone)
        for name in (roles.event_from, roles.fallback_at)
        if name
    ]
    points = [
        pl.col(name).cast(pl.Float64, strict=False).round().cast(pl.String)
        for name in (roles.x, roles.y)
        if name
    ]
    places = [pl.col(name).str.to_uppercase() for name in (roles.site_code, roles.centre) if name]
    when = [time.dt.truncate("1m").dt.epoch("s").cast(pl.String) for time in times]
    said = pl.concat_str([part.fill_null("") for part in (*when, *points, *places)], separator="\x1f")
    is_date = is_midnight(written_time(roles.event_from, source), source.time_formats) & has_dates_only
    happened_at = pl.when(~is_date).then(pl.coalesce(times))
    happened = used.select(happened_at.alias("happened_at"), said.alias("said"))
    return pl.DataFrame(
        {
            "record_id": used[roles.record_id],
            "incident_id": used[roles.incident_id or roles.record_id].fill_null(used[roles.record_id]),
            "event_print": [print_of(content) for content in happened["said"]],
            "happened_at": happened["happened_at"],
        },
        schema=SCHEMA,
    )


def suspects(events: pl.DataFrame, before: pl.DataFrame) -> Suspects:
    """Hold a delivery's events against those that other deliveries brought (`before`, the same columns).

    A print that several incidents share says nothing: where times and places are coarse, events look alike.
    """
    again = events.join(before, on="record_id", how="semi")
    new = events.join(before, on="record_id", how="anti").join(before, on="incident_id", how="anti")
    incidents = new.unique("incident_id", keep="first", maintain_order=True)
    known = incidents.join(_of_one_incident(before), on="event_print", how="semi")
    distance = (pl.col("happened_at") - pl.col("happened_at_before")).abs()
    nearest = (
        again.join(before.select("record_id", "happened_at"), on="record_id", suffix="_before")
        .group_by("record_id")
        .agg(distance.min().alias("distance"))
    )
    return Suspects(
        n_known=_of_one_incident(known).height,
        n_new_ids=incidents.height,
        n_moved=nearest.filter(pl.col("distance") > MOVED).height,
        n_old_ids=again.height,
        n_incidents=events["incident_id"].n_unique(),
        n_records=events.height,
    )


def n_twice(events: pl.DataFrame) -> tuple[int, int]:
    """Return how many events stand in a delivery two or three times as other incidents, and how many it has.

    All of one moment and place are one event; what is there more often, a constant, is another fault.
    """
    per_event = events.group_by("event_print").agg(pl.col("incident_id").n_unique().alias("n"))
    return int(per_event["n"].is_in([2, 3]).sum()), per_event.height


def is_doubled(n: int, n_of: int) -> bool:
    """Say whether so many events of a delivery that stand in it twice are too many for chance."""
    return 2 * n >= n_of and (n >= FEW or n == n_of >= FEWEST_OF_ALL)


def _of_one_incident(events: pl.DataFrame) -> pl.DataFrame:
    """Return the prints that one incident alone has."""
    return (
        events.group_by("event_print")
        .agg(pl.col("incident_id").n_unique())
        .filter(pl.col("incident_id") == 1)
    )


def is_held(n: int, n_of: int, n_all: int = 0) -> bool:
    """Say whether so many suspects of so many rows are too many for chance and corrections.

    `n_all`: all records of the delivery. Where it has few and each is a suspect, that is enough.
    """
    if n == n_all >= FEWEST_OF_ALL:
        return True
    return (n >= FEW and n >= SHARE_OF_FEW * n_of) or (n >= MANY and n >= SHARE_OF_MANY * n_of)
