"""The supervisor with parts that are small programs: each beats by touching a file, as the listener does."""

import asyncio
import io
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from cli.airflow import health
from cli.airflow.foreground import LONGEST_LOG, ServiceDoors, keep_short
from cli.airflow.health import Answer
from cli.airflow.server import Place
from cli.airflow.supervisor import Child, Doors, Supervisor
from cli.airflow.watched import Patience
from nte.service import Part
from nte.settings import Settings
from nte.words import PartState
from tests.areas import derbyshire

SOON = Patience(
    check=0.05, silent=1.0, start=20.0, steady=0.3, longest_wait=0.1, give_up=2.0, tell_again=0.05, stop=5.0
)
BEATS = "import pathlib, sys, time\nwhile True:\n    pathlib.Path(sys.argv[1]).touch()\n    time.sleep(0.05)"
LEAVES_ONE_BEHIND = (
    "import pathlib, subprocess, sys, time\n"
    "left = subprocess.Popen(['sleep', '600'], process_group=0)\n"
    "pathlib.Path(sys.argv[1]).write_text(str(left.pid))\ntime.sleep(600)"
)


@dataclass
class Scene:
    """A supervisor with small parts, and what it did."""

    folder: Path
    told: list[tuple[str, str]] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    seen: Sequence[Part] = ()
    answers: dict[str, Answer] = field(default_factory=dict)
    first_answer: Callable[[str], object] = lambda _: None

    def child(self, name: str, code: str = BEATS, **more: object) -> Child:
        command = [sys.executable, "-c", code, str(self.folder / name)]
        return Child(name, command, self.folder / f"{name}.log", **more)  # type: ignore[arg-type]

    def supervisor(
        self, *children: Child, conditions: Sequence[str] = (), keeps_trying: bool = False
    ) -> Supervisor:
        doors = Doors(
            ask=lambda: {c.name: self._ask(c.name) for c in children} | self.answers,
            first_answer=self.first_answer,
            keep=self._keep,
            tell=self._tell,
            mended=self.mended.append,
            why_ended=lambda _: "",
            say=lambda _: None,
        )
        return Supervisor(children, conditions, os.environ, doors, SOON, keeps_trying)

    def state(self, name: str) -> PartState | None:
        return next((part.state for part in self.seen if part.name == name), None)

    def session(self, name: str) -> int:
        [session] = [part.session for part in self.seen if part.name == name]
        assert session is not None
        return session

    def _ask(self, name: str) -> Answer:
        beat = self.folder / name
        now = datetime.now(UTC)
        if not beat.exists():
            return Answer(False)
        beat_at = datetime.fromtimestamp(beat.stat().st_mtime, UTC)
        return Answer((now - beat_at).total_seconds() < 0.5, "Its last beat is old.", beat_at)

    def _keep(self, parts: Sequence[Part]) -> None:
        self.seen = parts

    def _tell(self, name: str, what: str) -> bool:
        self.told.append((name, what))
        return True


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def act(supervisor: Supervisor, acting: Callable[[], Awaitable[None]]) -> str | None:
    """Run the supervisor; stop it when `acting` is done."""

    async def both() -> str | None:
        running = asyncio.create_task(supervisor.run())
        try:
            await acting()
        finally:
            supervisor.stop()
            given_up = await running
        return given_up

    return asyncio.run(both())


def has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.02)


def test_a_part_that_is_killed_is_told_started_again_and_told_mended_once(scene: Scene) -> None:
    async def acting() -> None:
        await until(lambda: {"a", "b"} <= set(scene.mended))  # of an earlier supervisor's troubles
        first, other = scene.session("a"), scene.session("b")
        os.kill(first, signal.SIGKILL)
        await until(lambda: scene.mended.count("a") == 2)
        assert scene.state("a") == PartState.UP
        assert scene.session("a") != first
        assert scene.session("b") == other

    assert act(scene.supervisor(scene.child("a"), scene.child("b")), acting) is None
    assert scene.told == [("a", "It was ended by signal 9 (SIGKILL). It is started again.")]


def test_a_part_that_hangs_is_seen_silent_ended_and_started_again(scene: Scene) -> None:
    async def acting() -> None:
        await until(lambda: scene.state("a") == PartState.UP)
        hung = scene.session("a")
        os.kill(hung, signal.SIGSTOP)
        await until(lambda: scene.state("a") == PartState.SILENT)
        await until(lambda: scene.state("a") == PartState.UP and scene.session("a") != hung)
        assert has_ended(hung)

    act(scene.supervisor(scene.child("a")), acting)
    assert scene.told == [("a", "It did not answer for too long and is started again. Its last beat is old.")]


def test_what_a_dead_part_has_left_behind_is_ended_before_it_is_started_again(scene: Scene) -> None:
    """A worker that goes on would do its task a second time, beside the new one."""
    left: list[int] = []

    async def acting() -> None:
        await until(lambda: (scene.folder / "a").exists() and (scene.folder / "a").read_text() != "")
        await until(lambda: bool(scene.seen) and scene.seen[0].session is not None)
        left.append(int((scene.folder / "a").read_text()))
        os.kill(scene.session("a"), signal.SIGKILL)
        await until(lambda: scene.told != [])

    act(scene.supervisor(scene.child("a", LEAVES_ONE_BEHIND)), acting)
    assert has_ended(left[0])


def test_one_that_keeps_ending_is_given_up_and_everything_ends(scene: Scene) -> None:
    supervisor = scene.supervisor(scene.child("a"), scene.child("b", "raise SystemExit(3)"))
    assert asyncio.run(supervisor.run()) == "b"
    assert scene.told == [
        ("b", "It ended with code 3. It is started again."),
        ("b, again and again", "It has ended 3 times in a row. It ended with code 3. It is started again."),
    ]
    assert all(one.session is None or has_ended(one.session) for one in supervisor.watched.values())


@pytest.mark.parametrize("is_needed", [True, False])
def test_one_that_is_not_needed_is_never_given_up_nor_any_where_nobody_would_begin_anew(
    is_needed: bool, scene: Scene
) -> None:
    fails_until_mended = f"import os, sys; os.path.exists('{scene.folder}/mended') or sys.exit(3)\n{BEATS}"

    async def acting() -> None:
        await until(lambda: supervisor.watched["a"].is_given_up(asyncio.get_running_loop().time(), SOON))
        (scene.folder / "mended").touch()
        await until(lambda: scene.state("a") == PartState.UP)

    child = scene.child("a", fails_until_mended, is_needed=is_needed)
    supervisor = scene.supervisor(child, keeps_trying=is_needed)
    assert act(supervisor, acting) is None


def test_what_comes_after_a_part_waits_until_its_first_answer_was_made_use_of(scene: Scene) -> None:
    """The scheduler queues tasks only when the API that they call is warm."""
    before: list[int | None] = []

    async def acting() -> None:
        await until(lambda: scene.state("b") == PartState.UP)

    def warm(name: str) -> None:
        if name == "a":
            time.sleep(0.5)
            before.append(supervisor.watched["b"].session)

    scene.first_answer = warm
    supervisor = scene.supervisor(scene.child("a"), scene.child("b", comes_after="a"))
    act(supervisor, acting)
    assert before == [None]


def test_a_disk_that_is_nearly_full_is_told_and_told_mended(scene: Scene) -> None:
    async def acting() -> None:
        scene.answers["disk"] = Answer(False, "0.1 GB left.")
        await until(lambda: scene.told == [("disk", "0.1 GB left.")])
        assert scene.state("disk") == PartState.WRONG
        scene.answers["disk"] = Answer(True)
        await until(lambda: "disk" in scene.mended)

    act(scene.supervisor(scene.child("a"), conditions=["disk"]), acting)


def test_the_end_of_a_server_names_who_has_its_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        doors = ServiceDoors(Console(), Settings(home=tmp_path), derbyshire(), Place("127.0.0.1", port))
        said = doors.why_ended(health.API)
    assert f"Port {port} is taken by another" in said
    assert f"process {os.getpid()}" in said
    assert "taken" not in doors.why_ended(health.SCHEDULER)


def test_a_log_on_a_full_disk_does_not_end_the_supervisor(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        doors = ServiceDoors(Console(file=full), Settings(home=tmp_path), derbyshire(), Place("127.0.0.1", 1))
        doors.say("a line")
        doors.console = Console(record=True, width=200, file=io.StringIO())
        doors.say("the next")
        assert "the next (1 lines could not be written)" in doors.console.export_text()
        with suppress(OSError):
            full.close()


def test_what_answers_on_the_port_and_is_no_airflow_is_no_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(5)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        silent.close()
        assert not health.ask_airflow(address)[health.API].is_good


def test_a_long_log_goes_on_at_its_beginning_and_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "scheduler.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"x" * (LONGEST_LOG + 1))
        keep_short(path)
        writer.write(b"next")
    assert path.read_bytes() == b"next"
    assert path.with_suffix(".log.before").stat().st_size == LONGEST_LOG + 1
