"""What was known at an instant: night counts for training, and how complete they were."""

from datetime import date, datetime

import polars as pl

from forecasts.known.completeness import known_share_of, learn_completeness
from nte.area import Area
from nte.tables.counts import OUTSIDE, UNPLACED

SERIES = ["evening", "centre_code", "source"]
LEARNING_DAYS = 180
"""Evenings further back teach nothing about today's delays."""


def counts_as_known(revisions: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Return the value that each night count had at `at`: one row a series and night."""
    return (
        revisions.filter(pl.col("known_at") <= at)
        .sort("known_at")
        .unique([*SERIES, "definition"], keep="last", maintain_order=True)
    )


def of_centres(revisions: pl.DataFrame, definition: str) -> pl.DataFrame:
    """Return the revisions of one definition that speak of a town centre."""
    return revisions.filter(
        (pl.col("definition") == definition) & ~pl.col("centre_code").is_in([OUTSIDE, UNPLACED])
    )


def learned_completeness(
    revisions: pl.DataFrame, area: Area, first_live_at: dict[str, datetime], at: datetime
) -> pl.DataFrame:
    """Return source, age_days, known_share and n_evidence, as it could be learned at `at`.

    Only nights whose every morning since was seen live teach: what a history load brought was complete.
    """
    as_of = area.clock.local_date(at)
    return learn_completeness(_revisions_by_age(revisions, area, first_live_at, at), _priors(area), as_of)


def _revisions_by_age(
    revisions: pl.DataFrame, area: Area, first_live_at: dict[str, datetime], at: datetime
) -> pl.DataFrame:
    ages = [
        (source.source, age, at)
        for source in area.sources.values()
        for age in sorted(source.completeness_prior)
    ]
    live = [(source, area.clock.local_date(since)) for source, since in first_live_at.items()]
    today = area.clock.local_date(at)
    recent = (
        revisions.filter(pl.col("known_at") <= at)
        .join(
            pl.DataFrame(live, schema={"source": pl.String, "live_from": pl.Date}, orient="row"), on="source"
        )
        .filter(
            (pl.col("evening") >= pl.col("live_from"))
            & ((pl.lit(today) - pl.col("evening")).dt.total_days() <= LEARNING_DAYS)
        )
        .with_columns(
            (pl.col("known_at").dt.convert_time_zone(area.time_zone).dt.date() - pl.col("evening"))
            .dt.total_days()
            .alias("age_known")
        )
    )
    latest = (
        recent.sort("known_at")
        .group_by(SERIES, maintain_order=True)
        .agg(pl.col("n_incidents").last().alias("n_latest"))
    )
    grid = pl.DataFrame(
        ages, schema={"source": pl.String, "age_days": pl.Int64, "at": pl.Datetime("us", "UTC")}, orient="row"
    )
    known = (
        grid.join(recent, on="source")
        .filter(pl.col("age_known") <= pl.col("age_days"))
        .sort("known_at")
        .unique([*SERIES, "age_days"], keep="last", maintain_order=True)
        .filter("is_covered")
    )
    by_centre = known.join(latest, on=SERIES).drop_nulls(["n_incidents", "n_latest"])
    return (
        by_centre.group_by("source", "evening", "age_days")
        .agg(pl.col("n_incidents").sum().alias("n_known"), pl.col("n_latest").sum())
        .with_columns((pl.lit(today) - pl.col("evening")).dt.total_days().alias("latest_age_days"))
        .filter(pl.col("latest_age_days") >= pl.col("age_days"))
        .sort("source", "evening", "age_days")  # sums of fractions depend on their order
    )


def _priors(area: Area) -> pl.DataFrame:
    rows = [
        (source.source, age, share, source.prior_weight_nights)
        for source in area.sources.values()
        for age, share in source.completeness_prior.items()
    ]
    schema = {
        "source": pl.String,
        "age_days": pl.Int64,
        "known_share": pl.Float64,
        "weight_nights": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_known_share(
    counts: pl.DataFrame, completeness: pl.DataFrame, as_of: date, history_until: dict[str, date], name: str
) -> pl.DataFrame:
    """Add the share of each night's final count that should be known by the morning of `as_of`.

    Nights up to `history_until` of their source came with a history load: they count as fully known.
    """
    shares = known_share_of(
        completeness,
        counts["source"].to_list(),
        counts["evening"].to_list(),
        as_of,
    )
    limits = pl.col("source").replace_strict(history_until, default=None, return_dtype=pl.Date)
    return counts.with_columns(pl.Series(name, shares)).with_columns(
        pl.when(pl.col("evening") < limits).then(1.0).otherwise(name).alias(name)
    )
