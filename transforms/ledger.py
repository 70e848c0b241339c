"""The ledger: every row of every delivery ends in exactly one fate, so that nothing is lost without a word."""

import polars as pl

from nte.area import Area, Definition
from nte.tables.records import LEDGER
from nte.words import DeliveryVerdict
from transforms.definitions import is_counted
from transforms.versions import ROW, latest_versions, parts_of

NEEDED = [
    *ROW,
    *(
        "source",
        "record_id",
        "incident_id",
        "known_at",
        "record_version",
        "delivery_rank",
        "occurred_at",
        "night",
    ),
    *("place_code", "time_basis", "is_withdrawn", "state", "offence_code", "is_domestic", "has_knife"),
]
"""Columns of records on which their fates depend."""


def fates_of_records(
    records: pl.DataFrame, counts: pl.DataFrame, area: Area, *, only: pl.Expr | None = None
) -> pl.DataFrame:
    """Return delivery_id, fate and n_rows for the rows that became records, under the alert definition.

    `counts` are the current night counts: a row is counted only where they show its night and place. `only`
    chooses among the records whose fates are wanted.
    """
    found = []
    for part in parts_of(records):
        wanted = part if only is None else part.filter(only)
        fates = wanted.select(ROW).join(fates_of_rows(part, counts, area), on=ROW)
        found.append(fates.group_by("delivery_id", "fate").agg(pl.len().cast(pl.Int64).alias("n_rows")))
    return pl.concat(found).group_by("delivery_id", "fate").agg(pl.col("n_rows").sum())


def fates_of_rows(records: pl.DataFrame, counts: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return delivery_id, row_number and fate of records, all of one record and of one incident among them."""
    definition = area.definition(area.alert_definition)
    known = counts.filter((pl.col("definition") == area.alert_definition) & pl.col("is_covered")).select(
        "source",
        pl.col("evening").alias("night"),
        pl.col("centre_code").alias("place_code"),
        is_known=pl.lit(value=True),
    )
    truths = latest_versions(records.select(NEEDED))
    marked = truths.with_columns(_fate(definition).alias("fate"))
    first = (
        marked.filter(pl.col("fate").is_null())
        .sort("occurred_at", "record_id")
        .unique(["source", "incident_id"], keep="first", maintain_order=True)
        .select(*ROW, pl.lit(value=True).alias("is_first"))
    )
    settled = marked.join(first, on=ROW, how="left").join(
        known, on=["source", "night", "place_code"], how="left"
    )
    fates = settled.select(
        *ROW,
        pl.coalesce(
            "fate",
            pl.when(pl.col("is_first").is_null()).then(pl.lit("same_incident")),
            pl.when(pl.col("night").is_null()).then(pl.lit("by_day")),
            pl.when(pl.col("is_known").is_null()).then(pl.lit("night_not_covered")),
            pl.lit("counted"),
        ).alias("fate"),
    )
    every_row = records.select(ROW).join(fates, on=ROW, how="left", maintain_order="left")
    return every_row.with_columns(pl.col("fate").fill_null("superseded"))


def _fate(definition: Definition) -> pl.Expr:
    """Say why a current record does not count; null where it may."""
    return (
        pl.when("is_withdrawn")
        .then(pl.lit("withdrawn"))
        .when(pl.lit(definition.excludes_domestic) & pl.col("is_domestic").fill_null(value=False))
        .then(pl.lit("domestic"))
        .when(~is_counted(definition))
        .then(pl.lit("not_in_definition"))
        .when(pl.col("time_basis") == "time_uncertain")
        .then(pl.lit("time_uncertain"))
    )


def ledger(fates: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return `ledger`: the fates of all rows of all deliveries that could be read.

    `fates` are those of the rows that are, or were, records.
    """
    aside = verdicts.filter(pl.col("n_quarantined") > 0).select(
        "delivery_id", pl.lit("quarantined").alias("fate"), pl.col("n_quarantined").alias("n_rows")
    )
    refused = verdicts.filter(
        pl.col("verdict").is_in([DeliveryVerdict.REJECTED, DeliveryVerdict.HELD]) & (pl.col("n_rows") > 0)
    ).select("delivery_id", pl.col("verdict").alias("fate"), "n_rows")
    became_records = fates.group_by("delivery_id", "fate").agg(pl.col("n_rows").sum())
    apart = pl.concat([aside, refused]).group_by("delivery_id", "fate").agg(pl.col("n_rows").max())
    return LEDGER.conform(pl.concat([became_records, apart]).sort("delivery_id", "fate"))
