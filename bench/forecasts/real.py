"""Real incidents as a panel: New York's shooting incidents by borough or precinct, 18:00 to 06:00."""

from datetime import date, timedelta
from pathlib import Path

import holidays
import polars as pl

FIRST_TEST_YEAR = 2009
LONG_WEEKENDS = (
    "Memorial Day",
    "Labor Day",
    "Columbus Day",
    "Martin Luther King Jr. Day",
    "Washington's Birthday",
)


def write_real_panel(file: Path, place: str, folder: Path, first_test_year: int = FIRST_TEST_YEAR) -> None:
    """Write the panel folder of incidents per `place` (BORO or PRECINCT): all nights, weekends to forecast."""
    folder.mkdir(parents=True, exist_ok=True)
    incidents = _incidents(file, place)
    first, last = date(2006, 1, 1), date(2018, 12, 30)
    evenings = pl.DataFrame({"night": [first + timedelta(days=n) for n in range((last - first).days + 1)]})
    centres = incidents.group_by("centre").agg(pl.col("lat").mean(), pl.col("lon").mean(), pl.len())
    centres = centres.filter(pl.col("len") >= 100).sort("centre").with_columns(radius_m=pl.lit(2000))
    counts = incidents.group_by("centre", "night").agg(count=pl.len())
    nights = (
        centres.select("centre").join(evenings, how="cross").join(counts, on=["centre", "night"], how="left")
    )
    nights.select(
        "centre",
        pl.lit("police").alias("source"),
        "night",
        pl.col("count").fill_null(0),
        observed=pl.lit("True"),
    ).write_csv(folder / "nights.csv")
    centres.drop("len").write_csv(folder / "centres.csv")
    _calendar(evenings["night"].to_list()).write_csv(folder / "calendar.csv")
    pl.DataFrame(schema={"source": pl.String, "first_night": pl.Date}).write_csv(
        folder / "recording_changes.csv"
    )
    is_test = (pl.col("night") >= date(first_test_year, 1, 5)) & (pl.col("night").dt.weekday() >= 5)
    evenings.filter(is_test).write_csv(folder / "to_forecast.csv")


def _incidents(file: Path, place: str) -> pl.DataFrame:
    rows = pl.read_csv(file, schema_overrides={place: pl.String}).unique("INCIDENT_KEY", keep="first")
    at = (pl.col("OCCUR_DATE") + " " + pl.col("OCCUR_TIME")).str.to_datetime("%m/%d/%y %H:%M:%S")
    placed = rows.with_columns(at=at).filter((pl.col("at").dt.hour() >= 18) | (pl.col("at").dt.hour() < 6))
    return placed.select(
        centre=pl.col(place).cast(pl.String),
        night=(pl.col("at") - timedelta(hours=12)).dt.date(),
        lat="Latitude",
        lon="Longitude",
    )


def _calendar(evenings: list[date]) -> pl.DataFrame:
    named = holidays.country_holidays("US", years=range(2006, 2020))
    long_weekend = {
        day - timedelta(days=1) for day, name in named.items() if any(part in name for part in LONG_WEEKENDS)
    }
    return pl.DataFrame(
        {
            "night": evenings,
            "long_weekend": [int(day in long_weekend) for day in evenings],
            "nye": [int((day.month, day.day) == (12, 31)) for day in evenings],
            "july4": [int(day.month == 7 and day.day in {3, 4}) for day in evenings],
            "halloween": [int((day.month, day.day) == (10, 31)) for day in evenings],
            "xmas": [int(day.month == 12 and day.day in {24, 25}) for day in evenings],
            "thanksgiving": [int((day + timedelta(days=1)) in named and day.month == 11) for day in evenings],
        }
    )
