"""Rows as they should not be, for those who want to see what the checks make of them."""

import polars as pl

OPENING_HOURS = pl.duration(hours=1)


def with_bad_rows(source: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a delivery with its first rows spoilt: no key, an impossible order of times, no coordinates."""
    numbered = rows.with_row_index("_n")
    key = rows.columns[0]
    spoilt = {key: _where(0, pl.lit(None), key)}
    if source == "police":
        spoilt["committed_to"] = _where(1, pl.col("committed_from") - OPENING_HOURS, "committed_to")
    if source == "ae":
        spoilt["arrival_at"] = _where(1, pl.col("assault_at") - OPENING_HOURS, "arrival_at")
    if source == "emas":
        spoilt["arrived_at"] = _where(1, pl.col("call_connect_at") - OPENING_HOURS, "arrived_at")
    if "easting" in rows.columns:
        spoilt["easting"] = _where(2, pl.lit(0), "easting")
    return numbered.with_columns(**spoilt).drop("_n")


def _where(row: int, value: pl.Expr, column: str) -> pl.Expr:
    return pl.when(pl.col("_n") == row).then(value).otherwise(pl.col(column))
