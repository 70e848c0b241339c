"""`nte doctor`: what is missing on this machine or wrong in the area's files."""

import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from urllib.parse import urlsplit

from alerts.steps import check_slack
from cli.airflow.home import (
    airflow_environment,
    database_problem,
    has_own_database,
    metrics_environment,
    missing_pools,
)
from cli.airflow.left_over import airflow_processes, listeners
from cli.airflow.running import running
from cli.airflow.serve import problems, say_listeners
from cli.airflow.slack import find_slack, see_connections
from flows.pickup_places import open_place
from nte.area import Area
from nte.area_files import load_area
from nte.deliveries.kept_files import may_empty
from nte.errors import AreaError, MisuseError, NteError
from nte.files import OTHERS
from nte.migrations import NEWEST
from nte.mounts import unmounted
from nte.pickup.fetch import look_into
from nte.settings import Settings
from nte.warehouse import read_published

LEAST_FREE_GB = 2.0
OLDEST_COPY, OLDEST_BACKUP = timedelta(hours=30), timedelta(days=2)
"""Every morning brings a copy, every night a backup."""
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    is_good: bool
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Return what was looked at, good or not, with the next action where it is not."""
    os.environ.update(airflow_environment(settings, _time_zone(settings)))  # before anything imports Airflow
    return [
        python_finding(sys.version_info[:3]),
        _area(settings),
        _home(settings),
        _room(settings),
        *_kept(settings),
        *_inboxes(settings),
        *_pickups(settings),
        *_rights(settings),
        *_published(settings, datetime.now(UTC)),
        _backup(settings, datetime.now(UTC)),
        _airflow(settings),
        *_processes(settings),
        *_metrics(settings),
        *_slack(settings),
    ]


def python_finding(running: tuple[int, ...]) -> Finding:
    """Say whether a version of Python will do."""
    text = "Python " + ".".join(map(str, running[:3]))
    if OLDEST_PYTHON <= running[:2] <= NEWEST_PYTHON:
        return Finding(True, text)
    return Finding(
        False, f"{text}: 3.11 to 3.13 is needed. Say: make clean, then make PYTHON=python3.11 demo"
    )


def _time_zone(settings: Settings) -> str:
    try:
        return load_area(settings.area).time_zone
    except AreaError:
        return "UTC"


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


def _kept(settings: Settings) -> list[Finding]:
    """Say whether what was delivered is still kept: the records of each delivery, and the original while it may be."""
    if not settings.published_file.exists():
        return []
    try:
        area = load_area(settings.area)
        used = read_published(settings.published_file, "SELECT * FROM deliveries WHERE is_conformed")
    except NteError as problem:
        return [Finding(False, str(problem))]
    young = datetime.now(UTC) - timedelta(days=area.retention.keep_originals_days)
    lake, originals = [], []
    for delivery in used.iter_rows(named=True):
        source, name = delivery["source"], delivery["file_name"]
        if not settings.records_file(source, delivery["delivery_id"]).exists():
            lake.append(name)
        if delivery["taken_at"] > young and not (settings.accepted / source / name).exists():
            originals.append(name)
    if not lake and not originals:
        return [Finding(True, f"{used.height} deliveries are kept in {settings.lake}")]
    findings = []
    if lake:
        text = (
            f"{settings.lake}: {len(lake)} kept deliveries are gone (such as {lake[0]}). The next run writes them "
            "again from the warehouse; find out who removed them"
        )
        findings.append(Finding(False, text))
    if originals:
        text = (
            f"{settings.accepted}: {len(originals)} originals are gone before their time (such as {originals[0]}). "
            "Nothing that was counted is lost; take the folder from a backup, so that nte retry finds them"
        )
        findings.append(Finding(False, text))
    return findings


def _rights(settings: Settings) -> list[Finding]:
    """Say which folders with records or secrets others may look into."""
    open_ones = [one for one in settings.private_folders if one.is_dir() and one.stat().st_mode & OTHERS]
    if not open_ones:
        return [Finding(True, "records and secrets are readable by this service's user alone")]
    return [
        Finding(
            False,
            f"{folder}: others on this machine may look into it. The next `nte run` or `nte up` of its owner closes it",
        )
        for folder in open_ones
    ]


def _published(settings: Settings, now: datetime) -> list[Finding]:
    """Say how old the copy for analysts is, of which shape, and whether this machine's clock can be right."""
    if not settings.published_file.exists():
        return []
    made_at = datetime.fromtimestamp(settings.published_file.stat().st_mtime, UTC)
    try:
        [version] = read_published(settings.published_file, "SELECT max(version) AS v FROM schema_version")[
            "v"
        ]
        last = read_published(settings.published_file, "SELECT max(taken_at) AS at FROM deliveries")["at"][0]
    except NteError as problem:
        return [Finding(False, str(problem))]
    hours = (now - made_at) / timedelta(hours=1)
    found = [Finding(True, f"the copy for analysts is {hours:.0f} hours old, its shape {version}")]
    if now - made_at > OLDEST_COPY:
        text = f"the copy for analysts is {hours:.0f} hours old: no run has published since. See `nte status`"
        found = [Finding(False, text)]
    if version > NEWEST:
        text = (
            f"the copy for analysts is of shape {version}, made by a newer version of this service (this one knows "
            f"{NEWEST}). Update this installation"
        )
        found.append(Finding(False, text))
    newest = max(made_at, last or made_at)
    if newest > now + timedelta(minutes=1):
        text = (
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, and the last run was at {newest:%Y-%m-%d %H:%M}. Set "
            "the clock, and let it be kept right (systemd-timesyncd, chrony)"
        )
        found.append(Finding(False, text))
    return found


def _backup(settings: Settings, now: datetime) -> Finding:
    if not settings.backup_file.exists():
        return Finding(
            True,
            "no backup was made yet. deploy/backup FOLDER makes one, deploy/nte-backup.timer every night",
        )
    made_at = datetime.fromisoformat(settings.backup_file.read_text("utf-8").strip())
    days = (now - made_at) / timedelta(days=1)
    if now - made_at > OLDEST_BACKUP:
        text = f"the last backup is {days:.0f} days old. Look at its timer, or say: deploy/backup FOLDER"
        return Finding(False, text)
    return Finding(True, f"the last backup was made at {made_at:%Y-%m-%d %H:%M} UTC")


def pickups(area: Area) -> list[Finding]:
    """Say of each place from which deliveries are fetched whether it can be reached and read."""
    found = []
    for source in area.sources.values():
        try:
            with open_place(source) as place:
                if place:
                    look_into(place, source.source)
                    found.append(Finding(True, f"{place}: deliveries of {source.source} are fetched from it"))
        except NteError as problem:
            found.append(Finding(False, str(problem)))
    return found


def _pickups(settings: Settings) -> list[Finding]:
    try:
        area = load_area(settings.area)
    except AreaError:
        return []  # said by _area
    see_connections()
    return pickups(area)


def _inboxes(settings: Settings) -> list[Finding]:
    if gone := unmounted(settings.inbox_folder):
        text = (
            f"{gone} is not mounted, so that nothing can arrive in {settings.inbox_folder}. Mount it; no provider is "
            "late for this"
        )
        return [Finding(False, text)]
    folders = [f for f in sorted(settings.inbox_folder.glob("*")) if f.is_dir() and not may_empty(f)]
    return [
        Finding(
            False,
            f"{folder}: this user may not write there, so that files which were used cannot leave it. Let it write to "
            "this folder",
        )
        for folder in folders
    ]


def _airflow(settings: Settings) -> Finding:
    if not has_own_database(settings):
        return Finding(
            True, f"Airflow {version('apache-airflow')}, its database where AIRFLOW__ settings say"
        )
    database = settings.home.resolve() / "airflow" / "airflow.db"
    if problem := database_problem(database):
        return Finding(False, problem)
    if lost := missing_pools(database):
        text = (
            f"Airflow's pool {' and '.join(lost)} is missing or has no slots: its tasks would wait for ever. "
        )
        return Finding(False, text + "`nte stop` and `nte up` make it anew")
    return Finding(True, f"Airflow {version('apache-airflow')}, its state in {database.parent}")


def _processes(settings: Settings) -> list[Finding]:
    """Say what each part of the service answers, not which processes exist."""
    there, start = airflow_processes(settings), running(settings)
    try:
        wrong = problems(settings, load_area(settings.area))
    except AreaError:
        return []
    if wrong:
        return [Finding(False, text) for text in wrong]
    if start is None and there:
        text = f"{len(there)} Airflow processes of an earlier start are still there. End them: nte stop"
        return [Finding(False, text)]
    if start is None:
        return [Finding(True, "no Airflow of this home is running")]
    port = urlsplit(start.address).port or 0
    return [Finding(True, f"Airflow is up: {len(there)} processes. {say_listeners(port, listeners(there))}")]


def _metrics(settings: Settings) -> list[Finding]:
    if not settings.metrics:
        return []
    try:
        metrics_environment(settings.metrics)
    except MisuseError as problem:
        return [Finding(False, str(problem))]
    if settings.metrics.startswith("statsd:") and find_spec("statsd") is None:
        return [Finding(False, "NTE_METRICS names StatsD, whose package is missing. Say: pip install statsd")]
    return [Finding(True, f"Airflow's own metrics go to {settings.metrics}")]


def _slack(settings: Settings) -> list[Finding]:
    """Ask the workspace itself whether every channel of the area file is there and may be written to."""
    try:
        area = load_area(settings.area)
    except AreaError:
        return []
    name = area.slack.connection
    access = find_slack(area)
    if access is None:
        text = (
            f"Slack: not connected; messages are rendered only. To post, set AIRFLOW_CONN_{name.upper()} "
            "(README, Connect Slack)"
        )
        return [Finding(True, text)]
    problems = check_slack(area, access)
    good = [Finding(True, "Slack: every channel of the area file is there and can be posted to")]
    return [Finding(False, f"Slack: {problem}") for problem in problems] or good
