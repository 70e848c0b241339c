"""How a table is declared: once, with type, unit and meaning; everything else is derived from it."""

from dataclasses import dataclass, replace
from typing import Final

import polars as pl

INSTANT: Final = pl.Datetime("us", "UTC")

SQL_TYPES: Final[dict[object, str]] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    INSTANT: "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class Column:
    """One column: its name, type and what it means, with its unit."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    meaning: str
    is_key: bool = False
    is_nullable: bool = False
    is_private: bool = False
    """Typed by people, and so perhaps about one: in no published copy."""
    is_list: bool = False
    """Text that names several things; the copy for analysts has it as a list."""

    @property
    def ddl(self) -> str:
        """Return the column's line in CREATE TABLE."""
        required = "" if self.is_nullable else " NOT NULL"
        return f'"{self.name}" {SQL_TYPES[self.dtype]}{required}'


@dataclass(frozen=True)
class Table:
    """One table: its meaning, its columns, and whether analysts get it."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    is_published: bool = False
    is_joined_to: bool = False
    """Codes of other tables stand in it, each once."""

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Return the polars schema."""
        return {column.name: column.dtype for column in self.columns}

    @property
    def names(self) -> list[str]:
        """Return the column names, in order."""
        return [column.name for column in self.columns]

    @property
    def keys(self) -> list[str]:
        """Return the names of the columns that identify a row."""
        return [column.name for column in self.columns if column.is_key]

    @property
    def published(self) -> "Table":
        """Return the table as analysts get it: without what people typed."""
        return replace(self, columns=tuple(column for column in self.columns if not column.is_private))

    @property
    def ddl(self) -> str:
        """Return the CREATE TABLE statement."""
        lines = ", ".join(column.ddl for column in self.columns)
        return f'CREATE TABLE IF NOT EXISTS "{self.name}" ({lines})'

    @property
    def published_ddl(self) -> str:
        """Return the statement for the copy that analysts get: lists as lists, and the key where others join to it.

        A key of every table would make the file seven times as large.
        """
        lines = [
            column.ddl.replace("VARCHAR", "VARCHAR[]") if column.is_list else column.ddl
            for column in self.columns
        ]
        keys = ", ".join(f'"{key}"' for key in self.keys)
        constraint = f", PRIMARY KEY ({keys})" if self.is_joined_to else ""
        return f'CREATE TABLE "{self.name}" ({", ".join(lines)}{constraint})'

    def empty(self) -> pl.DataFrame:
        """Return a frame without rows."""
        return pl.DataFrame(schema=self.schema)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `frame` with exactly the declared columns, in order and type.

        Raises ValueError when a column is missing, a required one is null or a key repeats.
        """
        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            raise ValueError(f"{self.name}: missing columns {missing}")
        conformed = frame.select([pl.col(n).cast(t) for n, t in self.schema.items()])
        for column in self.columns:
            if not column.is_nullable and conformed[column.name].null_count():
                raise ValueError(f"{self.name}.{column.name} is required, but a row has none")
        if self.keys and _has_repeated(conformed.select(self.keys)):
            raise ValueError(f"{self.name}: two rows have the same {', '.join(self.keys)}")
        return conformed


def _has_repeated(keys: pl.DataFrame) -> bool:
    """Say whether a key repeats: by a hash, which takes little memory, then by the rows where that repeats."""
    hashes = keys.select(pl.struct(pl.all()).hash()).to_series()
    is_suspect = hashes.is_duplicated()
    return bool(is_suspect.any()) and keys.filter(is_suspect).is_duplicated().any()
