"""Keeps the parts of the service running: each a process of its own, asked for its heartbeat, started again.

Nothing here knows Airflow or Slack. Ops are told by the supervisor itself, so that no part that died is needed for it.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cli.airflow.health import Answer
from cli.airflow.left_over import end_session
from cli.airflow.watched import Patience, Watched
from nte.service import Part
from nte.words import PartState


@dataclass(frozen=True)
class Child:
    """How one part is started."""

    name: str
    command: Sequence[str]
    log: Path
    is_needed: bool = True
    """Without it the service cannot be left alone, and the supervisor gives up in the end."""
    comes_after: str = ""
    """The part that must answer before this one is started for the first time."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it is told beside what all are told."""


@dataclass(frozen=True)
class Doors:
    """What the supervisor does to the world beside starting processes; each may take its time."""

    ask: Callable[[], Mapping[str, Answer]]
    """Return what every part that can be asked answers."""
    first_answer: Callable[[str], object]
    """Called when a part answers for the first time after a start, before what comes after it is started."""
    keep: Callable[[Sequence[Part]], object]
    """Keep what was seen."""
    tell: Callable[[str, str], bool]
    """Tell ops what is the matter with a part; return whether they have been told."""
    mended: Callable[[str], object]
    """Tell ops that a part works again, where they were told."""
    why_ended: Callable[[str], str]
    """Return what else is known of the end of a part, such as who has its port."""
    say: Callable[[str], object]
    """Say what happens, for the log."""


@dataclass
class Supervisor:
    """Runs children until it is told to stop, or until one that is needed cannot be kept running."""

    children: Sequence[Child]
    conditions: Sequence[str]
    """What is watched and is no process, such as the disk."""
    environment: Mapping[str, str]
    doors: Doors
    patience: Patience = field(default_factory=Patience)
    keeps_trying: bool = False
    """Never give up: there is no service manager that would begin anew."""

    def __post_init__(self) -> None:
        clock, now = time.monotonic(), datetime.now(UTC)
        self.watched = {child.name: Watched(child.name, clock, now) for child in self.children}
        self.watched |= {name: Watched(name, clock, now, is_process=False) for name in self.conditions}
        self.given_up: str | None = None
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._answers = {name: asyncio.Event() for name in self.watched}
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Tell it to end everything."""
        self._stop.set()

    async def run(self) -> str | None:
        """Return None when it was told to stop, or the part that it gave up on. Everything has ended then."""
        loop = asyncio.get_running_loop()
        for which in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(which, self.stop)
        try:
            async with asyncio.TaskGroup() as group:
                for child in self.children:
                    group.create_task(self._keep(child))
                group.create_task(self._watch(group))
                group.create_task(self._tell_ops())
                await self._stop.wait()
                await self._end_all()
        finally:
            for one in self.watched.values():
                _end_rest(one)
        return self.given_up

    async def _keep(self, child: Child) -> None:
        """Start a part, wait until it ends, start it again."""
        one = self.watched[child.name]
        if child.comes_after:
            await self._unless_stopped(self._answers[child.comes_after].wait())
        while not self._stop.is_set():
            what = await self._live(child, one)
            if self._stop.is_set():
                return
            one.fell(f"{what} It is started again.", time.monotonic(), datetime.now(UTC))
            wait = one.wait_seconds(self.patience)
            self.doors.say(f"{child.name}: {what} It is started again, in {wait:.0f} s.")
            await self._pause(wait)

    async def _live(self, child: Child, one: Watched) -> str:
        """Run a part to its end; return how that was. What it has left behind is ended too."""
        try:
            with child.log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *child.command,
                    env={**self.environment, **child.environment},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        except OSError as problem:
            return f"It could not be started ({problem.strerror})."
        one.born(process.pid, time.monotonic(), datetime.now(UTC))
        self._processes[child.name] = process
        self.doors.say(f"{child.name}: started, process {process.pid}.")
        is_over = await self._unless_stopped(process.wait())
        if not is_over:
            return "It was told to stop."
        await asyncio.to_thread(_end_rest, one)
        del self._processes[child.name]
        how = one.what if one.state == PartState.SILENT and process.returncode == -signal.SIGKILL else ""
        return " ".join(
            part for part in (_say_end(process.returncode), how, self.doors.why_ended(child.name)) if part
        )

    async def _watch(self, group: asyncio.TaskGroup) -> None:
        """Ask every part, end those that hang, keep what was seen."""
        while not self._stop.is_set():
            answers = await asyncio.to_thread(self.doors.ask)
            clock, now = time.monotonic(), datetime.now(UTC)
            for name, one in self.watched.items():
                if one.is_given_up(clock, self.patience) and not self.keeps_trying:
                    self._give_up(name)
                if one.is_process and one.session is None:
                    continue
                if one.found(answers.get(name), clock, now):
                    group.create_task(self._note_first_answer(name))
                elif one.is_hung(clock, self.patience):
                    await self._end_hung(name, one)
            await asyncio.to_thread(self.doors.keep, [one.seen for one in self.watched.values()])
            await self._pause(self.patience.check)

    async def _note_first_answer(self, name: str) -> None:
        await asyncio.to_thread(self.doors.first_answer, name)
        self._answers[name].set()
        self.doors.say(f"{name}: answers.")

    async def _end_hung(self, name: str, one: Watched) -> None:
        """End a part that does not answer, so that it is started again; of a condition ops hear only."""
        if one.session is None:
            one.troubles.setdefault(name, one.what)
            return
        what = f"It did not answer for too long and is started again. {one.what}".strip()
        one.troubles.setdefault(name, what)
        self.doors.say(f"{name}: it does not answer and is ended. {one.what}")
        await asyncio.to_thread(end_session, one.session)

    def _give_up(self, name: str) -> None:
        if next(child for child in self.children if child.name == name).is_needed:
            self.given_up = name
            self._stop.set()

    async def _tell_ops(self) -> None:
        """Tell ops what is wrong, once, and once that it is over; again while Slack does not take it."""
        seen_steady: set[str] = set()
        while not self._stop.is_set():
            for name, one in self.watched.items():
                for called, what in one.to_tell.items():
                    seen_steady.discard(name)
                    if await asyncio.to_thread(self.doors.tell, called, what):
                        one.told.add(called)
                if one.settle(time.monotonic(), self.patience) and name not in seen_steady:
                    seen_steady.add(name)
                    for called in one.forget_troubles():  # of an earlier supervisor too
                        await asyncio.to_thread(self.doors.mended, called)
            await self._pause(self.patience.tell_again)

    async def _end_all(self) -> None:
        """Ask every part to end, then insist."""
        for process in self._processes.values():
            if process.returncode is None:
                process.terminate()
        waiting = [asyncio.ensure_future(process.wait()) for process in self._processes.values()]
        if waiting:
            await asyncio.wait(waiting, timeout=self.patience.stop)
        for one in self.watched.values():
            await asyncio.to_thread(_end_rest, one)
        for left in waiting:
            await left

    async def _pause(self, seconds: float) -> None:
        await self._unless_stopped(asyncio.sleep(seconds))

    async def _unless_stopped(self, waiting: Awaitable[object]) -> bool:
        """Wait for something, or until the supervisor is told to stop; return whether it has come."""
        task, stop = asyncio.ensure_future(waiting), asyncio.ensure_future(self._stop.wait())
        try:
            done, _ = await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            return task in done
        finally:
            task.cancel()
            stop.cancel()


def _end_rest(one: Watched) -> None:
    if one.session is not None and one.session != os.getsid(0):
        end_session(one.session)


def _say_end(code: int | None) -> str:
    """Return how a process ended, in words."""
    if code is not None and code < 0:
        return f"It was ended by signal {-code} ({signal.Signals(-code).name})."
    return f"It ended with code {code}."
