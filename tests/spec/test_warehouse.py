"""What is written to the warehouse is written whole, or what stood there stands."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import duckdb
import polars as pl
import pytest

from nte.errors import NteError
from nte.tables.alerts import SILENCES
from nte.warehouse import Warehouse, open_warehouse_file

NOW = datetime(2026, 3, 30, 8, tzinfo=UTC)
FIRST_BLOCK = 12288
"""Where the first block behind the headers of a DuckDB file begins."""
Write = Callable[[Warehouse, pl.DataFrame], None]


def silence(why: str) -> pl.DataFrame:
    row = dict.fromkeys(SILENCES.names, "x") | {"starts_at": NOW, "ends_at": NOW, "made_at": NOW}
    return pl.DataFrame([row | {"why": why}], schema=SILENCES.schema)


def merge(warehouse: Warehouse, rows: pl.DataFrame) -> None:
    warehouse.merge(SILENCES, rows)


def replace(warehouse: Warehouse, rows: pl.DataFrame) -> None:
    warehouse.replace(SILENCES, rows, "silence_id = ?", ["x"])


class CutShort:
    """A connection of a process that dies before it adds a row."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *rest: Any) -> duckdb.DuckDBPyConnection:
        if sql.startswith("INSERT"):
            raise KeyboardInterrupt
        return self._connection.execute(sql, *rest)


@pytest.mark.parametrize("write", [merge, replace])
def test_a_write_that_is_cut_short_leaves_what_stood_there(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "nte.duckdb"
    with open_warehouse_file(path) as warehouse:
        write(warehouse, silence("stood before"))
    with duckdb.connect(str(path)) as connection, pytest.raises(KeyboardInterrupt):
        write(Warehouse(cast("duckdb.DuckDBPyConnection", CutShort(connection))), silence("never there"))
    with open_warehouse_file(path) as warehouse:
        assert warehouse.read(SILENCES)["why"].to_list() == ["stood before"]


@pytest.mark.parametrize("write", [merge, replace])
def test_writes_inside_a_transaction_stand_or_fall_with_it(tmp_path: Path, write: Write) -> None:
    def write_and_fail(warehouse: Warehouse) -> None:
        with warehouse.transaction():
            write(warehouse, silence("of the transaction"))
            raise RuntimeError

    with open_warehouse_file(tmp_path / "nte.duckdb") as warehouse:
        write(warehouse, silence("stood before"))
        with pytest.raises(RuntimeError):
            write_and_fail(warehouse)
        assert warehouse.read(SILENCES)["why"].to_list() == ["stood before"]
        with warehouse.transaction():
            write(warehouse, silence("after it"))
        assert warehouse.read(SILENCES)["why"].to_list() == ["after it"]


def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "nte.duckdb"
    with open_warehouse_file(path) as warehouse:
        merge(warehouse, silence("stood before"))
    content = bytearray(path.read_bytes())
    content[FIRST_BLOCK + 100 : FIRST_BLOCK + 200] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(NteError, match=r"nte\.duckdb cannot be opened: .*Make it again: nte rebuild"):
        open_warehouse_file(path).__enter__()
