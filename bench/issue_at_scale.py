"""A weekend's bands for a large force: `python -m bench.issue_at_scale [--centres 1200] [--years 4]`.

Three sources, every night of some years known, counts drawn anew on every run from one seed. Prints wall and CPU
seconds and the peak memory of this process and of the largest of its children.
"""

import argparse
import os
import resource
import time
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from forecasts.issuing.bands import issue_bands
from forecasts.settings import BandSettings

FIRST = date(2022, 1, 3)
SOURCES = ("ae", "emas", "police")
WEEK = np.array([0.6, 0.6, 0.7, 0.8, 1.7, 2.0, 0.8])
SIZE = 15.0
MAX_MINUTES, MAX_GB = 5.0, 4.0
"""What the issue of a weekend may cost at 1,200 centres on two cores."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Issue one weekend and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--centres", type=int, default=1200)
    parser.add_argument("--years", type=int, default=4)
    options = parser.parse_args(arguments)
    history, calendar, centres = draw_area(options.centres, 364 * options.years)
    drawn_gb = _peak_gb()
    weekend = [FIRST + timedelta(days=364 * options.years + day) for day in (4, 5, 6)]
    changes = pl.DataFrame(schema={"source": pl.String, "first_evening": pl.Date})
    wall, cpu = time.monotonic(), _cpu_seconds()
    bands = issue_bands(history, weekend, calendar, centres, changes, BandSettings())
    wall, cpu = time.monotonic() - wall, _cpu_seconds() - cpu
    print(
        f"{bands.height:,} bands of {options.centres:,} centres × {len(SOURCES)} sources "
        f"from {history.height:,} nights: "
        f"{wall:.0f} s, {cpu:.0f} s CPU, {_peak_gb():.2f} GB peak ({drawn_gb:.2f} GB before); "
        f"at most {60 * MAX_MINUTES:.0f} s and {MAX_GB:.0f} GB"
    )


def draw_area(n_centres: int, n_nights: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return history, calendar and centres of an area whose counts follow the week and nothing else."""
    random = np.random.default_rng(1)
    base = np.exp(random.normal(-1.0, 0.8, (n_centres, len(SOURCES), 1)))
    mean = base * WEEK[np.arange(n_nights) % 7]
    counts = random.negative_binomial(SIZE, SIZE / (SIZE + mean))
    centres = pl.DataFrame({"centre_code": [f"c{n:04d}" for n in range(n_centres)]})
    evenings = pl.DataFrame({"evening": [FIRST + timedelta(days=n) for n in range(n_nights)]})
    keys = centres.join(pl.DataFrame({"source": SOURCES}), how="cross", maintain_order="left_right")
    history = keys.join(evenings, how="cross", maintain_order="left_right").with_columns(
        n_incidents=pl.Series(counts.ravel()), is_covered=pl.lit(value=True), known_share=pl.lit(1.0)
    )
    ahead = [FIRST + timedelta(days=n) for n in range(n_nights + 7)]
    calendar = pl.DataFrame({"evening": ahead, "payday": [int(day.day > 25) for day in ahead]})
    return history, calendar, centres


def _cpu_seconds() -> float:
    return sum(os.times()[:4])


def _peak_gb() -> float:
    own, children = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return max(own, children) / 1e6


if __name__ == "__main__":
    main()
