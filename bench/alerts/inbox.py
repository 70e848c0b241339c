"""A year of deliveries with planted surges through `nte run`: `python -m bench.alerts.inbox [--seed 1] [--weeks 52]`.

One night of every second weekend, in each of three centres in turn, is doubled or trebled in all sources. The figures
come from what the service itself wrote: `decisions`, `alerts` and `judgements`. Takes minutes; `--home` keeps the year.
"""

import argparse
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from bench.alerts.year import Year, alerts_of, reliability
from bench.history_load import AREA, cost_of_run
from bench.tables import print_table
from nte.warehouse import read_published
from simulator.deliveries import simulate_deliveries
from simulator.plan import SOURCES, SimulationPlan, Surge

ENDS_ON = date(2026, 4, 6)
CENTRES = ("derby", "chesterfield", "ilkeston")
FACTORS = (2.0, 3.0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, run, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument(
        "--home", type=Path, help="folder for inbox and home; kept, and used again if it is there"
    )
    options = parser.parse_args(arguments)
    plan = planned(options.seed, options.weeks)
    with tempfile.TemporaryDirectory() as scratch:
        year = run_year(plan, options.home or Path(scratch))
    show(year)


def planned(seed: int, n_weeks: int) -> SimulationPlan:
    """Return a year of history and live weeks: a surge on the Saturday or Friday of every second weekend."""
    last_saturday = ENDS_ON - timedelta(days=2)
    saturdays = [last_saturday - timedelta(weeks=n) for n in range(1, n_weeks - 1, 2)]
    surges = tuple(
        Surge(
            CENTRES[place % len(CENTRES)],
            saturday - timedelta(days=place // 6 % 2),
            FACTORS[place // len(CENTRES) % len(FACTORS)],
            SOURCES,
        )
        for place, saturday in enumerate(reversed(saturdays))
    )
    return SimulationPlan(
        seed=seed, n_live_weeks=n_weeks, n_history_weeks=52, ends_on=ENDS_ON, surges=surges, gaps=()
    )


def run_year(plan: SimulationPlan, folder: Path) -> Year:
    """Return the year as the service saw it; it runs unless `folder` holds its end already."""
    published = folder / "home" / "published" / "nte.duckdb"
    if not published.exists():
        simulate_deliveries(plan, AREA, folder)
        cost = cost_of_run(folder / "home", folder / "inbox", f"{plan.ends_on}T09:00")
        print(
            f"nte run over {plan.n_live_weeks} live weeks: {cost.cpu_seconds:.0f} s CPU, {cost.peak_gb:.2f} GB"
        )
    decisions = read_published(published, "SELECT * FROM decisions WHERE alert_id != ''")
    return Year(plan, decisions, read_published(published, "SELECT * FROM judgements"))


def show(year: Year) -> None:
    """Print every alert, their sums, and the reliability of the chances."""
    alerts = alerts_of(year)
    _print("Every alert that was told", alerts.rows(named=True))
    done = alerts.filter(pl.col("last_evening") <= year.finished_by)
    sums = [
        {"alerts": name, **_sums(rows)}
        for name, rows in (
            ("about a surge", done.filter(pl.col("factor") > 1)),
            ("about none", done.filter(pl.col("factor") == 1)),
            ("all", done),
        )
    ]
    _print(f"Alerts about nights until {year.finished_by}", sums)
    days = (year.finished_by - year.plan.history_morning).days
    n_false = done.filter(pl.col("factor") == 1).height
    n_surges = sum(surge.evening <= year.finished_by for surge in year.plan.surges or ())
    print(f"false alarms in 30 days: {30 * n_false / days:.2f}; surges planted: {n_surges}")
    _print("Chance stated against share that ended above", reliability(year).rows(named=True))


def _sums(alerts: pl.DataFrame) -> dict[str, object]:
    return {
        "first alerts": alerts.height,
        "standing at the end": int(alerts["stands"].sum()),
        "withdrawn": int(alerts["withdrawn"].sum()),
        "withdrawn for nothing": int(alerts["for_nothing"].sum()),
        "mean morning": alerts["morning"].mean(),
        "messages an alert": alerts["n_said"].mean(),
    }


def _print(title: str, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        print(f"{title}: none")
        return
    print_table(title, rows)


if __name__ == "__main__":
    main()
