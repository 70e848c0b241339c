"""The shape of a warehouse: which version it is of, how it is made, migrated and checked."""

import logging
import os
import shutil
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from nte.columns import SQL_TYPES, Table
from nte.errors import NteError
from nte.migrations import FIRST_VERSION, NEWEST, due_after
from nte.migrations.migration import Connection
from nte.tables import WAREHOUSE_TABLES
from nte.tables.versions import SCHEMA_VERSION


def version_of(connection: Connection, path: Path) -> int:
    """Return the version of the shape, 0 for an empty file. Raises NteError when this service is too old for it."""
    tables = _tables(connection)
    if SCHEMA_VERSION.name not in tables:
        return FIRST_VERSION if tables else 0
    [(version,)] = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchall()
    if version > NEWEST:
        raise NteError(
            f"{path} was written by a newer version of this service (its shape is {version}, this one knows {NEWEST}). "
            f"Update this installation, or put back the copy from before the update: {path.stem}.version-*.duckdb."
        )
    return int(version)


def copy_beside(path: Path, version: int) -> Path:
    """Copy a warehouse that nobody holds beside itself, whole or not at all; a copy that is there already stays."""
    copy = path.with_name(f"{path.stem}.version-{version}{path.suffix}")
    part = path.with_name(f".{copy.name}.{os.getpid()}")
    try:
        with path.open("rb") as source, part.open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        with suppress(FileExistsError):  # another process was here first
            os.link(part, copy)
    except OSError as problem:
        raise NteError(
            f"{copy}: the warehouse could not be copied before it is brought up to date ({problem.strerror}). "
            "Make room, then run again: nothing has changed."
        ) from problem
    finally:
        part.unlink(missing_ok=True)
    return copy


def bring_up_to_date(connection: Connection, path: Path) -> None:
    """Give a warehouse today's shape, inside the caller's transaction: new tables, and each migration that is due."""
    version = version_of(connection, path)
    if version == 0:
        _create_missing(connection)
        _note(connection, NEWEST, "made new")
        return
    due = due_after(version)
    if version == FIRST_VERSION:
        connection.execute(SCHEMA_VERSION.ddl)
        _note(connection, FIRST_VERSION, "the first shape")
    for migration in due:
        for statement in migration.statements:
            connection.execute(statement)
        if migration.convert:
            migration.convert(connection)
        _note(connection, migration.version, migration.what)
    _create_missing(connection)
    if due:
        brought = "; ".join(migration.what for migration in due)
        said = f"{path} was of version {version} and is of version {NEWEST} now: {brought}."
        logging.getLogger(__name__).warning("%s As it was, it stands beside itself.", said)


def check_shape(connection: Connection, path: Path) -> None:
    """Raise NteError when a table is not as it is declared."""
    columns: dict[str, set[tuple[str, str]]] = defaultdict(set)
    found = connection.execute("SELECT table_name, column_name, data_type FROM duckdb_columns()").fetchall()
    for table, column, dtype in found:
        columns[table].add((column, dtype.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")))
    for declared in WAREHOUSE_TABLES:
        if wrong := _shape_of(declared) ^ columns[declared.name]:
            names = ", ".join(sorted({column for column, _ in wrong}))
            raise NteError(
                f"{path}: the table {declared.name} is not as this version needs it ({names}). Somebody has changed it "
                "by hand, or this is no warehouse of this service: restore it from a backup."
            )


def _shape_of(table: Table) -> set[tuple[str, str]]:
    return {(column.name, SQL_TYPES[column.dtype]) for column in table.columns}


def _tables(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def _create_missing(connection: Connection) -> None:
    standing = _tables(connection)
    for table in (t for t in WAREHOUSE_TABLES if t.name not in standing):
        connection.execute(table.ddl)


def _note(connection: Connection, version: int, what: str) -> None:
    connection.execute("INSERT INTO schema_version VALUES (?, ?, ?)", [version, datetime.now(UTC), what])
