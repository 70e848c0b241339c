"""What the bands of one weekend cost by the number of town centres: the area-wide fit, the shards, and the files.

Drawn counts, three sources, five years of nights. Seconds are of CPU, which a busy machine does not stretch much.
`python -m bench.band_shards 20 100 1200`
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from forecasts.issuing.shards import FIT, PLAN, WeekendInputs
from forecasts.issuing.weekend_files import fit_weekend, forecast_shard, read_bands, write_weekend
from forecasts.known.area_inputs import band_settings, calendar_of, recording_changes
from nte.area_files import load_area

AREA = Path(__file__).resolve().parent.parent / "areas" / "derbyshire"
YEARS, PER_SHARD = 5, 50
LAST = date(2026, 4, 1)
NIGHT_OF_WEEK = np.array([0.4, 0.4, 0.5, 0.7, 1.6, 2.2, 1.0])
SOURCES = {"ae": 0.5, "emas": 0.7, "police": 1.2}


def drawn_weekend(n_centres: int) -> WeekendInputs:
    """Return the inputs of a weekend in an area of so many centres; their levels differ, as towns do."""
    random, n_days = np.random.default_rng(1), 365 * YEARS
    days = np.datetime64(LAST) - np.arange(n_days)[::-1]
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    codes = [f"centre-{n:04d}" for n in range(n_centres)]
    frames = []
    for source, usual in SOURCES.items():
        level = usual * random.gamma(1.0, 1.0, size=(n_centres, 1))
        frames.append(
            pl.DataFrame(
                {
                    "evening": np.tile(days.astype("datetime64[D]"), n_centres),
                    "centre_code": np.repeat(codes, n_days),
                    "source": [source] * (n_centres * n_days),
                    "n_incidents": random.poisson(level * NIGHT_OF_WEEK[weekday]).ravel(),
                }
            )
        )
    history = pl.concat(frames).with_columns(is_covered=pl.lit(value=True), known_share=pl.lit(1.0))
    area = load_area(AREA)
    place = {"lat": [52.0] * n_centres, "lon": [-1.5] * n_centres, "radius_m": [400.0] * n_centres}
    return WeekendInputs(
        evenings=tuple(LAST + timedelta(days=n) for n in (2, 3, 4)),
        as_of=datetime(2026, 4, 2, 5, tzinfo=UTC),
        definition=area.alert_definition,
        settings=band_settings(area),
        history=history,
        calendar=calendar_of(area, history, LAST + timedelta(days=4)),
        centres=pl.DataFrame({"centre_code": codes, **place}),
        recording_changes=recording_changes(area),
        completeness=pl.DataFrame(),
    )


def measure(n_centres: int) -> None:
    """Print what each step costs for so many centres."""
    from prophet import Prophet  # noqa: F401  the import is paid once a process, not by the fit

    weekend = drawn_weekend(n_centres)
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(folder)
        name, plan = cpu_of(lambda: write_weekend(shared, weekend))
        shards, fit = cpu_of(lambda: fit_weekend(shared, name, PER_SHARD))
        _, forecast = cpu_of(lambda: [forecast_shard(shared, shard) for shard in shards])
        bands, load = cpu_of(lambda: read_bands(shared, name, shards))
        size = {file.name: file.stat().st_size / 1e6 for file in (shared / name).iterdir()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    inputs = sum(mb for file, mb in size.items() if not file.startswith(("bands-", FIT, PLAN)))
    print(
        f"{n_centres:>8,} {len(shards):>7} {bands.height:>7,} {plan:>7.1f} {fit:>9.1f} {1000 * fit / n_centres:>10.0f} "
        f"{forecast:>9.1f} {load:>6.1f} {inputs:>10.1f} {size[FIT]:>7.2f} {peak:>8.2f}"
    )


def cpu_of(do: Callable[[], Any]) -> tuple[Any, float]:
    """Return what `do` returns and the CPU seconds it took."""
    started = time.process_time()
    return do(), time.process_time() - started


def main(arguments: list[str]) -> None:
    """Measure each number of centres in a process of its own, for its peak of memory."""
    if arguments[:1] == ["--one"]:
        measure(int(arguments[1]))
        return
    print(
        " centres  shards   bands  plan s  fit_area s  ms/centre  shards s  load s  inputs MB  fit MB  peak GB"
    )
    for n_centres in arguments or ["20", "100", "1200"]:
        command = [sys.executable, "-W", "ignore", "-m", "bench.band_shards", "--one", n_centres]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(done.stdout.strip("\n").splitlines()[-1], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
