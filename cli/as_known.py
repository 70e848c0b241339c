"""The copy for analysts as it would have been made on an earlier morning: counted again from what was known then."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from nte.area import Area
from nte.columns import Table
from nte.errors import MisuseError
from nte.journal import KEPT
from nte.settings import Settings
from nte.tables.counts import NIGHTS
from nte.tables.deliveries import UNUSABLE_NIGHTS
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse, open_warehouse_file
from reports.steps import publish_warehouse
from transforms.steps import count_nights

SINCE: Final = ("known_at", "issued_as_of", "as_of", "decided_as_of", "raised_as_of")
"""Columns that say since when a row stands; the first that a table has counts."""
FIRST_KNOWN: Final = "SELECT min(known_at) AS first FROM deliveries"
LAST_COUNTED: Final = "SELECT max(known_at) AS last FROM night_count_revisions"


@contextmanager
def copy_as_known(settings: Settings, area: Area, moment: datetime) -> Iterator[Path]:
    """Yield the copy for analysts as of `moment`, made in a folder of its own that goes afterwards.

    Months whose records were purged since are as they are now. Raises MisuseError when nothing was known then, or
    nothing has been counted up to then.
    """
    if not settings.warehouse_file.exists():
        raise MisuseError(
            f"{moment:%Y-%m-%d}: nothing was known then, for no delivery was ever taken into {settings.home}. Set "
            "NTE_HOME, or load each source's history file and run again."
        )
    with tempfile.TemporaryDirectory(prefix=".as-known-", dir=settings.home) as folder:
        then = Settings(home=Path(folder))
        with open_warehouse(settings) as warehouse:
            first = warehouse.query(FIRST_KNOWN)["first"][0]
            if first is None or moment < first:
                raise MisuseError(
                    f"{moment:%Y-%m-%d}: nothing was known then. The first delivery is known from "
                    f"{f'{first:%Y-%m-%d}' if first else 'no morning yet'}: name a later one."
                )
            _need_counted(moment, warehouse.query(LAST_COUNTED)["last"][0])
            kept = [(k.table, warehouse.read(k.table, k.where)) for k in KEPT if k.table is not NIGHTS]
            tables = [*kept, (RECORDS, warehouse.read(RECORDS))]
        _fill(then, tables, moment)
        count_nights(then, area, moment)
        publish_warehouse(then, area, moment)
        yield then.published_file


def _need_counted(moment: datetime, last: datetime | None) -> None:
    """Raise MisuseError where `moment` lies after the last morning that was counted."""
    if last is None:
        raise MisuseError(f"{moment:%Y-%m-%d}: no morning has been counted yet. Run `nte run` first.")
    if moment > last:
        raise MisuseError(
            f"{moment:%Y-%m-%d}: that morning has not been counted. It is known until {last:%Y-%m-%d}: name that date "
            "or an earlier one, or leave out --as-known."
        )


def _fill(then: Settings, tables: list[tuple[Table, pl.DataFrame]], moment: datetime) -> None:
    [deliveries] = [rows for table, rows in tables if table.name == "deliveries"]
    known = deliveries.filter(pl.col("known_at") <= moment).select("delivery_id")
    with open_warehouse_file(then.warehouse_file) as warehouse:
        for table, rows in tables:
            warehouse.replace(table, _known_rows(table, rows, known, moment))


def _known_rows(table: Table, rows: pl.DataFrame, known: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Return the rows of a table that stood at `moment`."""
    since = next((name for name in SINCE if name in table.names), None)
    if since is not None:
        return rows.filter(pl.col(since) <= moment)
    if table is UNUSABLE_NIGHTS:  # what became usable later was not yet
        later = pl.when(pl.col("usable_at") <= moment).then("usable_at")
        rows = rows.with_columns(later.alias("usable_at"))
    if "delivery_id" in table.names:
        return rows.join(known, on="delivery_id", how="semi")
    return rows
