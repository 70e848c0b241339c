"""The warehouse door: the only module that opens DuckDB.

One process at a time holds the file; a second one waits, then says who must finish first.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from nte.columns import Table
from nte.errors import NteError, WarehouseBusyError
from nte.files import OTHERS, SECRET, is_ours, make_folder, open_to_group
from nte.journal import Journal
from nte.migrations import NEWEST
from nte.settings import Settings
from nte.shape import bring_up_to_date, check_shape, copy_beside, version_of
from nte.views import View

STORAGE_VERSION = "v1.5.0"
"""Files of DuckDB 2.0's own default cannot be read by the 1.5 that many analysts still have."""

PUBLISHED_STORAGE_VERSION = "v1.2.0"
"""The copy is opened by whatever analysts have: from DuckDB 1.2 on."""

CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": STORAGE_VERSION,
    "memory_limit": "512MB",
}
"""DuckDB writes to disk what does not fit: by itself it would take four fifths of the machine."""
ROWS_AT_A_TIME = 200_000
"""As many rows are handed to DuckDB at once: it keeps a copy of them while it takes them."""

PUBLISHED = 0o440
"""The copy for analysts: its owner and its group read it, nobody writes it."""

FULL_DISK = "No space left on device"
DAMAGE = (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException)
CORRUPT = "Corrupt database file"
"""What DuckDB raises, or says in an error without a kind, when it meets a block that is not what it wrote."""


class Warehouse:
    """Reads and writes declared tables of one open DuckDB file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, is_copy: bool = False) -> None:
        self._connection = connection
        self._is_copy = is_copy
        self._is_in_transaction = False
        self._before_first_write: Callable[[], None] = _nothing
        self.touched: set[str] = set()
        """Names of the tables that were written to."""

    def tell_before_writing(self, before_first_write: Callable[[], None]) -> None:
        """Call this before the first write of the session."""
        self._before_first_write = before_first_write

    def read(self, table: Table, where: str = "true", parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Return the rows of `table` that meet the SQL condition, with its declared columns and types."""
        columns = ", ".join(f'"{name}"' for name in table.names)
        return table.conform(self.query(f'SELECT {columns} FROM "{table.name}" WHERE {where}', parameters))

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Return the answer to a SELECT as a frame."""
        return _select(self._connection, sql, parameters)

    def n_rows(self, table: Table, where: str = "true", parameters: Sequence[object] = ()) -> int:
        """Return how many rows of `table` meet the condition."""
        sql = f'SELECT count(*) FROM "{table.name}" WHERE {where}'
        [(n,)] = self._connection.execute(sql, list(parameters)).fetchall()
        return int(n)

    def print_of(self, table: Table) -> str:
        """Return a print of the rows of a table: the same rows in any order, the same print."""
        sql = f'SELECT count(*), sum(hash(one)::HUGEINT) FROM "{table.name}" AS one'
        [(n, total)] = self._connection.execute(sql).fetchall()
        return f"{table.name} {n} {total}"

    def append(self, table: Table, rows: pl.DataFrame) -> None:
        """Add rows, in the declared columns and types."""
        conformed = table.conform(rows)
        if conformed.height:
            self._touch(table)
            with self.transaction():
                for part in conformed.iter_slices(ROWS_AT_A_TIME):
                    self._connection.register("_rows", part.to_arrow())
                    self._connection.execute(f'INSERT INTO "{table.name}" BY NAME {self._from_rows(table)}')
                    self._connection.unregister("_rows")

    def _from_rows(self, table: Table) -> str:
        """Return the SELECT of registered rows: in the copy for analysts, names in a text become a list."""
        lists = [c.name for c in table.columns if c.is_list] if self._is_copy else []
        split = (f"coalesce(string_split_regex(nullif(\"{n}\", ''), ', ?'), []) AS \"{n}\"" for n in lists)
        return f"SELECT * REPLACE ({', '.join(split)}) FROM _rows" if lists else "SELECT * FROM _rows"

    def merge(self, table: Table, rows: pl.DataFrame) -> None:
        """Add rows; a row with the same key gives way. Whole or not at all, and safe to repeat."""
        conformed = table.conform(rows)
        if conformed.height:
            same = " AND ".join(f'"{table.name}"."{key}" = _keys."{key}"' for key in table.keys)
            self._connection.register("_keys", conformed.select(table.keys).to_arrow())
            self._touch(table)
            with self.transaction():
                self._connection.execute(f'DELETE FROM "{table.name}" USING _keys WHERE {same}')
                self.append(table, conformed)
            self._connection.unregister("_keys")

    def replace(
        self, table: Table, rows: pl.DataFrame, where: str = "true", parameters: Sequence[object] = ()
    ) -> None:
        """Put `rows` in the place of those that meet the condition, whole or not at all."""
        with self.transaction():
            self.remove(table, where, parameters)
            self.append(table, rows)

    def remove(self, table: Table, where: str, parameters: Sequence[object] = ()) -> None:
        """Remove the rows that meet the condition."""
        self._touch(table)
        self._connection.execute(f'DELETE FROM "{table.name}" WHERE {where}', list(parameters))

    def _touch(self, table: Table) -> None:
        if not self.touched:
            self._before_first_write()
        self.touched.add(table.name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside happen whole or not at all; inside another one, with that."""
        if self._is_in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        self._is_in_transaction = True
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        finally:
            self._is_in_transaction = False
        self._connection.execute("COMMIT")


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Open the warehouse of an installation, made with all its tables when it is new; keep its journal.

    What is written is noted in the journal too, as the session ends well; what a killed one did not note, by the next.
    Raises WarehouseBusyError when another process still holds it after the time that the settings allow, NteError when
    it is gone or was cut off while the journal shows that there was one.
    """
    journal, path = Journal(settings.journal), settings.warehouse_file
    _refuse_lost(path, journal)
    with open_warehouse_file(path, wait_seconds=settings.warehouse_wait_seconds) as warehouse:
        is_behind = not journal.is_complete()
        warehouse.tell_before_writing(journal.begin)
        yield warehouse
        if is_behind or warehouse.touched:
            touched = None if is_behind else warehouse.touched
            journal.keep(lambda kept: warehouse.read(kept.table, kept.where), touched)


def _refuse_lost(path: Path, journal: Journal) -> None:
    """A warehouse that has gone is not begun anew in silence: everything would be decided and said once more."""
    is_there = path.exists() and path.stat().st_size > 0
    if rebuilding_mark(path).exists():
        raise NteError(f"{path}: it was being rebuilt, and that was cut short. Say again: nte rebuild")
    if not is_there and journal.holds_anything():
        raise NteError(
            f"{path}: the warehouse is gone or empty. Make it again from {journal.folder}: nte rebuild"
        )


@contextmanager
def open_warehouse_file(path: Path, *, wait_seconds: float = 120.0) -> Iterator[Warehouse]:
    """Open the warehouse, made with all its tables when it is new.

    Raises WarehouseBusyError when another process still holds it after `wait_seconds`.
    """
    try:
        make_folder(path.parent)
    except OSError as problem:
        raise NteError(
            f"{path.parent}: cannot be written ({problem.strerror}). Set NTE_HOME to a folder "
            "that this user may write to."
        ) from problem
    with _damage_named(path):
        connection = _up_to_date(path, wait_seconds)
        try:
            yield Warehouse(connection)
        finally:
            connection.close()


def rebuilding_mark(path: Path) -> Path:
    """Return the file that stands beside a warehouse while a rebuilt one takes its place."""
    return path.with_name(f"{path.name}.rebuilding")


def _nothing() -> None:
    """Where no journal is kept."""


def _up_to_date(path: Path, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    """Connect; a new warehouse gets its tables, an older one is copied beside itself and migrated."""
    connection = _connect(path, wait_seconds)
    if path.stat().st_mode & OTHERS and is_ours(path):
        path.chmod(SECRET)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        version = version_of(connection, path)
        if 0 < version < NEWEST:
            connection.close()
            copy_beside(path, version)
            connection = _connect(path, wait_seconds)
            connection.execute("SET TimeZone = 'UTC'")
        with Warehouse(connection).transaction():
            bring_up_to_date(connection, path)
        check_shape(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Name a full disk or a damaged file in one sentence, whenever it is found."""
    try:
        yield
    except duckdb.Error as problem:
        if FULL_DISK in str(problem):
            raise NteError(
                f"{path.parent}: the disk is full. Make room, then run again: nothing is lost."
            ) from problem
        if isinstance(problem, DAMAGE) or CORRUPT in str(problem):
            first = str(problem).partition("\n")[0]
            raise NteError(f"{path} is damaged ({first}). Make it again: nte rebuild") from problem
        raise


def _connect(path: Path, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return duckdb.connect(str(path), config=CONFIGURATION)
        except duckdb.Error as problem:
            if not isinstance(problem, duckdb.IOException) or "lock" not in str(problem).lower():
                raise NteError(f"{path} cannot be opened: {problem}. Make it again: nte rebuild") from problem
            if time.monotonic() > deadline:
                raise WarehouseBusyError(
                    f"{path} is held by another run of this service. Wait until it has finished "
                    "(`nte status` and the Airflow UI show it), then start this one again."
                ) from problem
            time.sleep(0.2)


def publish_copy(path: Path, tables: Sequence[tuple[Table, pl.DataFrame]], views: Sequence[View]) -> None:
    """Swap a fresh read-only DuckDB file into `path`: marts only, every table and column commented.

    Readers of the old file keep it; new ones see the new.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        make_folder(path.parent)
        open_to_group(path.parent)
        for left in path.parent.glob(
            f".{path.name}.*.new*"
        ):  # of this run before, and of runs that were killed
            _remove(left)
        _fill_copy(fresh, tables, views)
        _swap_in(fresh, path)
    except (OSError, duckdb.Error) as problem:
        for left in path.parent.glob(f"{fresh.name}*"):
            _remove(left)
        if isinstance(problem, duckdb.Error) and FULL_DISK not in str(problem):
            raise
        why = "the disk is full" if FULL_DISK in str(problem) else "it cannot be written"
        raise NteError(
            f"{path}: the copy for analysts was not made: {why}. The copy before it stands. Make room or let this user "
            "write there, then run again: nothing is lost."
        ) from problem


def _remove(left: Path) -> None:
    if left.is_dir():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)


def _fill_copy(fresh: Path, tables: Sequence[tuple[Table, pl.DataFrame]], views: Sequence[View]) -> None:
    configuration = CONFIGURATION | {"storage_compatibility_version": PUBLISHED_STORAGE_VERSION}
    connection = duckdb.connect(str(fresh), config=configuration)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        warehouse = Warehouse(connection, is_copy=True)
        for table, rows in tables:
            connection.execute(table.published_ddl)
            warehouse.append(table, rows)
            _comment(connection, table)
        for view in views:
            _add_view(connection, view)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


def _add_view(connection: duckdb.DuckDBPyConnection, view: View) -> None:
    if view.parameters:
        connection.execute(f'CREATE MACRO "{view.name}"({", ".join(view.parameters)}) AS TABLE {view.select}')
        connection.execute(f"COMMENT ON MACRO TABLE \"{view.name}\" IS '{_quoted(view.meaning)}'")
        return
    connection.execute(f'CREATE VIEW "{view.name}" AS {view.select}')
    connection.execute(f"COMMENT ON VIEW \"{view.name}\" IS '{_quoted(view.meaning)}'")
    for column, meaning in view.columns.items():
        connection.execute(f'COMMENT ON COLUMN "{view.name}"."{column}" IS \'{_quoted(meaning)}\'')
    connection.execute(f'SELECT count(*) FROM "{view.name}"').fetchone()


def _select(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object]) -> pl.DataFrame:
    return pl.DataFrame(connection.sql(sql, params=list(parameters)).to_arrow_table())


def _comment(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    connection.execute(f"COMMENT ON TABLE \"{table.name}\" IS '{_quoted(table.meaning)}'")
    for column in table.columns:
        connection.execute(
            f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS \'{_quoted(column.meaning)}\''
        )


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _swap_in(fresh: Path, path: Path) -> None:
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.chmod(PUBLISHED)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def export_parquet(path: Path, folder: Path) -> list[str]:
    """Write each table of the published copy as a Parquet file into a folder; return the names of the files."""
    names = read_published(path, "SELECT table_name FROM duckdb_tables() ORDER BY table_name")["table_name"]
    files = [f"{name}.parquet" for name in names]
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, file in zip(names, files, strict=True):
            target = _quoted(str(folder / file))
            connection.execute(f"COPY \"{name}\" TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    return files


def read_published(path: Path, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
    """Return the answer of the published copy to a SELECT. Raises NteError when nothing was published yet."""
    if not path.exists():
        raise NteError(
            f"{path}: nothing was published yet. Run `nte run` or the DAG publish_warehouse first."
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
        try:
            connection.execute("SET TimeZone = 'UTC'")
            return _select(connection, sql, parameters)
        finally:
            connection.close()
    except duckdb.Error as problem:
        if isinstance(problem, DAMAGE) or CORRUPT in str(problem):
            raise NteError(
                f"{path}: the copy for analysts is damaged. Make it again: nte run, or clear the DAG "
                "publish_warehouse. The warehouse itself is another file."
            ) from problem
        raise
