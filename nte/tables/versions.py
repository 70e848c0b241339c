"""Which shape the warehouse has, and since when."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table

SCHEMA_VERSION: Final = Table(
    "schema_version",
    "The shapes that this warehouse has had; the highest version is its shape now.",
    (
        Column("version", pl.Int64, "number of the shape", is_key=True),
        Column("applied_at", INSTANT, "when it came to have it, by the machine's clock"),
        Column("what", pl.String, "what it brought"),
    ),
    is_published=True,
)
