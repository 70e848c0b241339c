"""How a flow is declared: its steps, what each waits for, and what starts the flow. Nothing here knows Airflow."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from nte.area import Area

WAREHOUSE, FORECASTS = "warehouse", "bands"
"""Pools: one task at a time opens the warehouse; forecasts run beside it, as many at once as there are cores."""

ANYTHING_ELSE, TAKE_FIRST, SAY_FIRST, FIRST = 1, 10, 100, 1_001
"""Weights; the heavier ones are of the flows between a file and its alert. Each outweighs all tasks of a flow of the
weight below: what has been counted is said before more is taken, and both before anything else. A step that is first
outweighs the tasks of its own flow too."""


class Rule(StrEnum):
    """When a step begins, by how what stands before it has ended; the values are Airflow's names."""

    ALL_WORKED = "all_success"
    """All of it worked; where some was skipped, so is this."""
    NONE_FAILED = "none_failed"
    """Nothing failed; some may have been skipped."""
    ALL_ENDED = "all_done"
    """All of it has ended, however."""


@dataclass(frozen=True)
class Step:
    """One step of a flow; its name is its function's. The function takes the run, then what it is handed."""

    does: Callable[..., Any]
    after: tuple[str, ...] = ()
    """Steps that it waits for and that hand it nothing."""
    takes: Mapping[str, str] = field(default_factory=dict)
    """Argument, and the step whose result it is."""
    each: str = ""
    """The argument of which it takes one at a time: one task for each."""
    title: str = ""
    """What such a task is called, as a template of Airflow's."""
    rule: Rule = Rule.ALL_WORKED
    makes: str = ""
    """The asset that is new when it has worked."""
    pool: str = WAREHOUSE
    retries: int = 2
    longest: timedelta = timedelta(minutes=30)
    is_first: bool = False
    """Where several steps wait for the warehouse, it goes before them, those of its own flow too."""
    is_mark: bool = False
    """It does nothing, and needs no process: it is green or red by what stands before it."""
    is_answer: bool = False
    """Its red is an answer about a file, which ops hear elsewhere, and no failure of the run."""

    @property
    def name(self) -> str:
        """The name of its task."""
        return self.does.__name__


@dataclass(frozen=True)
class Task:
    """A step where it stands: of one source, or of the whole flow."""

    step: Step
    source: str | None
    takes: Mapping[str, str]
    """Argument, and the id of the task whose result it is."""
    before: tuple[str, ...]
    """Ids of the tasks that it waits for."""

    @property
    def task_id(self) -> str:
        """Its id, as Airflow says it."""
        return self.step.name if self.source is None else f"{self.source}.{self.step.name}"


def no_clock(area: Area) -> tuple[str, ...]:
    """Return no times."""
    return ()


@dataclass(frozen=True)
class Flow:
    """Steps that run together, in this order, and what starts them."""

    name: str
    tag: str
    steps: tuple[Step, ...]
    of_each_source: tuple[Step, ...] = ()
    """Steps that each source goes through on its own, before the others."""
    on_clock: Callable[[Area], tuple[str, ...]] = no_clock
    """Times at which it starts, as lines of cron in the area's time zone."""
    on_assets: tuple[str, ...] = ()
    """Assets that start it when one of them is new."""
    weight: int = ANYTHING_ELSE
    """Where several tasks wait for the warehouse, the heaviest goes first."""

    def tasks(self, sources: Iterable[str]) -> list[Task]:
        """Return every step where it stands, in an order in which each comes after what it waits for."""
        names = list(sources)
        by_source = [self._task(step, source, names) for source in names for step in self.of_each_source]
        return by_source + [self._task(step, None, names) for step in self.steps]

    def _task(self, step: Step, source: str | None, sources: list[str]) -> Task:
        before = dict.fromkeys(
            i for name in (*step.takes.values(), *step.after) for i in self._ids(name, source, sources)
        )
        takes = {argument: self._ids(name, source, sources)[0] for argument, name in step.takes.items()}
        return Task(step, source, takes, tuple(before))

    def _ids(self, name: str, source: str | None, sources: list[str]) -> list[str]:
        """Return the ids of the tasks of a step, as seen from a source or from the whole flow."""
        if name not in {step.name for step in self.of_each_source}:
            return [name]
        return [f"{one}.{name}" for one in sources if source in (None, one)]
