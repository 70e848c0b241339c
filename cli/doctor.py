"""`nte doctor`: what is missing on this machine or wrong in the area's files."""

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version

from alerts.steps import check_slack
from cli.airflow_home import prepare_airflow
from nte.area_files import load_area
from nte.errors import AreaError
from nte.settings import Settings

LEAST_FREE_GB = 2.0
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    is_good: bool
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Return what was looked at, good or not, with the next action where it is not."""
    return [
        _python(),
        _area(settings),
        _home(settings),
        _room(settings),
        _airflow(settings),
        *_slack(settings),
    ]


def _python() -> Finding:
    is_good = sys.version_info[:2] >= OLDEST_PYTHON
    return Finding(
        is_good, f"Python {sys.version.split()[0]}" + ("" if is_good else ": 3.11 or later is needed")
    )


def _area(settings: Settings) -> Finding:
    try:
        area = load_area(settings.area)
    except AreaError as problem:
        return Finding(False, str(problem))
    centres, sources = len(area.current_centres), ", ".join(area.sources)
    return Finding(True, f"area {area.name}: {centres} town centres, sources {sources}")


def _home(settings: Settings) -> Finding:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    if os.access(folder, os.W_OK):
        return Finding(True, f"state under {settings.home}")
    return Finding(
        False, f"{folder}: this user may not write there. Set NTE_HOME to a folder that it may write to."
    )


def _room(settings: Settings) -> Finding:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    return Finding(
        free > LEAST_FREE_GB,
        f"{free:.0f} GB free for {settings.home}"
        + ("" if free > LEAST_FREE_GB else f": make room, at least {LEAST_FREE_GB:.0f} GB"),
    )


def _airflow(settings: Settings) -> Finding:
    home = os.environ.get("AIRFLOW_HOME")
    ours = str((settings.home / "airflow").resolve())
    if home and home != ours:
        return Finding(
            False, f"AIRFLOW_HOME is {home}; this service keeps its own in {ours}. Say: unset AIRFLOW_HOME"
        )
    return Finding(True, f"Airflow {version('apache-airflow')}, its state in {ours}")


def _slack(settings: Settings) -> list[Finding]:
    """Ask the workspace itself whether every channel of the area file is there and may be written to."""
    try:
        area = load_area(settings.area)
    except AreaError:
        return []
    name = f"AIRFLOW_CONN_{area.slack.connection.upper()}"
    if name not in os.environ:
        text = (
            f"Slack: not connected; messages are rendered only. To post, set {name} (README, Connect Slack)"
        )
        return [Finding(True, text)]
    prepare_airflow(settings, area.time_zone)
    from slack_connection import slack_access  # noqa: PLC0415  from the plugins folder, on the path by now

    access = slack_access(area.slack.connection)
    problems = check_slack(area, access) if access else [f"{name} is no connection that Airflow can read"]
    good = [Finding(True, "Slack: every channel of the area file is there and can be posted to")]
    return [Finding(False, f"Slack: {problem}") for problem in problems] or good
