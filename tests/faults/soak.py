"""A service under deliveries and random kills for many minutes: nothing lost, nothing doubled, memory and disk flat.

`python -m tests.faults.soak [--minutes 40] [--every 120] [--seed 1]`. A file lands every two minutes; about as often a
part of the service, or all of it at once, is killed. In the end its tables are those of a home that got the same files
in one undisturbed run, and every message that was meant stands in Slack once.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import psutil

from bench.landing import last_evening
from cli.airflow.left_over import airflow_processes
from cli.airflow.running import running as running_start
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse, read_published
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.alerts.scenes import AREA
from tests.alerts.test_faults import CHANNELS
from tests.areas import DERBYSHIRE
from tests.faults.service import PARTS, Running, clean_environment, cut_power, nte, started, wait_until

POWER_CUT = "all at once"
MOST_SECONDS = 900
SAME = {
    "counts": "SELECT source, definition, evening, centre_code, n_incidents, is_covered FROM night_counts ORDER BY ALL",
    "verdicts": "SELECT file_name, verdict, n_rows, n_accepted, n_quarantined FROM verdicts ORDER BY ALL",
    "rows": "SELECT fate, sum(n_rows) AS n_rows FROM ledger GROUP BY ALL ORDER BY ALL",
}
"""What a home knows in the end, however often it was killed; when it was known is another matter."""


def plan_until(evening: date) -> SimulationPlan:
    """Return a plan whose last delivery is known on the morning after an evening."""
    surge = Surge("derby", evening - timedelta(days=1), 4.0)
    last = evening + timedelta(days=1)
    return SimulationPlan(seed=3, n_live_weeks=2, n_history_weeks=40, ends_on=last, surges=(surge,), gaps=())


def by_day(inbox: Path) -> list[Path]:
    """Return the daily files of an inbox, the oldest first."""
    daily = [path for path in inbox.glob("*/*.csv") if path.stem.count("_") == 1]
    return sorted(daily, key=lambda path: (path.stem.rsplit("_", 1)[1], path.parent.name))


def hold_back(inbox: Path, held: Path, n_files: int) -> list[Path]:
    """Take the last files out of an inbox; return them, the oldest first."""
    moved = []
    for path in by_day(inbox)[-n_files:]:
        (held / path.parent.name).mkdir(parents=True, exist_ok=True)
        for one in (path.with_suffix(".json"), path):
            if one.exists():
                shutil.move(one, held / path.parent.name / one.name)
        moved.append(held / path.parent.name / path.name)
    return moved


def land(path: Path, inbox: Path) -> None:
    """Move a delivery and its manifest into the inbox, the manifest first."""
    for one in (path.with_suffix(".json"), path):
        if one.exists():
            shutil.move(one, inbox / path.parent.name / one.name)


def kill(running: Running, name: str) -> str:
    """Kill a part or everything; return what was killed."""
    if name == POWER_CUT:
        cut_power(running)
    elif (service := running.service) and service.is_up:
        running.send(name, signal.SIGKILL)
    else:
        return f"{name} was not up"
    return name


def memory_gb(settings: Settings) -> float:
    """Return what the supervisor and all its processes hold."""
    start = running_start(settings)
    pids = [start.pid] if start else []
    held = 0
    for process in [
        *(psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)),
        *airflow_processes(settings),
    ]:
        try:
            held += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return held / 1e9


def disk_mb(home: Path) -> float:
    """Return the size of a home."""
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file() and path.exists()) / 1e6


def tables(home: Path) -> dict[str, pl.DataFrame]:
    """Return what is known in the end."""
    return {name: read_published(home / "published" / "nte.duckdb", query) for name, query in SAME.items()}


def lost_or_doubled(running: Running) -> list[str]:
    """Return the messages that were posted and do not stand in Slack once."""
    with open_warehouse(running.settings) as warehouse:
        posted = warehouse.read(OUTBOX, "status = 'posted' AND kind <> 'edit'")["message_id"].to_list()
    messages = [message for name in CHANNELS for message in running.workspace.posts(name)]
    seen = Counter(m["metadata"]["event_payload"]["message_id"] for m in messages if "metadata" in m)
    return [
        f"{message_id} is in Slack {seen[message_id]} times" for message_id in posted if seen[message_id] != 1
    ]


def soak(folder: Path, *, minutes: float, every: float, seed: int) -> list[str]:
    """Return what went wrong."""
    chance, plan = random.Random(seed), plan_until(last_evening(AREA))  # noqa: S311  a test scene
    home, straight = folder / "home", folder / "straight"
    simulate_deliveries(plan, DERBYSHIRE, folder / "simulated")
    for place in (home, straight):
        place.mkdir()
        shutil.copytree(folder / "simulated" / "inbox", place / "inbox")
    _run(straight)
    waiting = hold_back(home / "inbox", folder / "held", int(60 * minutes / every))
    _run(home)
    print(f"{len(waiting)} files to land, one every {every:.0f} s", flush=True)
    with started(home) as running:
        next_kill = time.monotonic() + chance.uniform(0.3, 1.5) * every
        for n, path in enumerate(waiting, start=1):
            land(path, home / "inbox")
            until = time.monotonic() + every
            while time.monotonic() < until:
                if time.monotonic() >= next_kill:
                    killed = kill(running, chance.choice([*PARTS, POWER_CUT]))
                    print(f"  killed: {killed}", flush=True)
                    next_kill = time.monotonic() + chance.uniform(0.5, 1.5) * every
                time.sleep(1)
            print(
                f"{n:3} {path.name:28} {memory_gb(running.settings):5.2f} GB  {disk_mb(home):6.0f} MB "
                f" {len(list((home / 'inbox').rglob('*.csv')))} in the inbox",
                flush=True,
            )
        is_taken = wait_until(lambda: not by_day(home / "inbox"), MOST_SECONDS)
        wait_until(lambda: not _differences(home, straight), MOST_SECONDS)
        wrong = [] if is_taken else ["files are left in the inbox"]
        return wrong + lost_or_doubled(running) + _differences(home, straight)


def _run(home: Path) -> None:
    ended = nte(clean_environment(home), "run")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def _differences(home: Path, straight: Path) -> list[str]:
    meant, found = tables(straight), tables(home)
    return [f"{name} is another" for name in meant if not meant[name].equals(found[name])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each landing and what went wrong; code 1 where anything did."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--every", type=float, default=120.0, help="seconds between two files (default 120)")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nte-soak-") as folder:
        wrong = soak(Path(folder), minutes=chosen.minutes, every=chosen.every, seed=chosen.seed)
    print(f"wrong: {'; '.join(wrong) or 'nothing'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
