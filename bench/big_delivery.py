"""Memory and time of one very large delivery: `python -m bench.big_delivery [--rows 2000000]`.

A simulated year of police records is repeated under other keys until it has so many rows. Each step runs in a process
of its own; the peak is the operating system's account of it. `--most 2.0` ends with code 1 when a step takes more GB.
"""

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

import polars as pl

from bench.history_load import AREA, cost_of
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan

PLAN = SimulationPlan(seed=1, n_live_weeks=1, n_history_weeks=52, ends_on=date(2026, 4, 6))
NOW = "2026-03-31T09:00"
KEYS = ("crime_ref", "occurrence_ref")
STEPS = {
    "check": "from expectations.steps import check_deliveries as step; step(settings, area, 'police', at)",
    "conform": "from transforms.steps import conform_deliveries as step; step(settings, area, 'police')",
    "count": "from transforms.steps import count_nights as step; step(settings, area, at)",
}
SCENE = """
from nte.area_files import load_area
from nte.moment import moment
from nte.settings import Settings
settings = Settings()
area = load_area(settings.area)
at = moment("{now}", area)
{step}
"""


def write_large_delivery(folder: Path, n_rows: int) -> Path:
    """Write one history load of the police with so many rows, each key once; return the inbox."""
    simulate_deliveries(PLAN, AREA, folder / "simulated")
    [year] = (folder / "simulated" / "inbox" / "police").glob("*_*_*.csv")
    rows = pl.read_csv(year, infer_schema=False).with_row_index("n")
    target = folder / "inbox" / "police" / year.name
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        for n in range(-(-n_rows // rows.height)):
            again = rows.head(n_rows - n * rows.height)
            keys = [pl.format("{}{}", pl.lit(f"{n}-"), pl.col(key)).alias(key) for key in KEYS]
            again.with_columns(keys).drop("n").write_csv(file, include_header=n == 0)
    return target.parent.parent


def main() -> int:
    """Print what each step takes; code 1 when one takes more memory than allowed."""
    parser = argparse.ArgumentParser(prog="python -m bench.big_delivery", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--most", type=float, default=2.0, help="GB that no step may pass (default 2)")
    chosen, peaks = parser.parse_args(), []
    with tempfile.TemporaryDirectory(prefix="nte-large-") as folder:
        inbox = write_large_delivery(Path(folder), chosen.rows)
        [path] = inbox.glob("police/*.csv")
        print(f"one delivery of {chosen.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        home = {"NTE_HOME": f"{folder}/home", "NTE_INBOX": str(inbox)}
        for name, step in STEPS.items():
            cost = cost_of([sys.executable, "-W", "ignore", "-c", SCENE.format(now=NOW, step=step)], home)
            peaks.append(cost.peak_gb)
            print(f"  {name:8} {cost.wall_seconds:6.1f} s  {cost.peak_gb:5.2f} GB peak", flush=True)
    return 1 if max(peaks) > chosen.most else 0


if __name__ == "__main__":
    sys.exit(main())
