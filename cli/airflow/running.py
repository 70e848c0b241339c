"""Which start of the service still runs: noted beside Airflow's own state."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from nte.errors import MisuseError
from nte.files import SECRET, write_text
from nte.settings import Settings


@dataclass(frozen=True)
class Start:
    """A supervisor that was started."""

    pid: int
    started: float
    """Unix time: another process may have the number by now."""
    address: str
    login: str


def state_file(settings: Settings) -> Path:
    """Return where a start is noted."""
    return settings.home / "airflow" / "up.json"


def background_log(settings: Settings) -> Path:
    """Return what a supervisor in the background says of itself."""
    return settings.home / "airflow" / "up.log"


def note_start(settings: Settings, address: str, login: str) -> None:
    """Note that this process is the supervisor."""
    started = psutil.Process().create_time()
    write_text(state_file(settings), json.dumps(asdict(Start(os.getpid(), started, address, login))), SECRET)


def running(settings: Settings) -> Start | None:
    """Return the start that still runs; a number that another process has by now is none."""
    try:
        start = Start(**json.loads(state_file(settings).read_text()))
        created = psutil.Process(start.pid).create_time()
    except (OSError, ValueError, TypeError, psutil.NoSuchProcess):
        return None
    return start if created == start.started else None


def refuse_second(settings: Settings) -> None:
    """Raise MisuseError when this home's service runs already."""
    if start := running(settings):
        raise MisuseError(
            f"the service of this home runs already, at {start.address} (process {start.pid}). `nte stop` ends it."
        )
