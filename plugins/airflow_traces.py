"""What Airflow keeps of past runs: its rows and its logs. Nothing of it is needed to count, judge or say."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from nte.errors import NteError
from nte.settings import Settings

CONNECTION = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
SERVICE_LOGS = "service"
"""The supervisor keeps these short itself."""


def remove_rows(settings: Settings, before: datetime) -> None:
    """Remove rows of runs that ended before a time, by Airflow's own command. Raises NteError when it fails.

    A task may not use Airflow's database; the command may, so it is told the address that the task was not.
    """
    command = [str(Path(sys.executable).parent / "airflow"), "db", "clean", "--yes", "--skip-archive"]
    done = subprocess.run(  # noqa: S603  our own interpreter's airflow
        [*command, "--clean-before-timestamp", before.isoformat()],
        env=os.environ | {CONNECTION: settings.airflow_database},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise NteError(
            f"Airflow's own rows could not be cleaned: {words[-1] if words else 'it said nothing.'} Say it by hand: "
            "nte airflow db clean --clean-before-timestamp DATE"
        )


def remove_logs(settings: Settings, before: datetime) -> int:
    """Remove logs that were written last before a time, and folders that are empty then; return how many logs."""
    logs, n_removed = settings.airflow_home / "logs", 0
    for path in sorted(logs.rglob("*"), reverse=True):  # what is in a folder comes before the folder
        if path.relative_to(logs).parts[0] == SERVICE_LOGS:
            continue
        if path.is_symlink() or path.is_file():
            if path.lstat().st_mtime < before.timestamp():
                path.unlink()
                n_removed += 1
        elif path.stat().st_mtime < before.timestamp() and not any(path.iterdir()):
            path.rmdir()
    return n_removed
