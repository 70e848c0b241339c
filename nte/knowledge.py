"""From when a delivery counts as known: decided once, when it is taken, and kept with its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import polars as pl
import pyarrow.parquet as pq

from nte.deliveries.inbox import Arrival
from nte.files import write_atomically
from nte.nights import NightClock
from nte.tables.deliveries import DELIVERIES, DELIVERY_ORDER

if TYPE_CHECKING:
    from nte.warehouse import Warehouse

FACTS: Final = "nte_delivery"
"""Name under which a kept file says whose records it holds."""
A_WEEK: Final = 7
_WITH_ORDER: Final = DELIVERIES.schema | DELIVERY_ORDER.schema
DONE: Final = "SELECT 1 FROM progress WHERE morning >= ? AND as_of <= ? AND done_at <= ? LIMIT 1"
LAST_TAKEN: Final = """SELECT coalesce(max(n_taken), 0) AS n FROM delivery_order JOIN deliveries USING (delivery_id)
WHERE source = ?"""
BELIEVED_SPANS: Final = (
    "SELECT covers_from_at, covers_to_at FROM deliveries d WHERE source = ? AND delivery_id <> ? AND EXISTS "
    "(SELECT 1 FROM verdicts v WHERE v.delivery_id = d.delivery_id AND v.verdict LIKE 'accepted%')"
)


@dataclass(frozen=True)
class Taken:
    """When a delivery was taken, and from when its content counts as known."""

    taken_at: datetime
    known_at: datetime
    n_taken: int


def taken_now(
    warehouse: Warehouse, arrival: Arrival, delivery_id: str, clock: NightClock, now: datetime
) -> Taken:
    """Return how a delivery that is taken for the first time is known.

    From the morning of its name while neither that morning nor a later one was done by `now`, so that a backlog replays
    as if the service had run every day; else from `now`, so that no morning that is done sees more than it saw. A
    history load over nights that are known already is a correction, known from `now` too.
    """
    [n_before] = warehouse.query(LAST_TAKEN, [arrival.source])["n"]
    is_late = is_done(warehouse, arrival.known_at, now) or (
        arrival.is_history and _is_known_already(warehouse, arrival, delivery_id, clock)
    )
    known_at = max(now, arrival.known_at) if is_late else arrival.known_at
    return Taken(now, known_at, n_before + 1)


def is_done(warehouse: Warehouse, morning: datetime, now: datetime) -> bool:
    """Say whether a morning, or a later one, was done by `now`: what it saw stays as it was."""
    return not warehouse.query(DONE, [morning, now, now]).is_empty()


def _is_known_already(warehouse: Warehouse, arrival: Arrival, delivery_id: str, clock: NightClock) -> bool:
    """Say whether a history load speaks of nights that deliveries account for: of half of its own, or of a week."""
    spans = warehouse.query(BELIEVED_SPANS, [arrival.source, delivery_id]).rows()
    n_nights = (arrival.last_date - arrival.first_date).days + 1
    evenings = (arrival.first_date + timedelta(days=n) for n in range(n_nights))
    n_known = sum(_is_in(evening, spans, clock) for evening in evenings)
    return n_known * 2 >= n_nights or n_known >= A_WEEK


def _is_in(evening: date, spans: list[tuple[datetime, datetime]], clock: NightClock) -> bool:
    opens_at, closes_at = clock.opens_at(evening), clock.closes_at(evening)
    return any(start <= opens_at and closes_at <= end for start, end in spans)


def with_order(deliveries: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """Return deliveries with named_at and n_taken; one of an older service is named for the morning it is known."""
    return deliveries.join(order, on="delivery_id", how="left", maintain_order="left").with_columns(
        pl.coalesce("named_at", "known_at"), pl.col("n_taken").fill_null(0)
    )


def in_order(deliveries: pl.DataFrame) -> pl.DataFrame:
    """Return deliveries, as `with_order` leaves them, the earliest first: of equal versions the last one wins."""
    return deliveries.sort("known_at", "named_at", "taken_at", "n_taken", "delivery_id")


def keep_records(path: Path, parts: Iterable[pl.DataFrame], delivery: dict[str, Any]) -> None:
    """Keep a delivery's records as a file, whole or not at all, with what was decided when it was taken.

    `parts` are its rows, one after the other, of one shape; `delivery` is its row, as `with_order` leaves it.
    """
    facts = pl.DataFrame([delivery], _WITH_ORDER)

    def write(file: IO[bytes]) -> None:
        writer = None
        for part in parts:
            table = part.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                writer = pq.ParquetWriter(file, table.schema.with_metadata({FACTS: facts.write_json()}))
            writer.write_table(table)
        if writer is not None:
            writer.close()

    write_atomically(path, write)


def records_in_parts(path: Path, n_rows: int) -> Iterator[pl.DataFrame]:
    """Yield the rows that a file keeps, so many at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(n_rows):
            yield pl.DataFrame(batch)


def kept_facts(path: Path) -> pl.DataFrame | None:
    """Return the row of `deliveries`, with named_at and n_taken, that a kept file says; None without one."""
    if not path.is_file():
        return None
    said = pl.read_parquet_metadata(path).get(FACTS)
    if said is None:
        return None
    return pl.read_json(said.encode(), schema=_WITH_ORDER)
