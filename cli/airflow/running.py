"""Which start of the service still runs: noted beside Airflow's own state."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from nte.errors import MisuseError
from nte.files import SECRET, write_text
from nte.settings import Settings

TICK_SECONDS = 0.01
"""How finely the system tells when a process was started."""


@dataclass(frozen=True)
class Start:
    """A supervisor that was started."""

    pid: int
    after_boot: float
    """Seconds from the machine's boot to its start, whatever the clock said: another may have the number by now."""
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
    after_boot = _after_boot(psutil.Process())
    write_text(
        state_file(settings), json.dumps(asdict(Start(os.getpid(), after_boot, address, login))), SECRET
    )


def running(settings: Settings) -> Start | None:
    """Return the start that still runs; a number that another process has by now is none."""
    try:
        start = Start(**json.loads(state_file(settings).read_text()))
        after_boot = _after_boot(psutil.Process(start.pid))
    except (OSError, ValueError, TypeError, psutil.NoSuchProcess):
        return None
    return start if abs(after_boot - start.after_boot) < TICK_SECONDS else None


def _after_boot(process: psutil.Process) -> float:
    """Return when a process was started: of the clock, which may have been set since, nothing is left in it."""
    return process.create_time() - psutil.boot_time()


def refuse_second(settings: Settings) -> None:
    """Raise MisuseError when this home's service runs already."""
    if start := running(settings):
        raise MisuseError(
            f"the service of this home runs already, at {start.address} (process {start.pid}). `nte stop` ends it."
        )
