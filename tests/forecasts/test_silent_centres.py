"""Centres in which nothing ever happens must not move the bands of the others.

On real deliveries five of nineteen centres had no located violence in four years; the levels then drifted at
their highest rate, the area's level fell to a third, and a city's dispersion went from 8 to 1.4.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl

from forecasts.issuing.bands import issue_bands
from forecasts.settings import BandSettings

FIRST, N_NIGHTS = date(2022, 2, 14), 1240
SOURCES = {"police": 1.0, "emas": 0.4, "ae": 0.6}


def test_centres_where_nothing_ever_happens_leave_the_others_alone() -> None:
    with_silent = weekend_bands(n_busy=6, n_silent=5)
    without = weekend_bands(n_busy=6, n_silent=0)
    both = with_silent.join(without, on=["evening", "centre_code", "source"], suffix="_alone")
    assert both.height == without.height
    ratio = both["expected"] / both["expected_alone"]
    assert ratio.is_between(0.85, 1.15).all(), ratio.to_list()
    assert (both["dispersion"] / both["dispersion_alone"]).is_between(0.6, 1.6).all()


def test_a_centre_where_nothing_ever_happens_expects_next_to_nothing() -> None:
    silent = weekend_bands(n_busy=6, n_silent=5).filter(pl.col("centre_code").str.starts_with("silent"))
    assert silent.height == 5 * 3 * 3
    assert (silent["expected"] < 0.02).all()
    assert (silent["expected"] > 0).all()


def weekend_bands(n_busy: int, n_silent: int) -> pl.DataFrame:
    draw = np.random.default_rng(5)
    evenings = [FIRST + timedelta(days=n) for n in range(N_NIGHTS)]
    weekend = np.array([2.2 if e.weekday() in (4, 5) else 1.4 if e.weekday() == 6 else 0.6 for e in evenings])
    season = 1 + 0.25 * np.sin(np.arange(N_NIGHTS) * 2 * np.pi / 365.25)
    rows = []
    for centre in range(n_busy):
        for source, share in SOURCES.items():
            mean = weekend * season * share * (4.0 / (1 + centre))
            rows.append(series(f"busy-{centre}", source, evenings, draw.negative_binomial(8, 8 / (8 + mean))))
    for centre in range(n_silent):
        rows += [series(f"silent-{centre}", s, evenings, np.zeros(N_NIGHTS, dtype=np.int64)) for s in SOURCES]
    history = pl.concat(rows)
    codes = history["centre_code"].unique(maintain_order=True).to_list()
    centres = pl.DataFrame({"centre_code": codes, "lat": 53.0, "lon": -1.4, "radius_m": 500.0})
    friday = next(e for e in (evenings[-1] + timedelta(days=n) for n in range(1, 8)) if e.weekday() == 4)
    nights = [friday + timedelta(days=n) for n in range(3)]
    calendar = pl.DataFrame(
        {"evening": evenings + [evenings[-1] + timedelta(days=n) for n in range(1, 12)]}
    ).with_columns(payday=(pl.col("evening").dt.day() > 24).cast(pl.Int64))
    changes = pl.DataFrame(schema={"source": pl.String, "first_evening": pl.Date})
    return issue_bands(history, nights, calendar, centres, changes, BandSettings())


def series(centre: str, source: str, evenings: list[date], counts: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "centre_code": centre,
            "source": source,
            "evening": evenings,
            "n_incidents": counts,
            "is_covered": True,
            "known_share": 1.0,
        },
        schema_overrides={"n_incidents": pl.Int64},
    )
