"""The lake: the records of each delivery as a file, from which those of a lost warehouse are made again.

Read and written through the open door that a step hands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from nte.area import Area
from nte.columns import Table
from nte.knowledge import in_order, keep_records, with_order
from nte.settings import Settings
from nte.tables.deliveries import DELIVERIES, DELIVERY_ORDER, EVENT_PRINTS, RECORD_PRINTS, VERDICTS
from nte.tables.records import PURGED_ROWS, RECORDS
from nte.words import DeliveryVerdict

if TYPE_CHECKING:
    from nte.warehouse import Warehouse

BELIEVED = (
    "delivery_id IN (SELECT delivery_id FROM verdicts WHERE verdict IN "
    f"('{DeliveryVerdict.ACCEPTED}', '{DeliveryVerdict.WITH_QUARANTINE}'))"
)
Delivery = dict[str, Any]
PRINTS: Final = ((RECORD_PRINTS, ("content_print",)), (EVENT_PRINTS, ("event_print", "happened_at")))
"""Prints that go with the records: the table, and its columns that the records do not have."""


@dataclass(frozen=True)
class Loaded:
    """What a warehouse that is made again got from the lake."""

    n_records: int
    from_originals: tuple[str, ...]
    """Deliveries whose file the lake had lost: read again from the original."""
    lost: tuple[str, ...]
    """Deliveries of which neither is left: their nights are unknown until the provider sends them again."""


def deliveries_in_order(
    warehouse: Warehouse, where: str = "true", parameters: Sequence[object] = ()
) -> pl.DataFrame:
    """Return deliveries with named_at and n_taken, the earliest first."""
    return in_order(with_order(warehouse.read(DELIVERIES, where, parameters), warehouse.read(DELIVERY_ORDER)))


def kept_file(settings: Settings, delivery: Delivery) -> Path:
    """Return where the lake keeps the records of a delivery."""
    return settings.records_file(str(delivery["source"]), str(delivery["delivery_id"]))


def keep(settings: Settings, warehouse: Warehouse, parts: Iterable[pl.DataFrame], delivery: Delivery) -> Path:
    """Keep the records of a delivery, with the prints by which a changed version is recognised; return where."""
    path = kept_file(settings, delivery)
    keep_records(path, (_with_prints(warehouse, part, delivery) for part in parts), delivery)
    return path


def _with_prints(warehouse: Warehouse, records: pl.DataFrame, delivery: Delivery) -> pl.DataFrame:
    ids = records["record_id"].unique().to_list()
    of_them = "source = ? AND delivery_id = ? AND record_id IN (SELECT unnest(?::VARCHAR[]))"
    for table, values in PRINTS:
        prints = warehouse.read(table, of_them, [delivery["source"], delivery["delivery_id"], ids])
        known = prints.select(*table.keys, *values)
        records = records.join(known, on=table.keys, how="left", maintain_order="left")
    return records


def write_what_is_missing(settings: Settings, warehouse: Warehouse, source: str) -> int:
    """Write the files that the lake has lost again, from the records; return how many."""
    conformed = deliveries_in_order(warehouse, f"source = ? AND is_conformed AND {BELIEVED}", [source])
    missing = [d for d in conformed.iter_rows(named=True) if not kept_file(settings, d).exists()]
    for delivery in missing:
        records = warehouse.read(RECORDS, "delivery_id = ?", [delivery["delivery_id"]])
        keep(settings, warehouse, [records], delivery)
    return len(missing)


def remove_purged(settings: Settings, warehouse: Warehouse) -> None:
    """Remove from the lake what was purged from the records, also where an earlier purge was killed before it did."""
    chosen = f"delivery_id IN (SELECT delivery_id FROM {PURGED_ROWS.name})"
    sizes = warehouse.query(f"SELECT delivery_id, count(*) AS n FROM records WHERE {chosen} GROUP BY ALL")
    n_kept = dict(sizes.iter_rows())
    for delivery in deliveries_in_order(warehouse, chosen).iter_rows(named=True):
        path = kept_file(settings, delivery)
        if not path.exists() or _n_rows(path) != n_kept.get(delivery["delivery_id"], 0):
            kept = warehouse.read(RECORDS, "delivery_id = ?", [delivery["delivery_id"]])
            keep(settings, warehouse, [kept], delivery)


def day_of(area: Area) -> pl.Expr:
    """Return the evening of a record: that of its night, else of its time, else of when it was known."""
    local = pl.coalesce("occurred_at", "known_at").dt.convert_time_zone(area.time_zone).dt.date()
    return pl.coalesce("night", local)


def is_before(before: date, area: Area) -> pl.Expr:
    """Say of a record whether its evening lies before a date."""
    return day_of(area) < before


def purged_before(warehouse: Warehouse) -> date | None:
    """Return the day before which records were purged; None where none were."""
    before = warehouse.query("SELECT max(purged_before) AS before FROM purges")["before"][0]
    return before if isinstance(before, date) else None


def load(
    settings: Settings,
    warehouse: Warehouse,
    area: Area,
    read_original: Callable[[Delivery], pl.DataFrame | None],
) -> Loaded:
    """Fill the records, and their prints, of the deliveries that an otherwise filled warehouse knows.

    `settings` are those of the home whose lake and inbox are read. A delivery that is kept and no longer waits in the
    inbox counts as used; one that is nowhere counts as not used.
    """
    before = purged_before(warehouse)
    n_purged = dict(
        warehouse.query("SELECT delivery_id, sum(n_rows)::BIGINT FROM purged_rows GROUP BY ALL").iter_rows()
    )
    answers = warehouse.read(VERDICTS, "verdict LIKE 'accepted%'").sort("decided_at")
    n_used = dict(answers.select("delivery_id", "n_accepted").iter_rows())
    prints: dict[Table, list[pl.DataFrame]] = {table: [table.empty()] for table, _ in PRINTS}
    from_originals, lost = list[str](), list[str]()
    n_records = 0
    for delivery in deliveries_in_order(warehouse, BELIEVED).iter_rows(named=True):
        kept, name = _read_kept(kept_file(settings, delivery)), delivery["delivery_id"]
        if kept is None and n_purged.get(name, 0) < n_used.get(name, 0):
            kept = read_original(delivery)
            (lost if kept is None else from_originals).append(delivery["file_name"])
        is_waiting = (settings.inbox_folder / delivery["source"] / delivery["file_name"]).exists()
        is_used = delivery["is_conformed"] or (kept is not None and not is_waiting)
        is_lost = kept is None and n_purged.get(name, 0) < n_used.get(name, 0)
        if kept is not None:
            rows = kept if before is None else kept.filter(~is_before(before, area).fill_null(value=False))
            warehouse.append(RECORDS, rows)
            for table, values in PRINTS:
                prints[table].append(_prints_of(rows, table, values))
            n_records += rows.height
        if (is_used and not is_lost) != delivery["is_conformed"]:
            row = pl.DataFrame([delivery | {"is_conformed": is_used and not is_lost}], with_order_schema())
            warehouse.merge(DELIVERIES, row)
    for table, found in prints.items():
        warehouse.append(table, _latest(pl.concat(found), table, answers))
    return Loaded(n_records, tuple(from_originals), tuple(lost))


def with_order_schema() -> dict[str, Any]:
    """Return the columns of a delivery with its order."""
    return DELIVERIES.schema | DELIVERY_ORDER.schema


def _n_rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _read_kept(path: Path) -> pl.DataFrame | None:
    """Return what a file keeps; None where it is gone or damaged. What was not kept yet when it was written is null."""
    try:
        return _with_codes(pl.read_parquet(path))
    except (OSError, pl.exceptions.PolarsError):
        return None


def _with_codes(rows: pl.DataFrame) -> pl.DataFrame:
    lacking = [c for c in RECORDS.columns if c.is_nullable and c.name not in rows.columns]
    return rows.with_columns(pl.lit(None, c.dtype).alias(c.name) for c in lacking)


def _prints_of(rows: pl.DataFrame, table: Table, values: Sequence[str]) -> pl.DataFrame:
    if not set(values) <= set(rows.columns):
        return table.empty()
    return table.conform(rows.drop_nulls(values).unique(table.keys, keep="last", maintain_order=True))


def _latest(prints: pl.DataFrame, table: Table, answers: pl.DataFrame) -> pl.DataFrame:
    """Return one print a key: that of the delivery that was checked last."""
    checked = answers.unique("delivery_id", keep="last").select("delivery_id", "decided_at")
    return (
        prints.join(checked, on="delivery_id", how="left", maintain_order="left")
        .sort("decided_at", maintain_order=True)
        .unique(table.keys, keep="last", maintain_order=True)
        .select(table.names)
    )
