"""Kills, hangs and starves each part of a running service; measures who noticed, after how long, and what was said."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from cli.airflow.left_over import airflow_processes
from cli.airflow.running import running as running_start
from nte.service import Service, read_service, service_problems
from nte.settings import Settings
from tests.alerts.scenes import AREA
from tests.alerts.slack_server import APP_TOKEN, TOKEN, SlackServer, Workspace
from tests.alerts.socket_server import SocketServer

ROOT = Path(__file__).resolve().parent.parent.parent
OPS = AREA.slack.ops_channel
PARTS = ("api-server", "scheduler", "dag-processor", "triggerer", "listener")
MOST_SECONDS = 420
DISK = "size=1400m"
"""More than the supervisor calls nearly full."""
PROMISED_SECONDS = 300


@dataclass(frozen=True)
class Noticed:
    """What came of one fault."""

    fault: str
    told_after: float | None
    """Seconds until ops had a message; None when none came."""
    said: str
    well_after: float | None
    """Seconds from the fault, or from its end, until every part answered again."""

    @property
    def is_good(self) -> bool:
        """Ops heard of it in time, and it was mended."""
        return (
            self.told_after is not None and self.told_after < PROMISED_SECONDS and self.well_after is not None
        )

    @property
    def line(self) -> str:
        """One line of the table."""
        told = "nobody" if self.told_after is None else f"{self.told_after:.0f} s"
        well = "never" if self.well_after is None else f"{self.well_after:.0f} s"
        return f"{self.fault:28} told after {told:>7}; well after {well:>6}; {self.said}"


@dataclass
class Running:
    """A service that was started for this, its Slack, and where it keeps what it sees."""

    settings: Settings
    workspace: Workspace
    port: int
    environment: dict[str, str]

    @property
    def service(self) -> Service | None:
        return read_service(self.settings.service_file)

    def session(self, name: str) -> int:
        """Return the session of a part."""
        service = self.service
        assert service is not None
        [session] = [part.session for part in service.parts if part.name == name]
        assert session is not None
        return session

    def send(self, name: str, which: signal.Signals) -> None:
        """Send a signal to every process of a part."""
        session = self.session(name)
        for process in psutil.process_iter():
            if session_of(process.pid) == session:
                process.send_signal(which)

    def is_well(self, since: float) -> bool:
        """Every part has been found to answer, later than `since`."""
        service = self.service
        return service is not None and service.is_up and service.looked_at.timestamp() > since

    def notice(
        self, fault: str, hurt: Callable[[], object], heal: Callable[[], object] | None = None, says: str = ""
    ) -> Noticed:
        """Do something to the service and wait until ops are told `says`, then until all is well."""
        before, began = len(self.said()), time.time()
        hurt()
        is_told = wait_until(lambda: any(says in text for text in self.said()[before:]))
        told_after = time.time() - began if is_told else None
        said = self.said()[-1] if is_told else ""
        if heal is not None:
            began = time.time()
            heal()
        is_well = wait_until(lambda: self.is_well(began + 1.0))
        return Noticed(fault, told_after, said, time.time() - began if is_well else None)

    def said(self) -> list[str]:
        """Return what ops were told of the service."""
        return [post["text"] for post in self.workspace.posts(OPS) if "The service:" in post["text"]]

    def mended_after(self) -> float | None:
        """Wait until every thread in the ops channel has its end."""
        began = time.time()
        ended = wait_until(
            lambda: all(
                "Works again" in thread[-1]["text"]
                for thread in self.workspace.threads(OPS)
                if "The service:" in thread[0]["text"]
            )
        )
        return time.time() - began if ended else None


def session_of(pid: int) -> int | None:
    """Return the session of a process, or None when it is gone."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def wait_until(is_so: Callable[[], bool], most_seconds: float = MOST_SECONDS) -> bool:
    """Wait for something; return whether it came."""
    deadline = time.monotonic() + most_seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.25)
    return False


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which the service of `home` runs from this checkout, and no other's settings."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "NTE_", "_AIRFLOW"))
    }
    return own | {"NTE_HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "300", **more}


def nte(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person does."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cli", *arguments],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@contextmanager
def started(home: Path, *, is_listening: bool = True) -> Iterator[Running]:
    """Start a service in the background with a Slack of its own, and stop it."""
    slack = AREA.slack
    channels = [slack.police_channel, slack.ops_channel, *slack.district_channels.values()]
    port = free_port()
    with SlackServer(channels) as server, SocketServer([]) as sockets:
        server.workspace.socket_url = sockets.url
        tokens = {"base_url": server.base_url} | ({"app_token": APP_TOKEN} if is_listening else {})
        connection = json.dumps({"conn_type": "slack", "password": TOKEN, "extra": tokens})
        environment = clean_environment(home, AIRFLOW_CONN_SLACK_NTE=connection)
        try:
            up = nte(environment, "up", "--port", str(port))
            assert up.returncode == 0, up.stdout + up.stderr
            yield Running(Settings(home=home), server.workspace, port, environment)
        finally:
            nte(environment, "stop")


def hurt_each_part(running: Running) -> Iterator[Noticed]:
    """Kill each part, then let each hang, then take the port of the server."""
    for name in PARTS:
        yield running.notice(f"{name} killed", lambda name=name: running.send(name, signal.SIGKILL))  # type: ignore[misc]
    running.mended_after()  # until then ops have been told of each, and are not told again
    for name in PARTS:
        yield running.notice(f"{name} hung", lambda name=name: running.send(name, signal.SIGSTOP))  # type: ignore[misc]
    yield take_port(running)


def take_port(running: Running) -> Noticed:
    """Kill the server and take its port before it is back."""
    taken = socket.socket()

    def hurt() -> None:
        running.send("api-server", signal.SIGKILL)
        assert wait_until(lambda: _binds(taken, running.port), 30)
        taken.listen()

    running.mended_after()
    return running.notice("port taken", hurt, taken.close, "is taken by another")


def _binds(taken: socket.socket, port: int) -> bool:
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def fill_disk(running: Running) -> Noticed:
    """Fill the disk of the home for two minutes, then free it: every part must come back."""
    filler = running.settings.home / "filler"

    def hurt() -> None:
        with filler.open("wb") as file:
            try:
                while True:
                    file.write(b"\0" * 1_000_000)
                    file.flush()
            except OSError:
                pass

    def heal() -> None:
        time.sleep(120)
        filler.unlink()

    return running.notice("disk full, freed after 2 min", hurt, heal)


def kill_supervisor(running: Running) -> Noticed:
    """Kill the supervisor alone: only who asks is told, and a new start takes over."""
    start = running_start(running.settings)
    assert start is not None
    began = time.time()
    os.kill(start.pid, signal.SIGKILL)

    def says() -> str:
        service = running.service
        problems = service_problems(service, AREA, datetime.now(UTC)) if service else []
        return next(iter(problems), "")

    is_told = wait_until(lambda: bool(says()))
    told_after, said = time.time() - began, says()
    began = time.time()
    return _begin_anew(running, "supervisor killed", told_after if is_told else None, said, began)


def cut_power(running: Running) -> Noticed:
    """Kill everything at once, as a power cut does, and start again."""
    start = running_start(running.settings)
    assert start is not None
    for process in [psutil.Process(start.pid), *airflow_processes(running.settings)]:
        process.kill()
    return _begin_anew(running, "power cut, started again", 0.0, "(who starts it knows)", time.time())


def _begin_anew(running: Running, fault: str, told_after: float | None, said: str, began: float) -> Noticed:
    if running_start(running.settings) is None and airflow_processes(running.settings):
        refused = nte(running.environment, "up", "--port", str(running.port))
        assert "End them, then start again: nte stop" in refused.stderr, refused.stderr
        nte(running.environment, "stop")
    up = nte(running.environment, "up", "--port", str(running.port))
    is_well = up.returncode == 0 and wait_until(lambda: running.is_well(began + 1.0))
    return Noticed(fault, told_after, said, time.time() - began if is_well else None)


def main(folder: Path, chosen: list[str]) -> int:
    """Hurt a service in every way and print the table; return 1 where ops were not told or it was not mended."""
    told: list[Noticed] = []

    def note(one: Noticed) -> None:
        told.append(one)
        print(one.line, flush=True)

    with started(folder / "home") as running:
        if chosen == ["port"]:
            note(take_port(running))
        if "parts" in chosen:
            for one in hurt_each_part(running):
                note(one)
            print(
                f"every message ended in its thread after {running.mended_after() or 0:.0f} s more",
                flush=True,
            )
        if "disk" in chosen and os.path.ismount(folder):
            note(fill_disk(running))
        if "supervisor" in chosen:
            note(kill_supervisor(running))
            note(cut_power(running))
    return 0 if all(one.is_good for one in told) else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="nte-service-") as place:
        disk = Path(place)
        mount = ["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", place]
        is_small = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        if not is_small:
            print("a full disk: skipped, this user may not mount a small file system")
        try:
            code = main(disk, sys.argv[1:] or ["parts", "disk", "supervisor"])
        finally:
            if is_small:
                subprocess.run(["umount", "--lazy", place], check=False)
    sys.exit(code)
