"""What the parts of the service say when they are asked: a heartbeat, not a process that exists."""

import json
import shutil
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path

from nte.mounts import unmounted

API, SCHEDULER, PROCESSOR, TRIGGERER, LISTENER = (
    "api-server",
    "scheduler",
    "dag-processor",
    "triggerer",
    "listener",
)
DATABASE, DISK, INBOX = "database", "disk", "inbox"
HEARTBEATS = {
    SCHEDULER: ("scheduler", "latest_scheduler_heartbeat"),
    PROCESSOR: ("dag_processor", "latest_dag_processor_heartbeat"),
    TRIGGERER: ("triggerer", "latest_triggerer_heartbeat"),
}
"""Where a part's heartbeat stands in what Airflow says of itself."""
ASK_SECONDS, WARM_SECONDS = 10, 120
LISTENER_BEATS_WITHIN = 60.0
LEAST_FREE_GB = 0.5
"""Less than this and writing will soon fail."""


@dataclass(frozen=True)
class Answer:
    """What one part was found to be."""

    is_good: bool
    what: str = ""
    beat_at: datetime | None = None
    """When it last said that it lives, where that is known."""


def ask_airflow(address: str) -> dict[str, Answer]:
    """Return what Airflow says of its parts; of the API server alone where that does not answer."""
    try:
        with urllib.request.urlopen(f"{address}/api/v2/monitor/health", timeout=ASK_SECONDS) as answer:  # noqa: S310
            health = json.load(answer)
        found = {part: _heartbeat(health[key], beat) for part, (key, beat) in HEARTBEATS.items()}
        is_good = health["metadatabase"]["status"] == "healthy"
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as problem:
        return {API: Answer(False, f"{address} gives no answer ({type(problem).__name__}).")}
    if not is_good:  # what it says of the others then means nothing
        return {API: Answer(True), DATABASE: Answer(False, "Airflow cannot use its database.")}
    return {API: Answer(True), DATABASE: Answer(True), **found}


def _heartbeat(said: dict[str, str | None], key: str) -> Answer:
    beat = said.get(key)
    beat_at = datetime.fromisoformat(beat) if beat else None
    last = f"Its last heartbeat was at {beat_at:%H:%M:%S} UTC." if beat_at else "It has had no heartbeat."
    return Answer(said["status"] == "healthy", last, beat_at)


def ask_listener(beat: Path, now: datetime) -> Answer:
    """Return whether the listener was connected to Slack just now."""
    try:
        beat_at = datetime.fromtimestamp(beat.stat().st_mtime, UTC)
    except FileNotFoundError:
        return Answer(False, "It was not connected to Slack yet.")
    is_good = (now - beat_at).total_seconds() < LISTENER_BEATS_WITHIN
    return Answer(is_good, f"It was last connected to Slack at {beat_at:%H:%M:%S} UTC.", beat_at)


def ask_disk(folder: Path) -> Answer:
    """Return whether there is room to write."""
    free = shutil.disk_usage(folder).free / 1e9
    return Answer(free >= LEAST_FREE_GB, f"{folder} has {free:.2f} GB left. Make room.")


def ask_inbox(inbox: Path) -> Answer:
    """Return whether the share that providers write to is there."""
    gone = unmounted(inbox)
    return Answer(gone is None, f"{gone} is not mounted, so that nothing can arrive in {inbox}. Mount it.")


def warm_up(address: str) -> None:
    """Call the API that tasks call: its first answer takes longer than a task waits for one."""
    with urllib.request.urlopen(f"{address}/execution/health", timeout=WARM_SECONDS) as answer:  # noqa: S310
        answer.read()
