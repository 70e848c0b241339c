"""Which version of a record is the truth, and from when."""

from collections.abc import Iterator

import polars as pl

RECORD = ["source", "record_id"]
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


def delivery_changes(records: pl.DataFrame) -> pl.DataFrame:
    """Return `delivery_changes`: what each delivery added, changed and withdrew.

    n_superseded counts rows that were out of date when they came: an older version, or a version that a
    later row of the same morning replaces.
    """
    found = pl.concat([_changes_of(part) for part in parts_of(records)])
    return found.group_by("delivery_id", "source").agg(pl.col("known_at").min(), pl.col("^n_.*$").sum())


def _changes_of(records: pl.DataFrame) -> pl.DataFrame:
    key = [*RECORD, "delivery_id", "row_number"]
    needed = ["known_at", "record_version", "delivery_rank", "is_withdrawn"]
    records = records.select(*key, *needed)
    truths = current_versions(records).with_columns(
        (pl.col("known_at") == pl.col("known_at").min().over(RECORD)).alias("is_first")
    )
    marked = records.join(truths.select(*key, "is_first"), on=key, how="left")
    return marked.group_by("delivery_id", "source").agg(
        pl.col("known_at").min(),
        pl.col("is_first").sum().cast(pl.Int64).alias("n_added"),
        (~pl.col("is_first")).sum().cast(pl.Int64).alias("n_changed"),
        (pl.col("is_first").is_not_null() & pl.col("is_withdrawn")).sum().cast(pl.Int64).alias("n_withdrawn"),
        pl.col("is_first").is_null().sum().cast(pl.Int64).alias("n_superseded"),
    )
