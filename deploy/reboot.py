"""`python -m deploy.reboot FOLDER`: the shipped units under a systemd of their own, rebooted, killed and stopped.

The machine is installed by the commands of deploy/README.md as they stand there. It is rebooted, and its power cut,
while a task works on deliveries that have just landed: then all must be up without a hand, and each is taken once.
"""

import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.machine import Machine, find_tools, make_root, run, run_inside, wait_until
from nte.errors import MisuseError, NteError
from nte.service import read_service
from nte.settings import CHECKOUT, Settings
from nte.warehouse import read_published
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan

README = CHECKOUT / "deploy" / "README.md"
INSTALLED, HOME, BACKUPS = "opt/nte-monitor", "srv/nte", "mnt/backups"
N_HISTORY_WEEKS, N_LIVE_WEEKS = 30, 1
UP_SECONDS, WORK_SECONDS = 600, 900
AT_WORK = (
    "SELECT 1 FROM task_instance WHERE dag_id = 'take_deliveries' AND state = 'running' AND start_date > ?"
)
"""Of Airflow's own database."""


def rehearse(console: Console, folder: Path) -> None:
    """Install, boot, reboot at work, cut the power, kill, back up and stop. Raises NteError where one goes wrong."""
    if folder.exists():
        raise MisuseError(f"{folder}: is there already. Name a folder that is to be made.")
    find_tools()
    folder.mkdir(parents=True)
    root, log = folder / "root", folder / "machine.log"
    with console.status("a Debian with systemd, and the service's environment in it …"):
        make_root(root, log)
        run(["git", "clone", "--quiet", str(CHECKOUT), str(root / INSTALLED)], log)
        run_inside(root, ["make", "--directory", f"/{INSTALLED}", ".venv/.ready"], log)
    plan = SimulationPlan(1, N_LIVE_WEEKS, N_HISTORY_WEEKS, ends_on=date.today())  # noqa: DTZ011  as files are named
    simulate_deliveries(plan, CHECKOUT / "areas" / "derbyshire", folder)
    with console.status("the machine is at work …"):
        _live(console, Machine(root, log), _by_day(folder / "inbox"))


def documented_commands() -> list[str]:
    """Return what deploy/README.md says is typed as root: in the checkout to install it, and then to ask the doctor."""
    section = README.read_text("utf-8").split("## One machine, with systemd\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def _by_day(inbox: Path) -> list[list[Path]]:
    """Return the deliveries with their manifests: the history loads, then each morning's."""
    mornings: dict[str, list[Path]] = {}
    for path in sorted(inbox.glob("*/*")):
        day = "" if path.stem.count("_") > 1 else path.stem.rsplit("_", 1)[1]
        mornings.setdefault(day, []).append(path)
    return [mornings[day] for day in sorted(mornings)]


def _live(console: Console, machine: Machine, mornings: Sequence[Sequence[Path]]) -> None:
    *before, last_but_one, last = mornings
    install, ask_doctor = documented_commands()
    service = Service(console, machine, ask_doctor)
    try:
        machine.boot()
        service.again("installed", lambda: machine.do("sh", "-ec", f"cd /{INSTALLED}\n{install}"))
        service.land([path for morning in before for path in morning])
        service.wait_taken()
        for morning, what, begin_anew in (
            (last_but_one, "rebooted", machine.reboot),
            (last, "power cut, booted", machine.cut_power),
        ):
            service.land(morning)
            service.wait_work()
            service.again(what, begin_anew)
            service.wait_taken()
        service.again("supervisor killed", service.kill)
        service.back_up()
        service.stop()
    finally:
        machine.power_off()


class Service:
    """The service on a machine: what is done to it and asked of it."""

    def __init__(self, console: Console, machine: Machine, ask_doctor: str) -> None:
        self._console, self._machine, self._ask_doctor = console, machine, ask_doctor
        self._settings = Settings(home=machine.root / HOME)
        self._landed: list[tuple[str, str]] = []
        """Source and name of each delivery."""

    def again(self, what: str, do: Callable[[], object]) -> None:
        """Do something after which every part must answer, without a hand, and the doctor be content."""
        since = datetime.now(UTC)
        do()

        def is_well() -> bool:
            service = read_service(self._settings.service_file)
            return service is not None and service.is_up and service.looked_at > since

        self._say(f"{what}: every part answers", wait_until("every part answered", is_well, UP_SECONDS))
        self._machine.do("systemctl", "is-active", "nte.service", "nte-backup.timer")
        self._machine.do("sh", "-ec", self._ask_doctor)

    def land(self, files: Sequence[Path]) -> None:
        """Copy deliveries and their manifests to the inbox, as another user than the service's."""
        for path in files:
            shutil.copy(path, self._settings.inbox_folder / path.parent.name / path.name)
        self._landed += [(path.parent.name, path.name) for path in files if path.suffix == ".csv"]

    def wait_work(self) -> None:
        """Wait until a task is at work on what has landed just now."""
        database, since = self._settings.home / "airflow" / "airflow.db", f"{datetime.now(UTC):%F %T}"

        def is_at_work() -> bool:
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                return bool(connection.execute(AT_WORK, [since]).fetchone())

        seconds = wait_until("a task of take_deliveries was at work", is_at_work, WORK_SECONDS)
        self._say("a task of take_deliveries is at work", seconds)

    def wait_taken(self) -> None:
        """Wait until all that landed is taken and published. Raises NteError when something was taken twice."""
        published = self._settings.published_file

        def taken() -> list[tuple[str, ...]]:
            if not published.exists():
                return []
            return read_published(published, "SELECT source, file_name FROM deliveries").rows()

        seconds = wait_until("all was taken", lambda: set(self._landed) <= set(taken()), WORK_SECONDS)
        if len(taken()) != len(self._landed):
            raise NteError(f"{len(self._landed)} deliveries landed, and {len(taken())} were taken")
        self._say(f"{len(self._landed)} deliveries are published, each once", seconds)

    def kill(self) -> None:
        """Kill the supervisor alone."""
        self._machine.do("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "nte.service")

    def back_up(self) -> None:
        """Start what the timer starts."""
        self._machine.do("systemctl", "start", "nte-backup.service")
        [backup] = (self._machine.root / BACKUPS).glob("nte-*.tar.gz")
        self._console.print(
            f"backed up: {backup.stat().st_size / 1e6:.1f} MB, mode {backup.stat().st_mode & 0o777:o}"
        )

    def stop(self) -> None:
        """Stop it. Raises NteError when it did not end by itself, or left something behind."""
        started = time.monotonic()
        self._machine.do("systemctl", "stop", "nte.service")
        result = self._machine.do("systemctl", "show", "--property=Result", "--value", "nte.service").strip()
        left = (
            self._machine.do("sh", "-c", "stat --format=%U /proc/[0-9]* 2>/dev/null || true")
            .split()
            .count("nte")
        )
        if result != "success" or left:
            raise NteError(f"it did not end well: {result}, {left} of its processes are left")
        self._say("stopped, nothing left behind", time.monotonic() - started)

    def _say(self, what: str, seconds: float) -> None:
        self._console.print(f"{what}, after {seconds:.0f} s", highlight=False, soft_wrap=True)


app = typer.Typer(add_completion=False)


@app.command(epilog="Example: `python -m deploy.reboot /var/tmp/reboot`")
def main(
    folder: Annotated[Path, typer.Argument(help="A folder that is to be made; it takes 3 GB and stays.")],
) -> None:
    """Boot a Debian with the shipped units, reboot it and cut its power at work, kill the supervisor, back up, stop.

    Needs root, and Debian's debootstrap and systemd-container. It runs what is committed, not what is only changed.
    """
    try:
        rehearse(Console(), folder)
    except NteError as problem:
        Console(stderr=True).print(str(problem), style="red", markup=False, highlight=False)
        raise typer.Exit(2 if isinstance(problem, MisuseError) else 1) from problem


if __name__ == "__main__":
    app()
