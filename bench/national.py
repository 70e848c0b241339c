"""The national rehearsal: homes of one force each, one after the other, for one Thursday and one Monday.

`python -m bench.national [--homes 43] [--history-weeks 208]`. Each home simulates its own force and takes its history;
then its Thursday (bands and outlook) and its Monday (four mornings' deliveries, judged, decided, published) are
measured by the operating system's account. Then one home is given 1,200 town centres and judges its Monday again.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from bench.history_load import AREA, Cost, cost_of, cost_of_run
from nte.area import Area
from nte.area_files import load_area
from nte.columns import Table
from nte.settings import Settings
from nte.tables.bands import BANDS
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHT_COUNTS, OUTSIDE, UNPLACED
from nte.tables.judgements import JUDGEMENTS
from nte.tables.progress import PROGRESS
from nte.warehouse import open_warehouse
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan

FORCES, CENTRES = 43, 1_200
MONDAY = date(2026, 3, 30)
PLAN = SimulationPlan(seed=1, n_live_weeks=5, n_history_weeks=208, ends_on=MONDAY)
BEFORE, THURSDAY, LATER = (
    datetime.combine(MONDAY - timedelta(days=n), datetime.min.time()).replace(hour=16) for n in (5, 4, 0)
)
REPEATED = (NIGHT_COUNT_REVISIONS, NIGHT_COUNTS, BANDS)
"""What judging reads of town centres."""


@dataclass(frozen=True)
class Home:
    """What one home cost."""

    thursday: Cost
    monday: Cost
    disk_gb: float


def main() -> None:
    """Print what the homes cost, and what that makes for all forces."""
    parser = argparse.ArgumentParser(prog="python -m bench.national", description=__doc__)
    parser.add_argument("--homes", type=int, default=FORCES)
    parser.add_argument("--history-weeks", type=int, default=PLAN.n_history_weeks)
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.judge:
        _judge(chosen.judge)
        return
    homes = list[Home]()
    with tempfile.TemporaryDirectory(prefix="nte-national-") as folder:
        for n in range(chosen.homes):
            work = Path(folder) / str(n)
            simulate_deliveries(replace(PLAN, seed=n + 1, n_history_weeks=chosen.history_weeks), AREA, work)
            homes.append(_live(work))
            print(f"  home {n + 1}: Thursday {_say(homes[-1].thursday)}; Monday {_say(homes[-1].monday)}; "
                  f"{homes[-1].disk_gb:.2f} GB on disk", flush=True)  # fmt: skip
        _tell_all(homes)
        judged = cost_of(
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "bench.national",
                "--judge",
                str(Path(folder) / "0" / "home"),
            ],
            {},
        )
        print(f"{judged.output.strip()}: {_say(judged)}")


def _live(work: Path) -> Home:
    """Bring a home to its Wednesday, and measure its Thursday and its Monday."""
    home, inbox = work / "home", work / "inbox"
    cost_of_run(home, inbox, BEFORE)
    thursday, monday = (cost_of_run(home, inbox, now) for now in (THURSDAY, LATER))
    n_bytes = sum(path.stat().st_size for path in (work / "home").rglob("*") if path.is_file())
    return Home(thursday, monday, n_bytes / 1e9)


def _tell_all(homes: list[Home]) -> None:
    """Print the sums of what was measured, and what they make for all forces where fewer were."""
    seconds = sum(h.thursday.cpu_seconds for h in homes), sum(h.monday.cpu_seconds for h in homes)
    peak = max(max(h.thursday.peak_gb, h.monday.peak_gb) for h in homes)
    disk, factor = sum(h.disk_gb for h in homes), FORCES / len(homes)
    print(f"{len(homes)} homes, measured: Thursday {seconds[0]:.0f} s CPU, Monday {seconds[1]:.0f} s, "
          f"peak {peak:.2f} GB, {disk:.1f} GB on disk")  # fmt: skip
    if len(homes) < FORCES:
        print(f"{FORCES} homes, extrapolated: Thursday {seconds[0] * factor / 60:.0f} min of CPU, Monday "
              f"{seconds[1] * factor / 60:.0f} min, {disk * factor:.0f} GB on disk")  # fmt: skip


def _judge(home: Path) -> None:
    """Judge the Monday of a home again as if it had 1,200 town centres."""
    from forecasts.steps import judge_nights

    settings, area = Settings(home=home), load_area(AREA)
    times = -(-CENTRES // len(area.current_centres))
    with open_warehouse(settings) as warehouse:
        for table in REPEATED:
            rows = warehouse.read(table)
            for n in range(1, times):
                warehouse.append(table, _renamed(rows, table, n))
        last = warehouse.query("SELECT max(as_of) AS at FROM progress WHERE step = 'judge_nights'")["at"][0]
        warehouse.remove(JUDGEMENTS, "as_of = ?", [last])
        warehouse.remove(PROGRESS, "step = 'judge_nights' AND as_of = ?", [last])
    done = judge_nights(settings, _of_many(area, times), last)
    print(
        f"{times * len(area.current_centres)} town centres judged in one home, {done.n_judgements:,} judgements"
    )


def _renamed(rows: pl.DataFrame, table: Table, n: int) -> pl.DataFrame:
    is_centre = ~pl.col("centre_code").is_in([OUTSIDE, UNPLACED])
    return table.conform(
        rows.filter(is_centre).with_columns(pl.format("{}-{}", "centre_code", pl.lit(n)).alias("centre_code"))
    )


def _of_many(area: Area, times: int) -> Area:
    """Return an area in which each town centre is there so many times, under other codes."""
    more = [
        c.model_copy(update={"centre_code": f"{c.centre_code}-{n}"})
        for n in range(1, times)
        for c in area.town_centres
    ]
    return area.model_copy(update={"town_centres": (*area.town_centres, *more)})


def _say(cost: Cost) -> str:
    return f"{cost.cpu_seconds:.1f} s CPU, {cost.peak_gb:.2f} GB"


if __name__ == "__main__":
    main()
