"""`nte up` and `nte stop`: the service of this installation, in the background of this machine."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

from cli.airflow.home import airflow_environment
from cli.airflow.left_over import Listener, airflow_processes, end, listeners
from cli.airflow.running import Start, background_log, running, state_file
from cli.airflow.server import check_port, place_of
from nte.area import Area
from nte.errors import NteError
from nte.files import make_folder
from nte.service import read_service, service_problems
from nte.settings import Settings

START_SECONDS, STOP_SECONDS = 300, 40


def start(console: Console, settings: Settings, area: Area, port: int | None) -> None:
    """Start the supervised service; return when every part answers. Raises NteError when it does not."""
    if there := running(settings):
        console.print(
            f"Already up: {there.address}  ({there.login}). `nte stop` ends it.",
            soft_wrap=True,
            highlight=False,
        )
        for problem in problems(settings, area):
            console.print(f"[red]mend[/]  {problem}", highlight=False, soft_wrap=True)
        return
    if left := airflow_processes(settings):
        raise NteError(
            f"{len(left)} Airflow processes of an earlier start are still there (such as {left[0].pid}). "
            "End them, then start again: nte stop"
        )
    check_port(place_of(port))
    make_folder(settings.home / "airflow")
    settings.service_file.unlink(missing_ok=True)
    log = background_log(settings)
    said = log.stat().st_size if log.exists() else 0
    where = {k: v for k, v in airflow_environment(settings, area.time_zone).items() if k.startswith("NTE_")}
    command = [sys.executable, "-W", "ignore", "-m", "cli", "up", "--foreground", "--keep-trying"]
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603  this program itself
            [*command, *(["--port", str(port)] if port else [])],
            env=os.environ | where,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    with console.status("starting Airflow …"):
        there = _wait(process, settings, log, said)
    console.print(f"Airflow UI:  {there.address}  ({there.login})", soft_wrap=True, highlight=False)
    console.print(f"Inbox, watched:  {settings.inbox_folder}", soft_wrap=True)
    console.print(f"Log:  {log}   Stop it:  make stop", soft_wrap=True)
    console.print(say_listeners(place_of(port).port, listeners(airflow_processes(settings))), soft_wrap=True)


def stop(console: Console, settings: Settings) -> None:
    """End everything that `start` started, and what an earlier start left over: ask first, then insist."""
    there = running(settings)
    left = airflow_processes(settings)
    if there is not None:
        supervisor = psutil.Process(there.pid)
        supervisor.terminate()
        _, alive = psutil.wait_procs([supervisor], timeout=STOP_SECONDS)
        end(alive)
        left = airflow_processes(settings)
    end(left)
    state_file(settings).unlink(missing_ok=True)
    settings.service_file.unlink(missing_ok=True)
    console.print("Nothing was running." if there is None and not left else "Stopped.")


def problems(settings: Settings, area: Area) -> list[str]:
    """Return what of the service does not run, in a sentence each; nothing where none was started or all is well."""
    service = read_service(settings.service_file)
    return service_problems(service, area, datetime.now(UTC)) if service else []


def say_listeners(port: int, found: set[Listener]) -> str:
    """Return in a sentence or two what other machines could reach; `port` is the UI's."""
    beyond = sorted({one.port for one in found if one.is_beyond_loopback})
    if not beyond:
        return "All of it listens on this machine only."
    ui = "other machines can reach the UI" if port in beyond else "the UI listens on this machine only"
    logs = ", ".join(str(one) for one in beyond if one != port)
    if not logs:
        return f"{ui[0].upper()}{ui[1:]}."
    return (
        f"{ui[0].upper()}{ui[1:]}. Airflow's log servers (ports {logs}) listen on "
        "all its addresses: Airflow can set their ports, not their address. They answer signed requests only; close "
        "the ports in the firewall."
    )


def _wait(process: subprocess.Popen[bytes], settings: Settings, log: Path, said: int) -> Start:
    """Wait until every part answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            words = log.read_bytes()[said:].decode("utf-8", "replace").strip().splitlines()
            raise NteError(
                f"Airflow ended while it started: {words[-1] if words else 'it said nothing.'} Its log is {log}."
            )
        service, there = read_service(settings.service_file), running(settings)
        if service and there and service.is_up:
            return there
        time.sleep(0.3)
    raise NteError(f"Airflow is not healthy after {START_SECONDS} s. Look into {log}, then: make stop")
