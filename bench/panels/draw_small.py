"""Draw the bundled panel anew: `python -m bench.panels.draw_small`. The same seed draws the same files.

Six centres, two sources, three years, the last half year to forecast. The truth has a week, a season, events, a
recording change and levels that wander; no night is out of the ordinary beyond that.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

SEED = 20_260_405
FOLDER = Path(__file__).resolve().parent / "small"
FIRST = date(2023, 1, 2)
N_WEEKS, N_TEST_WEEKS = 156, 26
CENTRES = {"ashford": 3.2, "brook": 1.6, "calder": 1.0, "denby": 0.6, "eyam": 0.35, "fernley": 0.2}
"""Expected incidents of an average police night."""
SOURCES = {"ambulance": 0.6, "police": 1.0}
SIZES = {"ambulance": 12.0, "police": 18.0}
WEEK = np.array([0.6, 0.55, 0.6, 0.75, 1.6, 2.1, 0.8])
CHANGE_SOURCE, CHANGE_EVENING, CHANGE_FACTOR = "ambulance", date(2025, 4, 7), 1.4
WEEKLY_DRIFT_SD = 0.012
BH_SUNDAYS = ((4, 9), (5, 28), (8, 27), (4, 30), (5, 5), (5, 26), (8, 25), (4, 20), (5, 4), (5, 25), (8, 24))
"""Month and day; only Sundays count as one."""


def main() -> None:
    """Write the panel folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(SEED)
    calendar = draw_calendar()
    truth = pl.concat([draw_series(c, s, calendar, random) for c in CENTRES for s in SOURCES], how="vertical")
    truth.select("centre", "source", "night", "count", observed=pl.lit("True")).write_csv(
        FOLDER / "nights.csv"
    )
    test = truth["night"].unique().sort().tail(7 * N_TEST_WEEKS)
    weekends = pl.DataFrame({"night": test}).filter(pl.col("night").dt.weekday() >= 5)
    weekends.write_csv(FOLDER / "to_forecast.csv")
    truth.filter(pl.col("night").is_in(weekends["night"].to_list())).select(
        "centre", "source", "night", pl.col("mu").round(4), "r"
    ).write_csv(FOLDER / "truth.csv")
    calendar.write_csv(FOLDER / "calendar.csv")
    pl.DataFrame({"centre": list(CENTRES), "lat": 53.0, "lon": -1.5, "radius_m": 500}).write_csv(
        FOLDER / "centres.csv"
    )
    pl.DataFrame({"source": [CHANGE_SOURCE], "first_night": [CHANGE_EVENING]}).write_csv(
        FOLDER / "recording_changes.csv"
    )


def draw_calendar() -> pl.DataFrame:
    """Return the events of every night, 0 or 1."""
    nights = [FIRST + timedelta(days=n) for n in range(7 * N_WEEKS)]
    return pl.DataFrame(
        {
            "night": nights,
            "bh_sunday": [int(n.weekday() == 6 and (n.month, n.day) in BH_SUNDAYS) for n in nights],
            "nye": [int((n.month, n.day) == (12, 31)) for n in nights],
            "halloween": [int((n.month, n.day) == (10, 31)) for n in nights],
        }
    )


def draw_series(
    centre: str, source: str, calendar: pl.DataFrame, random: np.random.Generator
) -> pl.DataFrame:
    """Return centre, source, night, count, and its true mean `mu` and negative binomial size `r`."""
    nights = calendar["night"].to_list()
    events = 1.8 ** calendar["bh_sunday"].to_numpy() * 2.2 ** calendar["nye"].to_numpy()
    season = 1.0 + 0.15 * np.cos(2 * np.pi * (np.arange(len(nights)) - 180) / 365.25)
    drift = np.exp(np.repeat(np.cumsum(random.normal(0.0, WEEKLY_DRIFT_SD, N_WEEKS)), 7))
    is_changed = np.array([source == CHANGE_SOURCE and night >= CHANGE_EVENING for night in nights])
    week = WEEK[[night.weekday() for night in nights]]
    mean = CENTRES[centre] * SOURCES[source] * week * season * events * drift
    mean = mean * np.where(is_changed, CHANGE_FACTOR, 1.0) * 1.3 ** calendar["halloween"].to_numpy()
    size = SIZES[source]
    counts = random.negative_binomial(size, size / (size + mean))
    return pl.DataFrame({"night": nights, "count": counts, "mu": mean}).with_columns(
        centre=pl.lit(centre), source=pl.lit(source), r=pl.lit(size)
    )


if __name__ == "__main__":
    main()
