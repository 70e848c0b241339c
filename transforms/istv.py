"""What each hospital gets back: how complete its attendances are, month by month. Pure."""

import polars as pl

from nte.area import Area
from nte.tables.counts import OUTSIDE
from nte.tables.slices import ISTV_SCORECARD
from transforms.versions import RECORD, latest_versions

SITE = ["source", "site_code", "month"]
EXACT = "exact"
WRITTEN, UNKNOWN = ("text", "elsewhere", "unmatched"), ("none", "unmatched")


def istv_scorecard(
    records: pl.DataFrame, deliveries: pl.DataFrame, counts: pl.DataFrame, area: Area
) -> pl.DataFrame:
    """Return `istv_scorecard` from the records of hospitals, ranked, their deliveries and the current night counts."""
    sites = {site for source in area.sources.values() for site in source.sites}
    visits = latest_versions(records).filter(~pl.col("is_withdrawn"), pl.col("site_code").is_in(sites))
    local = pl.col("occurred_at").dt.convert_time_zone(area.time_zone).dt.date()
    day = pl.coalesce("happened_on", "night", local)
    dated = visits.with_columns(day.dt.truncate("1mo").alias("month")).drop_nulls("month")
    lagged = dated.join(_first_known(records, deliveries), on=RECORD, how="left")
    found = lagged.group_by(SITE).agg(
        pl.len().cast(pl.Int64).alias("n_attendances"), *_shares(), _lag().alias("median_lag_days")
    )
    silent = found.join(_silent_nights(counts, area), on=SITE, how="left")
    return ISTV_SCORECARD.conform(silent.with_columns(pl.col("n_silent_nights").fill_null(0)).sort(SITE))


def _shares() -> list[pl.Expr]:
    """Return each share of the attendances that were kept with their codes: those have their day."""
    is_kept = pl.col("happened_on").is_not_null()
    method, basis = pl.col("method_group"), pl.col("place_basis")
    said = {
        "time_stated_share": pl.col("time_basis") != "fallback",
        "time_exact_share": (pl.col("time_precision") == EXACT).fill_null(value=False),
        "place_written_share": basis.is_in(WRITTEN),
        "place_in_centre_share": basis == "text",
        "place_elsewhere_share": basis == "elsewhere",
        "place_unknown_share": basis.is_in(UNKNOWN),
        "method_stated_share": method.is_not_null(),
        "method_specific_share": (method != "other").fill_null(value=False),
        "police_informed_known_share": pl.col("is_police_informed").is_not_null(),
    }
    return [expression.filter(is_kept).mean().alias(name) for name, expression in said.items()]


def _lag() -> pl.Expr:
    seconds = (pl.col("first_known_at") - pl.col("occurred_at")).dt.total_seconds()
    return (seconds / 86_400).median()


def _first_known(records: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Return when each record was first known, where a daily delivery brought it."""
    first = records.sort("known_at").unique(RECORD, keep="first").select(*RECORD, "known_at", "delivery_id")
    daily = deliveries.filter(~pl.col("is_history")).select("delivery_id")
    return first.join(daily, on="delivery_id").select(*RECORD, pl.col("known_at").alias("first_known_at"))


def _silent_nights(counts: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return how many nights of each month a site alone was not covered, by the centres that it alone serves."""
    served = [
        (source, sites[0], centre.centre_code)
        for centre in area.current_centres
        for source, sites in centre.sites.items()
        if len(sites) == 1
    ]
    schema = {"source": pl.String, "site_code": pl.String, "centre_code": pl.String}
    nights = counts.select("source", "evening", "centre_code", "is_covered").unique()
    went_on = nights.filter(pl.col("is_covered"), pl.col("centre_code") == OUTSIDE).select(
        "source", "evening"
    )
    return (
        nights.filter(~pl.col("is_covered"))
        .join(pl.DataFrame(served, schema, orient="row"), on=["source", "centre_code"])
        .join(went_on, on=["source", "evening"])
        .group_by("source", "site_code", pl.col("evening").dt.truncate("1mo").alias("month"))
        .agg(pl.col("evening").n_unique().cast(pl.Int64).alias("n_silent_nights"))
    )
