"""A panel of night counts on disk: the CSV files that the backtest reads and writes."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from forecasts.known.paths import in_lots, with_paths
from nte.files import OPEN, write_atomically

AGE_COLUMN = r"^after_(\d+)_days$"


@dataclass(frozen=True)
class PanelFiles:
    """What a panel folder holds, in the words of the forecasts."""

    counts: pl.DataFrame
    """evening, centre_code, source, n_incidents, is_covered: final counts."""
    calendar: pl.DataFrame
    centres: pl.DataFrame
    recording_changes: pl.DataFrame
    evenings: tuple[date, ...]
    """The nights to forecast."""
    reports: pl.DataFrame | None
    """source, centre_code, evening, age_days, n_known, where reports are delayed."""

    def of_nights(self, chosen: pl.Expr) -> "PanelFiles":
        """Return the panel with the counts and reports of some nights only."""
        reports = None if self.reports is None else self.reports.filter(chosen)
        return replace(self, counts=self.counts.filter(chosen), reports=reports)


def read_panel(folder: Path) -> PanelFiles:
    """Return a panel folder's contents. Raises FileNotFoundError naming the file that is missing."""
    nights = pl.read_csv(folder / "nights.csv", schema_overrides={"night": pl.Date, "observed": pl.String})
    calendar = pl.read_csv(folder / "calendar.csv", schema_overrides={"night": pl.Date})
    changes = pl.read_csv(
        folder / "recording_changes.csv", schema={"source": pl.String, "first_night": pl.Date}
    )
    evenings = pl.read_csv(folder / "to_forecast.csv", schema_overrides={"night": pl.Date})["night"]
    reports = folder / "asof.csv"
    return PanelFiles(
        counts=_counts(nights),
        calendar=calendar.rename({"night": "evening"}),
        centres=pl.read_csv(folder / "centres.csv", schema_overrides={"centre": pl.String}).rename(
            {"centre": "centre_code"}
        ),
        recording_changes=changes.rename({"first_night": "first_evening"}),
        evenings=tuple(sorted(evenings.unique().to_list())),
        reports=_reports(reports) if reports.exists() else None,
    )


def write_table(folder: Path, name: str, table: pl.DataFrame) -> None:
    """Write one result file, whole or not at all."""
    write_atomically(folder / name, table.write_csv, OPEN)


def counts_as_known(panel: PanelFiles, completeness: pl.DataFrame | None, as_of: date) -> pl.DataFrame:
    """Return the counts of all nights before `as_of` as they stood on that morning, and how full they should be."""
    before = panel.counts.filter(pl.col("evening") < as_of)
    if panel.reports is None or completeness is None:
        return before.with_columns(known_share=pl.lit(1.0), survival_share=pl.lit(1.0))
    shares = completeness.select("source", "age_days", "known_share", "survival_share")
    known = latest_reports(panel.reports, as_of).join(shares, on=["source", "age_days"], how="left")
    keys = ["evening", "centre_code", "source"]
    joined = before.drop("n_incidents").join(known, on=keys, how="left", maintain_order="left")
    counts = joined.select(
        *keys,
        pl.col("n_known").alias("n_incidents"),
        pl.col("is_covered") & pl.col("n_known").is_not_null(),
        pl.col("known_share").fill_null(0.0),
        pl.col("survival_share").fill_null(1.0),
    )
    if in_lots(completeness).is_empty():
        return counts
    age = (pl.lit(as_of) - pl.col("evening")).dt.total_days()
    young = panel.reports.filter(age <= pl.col("age_days").max(), pl.col("age_days") <= age).sort("age_days")
    looks = young.join(shares, on=["source", "age_days"]).rename({"n_known": "n_incidents"})
    return with_paths(counts, looks, completeness)


def latest_reports(reports: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return for every night the newest report on file by that morning, with the age it was taken at.

    Of nights past the last age only their last report is read: they are nearly all of a history of years.
    """
    age, last_age = (pl.lit(as_of) - pl.col("evening")).dt.total_days(), pl.col("age_days").max()
    final = reports.filter(age >= last_age, pl.col("age_days") == last_age)
    young = reports.filter(age < last_age, pl.col("age_days") <= age).sort("age_days")
    newest = young.group_by("evening", "centre_code", "source", maintain_order=True).last()
    return pl.concat([final.select(newest.columns), newest])


def revisions_by(reports: pl.DataFrame, as_of: date, days: int) -> pl.DataFrame:
    """Return what the last `days` of reports teach about delays: the input of `learn_completeness`."""
    recent = reports.filter(
        pl.col("evening") >= as_of - timedelta(days=days),
        pl.col("age_days") <= (pl.lit(as_of) - pl.col("evening")).dt.total_days(),
    )
    latest = latest_reports(recent, as_of).select(
        "evening", "centre_code", "source", latest_age_days="age_days", n_latest="n_known"
    )
    return recent.join(latest, on=["evening", "centre_code", "source"])


def _counts(nights: pl.DataFrame) -> pl.DataFrame:
    return nights.select(
        evening="night",
        centre_code=pl.col("centre").cast(pl.String),
        source=pl.col("source").cast(pl.String),
        n_incidents=pl.col("count").cast(pl.Int64),
        is_covered=pl.col("observed").str.to_lowercase() == "true",
    )


def _reports(file: Path) -> pl.DataFrame:
    wide = pl.read_csv(file, schema_overrides={"night": pl.Date, "centre": pl.String})
    ages = [name for name in wide.columns if name.startswith("after_")]
    return wide.unpivot(ages, index=["centre", "source", "night"]).select(
        evening="night",
        centre_code="centre",
        source="source",
        age_days=pl.col("variable").str.extract(AGE_COLUMN).cast(pl.Int64),
        n_known=pl.col("value").cast(pl.Int64),
    )
