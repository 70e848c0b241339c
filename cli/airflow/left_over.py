"""Processes of this installation's Airflow: which are there, and what they listen on."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from nte.service import read_service
from nte.settings import Settings

LOOPBACK = ("127.", "::1", "::ffff:127.")
STOP_SECONDS, END_SECONDS = 20, 5


@dataclass(frozen=True)
class Listener:
    """An address on which a process waits."""

    address: str
    port: int

    @property
    def is_beyond_loopback(self) -> bool:
        """Other machines can reach it, unless something between forbids it."""
        return not self.address.startswith(LOOPBACK)


def airflow_processes(settings: Settings) -> list[psutil.Process]:
    """Return the Airflow processes of this home, whoever started them.

    Most of them write their title over their environment: they are known by the session that they share with others,
    and by the sessions that the supervisor has noted.
    """
    home = str(settings.home.resolve() / "airflow")
    there = list(psutil.process_iter())
    noted = _noted_sessions(settings, there)
    airflow = [one for one in there if _is_airflow(one)]
    ours = [one for one in airflow if _home_of(one) == home]
    sessions = {_session(one) for one in ours} - {None, os.getsid(0)}
    return [
        one
        for one in there
        if one in ours or _session(one) in noted or (_session(one) in sessions and one in airflow)
    ]


def _noted_sessions(settings: Settings, there: Iterable[psutil.Process]) -> set[int]:
    """Return the sessions that the supervisor has noted and that are the same still: one has a process of that time.

    After a reboot others have their numbers. In a container the time of the boot does not tell: it is the machine's.
    """
    service = read_service(settings.service_file)
    if service is None:
        return set()
    noted = {part.session for part in service.parts if part.session} - {os.getsid(0)}
    looked_at = service.looked_at.timestamp()
    return {
        session for one in there if (session := _session(one)) in noted and one.create_time() <= looked_at
    }


def end_session(session: int) -> None:
    """Kill every process of a session."""
    left = [one for one in psutil.process_iter() if _session(one) == session and _lives(one)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + END_SECONDS
    while any(_lives(one) for one in left) and time.monotonic() < deadline:
        time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    """Say whether a process still does something; one that has ended may wait for long to be noticed."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_airflow(process: psutil.Process) -> bool:
    try:
        return process.pid != os.getpid() and any("airflow" in part.lower() for part in process.cmdline()[:3])
    except psutil.Error:
        return False


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("AIRFLOW_HOME")
    except psutil.Error:
        return None


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except OSError:
        return None


def end(processes: Iterable[psutil.Process]) -> None:
    """End processes: ask first, then insist."""
    left = list(processes)
    for which in (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            try:
                process.send_signal(which)
            except psutil.NoSuchProcess:
                continue
        _, left = psutil.wait_procs(left, timeout=STOP_SECONDS)
        if not left:
            return
        time.sleep(0.1)


def listeners(processes: Iterable[psutil.Process]) -> set[Listener]:
    """Return where these processes listen."""
    found = set()
    for process in processes:
        try:
            waiting = [c for c in process.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN]
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        found |= {Listener(connection.laddr.ip, connection.laddr.port) for connection in waiting}
    return found


def who_listens(port: int) -> str:
    """Return the name and number of the process on a port, as far as this user may know it."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return "another process"
    for one in connections:
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid:
            return f"{psutil.Process(one.pid).name()}, process {one.pid}"
    return "another process"
