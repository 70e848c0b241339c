"""From a file landing in the inbox to its alert in Slack, in the real Airflow, for one file and for many at once.

`python -m bench.landing [--files 1 --files 100] [--tries 10]`. Slack is a server on this machine that speaks its Web
API. What is timed: from the moves into the inbox to the alert's first message, and to the last file being taken. One
file is landed as often as is tried, each time with another night and a surge in it.
"""

import argparse
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from nte.area import WEEKDAYS, Area
from nte.area_files import load_area
from nte.moment import moment
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.alerts.slack_server import TOKEN, SlackServer, Workspace

FOLDER = Path(__file__).resolve().parent.parent / "areas" / "derbyshire"
NTE = [sys.executable, "-W", "ignore", "-m", "cli"]
CENTRE, FACTOR = "derby", 30.0
IDLE_SECONDS, PATIENCE_SECONDS = 10.0, 900.0
SOURCE_COUNT = 3


def main() -> None:
    """Time each number of files in an installation of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.landing", description=__doc__)
    parser.add_argument(
        "--files", type=int, action="append", help="how many land at once (default: 1 and 100)"
    )
    parser.add_argument("--tries", type=int, default=1, help="nights on which one file lands (default: 1)")
    chosen = parser.parse_args()
    for n_files in chosen.files or [1, 100]:
        with tempfile.TemporaryDirectory(prefix="nte-landing-") as folder:
            _time_landings(Path(folder), n_files, chosen.tries if n_files == 1 else 1)


def _time_landings(folder: Path, n_files: int, n_tries: int) -> None:
    evening = last_evening(load_area(FOLDER))
    watched = copy_watching(folder / "area", evening, n_tries)
    area = load_area(watched)
    surges = tuple(Surge(CENTRE, evening - timedelta(days=n), FACTOR, ("police",)) for n in range(n_tries))
    plan = SimulationPlan(
        seed=2, n_live_weeks=n_files // (7 * SOURCE_COUNT) + n_tries // 7 + 3, n_history_weeks=60,
        ends_on=evening + timedelta(days=1), surges=surges, gaps=(),
    )  # fmt: skip
    simulate_deliveries(plan, watched, folder / "simulated")
    home, inbox = folder / "home", folder / "simulated" / "inbox"
    held = _hold_back(inbox, folder / "held", n_files, n_tries)
    with SlackServer(_channels(area)) as slack:
        known = json.dumps({"conn_type": "slack", "password": TOKEN, "extra": {"base_url": slack.base_url}})
        environment = os.environ | {
            "NTE_HOME": str(home), "NTE_INBOX": str(inbox), "NTE_AREA": str(watched),
            "AIRFLOW_CONN_SLACK_NTE": known, "COLUMNS": "200",
        }  # fmt: skip
        print(f"{n_files} files: a history of {plan.n_history_weeks} weeks is taken first ...", flush=True)
        subprocess.run([*NTE, "run", "--inbox", str(inbox)], env=environment, check=True, capture_output=True)
        with _airflow(environment):
            waited = [_land(landing, home, inbox, slack.workspace, area) for landing in held]
    alerted, taken = (sorted(seconds) for seconds in zip(*waited, strict=True))
    print(
        f"{n_files} files, tried {n_tries} times: alert in Slack {median(alerted):.1f} s after landing, at most "
        f"{alerted[-1]:.1f}; all files taken after {median(taken):.1f} s, at most {taken[-1]:.1f}",
        flush=True,
    )


def _land(
    files: Sequence[Path], home: Path, inbox: Path, workspace: Workspace, area: Area
) -> tuple[float, float]:
    """Move files into the inbox of a service at rest; return the seconds until an alert, and until all are taken."""
    _wait_until_idle(home)
    before, started = _alerts(workspace, area), time.monotonic()
    for path in files:
        shutil.move(path, inbox / path.parent.name / path.name)
    alerted = _wait(lambda: _alerts(workspace, area) > before) - started
    taken = _wait(lambda: not any(_csv(inbox))) - started
    print(f"  alert after {alerted:.1f} s, all taken after {taken:.1f} s", flush=True)
    return alerted, taken


def last_evening(area: Area) -> date:
    """Return the latest evening that was known this morning."""
    return area.clock.local_date(moment(None, area) - timedelta(hours=6)) - timedelta(days=1)


def copy_watching(folder: Path, evening: date, n_nights: int = 1) -> Path:
    """Copy the area to a folder, with its weekend on the days up to an evening: a landing is timed on any day."""
    shutil.copytree(FOLDER, folder)
    days = range(7) if n_nights > 1 else range(max(evening.weekday() - 2, 0), evening.weekday() + 1)
    path, names = folder / "area.toml", [WEEKDAYS[day] for day in days]
    text, n_changed = re.subn(
        "(?m)^monitored = .*$", f"monitored = {json.dumps(names)}", path.read_text(encoding="utf-8")
    )
    if n_changed != 1:
        raise SystemExit(f"{path}: no line that says which nights are monitored")
    path.write_text(text, encoding="utf-8")
    return folder


def _csv(inbox: Path) -> list[Path]:
    return sorted(inbox.glob("*/*.csv"), key=lambda path: (path.stem[-10:], path.parent.name != "police"))


def _hold_back(inbox: Path, held: Path, n_files: int, n_tries: int) -> list[list[Path]]:
    """Take the latest files out of the inbox, the police's last ones always among them; return them by landing."""
    latest = _csv(inbox)
    police = [path for path in latest if path.parent.name == "police"][-n_tries:]
    others = [path for path in latest if path not in police][-n_files + 1 :][: n_files - 1]
    return [
        [_moved(path, held) for path in landing]
        for landing in ([*others, police[0]], *([p] for p in police[1:]))
    ]


def _moved(path: Path, held: Path) -> Path:
    target = held / path.parent.name / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(path, target))


def _channels(area: Area) -> list[str]:
    return [area.slack.police_channel, area.slack.ops_channel, *area.slack.district_channels.values()]


def _alerts(workspace: Workspace, area: Area) -> int:
    return len(workspace.threads(area.slack.police_channel))


def _wait_until_idle(home: Path) -> None:
    """Wait until Airflow has worked off what was due when it started."""
    database = home / "airflow" / "airflow.db"
    since = time.monotonic()
    while time.monotonic() - since < IDLE_SECONDS:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            busy = connection.execute("SELECT count(*) FROM dag_run WHERE state IN ('queued', 'running')")
            if busy.fetchone()[0]:
                since = time.monotonic()
        time.sleep(0.5)


def _wait(is_done: Callable[[], bool]) -> float:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if is_done():
            return time.monotonic()
        time.sleep(0.05)
    raise SystemExit(f"nothing came within {PATIENCE_SECONDS:.0f} s: look at the Airflow UI's log")


@contextmanager
def _airflow(environment: dict[str, str]) -> Iterator[None]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        subprocess.run([*NTE, "up", "--port", str(port)], env=environment, check=True, capture_output=True)
        yield
    finally:
        subprocess.run([*NTE, "stop"], env=environment, check=False, capture_output=True)


if __name__ == "__main__":
    main()
