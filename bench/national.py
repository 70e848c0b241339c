"""The national rehearsal: homes of one force each, one after the other, for one Thursday and one Monday.

`python -m bench.national [--homes 43] [--history-weeks 208]`. Each home is of 28 town centres, simulates its own force
and takes its history; then its Thursday (bands and outlook) and its Monday (four mornings' deliveries, judged, decided,
published) are measured by the operating system's account. Then the first home is given 1,200 town centres and judges
its Monday again.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from bench.area_of_many import write_area
from bench.history_load import Cost, cost_of, cost_of_run
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan

FORCES, CENTRES_A_FORCE = 43, 28
MONDAY = date(2026, 3, 30)
PLAN = SimulationPlan(seed=1, n_live_weeks=5, n_history_weeks=208, ends_on=MONDAY)
BEFORE, THURSDAY, LATER = (
    datetime.combine(MONDAY - timedelta(days=n), datetime.min.time()).replace(hour=16) for n in (5, 4, 0)
)


@dataclass(frozen=True)
class Home:
    """What one home cost."""

    thursday: Cost
    monday: Cost
    disk_gb: float


def main() -> None:
    """Print what the homes cost, what that makes for all forces, and what one home for all would cost."""
    parser = argparse.ArgumentParser(prog="python -m bench.national", description=__doc__)
    parser.add_argument("--homes", type=int, default=FORCES)
    parser.add_argument("--history-weeks", type=int, default=PLAN.n_history_weeks)
    chosen, homes = parser.parse_args(), list[Home]()
    with tempfile.TemporaryDirectory(prefix="nte-national-") as folder:
        area = write_area(Path(folder) / "area", CENTRES_A_FORCE)
        plans = [replace(PLAN, seed=n + 1, n_history_weeks=chosen.history_weeks) for n in range(chosen.homes)]
        works = [Path(folder) / str(plan.seed) for plan in plans]
        for plan, work in zip(plans, works, strict=True):
            homes.append(_live(area, plan, work))
            print(f"  home {plan.seed}: {_say_home(homes[-1])}", flush=True)
            if work != works[0]:
                shutil.rmtree(work)
        _tell_all(homes)
        judge = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "bench.judge_at_scale",
            str(works[0] / "home"),
            str(area),
        ]
        judged = cost_of(judge, {})
        print(f"{judged.output.strip()}: {_say(judged)}")


def _live(area: Path, plan: SimulationPlan, work: Path) -> Home:
    """Bring a home to its Wednesday, and measure its Thursday and its Monday."""
    simulate_deliveries(plan, area, work)
    home, inbox = work / "home", work / "inbox"
    cost_of_run(home, inbox, BEFORE, area)
    thursday, monday = (cost_of_run(home, inbox, now, area) for now in (THURSDAY, LATER))
    n_bytes = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    return Home(thursday, monday, n_bytes / 1e9)


def _tell_all(homes: Sequence[Home]) -> None:
    """Print the sums of what was measured, and what they make for all forces where fewer were."""
    seconds = sum(h.thursday.cpu_seconds for h in homes), sum(h.monday.cpu_seconds for h in homes)
    peak = max(max(h.thursday.peak_gb, h.monday.peak_gb) for h in homes)
    disk, factor = sum(h.disk_gb for h in homes), FORCES / len(homes)
    print(f"{len(homes)} homes of {CENTRES_A_FORCE} town centres, measured: Thursday {seconds[0]:.0f} s CPU, "
          f"Monday {seconds[1]:.0f} s, peak {peak:.2f} GB, {disk:.1f} GB on disk")  # fmt: skip
    if len(homes) < FORCES:
        print(f"{FORCES} homes, extrapolated: Thursday {seconds[0] * factor / 60:.0f} min of CPU, Monday "
              f"{seconds[1] * factor / 60:.0f} min, {disk * factor:.0f} GB on disk")  # fmt: skip


def _say_home(home: Home) -> str:
    return f"Thursday {_say(home.thursday)}; Monday {_say(home.monday)}; {home.disk_gb:.2f} GB on disk"


def _say(cost: Cost) -> str:
    return f"{cost.cpu_seconds:.1f} s CPU, {cost.peak_gb:.2f} GB"


if __name__ == "__main__":
    main()
