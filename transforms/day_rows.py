"""What became of the rows of each delivery, day by day, and what that adds up to."""

import polars as pl

from nte.area import Area
from nte.tables.counts import COUNTED_ROWS
from transforms.ledger import fates_of_rows
from transforms.versions import ADDED, CHANGED, ROW, SUPERSEDED, parts_of, row_changes


def day_rows(records: pl.DataFrame, counts: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return `counted_rows` of records with their `day`, all of one record and of one incident among them.

    `counts` are the current night counts of those days.
    """
    keys = ["delivery_id", "source", "day", "fate", "change", "is_withdrawn"]
    found = []
    for part in parts_of(records):
        marked = (
            part.select(*ROW, "source", "day", "is_withdrawn", "known_at")
            .join(fates_of_rows(part, counts, area), on=ROW, maintain_order="left")
            .join(row_changes(part), on=ROW, maintain_order="left")
        )
        found.append(
            marked.group_by(keys).agg(pl.col("known_at").min(), pl.len().cast(pl.Int64).alias("n_rows"))
        )
    summed = pl.concat(found).group_by(keys).agg(pl.col("known_at").min(), pl.col("n_rows").sum())
    return COUNTED_ROWS.conform(summed.sort(COUNTED_ROWS.keys))


def delivery_changes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `delivery_changes`, what each delivery added, changed and withdrew, from `counted_rows`."""

    def how_many(which: pl.Expr) -> pl.Expr:
        return pl.col("n_rows").filter(which).sum()

    change = pl.col("change")
    return (
        rows.group_by("delivery_id", "source")
        .agg(
            pl.col("known_at").min(),
            how_many(change == ADDED).alias("n_added"),
            how_many(change == CHANGED).alias("n_changed"),
            how_many((change != SUPERSEDED) & pl.col("is_withdrawn")).alias("n_withdrawn"),
            how_many(change == SUPERSEDED).alias("n_superseded"),
        )
        .sort("delivery_id")
    )


def fates_of_deliveries(rows: pl.DataFrame) -> pl.DataFrame:
    """Return delivery_id, fate and n_rows from `counted_rows`."""
    return rows.group_by("delivery_id", "fate").agg(pl.col("n_rows").sum())
