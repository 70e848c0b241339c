"""The parts of a cluster on this machine, all on loopback: Postgres, Redis, Airflow and its Celery workers."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from nte.errors import NteError

HOST = "127.0.0.1"
STOP_SECONDS, READY_SECONDS = 20, 60
PACKAGES = ("postgresql", "redis-server")
MODULES = ("airflow.providers.celery", "asyncpg", "psycopg2", "redis")
DATABASE = "airflow"
STORES = ("postgres", "redis")
WORKER = "NTE_WORKER"
"""Names the worker that a task ran on: two workers of one machine have one host name."""


def worker_name() -> str:
    """Return what a task's worker is called in Airflow's records (its `hostname`)."""
    return os.environ.get(WORKER) or socket.gethostname()


def find_programs() -> dict[str, Path]:
    """Return where initdb, postgres and redis-server are, installed if need be. Raises NteError when they are not."""
    if lost := [name for name in MODULES if not _is_installed(name)]:
        raise NteError(f"Python packages are missing ({', '.join(lost)}). `make cluster` installs them.")
    if _lost_programs() and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", "-qq", *command], check=False, stdout=subprocess.DEVNULL)  # noqa: S603, S607
    if lost := _lost_programs():
        raise NteError(
            f"{', '.join(lost)} not found. On Debian, as root: apt-get install {' '.join(PACKAGES)}"
        )
    return {name: place for name in ("initdb", "postgres", "redis-server") if (place := _program(name))}


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _lost_programs() -> list[str]:
    return [name for name in ("initdb", "postgres", "redis-server") if _program(name) is None]


def _program(name: str) -> Path | None:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = debian[-1] if debian else shutil.which(name)
    return Path(found) if found else None


def free_port() -> int:
    """Return a port that nothing on this machine listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Cluster:
    """Processes that were started together and end together, each with a log of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, name: str, command: list[str], environment: Mapping[str, str], said: bytes | None = None
    ) -> None:
        """Start one process; `said` is written to its standard input."""
        with self.log(name).open("ab") as out:
            process = subprocess.Popen(  # noqa: S603  programs that find_programs named, and our own Airflow
                command,
                env=dict(environment),
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL if said is None else subprocess.PIPE,
                start_new_session=True,
                cwd=self.folder,
            )
        self._started[name] = process
        if said is not None and process.stdin is not None:
            process.stdin.write(said)
            process.stdin.close()

    def check(self) -> None:
        """Raise NteError when a process has ended by itself."""
        for name, process in self._started.items():
            if process.poll() is not None:
                raise NteError(f"{name} ended by itself. Its last words:\n{self.last_words(name)}")

    def log(self, name: str) -> Path:
        """Return where a process writes to."""
        return self.folder / "logs" / f"{name}.log"

    def last_words(self, name: str) -> str:
        """Return the end of a process's log."""
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-15:])

    def stop(self) -> None:
        """End all: Airflow first, then what it stores to; asked first and forced after a while."""
        for is_store in (False, True):
            processes = [p for name, p in self._started.items() if (name in STORES) is is_store]
            for process in processes:
                _signal(process.pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
                time.sleep(0.1)
            for process in processes:
                _signal(process.pid, signal.SIGKILL)
                process.wait()
        self._started.clear()

    def wait_for_port(self, name: str, port: int) -> None:
        """Return when a process answers on its port. Raises NteError when it does not."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.check()
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.2)
        raise NteError(f"{name} does not answer on port {port}. Its last words:\n{self.last_words(name)}")


def _signal(group: int, which: signal.Signals) -> None:
    try:
        os.killpg(group, which)
    except ProcessLookupError:
        return


def start_postgres(cluster: Cluster, programs: Mapping[str, Path]) -> str:
    """Start a database of its own; return its address for SQLAlchemy. Postgres refuses to run as root."""
    port, password = free_port(), secrets.token_hex(16)
    place, word = cluster.folder / "postgres", cluster.folder / "postgres.word"
    place.mkdir()
    word.touch(mode=0o600)
    word.write_text(password)
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        cluster.folder.chmod(0o711)
        for path in (place, word):
            shutil.chown(path, "postgres", "postgres")
    _run(
        [*as_user, str(programs["initdb"]), "--pgdata", str(place), "--username", DATABASE, "--encoding=UTF8",
         "--auth=scram-sha-256", "--pwfile", str(word), "--no-sync"],
        cluster.log("initdb"),
    )  # fmt: skip
    cluster.start(
        "postgres",
        [*as_user, str(programs["postgres"]), "-D", str(place), "-p", str(port), "-k", str(place),
         "-c", f"listen_addresses={HOST}"],
        os.environ,
    )  # fmt: skip
    cluster.wait_for_port("postgres", port)
    word.unlink()
    return f"postgresql+psycopg2://{DATABASE}:{password}@{HOST}:{port}/postgres"


def start_redis(cluster: Cluster, programs: Mapping[str, Path]) -> str:
    """Start a queue of its own; return its address. Its password goes by standard input, where nobody sees it."""
    port, password = free_port(), secrets.token_hex(16)
    settings = f"bind {HOST}\nport {port}\nrequirepass {password}\nsave ''\ndir {cluster.folder}\n"
    cluster.start("redis", [str(programs["redis-server"]), "-"], os.environ, settings.encode())
    cluster.wait_for_port("redis", port)
    return f"redis://:{password}@{HOST}:{port}/0"


def start_airflow(cluster: Cluster, environment: Mapping[str, str], n_workers: int) -> list[str]:
    """Make the database and the pools, then start Airflow's services and workers; return the workers' names."""
    airflow = str(Path(sys.executable).parent / "airflow")
    for command in (
        ["db", "migrate"],
        ["pools", "set", "warehouse", "1", "one task at a time opens the warehouse"],
        ["pools", "set", "bands", str(2 * n_workers), "forecasts of bands"],
    ):
        _run([airflow, *command], cluster.log("setup"), environment)
    services = {
        "api-server": ["api-server", "--workers", "1"],
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
        "triggerer": ["triggerer", "--skip-serve-logs"],
    }
    for name, command in services.items():
        cluster.start(name, [airflow, *command], environment)
    workers = [f"worker-{n + 1}" for n in range(n_workers)]
    for name in workers:
        command = [airflow, "celery", "worker", "--concurrency", "2", "--celery-hostname", f"{name}@%h",
                   "--skip-serve-logs", "--pid", str(cluster.folder / f"{name}.pid")]  # fmt: skip
        cluster.start(name, command, {**environment, WORKER: name})
    return workers


def _run(command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
    out: IO[bytes]
    with log.open("ab") as out:
        done = subprocess.run(command, env=environment, stdout=out, stderr=out, check=False)  # noqa: S603
    if done.returncode:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise NteError(f"{Path(command[0]).name} failed:\n{last}")
