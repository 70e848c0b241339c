"""What a newcomer trips over when Airflow is started, and the words that help; each is provoked here."""

import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import psutil
import pytest
from rich.console import Console

from cli.airflow.home import POOLS, airflow_environment, database_problem, missing_pools
from cli.airflow.left_over import Listener, airflow_processes, end, listeners
from cli.airflow.running import note_start, running, state_file
from cli.airflow.serve import say_listeners, start, stop
from cli.airflow.server import place_of, say_login, server_environment
from cli.doctor import Finding, examine, python_finding
from nte.errors import MisuseError, NteError
from nte.files import SECRET, write_text
from nte.service import Part, Service, write_service
from nte.settings import Settings
from nte.tables.deliveries import DELIVERIES
from nte.tables.versions import SCHEMA_VERSION
from nte.warehouse import publish_copy
from nte.words import PartState
from tests.areas import derbyshire
from tests.faults.service import clean_environment, free_port, nte, started, wait_until

AREA = derbyshire()
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _no_airflow_of_our_own() -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(("AIRFLOW", "NTE_"))]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


def console() -> Console:
    return Console(file=io.StringIO(), width=200)


@contextmanager
def left_over(home: Path, code: str = "import time; time.sleep(600)") -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks as Airflow's do: its program's name, and the home in its environment."""
    script = home / "airflow" / "scheduler.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(code)
    environment = os.environ | {"AIRFLOW_HOME": str(home / "airflow")}
    process = subprocess.Popen([sys.executable, str(script)], env=environment, start_new_session=True)
    try:
        time.sleep(0.5)
        yield process
    finally:
        process.kill()
        process.wait()


def texts(settings: Settings, *, good: bool) -> str:
    return "\n".join(f.text for f in examine(settings) if f.is_good is good)


def test_a_taken_port_is_named_with_who_has_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            MisuseError, match=rf"port {port} is taken .*process {os.getpid()}.*--port {port + 1}"
        ):
            start(console(), Settings(home=tmp_path), AREA, port)


def test_a_number_that_is_no_port_is_said(tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match="70000 is no port"):
        start(console(), Settings(home=tmp_path), AREA, 70000)


def test_processes_of_an_earlier_start_stop_the_next_and_end_with_stop(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with left_over(tmp_path) as process:
        with pytest.raises(
            NteError, match=rf"earlier start are still there \(such as {process.pid}\).*nte stop"
        ):
            start(console(), settings, AREA, 8080)
        assert "End them: nte stop" in texts(settings, good=False)
        stop(console(), settings)
        assert not psutil.pid_exists(process.pid)
    assert "no Airflow of this home is running" in texts(settings, good=True)


def test_processes_of_another_home_are_left_alone(tmp_path: Path) -> None:
    with left_over(tmp_path / "other") as process:
        assert airflow_processes(Settings(home=tmp_path / "mine")) == []
        stop(console(), Settings(home=tmp_path / "mine"))
        assert process.poll() is None


def test_stop_does_not_end_a_stranger_who_has_the_number_now(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        state = {"pid": stranger.pid, "after_boot": 1.0, "address": "http://x", "login": "y"}
        write_text(tmp_path / "airflow" / "up.json", json.dumps(state))
        stop(console(), settings)
        assert stranger.poll() is None
        stranger.kill()


def database(home: Path, revision: str | None, pools: dict[str, int]) -> Path:
    """An Airflow database as far as we look into it."""
    path = home / "airflow" / "airflow.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE slot_pool (pool TEXT, slots INTEGER)")
        connection.executemany("INSERT INTO slot_pool VALUES (?, ?)", list(pools.items()))
        if revision is not None:
            connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
            connection.execute("INSERT INTO alembic_version VALUES (?)", [revision])
    return path


def test_an_old_airflow_home_is_said_with_the_way_out(tmp_path: Path) -> None:
    path = database(tmp_path, "10b52ebd31f7", {})
    says = "made by another version of Airflow"
    with pytest.raises(NteError, match=rf"{says}.*Move its folder away.*mv {path.parent}"):
        start(console(), Settings(home=tmp_path), AREA, free_port())
    assert says in texts(Settings(home=tmp_path), good=False)


def test_garbage_in_place_of_the_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "airflow.db"
    path.write_text("no database")
    assert "is no Airflow database" in str(database_problem(path))


def test_a_missing_pool_is_named(tmp_path: Path) -> None:
    from airflow.utils.db import _REVISION_HEADS_MAP

    path = database(tmp_path, list(_REVISION_HEADS_MAP.values())[-1], {"bands": 2, "default_pool": 128})
    assert database_problem(path) is None
    assert missing_pools(path) == ["warehouse"]
    assert "pool warehouse is missing" in texts(Settings(home=tmp_path), good=False)


def test_an_airflow_home_from_elsewhere_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", "/elsewhere")
    monkeypatch.setenv("AIRFLOW_CONFIG", "/elsewhere/airflow.cfg")
    used = airflow_environment(Settings(home=tmp_path), "Europe/London")
    assert used["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert used["AIRFLOW_CONFIG"] == str(tmp_path / "airflow" / "airflow.cfg")


def test_a_copied_home_names_every_path_of_its_own(tmp_path: Path) -> None:
    """airflow.cfg, copied with it, names those of the home in which it was written."""
    used = airflow_environment(Settings(home=tmp_path / "a copy"), "Europe/London")
    for name in (
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY",
    ):
        assert str(tmp_path / "a copy" / "airflow") in used[name], name
    assert used["AIRFLOW__CORE__PLUGINS_FOLDER"] == str(ROOT / "plugins")


@pytest.mark.parametrize("sign", ["%", "#", "?", "'", '"', "$", "\n"])
def test_a_path_that_would_be_misread_is_refused_before_anything_is_written(
    sign: str, tmp_path: Path
) -> None:
    with pytest.raises(MisuseError, match="Set NTE_HOME to a folder without such signs"):
        Settings(home=tmp_path / f"ni{sign}ghts")
    assert list(tmp_path.iterdir()) == []


OWN = {
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "you:viewer",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    "AIRFLOW__API__HOST": "0.0.0.0",  # noqa: S104  it is never bound
    "AIRFLOW__API__PORT": "9000",
    "AIRFLOW__API__BASE_URL": "https://monitor.example/airflow",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://x/y",
}


def test_a_start_is_known_again_when_the_clock_was_set_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, proc = Settings(home=tmp_path), tmp_path / "proc"
    state_file(settings).parent.mkdir()
    note_start(settings, "http://127.0.0.1:8080", "login")
    proc.mkdir()
    (proc / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
    said = Path("/proc/stat").read_text()
    (proc / "stat").write_text(re.sub(r"(?<=btime )\d+", lambda found: f"{int(found[0]) + 3600}", said))
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(proc))
    there = running(settings)
    assert there is not None
    assert there.pid == os.getpid()


@pytest.mark.parametrize("is_of_before", [True, False])
def test_a_process_that_has_the_number_of_a_noted_session_by_now_is_not_ours(
    tmp_path: Path, *, is_of_before: bool
) -> None:
    """After a reboot, in a container that counts its processes from 1 and knows the boot of its machine alone."""
    settings = Settings(home=tmp_path)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        looked_at = datetime.fromtimestamp(psutil.Process(process.pid).create_time(), UTC)
        looked_at += timedelta(seconds=1 if is_of_before else -1)
        part = Part("scheduler", PartState.UP, looked_at, session=process.pid)
        write_service(settings.service_file, Service(looked_at, "http://127.0.0.1:8080", (part,)))
        found = [one.pid for one in airflow_processes(settings)]
        process.kill()
    assert found == ([process.pid] if is_of_before else [])


def test_airflow_settings_of_your_own_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)
    settings, place = Settings(home=tmp_path), place_of(None)
    used = server_environment(settings, "Europe/London", place)
    assert {name: used[name] for name in OWN} == OWN
    assert place.address == "http://127.0.0.1:9000/airflow"
    assert used["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:9000/airflow/execution/"
    assert used["NTE_BASE_URL"] == "https://monitor.example/airflow/nights"
    assert say_login(settings, used) == "log in as AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS says"
    assert server_environment(settings, "UTC", place_of(8081))["AIRFLOW__API__PORT"] == "8081"


def test_the_doctor_asks_the_workspace_as_the_service_does_and_leaves_nothing_in_the_users_home(
    tmp_path: Path,
) -> None:
    path = database(tmp_path, None, {})
    connection = {
        "conn_type": "slack",
        "password": "xoxb-1",
        "extra": {"base_url": "http://127.0.0.1:9/api/"},
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cli", "doctor"], cwd=ROOT, capture_output=True, text=True,
        check=False, env=os.environ | {
            "NTE_HOME": str(tmp_path), "HOME": str(tmp_path / "user"), "COLUMNS": "300",
            "AIRFLOW_CONN_SLACK_NTE": json.dumps(connection),
        },
    )  # fmt: skip
    assert "Slack: no answer from Slack" in done.stdout, done.stdout + done.stderr
    assert f"{path} was not finished" in done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "user").exists()


@pytest.mark.parametrize("running", [(3, 10, 12), (3, 14, 0)])
def test_another_python_is_said_with_the_way_out(running: tuple[int, ...]) -> None:
    assert python_finding((3, 11, 7)) == Finding(True, "Python 3.11.7")
    found = python_finding(running)
    assert not found.is_good
    assert "make PYTHON=python3.11" in found.text


def test_make_says_which_python_it_needs(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    done = subprocess.run(
        ["make", "test", f"PYTHON={other}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "This needs Python 3.11 to 3.13" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_the_doctor_names_a_backup_that_is_old_and_folders_that_others_may_read(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert "no backup was made yet" in texts(settings, good=True)
    write_text(settings.backup_file, (datetime.now(UTC) - timedelta(days=5)).isoformat())
    settings.lake.mkdir()
    settings.lake.chmod(0o755)
    wrong = texts(settings, good=False)
    assert "the last backup is 5 days old" in wrong
    assert f"{settings.lake}: others on this machine may look into it" in wrong


def test_the_doctor_names_a_copy_that_is_old_a_newer_shape_and_a_clock_that_went_back(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    newer = pl.DataFrame({"version": [99], "applied_at": [datetime.now(UTC)], "what": ["more"]})
    publish_copy(settings.published_file, [(SCHEMA_VERSION, newer), (DELIVERIES, DELIVERIES.empty())], [])
    now = time.time()
    os.utime(settings.published_file, (now - 100 * 3600, now - 100 * 3600))
    wrong = texts(settings, good=False)
    assert "the copy for analysts is 100 hours old" in wrong
    assert "of shape 99, made by a newer version" in wrong
    os.utime(settings.published_file, (now + 3600, now + 3600))
    assert "Set the clock" in texts(settings, good=False)


LISTENS = """
import os, socket, time
from setproctitle import setproctitle
if os.fork() == 0:
    setproctitle("airflow serve-logs" + " " * 5000)  # over its environment, as Airflow's own does
    server = socket.create_server(("0.0.0.0", 0))
else:
    server = socket.create_server(("127.0.0.1", 0))
time.sleep(600)
"""


def test_what_listens_beyond_this_machine_is_said(tmp_path: Path) -> None:
    with left_over(tmp_path, LISTENS):
        time.sleep(1)
        there = airflow_processes(Settings(home=tmp_path))
        found = listeners(there)
        end(there)
    [open_port] = [one.port for one in found if one.is_beyond_loopback]
    assert len(found) == 2
    assert f"log servers (ports {open_port}) listen on all its addresses" in say_listeners(8080, found)
    assert say_listeners(open_port, found) == "Other machines can reach the UI."
    assert (
        say_listeners(8080, {Listener("127.0.0.1", 8080), Listener("::1", 1)})
        == "All of it listens on this machine only."
    )


def test_a_secret_is_never_readable_by_others_and_whole_or_not_there(tmp_path: Path) -> None:
    seen: list[int] = []

    def watch(text: str) -> None:
        path = tmp_path / "secret"
        from nte.files import write_atomically

        def write(file: object) -> None:
            [fresh] = [one for one in tmp_path.iterdir() if one.name.startswith(".secret.")]
            seen.append(fresh.stat().st_mode & 0o777)
            file.write(text.encode())  # type: ignore[attr-defined]

        write_atomically(path, write, SECRET)

    watch("first")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert seen == [0o600]


def states(connection: sqlite3.Connection) -> set[str]:
    """Which states tasks have, with those of tries before."""
    found = connection.execute(
        "SELECT state FROM task_instance UNION SELECT state FROM task_instance_history"
    )
    return {str(state) for (state,) in found}


@pytest.mark.slow
def test_a_service_says_what_it_is_comes_back_from_a_killed_part_and_ends_whole(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "a home" / "of ours")
    with started(home.home, is_listening=False) as running:
        environment = clean_environment(home.home)
        again = nte(environment, "up")
        assert "Already up" in again.stdout
        assert f"http://127.0.0.1:{running.port}" in again.stdout
        assert nte(environment, "up", "--foreground").returncode == 2
        for name in ("passwords.json", "jwt_secret", "up.json"):
            assert (home.home / "airflow" / name).stat().st_mode & 0o777 == 0o600, name
        with closing(sqlite3.connect(home.home / "airflow" / "airflow.db")) as connection:
            assert wait_until(lambda: "success" in states(connection))
            assert "failed" not in states(connection)
            assert "up_for_retry" not in states(connection), "the first task found an API that was not warm"
            assert set(POOLS) <= {pool for (pool,) in connection.execute("SELECT pool FROM slot_pool")}
        told = running.notice("scheduler killed", lambda: running.send("scheduler", signal.SIGKILL))
        assert "The service: scheduler does not run as it should. It was ended by signal 9" in told.said
        assert told.is_good
        with closing(sqlite3.connect(home.home / "airflow" / "airflow.db")) as connection:
            assert connection.execute(
                "SELECT count(*) FROM task_instance WHERE try_number > 1"
            ).fetchone() == (0,)
        doctor = nte(environment, "doctor").stdout
        assert "Airflow is up" in doctor
        assert "log servers (ports" in doctor
        processes = airflow_processes(home)
        assert len(processes) > 5
    psutil.wait_procs(processes, timeout=5)
    assert not [one for one in processes if one.is_running()]
    assert "no Airflow of this home is running" in texts(home, good=True)
