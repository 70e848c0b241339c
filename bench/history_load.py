"""Time and memory of a full history load, beside a plain pandas script that reads and counts the same files.

Ratios hold on a noisy machine; seconds do not. `python -m bench.history_load [INBOX] [NOW]`
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan

AREA = Path(__file__).resolve().parent.parent / "areas" / "derbyshire"
PLAN = SimulationPlan(seed=1, n_live_weeks=8, n_history_weeks=208, ends_on=date(2026, 4, 6))
NOW = "2026-04-06T12:00"


@dataclass(frozen=True)
class Cost:
    """What one process and its children cost."""

    wall_seconds: float
    cpu_seconds: float
    peak_gb: float
    output: str


def cost_of(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command and return its cost by the operating system's own account. Raises RuntimeError if it fails."""
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        process = subprocess.Popen(command, env=os.environ | environment, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        out.seek(0)
        printed = out.read().decode(errors="replace")
    if status:
        raise RuntimeError(f"{command[0]} failed:\n{printed[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6, printed)


def cost_of_run(home: Path, inbox: Path, now: datetime | str, area: Path = AREA) -> Cost:
    """Return the cost of `nte run` over an inbox as of a local time."""
    command = [sys.executable, "-W", "ignore", "-m", "cli", "run", "--inbox", str(inbox), "--now"]
    environment = {"NTE_HOME": str(home), "NTE_AREA": str(area)}
    return cost_of([*command, now if isinstance(now, str) else now.isoformat()], environment)


def main() -> None:
    """Print both costs and their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
        now = sys.argv[2] if len(sys.argv) > 2 else NOW
        if given is None:
            simulate_deliveries(PLAN, AREA, work / "simulated")
            given = work / "simulated" / "inbox"
        shutil.copytree(given, work / "inbox")
        n_files = sum(1 for _ in given.glob("*/*.csv"))
        peer = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "bench.plain_pandas",
            str(given),
            str(AREA / "town_centres.geojson"),
        ]
        plain = cost_of(peer, {})
        ours = cost_of_run(work / "home", work / "inbox", now)
    print(f"Full history load, {n_files} files: taken, checked, counted, banded, judged, published")
    for name, cost in (("this service", ours), ("plain pandas (read and count only)", plain)):
        print(
            f"  {name:36} {cost.wall_seconds:6.1f} s  {cost.cpu_seconds:6.1f} s CPU  {cost.peak_gb:5.2f} GB peak"
        )
    print(
        f"  ratio                                {ours.wall_seconds / plain.wall_seconds:6.1f}    "
        f"{ours.cpu_seconds / plain.cpu_seconds:6.1f}        {ours.peak_gb / plain.peak_gb:5.2f}"
    )


if __name__ == "__main__":
    main()
