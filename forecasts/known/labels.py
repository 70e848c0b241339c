"""What people have said about past counts: what they explained, and what was a fault in the data, teaches nothing."""

from datetime import datetime

import polars as pl

FAULT = "data_fault"
KEY = ["evening", "centre_code", "source", "definition"]


def without_labelled(
    counts: pl.DataFrame, labelled: pl.DataFrame, at: datetime, *, only_faults: bool = False
) -> pl.DataFrame:
    """Return `counts` in which labelled ones are not known: for training all of them, for scoring the faults only.

    `labelled` holds rows of labelled_nights. A label counts from its known_at on, and of several for one count the
    latest known at `at` holds, so that an answer given today changes no band of yesterday. A count that is left out
    is unknown, as that of an uncovered night is, never zero.
    """
    known = labelled.filter(pl.col("known_at") <= at).sort("known_at", "acknowledgement_id")
    standing = known.unique(KEY, keep="last", maintain_order=True)
    if only_faults:
        standing = standing.filter(pl.col("label") == FAULT)
    marked = counts.join(
        standing.select(*KEY, is_masked=pl.lit(value=True)), on=KEY, how="left", maintain_order="left"
    )
    is_masked = pl.col("is_masked").fill_null(value=False)
    return marked.with_columns(
        pl.when(~is_masked).then("n_incidents").alias("n_incidents"), pl.col("is_covered") & ~is_masked
    ).drop("is_masked")
