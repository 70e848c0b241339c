"""What was known at an instant: night counts for training, and how complete they were."""

from datetime import date, datetime

import polars as pl

from forecasts.known.coming import clumping_of, steps_of, survival_shares
from forecasts.known.completeness import learn_completeness
from nte.area import Area
from nte.reach import Reach
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
    revisions: pl.DataFrame, area: Area, first_live_at: dict[str, datetime], at: datetime, reach: Reach
) -> pl.DataFrame:
    """Return how nights fill, as it could be learned at `at`: the columns of `completeness` without as_of.

    Only nights whose every morning since was seen live teach: nobody knows when what a history load brought had come. A
    night teaches about an age only where a delivery reached to that morning: the curve is learned at the ages by which
    it is read. A source that falls silent teaches nothing more, and its curve stays as it was on its last day.
    """
    last_day = {source: min(area.clock.local_date(at), reach.day(source, at)) for source in area.sources}
    by_series = _revisions_by_age(revisions, area, first_live_at, at, reach, last_day=last_day)
    by_night, priors = _by_night(by_series), _priors(area)
    shares = [
        learn_completeness(by_night, priors.filter(pl.col("source") == source), day)
        for source, day in sorted(last_day.items())
    ]
    return with_coming(pl.concat(shares), by_series)


def with_coming(shares: pl.DataFrame, by_series: pl.DataFrame) -> pl.DataFrame:
    """Add to learned shares how many records stay (survival_share), and whether they come in lots (clumping).

    `by_series`: source, centre_code, evening, age_days, n_known, n_latest, latest_age_days.
    """
    frames = []
    for (source,), rows in shares.group_by("source", maintain_order=True):
        steps = steps_of(by_series.filter(pl.col("source") == source))
        ages, known = rows["age_days"].to_numpy().astype(float), rows["known_share"].to_numpy()
        frames.append(
            rows.with_columns(
                survival_share=pl.Series(survival_shares(steps, ages)),
                clumping=pl.lit(clumping_of(steps, ages, known)),
            )
        )
    return pl.concat(frames)


def _by_night(by_series: pl.DataFrame) -> pl.DataFrame:
    return (
        by_series.group_by("source", "evening", "age_days", "latest_age_days")
        .agg(pl.col("n_known").sum(), pl.col("n_latest").sum())
        .sort("source", "evening", "age_days")  # sums of fractions depend on their order
    )


def _revisions_by_age(
    revisions: pl.DataFrame,
    area: Area,
    first_live_at: dict[str, datetime],
    at: datetime,
    reach: Reach,
    *,
    last_day: dict[str, date],
) -> pl.DataFrame:
    ages = [
        (source.source, age, at)
        for source in area.sources.values()
        for age in sorted(source.completeness_prior)
    ]
    live = [
        (source, area.clock.local_date(since), last_day[source])
        for source, since in first_live_at.items()
        if source in last_day
    ]
    recent = (
        revisions.filter(pl.col("known_at") <= at)
        .join(
            pl.DataFrame(
                live, schema={"source": pl.String, "live_from": pl.Date, "last_day": pl.Date}, orient="row"
            ),
            on="source",
        )
        .filter(
            (pl.col("evening") >= pl.col("live_from"))
            & ((pl.col("last_day") - pl.col("evening")).dt.total_days() <= LEARNING_DAYS)
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
    return (
        known.join(latest, on=SERIES)
        .rename({"n_incidents": "n_known"})
        .drop_nulls(["n_known", "n_latest"])
        .join(_days_reached(area, reach), on="source", how="left")
        .filter(
            pl.col("reached").is_null()
            | pl.col("reached").list.contains(pl.col("evening") + pl.duration(days="age_days"))
        )
        .with_columns((pl.col("last_day") - pl.col("evening")).dt.total_days().alias("latest_age_days"))
        .filter(pl.col("latest_age_days") >= pl.col("age_days"))
        .select(*SERIES, "age_days", "n_known", "n_latest", "latest_age_days")
    )


def _days_reached(area: Area, reach: Reach) -> pl.DataFrame:
    """Return source and reached, the days on whose morning a delivery was there; null where nothing is known of it."""
    rows = [(source, sorted(reach.days_reached(source)) or None) for source in area.sources]
    return pl.DataFrame(rows, schema={"source": pl.String, "reached": pl.List(pl.Date)}, orient="row")


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
