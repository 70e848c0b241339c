"""`make cluster`: the whole job on a cluster of this machine, compared with the same job in one process.

Postgres, Redis, Airflow's services and two Celery workers, started, used and stopped again.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console

from cli.airflow.home import PLUGIN_FOLDER, airflow_environment
from deploy.cluster_parts import (
    HOST,
    Cluster,
    find_programs,
    free_port,
    start_airflow,
    start_postgres,
    start_redis,
)
from nte.area import Area
from nte.area_files import load_area
from nte.errors import NteError
from nte.files import SECRET, write_text
from nte.settings import Settings
from nte.warehouse import read_published
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan

ORDER = ("take_deliveries", "issue_bands", "raise_alerts", "publish_warehouse")
N_WORKERS, N_HISTORY_WEEKS = 2, 40
ENDS_ON = date(2026, 4, 6)
CLOCKS = ("made_at", "taken_at")
"""Columns that say when a run happened, not what it found."""
HEALTHY_SECONDS, RUN_SECONDS = 300, 1800
CENTRES_PER_SHARD = 5
DAGS = '''"""The service's DAGs for Airflow, without timetables: each is started by itself, as of a past moment."""
import importlib.util
from pathlib import Path
import dag_parts
with_schedule = dag_parts.nte_dag
dag_parts.nte_dag = lambda *, schedule, **rest: with_schedule(schedule=None, **rest)
for path in sorted(Path({folder!r}).glob("*.py")):
    spec = importlib.util.spec_from_file_location(f"nte_{{path.stem}}", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
'''


def run_cluster(console: Console, settings: Settings, area: Area, n_weeks: int, seed: int) -> None:
    """Run a simulated inbox through a cluster and through one process. Raises NteError when they differ.

    Everything stands in a temporary folder and ends with the command, also by Ctrl-C; after a failure its logs stay.
    """
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="nte-cluster-"))
    (folder / "logs").mkdir()
    (folder / "dags").mkdir()
    cluster = Cluster(folder)
    now = f"{ENDS_ON}T09:00"
    try:
        with console.status("simulating deliveries …") as status, _ending(cluster):
            plan = SimulationPlan(
                seed=seed, n_live_weeks=n_weeks, n_history_weeks=N_HISTORY_WEEKS, ends_on=ENDS_ON
            )
            simulate_deliveries(plan, settings.area, folder / "simulated")
            for home in ("one", "many"):
                shutil.copytree(folder / "simulated" / "inbox", folder / home / "inbox")
            status.update("the job in one process …")
            alone = _run_alone(folder / "one", settings.area, now)
            status.update("starting Postgres, Redis and Airflow …")
            environment = _environment(cluster, programs, settings, area)
            started = time.monotonic()
            workers = start_airflow(cluster, environment, N_WORKERS)
            api = _Api(environment)
            api.wait_until_healthy(cluster)
            console.print(f"Cluster healthy after {time.monotonic() - started:.0f} s: {', '.join(workers)}")
            tasks: list[dict[str, Any]] = []
            started = time.monotonic()
            for dag_id in ORDER:
                status.update(f"{dag_id} on the cluster …")
                tasks += api.run(cluster, dag_id, now)
            took = time.monotonic() - started
    except BaseException:
        console.print(f"The logs are in {folder / 'logs'}", soft_wrap=True)
        raise
    console.print(f"The job: {alone:.0f} s in one process, {took:.0f} s on the cluster")
    _show_tasks(console, tasks, workers)
    n_rows = compare(
        folder / "one" / "published" / "nte.duckdb", folder / "many" / "published" / "nte.duckdb"
    )
    for table, n in n_rows.items():
        console.print(f"  same  {table:24} {n:>9,} rows")
    console.print(f"{len(n_rows)} published tables are the same, but for {' and '.join(CLOCKS)}.")
    shutil.rmtree(folder)


@contextmanager
def _ending(cluster: Cluster) -> Iterator[None]:
    """Stop the cluster whatever happens; being told to terminate is heard like Ctrl-C."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    heard = (signal.SIGINT, signal.SIGTERM)
    before = {which: signal.signal(which, interrupt) for which in heard}
    try:
        yield
    finally:
        for which in heard:
            signal.signal(which, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        cluster.stop()
        for which, handler in before.items():
            signal.signal(which, handler)


def _clean_environment() -> dict[str, str]:
    """Return this process's environment without another Airflow's or another home's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NTE_"))}


def _run_alone(home: Path, area_folder: Path, now: str) -> float:
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-W", "ignore", "-m", "cli", "run", "--now", now],
        env=_clean_environment() | {"NTE_HOME": str(home), "NTE_AREA": str(area_folder.resolve())},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NteError(f"the run in one process failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - started


def _environment(
    cluster: Cluster, programs: Mapping[str, Path], settings: Settings, area: Area
) -> dict[str, str]:
    """Start database and queue; return the environment that all services and workers share."""
    database, queue = start_postgres(cluster, programs), start_redis(cluster, programs)
    home = Settings(home=cluster.folder / "many", area=settings.area)
    write_text(cluster.folder / "dags" / "cluster.py", DAGS.format(folder=str(PLUGIN_FOLDER.parent / "dags")))
    port = free_port()
    ours = airflow_environment(home, area.time_zone) | {
        "AIRFLOW_HOME": str(cluster.folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(cluster.folder / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGIN_FOLDER),
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "deploy.cluster_parts.worker_name",
        "AIRFLOW__CORE__FERNET_KEY": _fernet_key(),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "nte:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(cluster.folder / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__CELERY__BROKER_URL": queue,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{database}",
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "86400",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(48),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "NTE_CENTRES_PER_SHARD": str(CENTRES_PER_SHARD),
        "C_FORCE_ROOT": "true",
        "PYTHONWARNINGS": "ignore",
    }
    write_text(cluster.folder / "passwords.json", json.dumps({"nte": secrets.token_urlsafe(12)}), SECRET)
    return _clean_environment() | ours


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


class _Api:
    """Airflow's REST API, as far as a run needs it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._base = environment["AIRFLOW__API__BASE_URL"]
        self._passwords = Path(environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
        self._token = ""

    def wait_until_healthy(self, cluster: Cluster) -> None:
        """Return when all services are well and every DAG is known."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while time.monotonic() < deadline:
            cluster.check()
            try:
                health = self._ask("/api/v2/monitor/health")
                if all((part or {}).get("status") == "healthy" for part in health.values()):
                    self._log_in()
                    known = {dag["dag_id"] for dag in self._ask("/api/v2/dags")["dags"]}
                    if set(ORDER) <= known:
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.5)
        raise NteError(f"Airflow is not healthy after {HEALTHY_SECONDS} s.")

    def run(self, cluster: Cluster, dag_id: str, as_of: str) -> list[dict[str, Any]]:
        """Run a DAG to its end; return its tasks. Raises NteError when it fails."""
        begun = {"logical_date": None, "conf": {"as_of": as_of}}
        run_id = self._ask(f"/api/v2/dags/{dag_id}/dagRuns", begun)["dag_run_id"]
        place = f"/api/v2/dags/{dag_id}/dagRuns/{urllib.request.quote(run_id)}"  # type: ignore[attr-defined]
        deadline = time.monotonic() + RUN_SECONDS
        while (state := self._ask(place)["state"]) in ("queued", "running"):
            cluster.check()
            if time.monotonic() > deadline:
                raise NteError(f"{dag_id} is still {state} after {RUN_SECONDS} s.")
            time.sleep(0.5)
        tasks: list[dict[str, Any]] = self._ask(f"{place}/taskInstances?limit=1000")["task_instances"]
        if state != "success":
            failed = sorted({t["task_id"] for t in tasks if t["state"] == "failed"})
            raise NteError(f"{dag_id} ended as {state}; failed: {', '.join(failed)}.")
        return tasks

    def _log_in(self) -> None:
        [(name, password)] = json.loads(self._passwords.read_text()).items()
        self._token = self._ask("/auth/token", {"username": name, "password": password})["access_token"]

    def _ask(self, place: str, said: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        body = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(self._base + place, body, headers)  # noqa: S310  our own server
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)


def _show_tasks(console: Console, tasks: list[dict[str, Any]], workers: list[str]) -> None:
    for worker in workers:
        own = [task for task in tasks if task["hostname"] == worker]
        n_shards = sum(task["task_id"] == "forecast" for task in own)
        console.print(f"{worker}: {len(own)} tasks, {n_shards} shards of bands among them")
        if not own:
            raise NteError(f"{worker} had nothing to do: only one worker was of use.")


def compare(one: Path, other: Path) -> dict[str, int]:
    """Return the rows of each published table. Raises NteError naming the first table that is not the same."""
    names = "SELECT table_name FROM duckdb_tables() ORDER BY ALL"
    tables, theirs = (read_published(path, names)["table_name"].to_list() for path in (one, other))
    if tables != theirs:
        raise NteError(f"not the same tables were published: {sorted(set(tables) ^ set(theirs))}")
    n_rows = {}
    for table in tables:
        a, b = (_without_clocks(path, table) for path in (one, other))
        if not a.equals(b):
            lost, new = (
                a.join(b, on=a.columns, how="anti", nulls_equal=True),
                b.join(a, on=a.columns, how="anti", nulls_equal=True),
            )
            raise NteError(
                f"{table} is not the same: {a.height} rows in one process, {b.height} on the cluster, of which "
                f"{lost.height} and {new.height} have no equal.\n{lost.head(3)}\n{new.head(3)}"
            )
        n_rows[table] = a.height
    return n_rows


def _without_clocks(path: Path, table: str) -> pl.DataFrame:
    rows = read_published(path, f'SELECT * FROM "{table}" ORDER BY ALL')
    return rows.drop([name for name in CLOCKS if name in rows.columns]).sort(pl.all().exclude(*CLOCKS))


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: `python -m deploy.cluster --weeks 3`")
def main(
    weeks: Annotated[int, typer.Option(help="Live weeks of the simulated inbox.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Seed of the simulated inbox.")] = 1,
) -> None:
    """Run a simulated inbox on Postgres, Redis and two Celery workers of this machine, and compare with `nte run`.

    Needs Debian's postgresql and redis-server (installed when run as root). Stops all it started, also by Ctrl-C.
    """
    settings, console = Settings(), Console()
    try:
        run_cluster(console, settings, load_area(settings.area), weeks, seed)
    except NteError as problem:
        Console(stderr=True).print(str(problem), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from problem


if __name__ == "__main__":
    app()
