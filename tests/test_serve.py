"""What a newcomer trips over when Airflow is started, and the words that help; each is provoked here."""

import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from cli.airflow.home import POOLS, database_problem, missing_pools
from cli.airflow.left_over import Listener, airflow_processes, end, listeners
from cli.airflow.serve import say_listeners, start, stop
from cli.doctor import Finding, examine, python_finding
from nte.errors import MisuseError, NteError
from nte.files import SECRET, write_text
from nte.settings import Settings
from tests.areas import derbyshire

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
        with pytest.raises(MisuseError, match=rf"port {port} is taken .*process {os.getpid()}.*--port 8081"):
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
        assert airflow_processes(tmp_path / "mine" / "airflow") == []
        stop(console(), Settings(home=tmp_path / "mine"))
        assert process.poll() is None


def test_stop_does_not_end_a_stranger_who_has_the_number_now(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        state = {"pid": stranger.pid, "started": 1.0, "address": "http://x", "password": "y"}
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


@pytest.mark.parametrize(
    ("revision", "says"), [("10b52ebd31f7", "made by another version of Airflow"), (None, "was not finished")]
)
def test_an_old_airflow_home_is_said_with_the_way_out(
    revision: str | None, says: str, tmp_path: Path
) -> None:
    path = database(tmp_path, revision, {})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(NteError, match=rf"{says}.*Move its folder away.*mv {path.parent}"):
        start(console(), Settings(home=tmp_path), AREA, port)
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


def test_an_airflow_home_from_elsewhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", "/elsewhere")
    assert "Say: unset AIRFLOW_HOME" in texts(Settings(home=tmp_path), good=False)


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
        there = airflow_processes(tmp_path / "airflow")
        found = listeners(there)
        end(there)
    [open_port] = [one.port for one in found if one.is_beyond_loopback]
    assert len(found) == 2
    assert f"log servers (ports {open_port}) listen on all its addresses" in say_listeners(found)
    assert (
        say_listeners({Listener("127.0.0.1", 8080), Listener("::1", 1)})
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


@pytest.mark.slow
def test_up_says_address_and_listeners_keeps_its_secrets_and_stop_ends_all(tmp_path: Path) -> None:
    environment = {**os.environ, "NTE_HOME": str(tmp_path / "home"), "COLUMNS": "300"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])

    def nte(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-W", "ignore", "-m", "cli", *arguments], cwd=ROOT, env=environment,
                              capture_output=True, text=True, check=False)  # fmt: skip

    home = tmp_path / "home" / "airflow"
    try:
        up = nte("up", "--port", port)
        assert up.returncode == 0, up.stdout + up.stderr
        assert f"http://127.0.0.1:{port}" in up.stdout
        assert "log servers (ports" in up.stdout
        assert "Already up" in nte("up", "--port", port).stdout
        for name in ("passwords.json", "jwt_secret", "up.json"):
            assert (home / name).stat().st_mode & 0o777 == 0o600, name
        with closing(sqlite3.connect(home / "airflow.db")) as connection:
            assert set(POOLS) <= {pool for (pool,) in connection.execute("SELECT pool FROM slot_pool")}
        assert "Airflow is up" in nte("doctor").stdout
    finally:
        stopped = nte("stop")
    assert "Stopped." in stopped.stdout
    psutil.wait_procs(airflow_processes(home), timeout=5)
    assert airflow_processes(home) == []
