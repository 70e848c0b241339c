"""Which nights an export is about, and the name that says so: what it holds of others is late or old, and no count."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from nte.area import Area, Source
from nte.deliveries.inbox import Arrival
from nte.deliveries.kept_files import read_bytes
from nte.deliveries.local_times import parse_local, written_time
from nte.deliveries.near_names import agreed_name
from nte.deliveries.packed import UnreadableDelivery
from nte.deliveries.text import read_delivery
from nte.english import say_day
from nte.sparse_lead import LIKELY, n_lacking

A_DAY: Final = timedelta(days=1)
RECORDED: Final = re.compile("record(ed|ing)|report(ed|ing)|created|crimed|entered|logged", re.IGNORECASE)
"""What the names of columns say that tell when a record came to be known."""
MOST_UNREAD: Final = 0.1
MOST_DELAY: Final = A_DAY
"""Where no event happened longer than that before records were made, the file begins with its events."""
Nights = tuple[date, date]


def whole_nights(file: Path, source: Source, area: Area, now: datetime) -> Nights | None:
    """Return the evenings of the first and the last night that a file is about; None where its times say none.

    From the first day on which as many events happened as is usual for the file, and as many records were made where a
    column tells; up to the night of its last event. Raises UnreadableDelivery.
    """
    frame = read_delivery(read_bytes(file), source).frame
    role = source.columns
    if not {role.event_from, role.event_time or role.event_from} <= set(frame.columns):
        return None
    happened = _days(frame.select(written_time(role.event_from, source)).to_series(), source, area, now)
    if happened.is_empty():
        return None
    first, last = happened[0], happened[-1]
    made = (_first_whole(days) for days in _recorded(frame, source, area, now))
    starts = [_first_whole(happened), *(day for day in made if first < day - MOST_DELAY)]
    return min(max(starts), last), last


def name_of(source: Source, nights: Nights) -> str | None:
    """Return the agreed name of a delivery of these nights; None where none can be made."""
    first, last = nights
    return agreed_name(source, last + A_DAY) if first == last else agreed_name(source, first, last)


def say_if_daily(arrival: Arrival, source: Source, area: Area, now: datetime) -> str | None:
    """Say what a daily name leaves uncounted of a file that is about many nights; None where it leaves nothing."""
    if arrival.is_history:
        return None
    try:
        nights = whole_nights(arrival.path, source, area, now)
    except UnreadableDelivery:
        return None
    return daily_leaves(nights, source, arrival.first_date) if nights else None


def daily_leaves(nights: Nights, source: Source, day: date) -> str | None:
    """Say the same of a file of these nights under the daily name of a day."""
    first, last = nights
    name = name_of(source, nights)
    if first == last or not name:
        return None
    held = f"it is about the nights from {say_day(first)} to {say_day(last)}"
    return f"{held}; under a daily name only {say_day(day - A_DAY)} is counted: name it {name}"


def _days(written: pl.Series, source: Source, area: Area, now: datetime) -> pl.Series:
    """Return, in order, the local days of times that can be right: from morning to morning, or as dates alone say."""
    zone, frame = area.zone_of(source).key, written.alias("at").to_frame()
    dates = list(dict.fromkeys(f"{re.split('[ T]', form)[0]} %H:%M" for form in source.time_formats))
    by_time = parse_local("at", source.time_formats, zone)
    by_date = parse_local(pl.col("at") + " 00:00", dates, zone)
    found = max((frame.select(at).to_series().drop_nulls() for at in (by_time, by_date)), key=len)
    right = found.filter(found <= now.astimezone(UTC)).dt.convert_time_zone(area.time_zone)
    times = right.dt.replace_time_zone(None)
    if (times.dt.time() != time(0)).any():
        times -= timedelta(hours=area.clock.closes.hour, minutes=area.clock.closes.minute)
    return times.dt.date().filter(times.dt.year() > area.oldest_year).sort()


def _recorded(frame: pl.DataFrame, source: Source, area: Area, now: datetime) -> Iterator[pl.Series]:
    """Yield the days of each column that says when records were made."""
    role = source.columns
    known = {role.event_from, role.event_to, role.fallback_at, *source.made_columns}
    for column in (c for c in frame.columns if c not in known and RECORDED.search(c)):
        days = _days(frame[column].cast(pl.String), source, area, now)
        if len(days) and len(days) >= (1 - MOST_UNREAD) * frame.height:
            yield days


def _first_whole(days: pl.Series) -> date:
    """Return the first day from which on there are as many as is usual; `days` in order."""
    first: date = days[0]
    counts = np.bincount((days - first).dt.total_days().to_numpy())
    return first + n_lacking(counts, LIKELY)[0] * A_DAY
