"""From a file landing in the inbox to its alert in Slack, in the real Airflow, for one file and for many at once.

`python -m bench.landing [--files 1 --files 100]`. Slack is a server on this machine that speaks its Web API. What is
timed: from the moves into the inbox to the alert's first message, and to the last file being accounted for.
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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

from nte.area import WEEKDAYS, Area
from nte.area_files import load_area
from nte.moment import moment
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.alerts.slack_server import TOKEN, SlackServer, Workspace

FOLDER = Path(__file__).resolve().parent.parent / "areas" / "derbyshire"
NTE = [sys.executable, "-W", "ignore", "-m", "cli"]
CENTRE, FACTOR = "derby", 8.0
IDLE_SECONDS, PATIENCE_SECONDS = 10.0, 900.0
SOURCE_COUNT = 3


def main() -> None:
    """Time each number of files in an installation of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.landing", description=__doc__)
    parser.add_argument(
        "--files", type=int, action="append", help="how many land at once (default: 1 and 100)"
    )
    for n_files in parser.parse_args().files or [1, 100]:
        with tempfile.TemporaryDirectory(prefix="nte-landing-") as folder:
            _time_landing(Path(folder), n_files)


def _time_landing(folder: Path, n_files: int) -> None:
    evening = last_evening(load_area(FOLDER))
    watched = copy_watching(folder / "area", evening)
    area = load_area(watched)
    n_weeks = max(3, n_files // (7 * SOURCE_COUNT) + 3)
    plan = SimulationPlan(
        seed=2, n_live_weeks=n_weeks, n_history_weeks=60, ends_on=evening + timedelta(days=1),
        surges=(Surge(CENTRE, evening, FACTOR, ("police",)),), gaps=(),
    )  # fmt: skip
    simulate_deliveries(plan, watched, folder / "simulated")
    held = _hold_back(folder / "simulated" / "inbox", folder / "held", n_files)
    home, inbox = folder / "home", folder / "simulated" / "inbox"
    with SlackServer(_channels(area)) as slack:
        known = json.dumps({"conn_type": "slack", "password": TOKEN, "extra": {"base_url": slack.base_url}})
        environment = os.environ | {
            "NTE_HOME": str(home), "NTE_INBOX": str(inbox), "NTE_AREA": str(watched),
            "AIRFLOW_CONN_SLACK_NTE": known, "COLUMNS": "200",
        }  # fmt: skip
        print(f"{n_files} files: a history of {plan.n_history_weeks} weeks is taken first ...", flush=True)
        subprocess.run([*NTE, "run", "--inbox", str(inbox)], env=environment, check=True, capture_output=True)
        with _airflow(environment):
            _wait_until_idle(home)
            before = _alerts(slack.workspace, area)
            started = time.monotonic()
            for path in held:
                shutil.move(path, inbox / path.parent.name / path.name)
            alerted = _wait(lambda: _alerts(slack.workspace, area) > before)
            taken = _wait(lambda: not any(_csv(inbox)))
        print(
            f"{n_files} files: alert in Slack {alerted - started:.1f} s after landing; "
            f"all files taken after {taken - started:.1f} s",
            flush=True,
        )


def last_evening(area: Area) -> date:
    """Return the latest evening that was known this morning."""
    return area.clock.local_date(moment(None, area) - timedelta(hours=6)) - timedelta(days=1)


def copy_watching(folder: Path, evening: date) -> Path:
    """Copy the area to a folder, with its weekend on the days up to an evening: a landing is timed on any day."""
    shutil.copytree(FOLDER, folder)
    days = range(max(evening.weekday() - 2, 0), evening.weekday() + 1)
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


def _hold_back(inbox: Path, held: Path, n_files: int) -> list[Path]:
    """Take the latest files out of the inbox, the police's last one always among them; return them."""
    latest = _csv(inbox)
    last_police = [path for path in latest if path.parent.name == "police"][-1]
    chosen = [*[path for path in latest if path != last_police][-n_files + 1 :][: n_files - 1], last_police]
    moved = []
    for path in chosen:
        target = held / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        moved.append(Path(shutil.move(path, target)))
    return moved


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
