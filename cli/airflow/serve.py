"""`nte up` and `nte stop`: the Airflow UI of this installation, on this machine only."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
from rich.console import Console

from cli.airflow.home import airflow_environment, prepare_airflow
from cli.airflow.left_over import Listener, airflow_processes, end, listeners, who_listens
from nte.area import Area
from nte.errors import MisuseError, NteError
from nte.files import SECRET, write_text
from nte.settings import Settings

HOST, USER = "127.0.0.1", "nte"
START_SECONDS, STOP_SECONDS = 300, 20
WORKER_LOG_PORT, TRIGGER_LOG_PORT = 8793, 8794
"""Airflow's own; others are taken where these are in use."""


def start(console: Console, settings: Settings, area: Area, port: int) -> None:
    """Start Airflow with the inbox watched; return when it is healthy. Raises NteError when it is not."""
    state = _state_file(settings)
    if running := _running(state):
        console.print(
            f"Already up: {running['address']}  (login {USER} / {running['password']}). `nte stop` ends it."
        )
        return
    if left := airflow_processes(_airflow_home(settings)):
        raise NteError(
            f"{len(left)} Airflow processes of an earlier start are still there (such as {left[0].pid}). "
            "End them, then start again: nte stop"
        )
    _check_port(port)
    settings.inbox_folder.mkdir(parents=True, exist_ok=True)
    for source in area.sources:
        (settings.inbox_folder / source).mkdir(exist_ok=True)
    prepare_airflow(settings, area.time_zone)
    password = _password(settings)
    environment = (
        os.environ | airflow_environment(settings, area.time_zone) | _server_settings(settings, port)
    )
    log = settings.home / "airflow" / "up.log"
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603  our own interpreter's airflow
            [str(Path(sys.executable).parent / "airflow"), "standalone"],
            env=environment,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    address = f"http://{HOST}:{port}"
    known = {
        "pid": process.pid,
        "started": _started_at(process.pid),
        "address": address,
        "password": password,
    }
    write_text(state, json.dumps(known), SECRET)
    with console.status("starting Airflow …"):
        _wait(process, address, log)
    console.print(f"Airflow UI:  {address}  (login {USER} / {password})", soft_wrap=True)
    console.print(f"Inbox, watched:  {settings.inbox_folder}", soft_wrap=True)
    console.print(f"Log:  {log}   Stop it:  make stop", soft_wrap=True)
    console.print(say_listeners(listeners(airflow_processes(_airflow_home(settings)))), soft_wrap=True)


def stop(console: Console, settings: Settings) -> None:
    """End everything that `start` started, and what an earlier start left over: ask first, then insist."""
    state = _state_file(settings)
    running = _running(state)
    if running is not None:
        group = int(running["pid"])
        _signal(group, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _group_lives(group) and time.monotonic() < deadline:
            time.sleep(0.3)
        _signal(group, signal.SIGKILL)
    left = airflow_processes(_airflow_home(settings))
    end(left)
    state.unlink(missing_ok=True)
    console.print("Nothing was running." if running is None and not left else "Stopped.")


def say_listeners(found: set[Listener]) -> str:
    """Return in one sentence what other machines could reach."""
    beyond = sorted({one.port for one in found if one.is_beyond_loopback})
    if not beyond:
        return "All of it listens on this machine only."
    return (
        f"The UI listens on this machine only. Airflow's log servers (ports {', '.join(map(str, beyond))}) listen on "
        "all its addresses: Airflow can set their ports, not their address. They answer signed requests only; close "
        "the ports in the firewall."
    )


def is_up(settings: Settings) -> bool:
    """Say whether what `start` started is still running."""
    return _running(_state_file(settings)) is not None


def _state_file(settings: Settings) -> Path:
    return settings.home / "airflow" / "up.json"


def _airflow_home(settings: Settings) -> Path:
    return Path(os.environ.get("AIRFLOW_HOME") or settings.home.resolve() / "airflow")


def _running(state: Path) -> dict[str, str] | None:
    """Return what is known of a start that still runs; a number that another process has by now is none."""
    try:
        known: dict[str, str] = json.loads(state.read_text())
        group, started = int(known["pid"]), float(known["started"])
    except (OSError, ValueError, KeyError):
        return None
    return known if _group_lives(group) and _started_at(group) in (started, None) else None


def _started_at(pid: int) -> float | None:
    """Return when a process was started, unix time; None when it is gone."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _signal(group: int, which: signal.Signals) -> None:
    try:
        os.killpg(group, which)
    except ProcessLookupError:
        return


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError as problem:
            raise MisuseError(f"{port} is no port. Choose one up to 65535: nte up --port 8081") from problem
        except PermissionError as problem:
            raise MisuseError(
                f"port {port}: this user may not use ports under 1024. Choose another: nte up --port 8081"
            ) from problem
        except OSError as problem:
            raise MisuseError(
                f"port {port} is taken on this machine ({who_listens(port)}). Choose another: nte up --port 8081"
            ) from problem


def _free_port(wanted: int) -> int:
    """Return the wanted port, or another one when it is taken on any address of this machine."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


def _password(settings: Settings) -> str:
    path = settings.home / "airflow" / "passwords.json"
    if path.exists():
        known: dict[str, str] = json.loads(path.read_text())
        if USER in known:
            return known[USER]
    password = secrets.token_urlsafe(12)
    write_text(path, json.dumps({USER: password}), SECRET)
    return password


def _secret(settings: Settings) -> str:
    path = settings.home / "airflow" / "jwt_secret"
    if not path.exists():
        write_text(path, secrets.token_hex(48), SECRET)
    return path.read_text()


def _server_settings(settings: Settings, port: int) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "NTE_BASE_URL": settings.base_url or f"http://{HOST}:{port}/nights",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            settings.home / "airflow" / "passwords.json"
        ),
        "AIRFLOW__API_AUTH__JWT_SECRET": _secret(settings),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port(WORKER_LOG_PORT)),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(_free_port(TRIGGER_LOG_PORT)),
    }


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NteError(f"Airflow ended while it started. Its last words are in {log}.")
        if _is_healthy(address):
            return
        time.sleep(0.5)
    raise NteError(f"Airflow is not healthy after {START_SECONDS} s. Look into {log}, then: make stop")


def _is_healthy(address: str) -> bool:
    parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
    try:
        with urllib.request.urlopen(f"{address}/api/v2/monitor/health", timeout=3) as answer:  # noqa: S310
            health = json.load(answer)
    except (urllib.error.URLError, TimeoutError, ConnectionError, json.JSONDecodeError):
        return False
    return all((health.get(part) or {}).get("status") == "healthy" for part in parts)
