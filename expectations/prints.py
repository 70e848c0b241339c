"""Prints of record versions: enough to see that a version came again with other content, too little to read it."""

import hashlib
from typing import Final

import polars as pl

from nte.area import Source
from nte.deliveries.text import ROW_NUMBER, DeliveryText

PRINT_BYTES = 8
PART_ROWS = 100_000
"""As many rows are printed at a time, so that a very large delivery needs little memory."""
SCHEMA: Final = {"record_id": pl.String(), "record_version": pl.Int64(), "content_print": pl.Int64()}
NO_PRINTS: Final = pl.DataFrame(schema=SCHEMA)


def record_prints(text: DeliveryText, quarantine: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return record_id, record_version and content_print of each version that is used; the last row of one wins.

    Only columns that count something go into a print: no free text, no column that is read past, and no code that is
    kept to describe, so that a warehouse that did not keep it yet recognises what comes again.
    """
    roles = source.columns
    if roles.record_version is None:
        return NO_PRINTS
    describing = {getattr(roles, role) for role in (*source.codes.model_fields_set, "is_police_informed")}
    stored = {*roles.by_role().values(), *source.other_time_columns} - {roles.place_text} - describing
    columns = [pl.col(name).fill_null("") for name in text.frame.columns if name in stored]
    content = pl.concat_str(columns, separator="\x1f").alias("content")
    key = [pl.col(roles.record_id).alias("record_id"), pl.col(roles.record_version).alias("record_version")]
    parts = [_with_prints(part.frame.select(ROW_NUMBER, *key, content)) for part in text.parts(PART_ROWS)]
    used = pl.concat(parts)
    if quarantine.height:
        used = used.join(quarantine, on=ROW_NUMBER, how="anti", maintain_order="left")
    last = last_of_each(used, "record_id", "record_version")
    return last.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())


def last_of_each(rows: pl.DataFrame, *key: str) -> pl.DataFrame:
    """Return the last row of each key, in order; told apart by a hash, which takes a fifth of the memory of texts."""
    hashes = rows.select(pl.struct(key).hash().alias("_key")).to_series()
    if hashes.n_unique() == rows.height:
        return rows
    return rows.with_columns(hashes).unique("_key", keep="last", maintain_order=True).drop("_key")


def _with_prints(rows: pl.DataFrame) -> pl.DataFrame:
    prints = pl.Series("content_print", [print_of(c) for c in rows["content"]], dtype=pl.Int64)
    return rows.drop("content").with_columns(prints)


def contradicted(prints: pl.DataFrame, before: pl.DataFrame) -> int:
    """Return how many of these versions came before with other content."""
    again = prints.join(before, on=["record_id", "record_version"], suffix="_before")
    return again.filter(pl.col("content_print") != pl.col("content_print_before")).height


def print_of(content: str) -> int:
    """Return a number that stands for a text and cannot be read."""
    digest = hashlib.blake2b(content.encode(), digest_size=PRINT_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)
