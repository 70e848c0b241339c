"""Which version of a record is the truth, and from when."""

from collections.abc import Iterator

import polars as pl

RECORD = ["source", "record_id"]
ROW = ["delivery_id", "row_number"]
ADDED, CHANGED, SUPERSEDED = "added", "changed", "superseded"
MOST_ROWS = 500_000
"""Of more records than that a part is looked at at a time, so that a very large delivery needs little memory."""


def parts_of(records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield records in parts, all of one record and of one incident in the same; one part where that cannot be."""
    pairs = records.lazy().select(*RECORD, "incident_id").unique()
    n_parts = records.height // MOST_ROWS + 1
    if n_parts > 1 and pairs.group_by(RECORD).len().select(pl.col("len").max()).collect().item() == 1:
        number = records["incident_id"].hash() % n_parts
        yield from (records.filter(number == n) for n in range(n_parts))
    else:
        yield records  # few, or a record that changed its incident


def ranked(records: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Return `records` with the rank of their delivery; `deliveries` are in order, the earliest first."""
    ranks = deliveries.select("delivery_id", pl.int_range(pl.len(), dtype=pl.Int32).alias("delivery_rank"))
    return records.join(ranks, on="delivery_id", how="left", maintain_order="left")


def current_versions(records: pl.DataFrame) -> pl.DataFrame:
    """Return the versions that were ever the truth, each with the morning from which it was.

    One row a record and instant on which its truth changed (`known_at`). The highest version wins in any order of
    files; of one version with two contents that of the later delivery wins, by `delivery_rank` (see `ranked`).
    """
    order = [*RECORD, "known_at", "record_version", "delivery_rank", "row_number"]
    placed = records.select(*order, pl.int_range(pl.len(), dtype=pl.UInt32).alias("place"))
    is_alone = pl.len().over(RECORD) == 1
    alone, ordered = placed.filter(is_alone), placed.filter(~is_alone).sort(order)
    is_newest = pl.col("record_version") >= pl.col("record_version").cum_max().over(RECORD)
    truths = ordered.filter(is_newest).unique([*RECORD, "known_at"], keep="last", maintain_order=True)
    return records[pl.concat([alone["place"], truths["place"]])]


def latest_versions(records: pl.DataFrame) -> pl.DataFrame:
    """Return the version of each record that is the truth by all that is known."""
    is_alone = pl.len().over(RECORD) == 1
    alone, others = records.filter(is_alone), records.filter(~is_alone)
    latest = current_versions(others).sort("known_at").unique(RECORD, keep="last", maintain_order=True)
    return pl.concat([alone, latest])


def row_changes(records: pl.DataFrame) -> pl.DataFrame:
    """Return delivery_id, row_number and what each row changed: added, changed or superseded.

    A superseded row was out of date when it came: an older version, or a version that a later row of the same morning
    replaces.
    """
    truths = current_versions(records.select(*RECORD, "known_at", "record_version", "delivery_rank", *ROW))
    is_first = pl.col("known_at") == pl.col("known_at").min().over(RECORD)
    change = pl.when(is_first).then(pl.lit(ADDED)).otherwise(pl.lit(CHANGED)).alias("change")
    marked = records.select(ROW).join(truths.select(*ROW, change), on=ROW, how="left", maintain_order="left")
    return marked.with_columns(pl.col("change").fill_null(SUPERSEDED))
