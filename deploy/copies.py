"""Back up a home and restore it: `deploy/backup` and `deploy/restore`.

A backup is one tar file: the warehouse, everything else under NTE_HOME, and Airflow's database. While it is made, no
task holds the warehouse and nobody posts: it takes the same two locks that they take. So it may run at any time; tasks
wait, as they wait for each other.
"""

import argparse
import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from nte.errors import MisuseError, NteError
from nte.files import INBOX_FOLDER, close_to_others, make_folder, open_to_group, write_text
from nte.settings import Settings
from nte.tables.deliveries import DELIVERIES
from nte.warehouse import PUBLISHED, open_warehouse, open_warehouse_file

MANIFEST, SQLITE, POSTGRES = "backup.json", "airflow.db", "airflow.dump"
CONNECTION = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
RESTORING = ".restoring-"
TAR_SAW_CHANGES = 1
"""A provider may be writing to the inbox, the only folder that no lock guards: its file comes with the next backup."""
LEFT_OUT = (
    "./airflow/logs",
    "./airflow/airflow.db*",
    "./airflow/up.*",
    "./service.json",
    "./.service.json.*",
    "./listener.beat",
    "./warehouse/posting.lock",
    "./warehouse/*.tmp",
    "./warehouse/*.version-*",
    "./published/.*.new*",
)
"""Logs, what a running service says of itself, and what can be made again; Airflow's database is copied by its own
means, and a warehouse of an earlier shape stands in the backup from before the upgrade."""


def back_up(settings: Settings, folder: Path) -> Path:
    """Write a backup into a folder, whole or not at all; return the file. Only its owner can read it."""
    if not settings.warehouse_file.exists():
        raise MisuseError(
            f"{settings.home}: there is nothing to back up. Is NTE_HOME set as the service has it?"
        )
    if folder.resolve().is_relative_to(settings.home.resolve()):
        raise MisuseError(f"{folder} lies in {settings.home} itself. Name a folder on another disk.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"nte-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as work:
        staged, fresh = Path(work) / "staged", Path(work) / path.name
        staged.mkdir()
        fresh.touch(mode=0o600)
        with _nobody_writes(settings) as n_deliveries:
            _copy_airflow(settings, staged)
            facts = {"made_at": datetime.now(UTC).isoformat(), "deliveries": n_deliveries}
            facts |= {name: version(name) for name in ("duckdb", "apache-airflow")}
            (staged / MANIFEST).write_text(json.dumps(facts, indent=1))
            # Another process reads the file: if this one opened and closed it, the warehouse's lock would be gone.
            left_out = [f"--exclude={pattern}" for pattern in LEFT_OUT]
            whole = ["-C", str(staged), ".", *left_out, "-C", str(settings.home), "."]
            _run(
                ["tar", "--ignore-failed-read", "-czf", str(fresh), *whole],
                good_codes=(0, TAR_SAW_CHANGES),
            )
        fresh.replace(path)
    write_text(settings.backup_file, datetime.now(UTC).isoformat())
    return path


def restore(settings: Settings, path: Path) -> dict[str, object]:
    """Put a backup into an empty home; return what it says of itself.

    Raises MisuseError when the home is not empty, NteError when the backup is not whole.
    """
    home = settings.home
    _clear_half_restored(home, path)
    if home.exists() and any(home.iterdir()):
        raise MisuseError(
            f"{home} is not empty: a backup is restored into an empty home. Move it away first."
        )
    make_folder(home)
    # Inside the home, which may be a disk of its own: from there everything can be moved into place at once.
    with tempfile.TemporaryDirectory(dir=home, prefix=RESTORING) as work:
        fresh = Path(work)
        try:
            with tarfile.open(path) as tar:
                tar.extractall(fresh, filter="data")
            facts: dict[str, object] = json.loads((fresh / MANIFEST).read_text())
            with open_warehouse_file(fresh / "warehouse" / settings.warehouse_file.name) as warehouse:
                n_deliveries = warehouse.n_rows(DELIVERIES)
        except (OSError, EOFError, tarfile.TarError, KeyError, ValueError) as problem:
            raise NteError(f"{path} is no whole backup ({problem}). Take an older one.") from problem
        if n_deliveries != facts["deliveries"]:
            raise NteError(
                f"{path}: {n_deliveries} deliveries where {facts['deliveries']} should be. Take an older one."
            )
        _restore_airflow(fresh)
        (fresh / MANIFEST).unlink()
        for one in fresh.iterdir():
            one.replace(home / one.name)
    for folder in settings.private_folders:
        close_to_others(folder)
    inbox = settings.home / "inbox"
    for folder in (inbox, *inbox.glob("*/")):
        if folder.is_dir():
            folder.chmod(INBOX_FOLDER)
    if settings.published_file.exists():
        settings.published_file.chmod(PUBLISHED)
        open_to_group(settings.published_file.parent)
    return facts


def _clear_half_restored(home: Path, path: Path) -> None:
    """Remove what a restore that was killed has left of this backup: the home was empty when it began."""
    begun = list(home.glob(f"{RESTORING}*")) if home.exists() else []
    if not begun:
        return
    try:
        with tarfile.open(path) as tar:
            parts = {Path(name).parts[0] for name in tar.getnames() if Path(name).parts}
    except (OSError, EOFError, tarfile.TarError) as problem:
        raise NteError(f"{path} is no whole backup ({problem}). Take an older one.") from problem
    for one in [*(home / name for name in parts), *begun]:
        if one.is_dir():
            shutil.rmtree(one)
        else:
            one.unlink(missing_ok=True)


@contextmanager
def _nobody_writes(settings: Settings) -> Iterator[int]:
    """Hold the poster's lock and the warehouse; give the number of deliveries."""
    with (settings.warehouse_file.parent / "posting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open_warehouse(settings):
            pass  # a clean close writes the log of changes into the file
        wait = settings.warehouse_wait_seconds
        with open_warehouse_file(settings.warehouse_file, wait_seconds=wait) as warehouse:
            yield warehouse.n_rows(DELIVERIES)


def _copy_airflow(settings: Settings, staged: Path) -> None:
    """Copy Airflow's database by its own means: a file copied while it is written to would be torn."""
    if address := _postgres():
        _run(["pg_dump", "--format=custom", "--file", str(staged / POSTGRES), address])
        return
    database = settings.home / "airflow" / "airflow.db"
    if database.exists():
        with (
            closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(staged / SQLITE)) as target,
        ):
            source.backup(target)


def _restore_airflow(fresh: Path) -> None:
    if (fresh / SQLITE).exists():
        make_folder(fresh / "airflow")
        (fresh / SQLITE).replace(fresh / "airflow" / "airflow.db")
    if (fresh / POSTGRES).exists():
        address = _postgres()
        if address is None:
            raise NteError(
                f"the backup holds Airflow's Postgres database: set {CONNECTION} to an empty one first."
            )
        _run(
            ["pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname", address, str(fresh / POSTGRES)]
        )
        (fresh / POSTGRES).unlink()


def _postgres() -> str | None:
    address = os.environ.get(CONNECTION, "")
    return "postgresql" + address[address.index("://") :] if address.startswith("postgresql") else None


def _run(command: list[str], *, good_codes: tuple[int, ...] = (0,)) -> None:
    if shutil.which(command[0]) is None:
        raise NteError(
            f"{command[0]} is not installed here. On Debian: apt-get install tar postgresql-client"
        )
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  a fixed list
    if done.returncode not in good_codes:
        raise NteError(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def main(arguments: list[str]) -> int:
    """Run `backup FOLDER` or `restore FILE`; misuse ends with code 2, failure with 1."""
    parser = argparse.ArgumentParser(
        prog="deploy", description=__doc__, epilog="Example: NTE_HOME=/srv/nte deploy/backup /mnt/backups",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("backup", epilog="Example: NTE_HOME=/srv/nte deploy/backup /mnt/backups")
    one.add_argument("place", type=Path, metavar="FOLDER", help="where the backup is put; not in NTE_HOME")
    one = verbs.add_parser(
        "restore", epilog="Example: NTE_HOME=/srv/nte deploy/restore nte-20260330T090000Z.tar.gz"
    )
    one.add_argument("place", type=Path, metavar="FILE", help="the backup; NTE_HOME must be empty")
    asked = parser.parse_args(arguments)
    os.umask(0o077)
    settings = Settings()
    try:
        if asked.verb == "backup":
            print(f"Written: {back_up(settings, asked.place)}")  # noqa: T201
        else:
            facts = restore(settings, asked.place)
            print(  # noqa: T201
                f"Restored into {settings.home}: {facts['deliveries']} deliveries, as of {facts['made_at']}. "
                "Next: nte doctor, then start the service."
            )
    except NteError as problem:
        print(f"deploy: {problem}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(problem, MisuseError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
