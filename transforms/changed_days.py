"""Which days must be counted anew, and the records that say so: read through the open door that a step hands in.

A day is the evening of a record's night, else the local date of its time. What a day counts depends on its records, on
all records that share a record or an incident with them, and on what is known of its coverage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from nte.area import Area
from nte.nights import NightClock
from nte.tables.counts import COUNTED_DELIVERIES, COUNTED_NIGHTS
from nte.tables.records import RECORDS
from transforms.gaps import Gap

if TYPE_CHECKING:
    from nte.warehouse import Warehouse

NOT_COUNTED_BY: Final = {
    "place_confidence",
    "hospital_code",
    "triage_system",
    "time_precision",
    "is_police_informed",
}
"""Columns of records that no count depends on."""
PRINTS: Final = """
SELECT delivery_id, count(*) || ' ' || sum(hash(one)::HUGEINT) AS print FROM records AS one GROUP BY delivery_id
"""
OF_DELIVERIES: Final = "delivery_id IN (SELECT unnest(?::VARCHAR[]))"
OF_RECORDS: Final = "record_id IN (SELECT unnest(?::VARCHAR[]))"
OF_INCIDENTS: Final = "incident_id IN (SELECT unnest(?::VARCHAR[]))"
OF_DAYS: Final = "IN (SELECT unnest(?::DATE[]))"


@dataclass(frozen=True)
class Coverage:
    """What is known of the nights of each source."""

    covered: Mapping[str, Mapping[date, datetime]]
    gaps: Mapping[str, Sequence[Gap]]
    first_known: Mapping[str, datetime]
    exceptions: pl.DataFrame
    """Source, centre, evening and since when it is known after all: where hospitals were silent."""


def day_sql(area: Area) -> str:
    """Return SQL for the day of a record, as transforms/lake.py has it."""
    return f"coalesce(night, CAST(timezone('{area.time_zone}', coalesce(occurred_at, known_at)) AS DATE))"


def deliveries_of_records(warehouse: Warehouse, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return `counted_deliveries` as the records are; `ordered`: all deliveries, the earliest first."""
    places = ordered.select("delivery_id", pl.int_range(pl.len(), dtype=pl.Int64).alias("n_before"))
    prints = warehouse.query(PRINTS)
    found = prints.join(places, on="delivery_id", how="left").with_columns(pl.col("n_before").fill_null(-1))
    return COUNTED_DELIVERIES.conform(found.sort("delivery_id"))


def is_as_counted(counted: pl.DataFrame, now: pl.DataFrame) -> bool:
    """Say whether every delivery that was counted has the records that it had, in the order that they had."""
    both = counted.join(now, on="delivery_id", suffix="_now").sort("n_before")
    is_same = both.height == counted.height and both["print"].equals(both["print_now"])
    return is_same and both["n_before_now"].is_sorted()


def connected(warehouse: Warehouse, where: str, parameters: Sequence[object]) -> list[str]:
    """Return the ids of all records that share a record or an incident, over any number of others, with some rows."""
    pairs = "SELECT DISTINCT record_id, incident_id FROM records WHERE"
    found = warehouse.query(f"{pairs} {where}", parameters)
    while True:
        ids = [found[name].unique().to_list() for name in ("record_id", "incident_id")]
        more = warehouse.query(f"{pairs} {OF_RECORDS} OR {OF_INCIDENTS}", ids)
        if more.height == found.height:
            return ids[0]
        found = more


def read_records(warehouse: Warehouse, area: Area, where: str, parameters: Sequence[object]) -> pl.DataFrame:
    """Return records with their day and the columns that counts depend on."""
    columns = ", ".join(f'"{name}"' for name in RECORDS.names if name not in NOT_COUNTED_BY)
    return warehouse.query(f"SELECT {columns}, {day_sql(area)} AS day FROM records WHERE {where}", parameters)


def days_of(warehouse: Warehouse, area: Area, where: str, parameters: Sequence[object]) -> set[date]:
    """Return the days of records."""
    return set(
        warehouse.query(f"SELECT DISTINCT {day_sql(area)} AS day FROM records WHERE {where}", parameters)[
            "day"
        ]
    )


def years_sql(area: Area) -> tuple[str, str]:
    """Return SQL for the years in which a record counts by month and by hour: of its day, and of its local time."""
    local = f"CAST(timezone('{area.time_zone}', occurred_at) AS DATE)"
    return f"year(coalesce(happened_on, night, {local}))", f"year({local})"


def in_years(area: Area) -> str:
    """Return an SQL condition for records of some years, with two parameters, and for those without a day."""
    of_day, of_time = years_sql(area)
    chosen = "IN (SELECT unnest(?::BIGINT[]))"
    return f"{of_day} {chosen} OR {of_time} {chosen} OR {of_day} IS NULL"


def years_of(warehouse: Warehouse, area: Area, where: str, parameters: Sequence[object]) -> list[int]:
    """Return the years in which records count by month or by hour."""
    pairs = f"SELECT DISTINCT unnest([{', '.join(years_sql(area))}]) AS year FROM records WHERE {where}"
    return warehouse.query(pairs, parameters)["year"].drop_nulls().sort().to_list()


def counted_nights(coverage: Coverage, evenings: Sequence[date], clock: NightClock) -> pl.DataFrame:
    """Return `counted_nights`: a print of all that is known of the coverage of each night of each source."""
    silent: dict[tuple[str, date], list[Any]] = {}
    for source, centre, evening, known_at in coverage.exceptions.sort(pl.all()).iter_rows():
        silent.setdefault((source, evening), []).append((centre, known_at))
    lost: dict[tuple[str, date], list[Any]] = {}
    for source, gaps in coverage.gaps.items():
        for evening, lost_at, again_at in gaps:
            lost.setdefault((source, evening), []).append((lost_at, again_at))
    rows = [
        (evening, source, _print([since.get(evening), max(clock.closes_at(evening), coverage.first_known[source]),
                                  silent.get((source, evening)), lost.get((source, evening))]))
        for source, since in coverage.covered.items()
        for evening in (evenings if since else ())
        if evening >= min(since)
    ]  # fmt: skip
    return pl.DataFrame(rows, COUNTED_NIGHTS.schema | {"print": pl.String}, orient="row").select(
        "evening", "source", "print"
    )


def _print(known: Iterable[object]) -> str:
    return sha256(repr(list(known)).encode()).hexdigest()[:16]


def changed_nights(counted: pl.DataFrame, now: pl.DataFrame) -> set[date]:
    """Return the evenings of which other things are known than when they were counted; rows of `counted_nights`."""
    sides = (now.join(counted, on=now.columns, how="anti"), counted.join(now, on=now.columns, how="anti"))
    return {evening for side in sides for evening in side["evening"]}
