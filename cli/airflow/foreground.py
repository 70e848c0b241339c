"""`nte up --foreground`: the parts of the service, supervised, until it is told to stop."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from alerts.ops.trouble import SERVICE
from alerts.steps import report_mended, report_trouble
from cli.airflow import health
from cli.airflow.health import Answer
from cli.airflow.home import as_the_service, prepare_airflow
from cli.airflow.left_over import airflow_processes, end, who_listens
from cli.airflow.running import background_log, note_start, refuse_second
from cli.airflow.server import Place, check_port, is_taken, place_of, say_login, server_environment
from cli.airflow.supervisor import Child, Doors, Supervisor
from nte.area import Area
from nte.errors import CannotWriteError, NteError
from nte.files import INBOX_FOLDER, make_folder
from nte.mounts import unmounted
from nte.service import Part, Service, write_service
from nte.settings import Settings

if TYPE_CHECKING:
    from alerts.slack.door import SlackAccess

SUPERVISOR = "supervisor"
LONGEST_LOG = 10_000_000
"""Bytes of a part's log; the one before it is kept beside it."""
LEVEL = "AIRFLOW__LOGGING__LOGGING_LEVEL"
QUIET = {LEVEL: "WARNING"}
"""Of a part that would write a line for every request or parse; tasks are the scheduler's, and keep their words."""


def run_service(
    console: Console, settings: Settings, area: Area, port: int | None, *, keeps_trying: bool = False
) -> None:
    """Run every part of the service until this process is told to stop.

    Raises MisuseError when it runs already or its port is taken, NteError when a part cannot be kept running.
    """
    refuse_second(settings)
    if left := airflow_processes(settings):
        console.print(f"{len(left)} processes of an earlier start are ended first.")
        end(left)
    place = place_of(port)
    check_port(place)
    lay_out(settings, area)
    environment = server_environment(settings, area.time_zone, place)
    quiet = {} if LEVEL in os.environ else QUIET
    prepare_airflow(settings, area.time_zone)
    as_the_service()
    note_start(settings, place.address, say_login(settings, environment))
    doors = ServiceDoors(console, settings, area, place)
    supervisor = Supervisor(
        children=_children(settings, environment, quiet, is_listening=doors.has_listener),
        conditions=[health.DATABASE, health.DISK, health.INBOX],
        environment=environment,
        doors=doors.doors,
        keeps_trying=keeps_trying,
    )
    given_up = asyncio.run(supervisor.run())
    if given_up is None:
        settings.service_file.unlink(missing_ok=True)
        return
    minutes = round(supervisor.patience.give_up / 60)
    doors.tell(
        SUPERVISOR,
        f"The {given_up} could not be kept running for {minutes} minutes, so that everything was ended. The service "
        "manager starts it anew; without one: nte up.",
    )
    raise NteError(
        f"the {given_up} could not be kept running for {minutes} minutes, so that everything was ended. Look into "
        f"{_log(settings, given_up)}, then start it again: nte up"
    )


def lay_out(settings: Settings, area: Area) -> None:
    """Make the folders that must be there before anything runs."""
    make_folder(settings.home / "airflow" / "logs" / "service")
    if unmounted(settings.inbox_folder) is None:
        for source in area.sources:
            make_folder(settings.inbox_folder / source, INBOX_FOLDER)


def _log(settings: Settings, name: str) -> Path:
    return settings.home.resolve() / "airflow" / "logs" / "service" / f"{name}.log"


def _children(
    settings: Settings, environment: Mapping[str, str], quiet: Mapping[str, str], *, is_listening: bool
) -> list[Child]:
    """Return the parts in the order in which they are started: tasks find an API that is warm."""
    airflow = str(Path(sys.executable).parent / "airflow")
    behind_proxy = ["--proxy-headers"] if "FORWARDED_ALLOW_IPS" in environment else []
    children = [
        Child(
            health.API, [airflow, "api-server", *behind_proxy], _log(settings, health.API), environment=quiet
        ),
        *(
            Child(
                name,
                [airflow, name],
                _log(settings, name),
                comes_after=health.API,
                environment=quiet if name == health.PROCESSOR else {},
            )
            for name in (health.SCHEDULER, health.PROCESSOR, health.TRIGGERER)
        ),
    ]
    if is_listening:
        listen = [sys.executable, "-W", "ignore", "-m", "cli", "listen"]
        children.append(Child(health.LISTENER, listen, _log(settings, health.LISTENER), is_needed=False))
    return children


@dataclass
class ServiceDoors:
    """What the supervisor asks, keeps and tells for this installation."""

    console: Console
    settings: Settings
    area: Area
    place: Place
    _slack: "SlackAccess | None" = field(default=None, repr=False)
    _n_unsaid: int = 0

    @property
    def doors(self) -> Doors:
        """Return them as the supervisor takes them."""
        return Doors(
            ask=self.ask,
            first_answer=self.first_answer,
            keep=self.keep,
            tell=self.tell,
            mended=self.mended,
            why_ended=self.why_ended,
            say=self.say,
        )

    @property
    def has_listener(self) -> bool:
        """Slack is connected with a token for its buttons."""
        slack = self.slack()
        return bool(slack and slack.app_token)

    def slack(self) -> "SlackAccess | None":
        """Return how Slack is reached, as last known: what keeps the connection may be what failed."""
        from slack_connection import slack_access  # from the plugins folder, on the path by now

        self._slack = slack_access(self.area.slack.connection) or self._slack
        return self._slack

    def ask(self) -> dict[str, Answer]:
        """Ask every part."""
        return {
            **health.ask_airflow(self.place.address),
            health.LISTENER: health.ask_listener(self.settings.listener_beat, datetime.now(UTC)),
            health.DISK: health.ask_disk(self.settings.home),
            health.INBOX: health.ask_inbox(self.settings.inbox_folder),
        }

    def first_answer(self, name: str) -> None:
        """Warm the API that tasks call, before there are tasks."""
        if name != health.API:
            return
        try:
            health.warm_up(self.place.address)
        except OSError as problem:
            self.say(f"{name}: the first call of what tasks ask took too long ({problem}).")

    def keep(self, parts: Sequence[Part]) -> None:
        """Note what was seen, and keep the logs short."""
        try:
            write_service(
                self.settings.service_file, Service(datetime.now(UTC), self.place.address, tuple(parts))
            )
            for path in [*_log(self.settings, SERVICE).parent.glob("*.log"), background_log(self.settings)]:
                keep_short(path)
        except (CannotWriteError, OSError) as problem:
            self.say(f"{SUPERVISOR}: {problem}")

    def tell(self, name: str, what: str) -> bool:
        """Tell ops, also where nothing can be noted."""
        slack = self.slack()
        try:
            return report_trouble(
                self.settings, self.area, dag_id=SERVICE, task_id=name, what=what, now=datetime.now(UTC), slack=slack
            )  # fmt: skip
        except NteError as problem:
            self.say(f"{name}: {problem}")
            return slack is not None and isinstance(problem, CannotWriteError)

    def mended(self, name: str) -> None:
        """Tell ops that a part works again, if they were told that it does not; with it, that there is a supervisor."""
        try:
            for one in (name, SUPERVISOR):
                if self.settings.trouble_file(SERVICE, one).exists():
                    report_mended(self.settings, self.area, dag_id=SERVICE, task_id=one, slack=self.slack())
        except NteError as problem:
            self.say(f"{name}: {problem}")

    def why_ended(self, name: str) -> str:
        """Return who has the port of a server that ended, and where its last words are."""
        last = f"Its last words are in {_log(self.settings, name)}."
        if name == health.API and is_taken(self.place):
            return f"Port {self.place.port} is taken by another: {who_listens(self.place.port)}. {last}"
        return last

    def say(self, text: str) -> None:
        """Say what happens, with its time; a disk that is full must not end the one who looks after it."""
        now = datetime.now(self.area.clock.time_zone)
        unsaid = f" ({self._n_unsaid} lines could not be written)" if self._n_unsaid else ""
        line = f"{now:%Y-%m-%d %H:%M:%S} {text}{unsaid}"
        try:
            self.console.print(line, highlight=False, markup=False, soft_wrap=True)
            self._n_unsaid = 0
        except OSError:
            self._n_unsaid += 1


def keep_short(path: Path) -> None:
    """Put a log that has grown too long beside itself, and let its writer go on at the beginning."""
    if path.exists() and path.stat().st_size > LONGEST_LOG:
        shutil.copyfile(path, path.with_suffix(".log.before"))
        os.truncate(path, 0)
