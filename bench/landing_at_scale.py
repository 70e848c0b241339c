"""What a landing costs where many records are: the same morning on the simulated history, and on twelve times it.

The records of the history loads are repeated under other ids in the warehouse, counted once, and then a morning's
deliveries land. CPU seconds by the operating system's own account. `python -m bench.landing_at_scale [--times 12]
[--history-weeks 208]`
"""

import argparse
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from bench.history_load import AREA, NOW, PLAN, Cost, cost_of_run
from nte.settings import Settings
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse
from simulator.deliveries import simulate_deliveries

APART = 10_000_000
"""Row numbers of one repetition and the next are so far apart."""


def main() -> None:
    """Print what the landing costs in both homes."""
    parser = argparse.ArgumentParser(prog="python -m bench.landing_at_scale", description=__doc__)
    parser.add_argument("--times", type=int, default=12, help="how often the history is there (default 12)")
    parser.add_argument("--history-weeks", type=int, default=PLAN.n_history_weeks)
    chosen, costs = parser.parse_args(), list[Cost]()
    with tempfile.TemporaryDirectory(prefix="nte-scale-") as folder:
        work = Path(folder)
        simulate_deliveries(replace(PLAN, n_history_weeks=chosen.history_weeks), AREA, work / "simulated")
        before = datetime.fromisoformat(NOW) - timedelta(days=1)
        cost_of_run(work / "home", work / "simulated" / "inbox", before)
        for times in (1, chosen.times):
            home, inbox = work / f"home{times}", work / f"inbox{times}"
            shutil.copytree(work / "home", home)
            shutil.copytree(work / "simulated" / "inbox", inbox)
            n_records = repeat_history(Settings(home=home), times)
            cost_of_run(home, inbox, before)
            costs.append(cost_of_run(home, inbox, datetime.fromisoformat(NOW)))
            cost = costs[-1]
            print(
                f"  {n_records:>10,} records: a landing {cost.cpu_seconds:5.1f} s CPU, {cost.peak_gb:.2f} GB peak"
            )
            shutil.rmtree(home)
    print(f"  {costs[1].cpu_seconds / costs[0].cpu_seconds:.2f} times as much")


def repeat_history(settings: Settings, times: int) -> int:
    """Let the records of the history loads be there so many times, each on its own; return how many there are."""
    with open_warehouse(settings) as warehouse:
        history = warehouse.read(
            RECORDS, "delivery_id IN (SELECT delivery_id FROM deliveries WHERE is_history)"
        )
        for n in range(1, times):
            ids = [
                pl.format("{}-{}", pl.col(name), pl.lit(n)).alias(name)
                for name in ("record_id", "incident_id")
            ]
            warehouse.append(RECORDS, history.with_columns(*ids, pl.col("row_number") + n * APART))
        return warehouse.n_rows(RECORDS)


if __name__ == "__main__":
    main()
