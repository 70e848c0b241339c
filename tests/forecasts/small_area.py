"""Counts drawn from a known truth, small enough for tests."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from forecasts.issuing.bands import issue_bands
from forecasts.settings import BandSettings

FIRST = date(2023, 1, 2)
N_NIGHTS = 7 * 104
CENTRES = ("ashford", "brook", "calder")
SOURCES = ("ambulance", "police")
SIZE = 20.0
WEEK = np.array([0.6, 0.6, 0.7, 0.8, 1.6, 2.0, 0.7])


@dataclass(frozen=True)
class SmallArea:
    """One simulated history with everything that is known ahead."""

    history: pl.DataFrame
    truth: pl.DataFrame
    calendar: pl.DataFrame
    centres: pl.DataFrame
    recording_changes: pl.DataFrame

    def issue(
        self,
        nights: list[date],
        completeness: pl.DataFrame | None = None,
        settings: BandSettings | None = None,
    ) -> pl.DataFrame:
        """Return the bands of some nights from the history before the first of them."""
        known = self.history.filter(pl.col("evening") < min(nights))
        settings = settings or BandSettings()
        ahead = self.calendar, self.centres, self.recording_changes
        return issue_bands(known, nights, *ahead, settings, completeness)

    def with_history(self, history: pl.DataFrame) -> "SmallArea":
        """Return the same area with another history."""
        return replace(self, history=history)


def weekend(week: int) -> list[date]:
    """Return Friday, Saturday and Sunday of the n-th week of the simulation."""
    return [FIRST + timedelta(days=7 * week + day) for day in (4, 5, 6)]


def simulate(
    seed: int,
    *,
    step_evening: date | None = None,
    step: float = 1.0,
    is_announced: bool = True,
    level: float = 1.0,
    size: float = SIZE,
) -> SmallArea:
    """Draw a history; from `step_evening` on the police count `step` times what they did."""
    random = np.random.default_rng(seed)
    evenings = [FIRST + timedelta(days=n) for n in range(N_NIGHTS)]
    rows = []
    for place, centre in enumerate(CENTRES):
        for source, factor in zip(SOURCES, (0.6, 1.0), strict=True):
            for evening in evenings:
                season = 1.0 + 0.1 * np.cos(2 * np.pi * evening.timetuple().tm_yday / 365.25)
                mean = level * (4.0, 1.0, 0.4)[place] * factor * WEEK[evening.weekday()] * season
                if source == "police" and step_evening is not None and evening >= step_evening:
                    mean *= step
                count = int(random.negative_binomial(size, size / (size + mean)))
                rows.append((centre, source, evening, count, mean))
    truth = pl.DataFrame(
        rows, schema=["centre_code", "source", "evening", "n_incidents", "mean"], orient="row"
    )
    changes = [("police", step_evening)] if step_evening is not None and is_announced else []
    return SmallArea(
        history=truth.drop("mean").with_columns(is_covered=pl.lit(value=True), known_share=pl.lit(1.0)),
        truth=truth.select("centre_code", "source", "evening", "mean"),
        calendar=pl.DataFrame(
            {"evening": evenings, "nye": [int((day.month, day.day) == (12, 31)) for day in evenings]}
        ),
        centres=pl.DataFrame(
            {"centre_code": CENTRES, "lat": [53.0] * 3, "lon": [-1.5] * 3, "radius_m": [500] * 3}
        ),
        recording_changes=pl.DataFrame(
            changes, schema={"source": pl.String, "first_evening": pl.Date}, orient="row"
        ),
    )
