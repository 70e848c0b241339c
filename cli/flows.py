"""Runs the service's flows in this process, in the order that their assets give them in Airflow."""

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from flows.declared import Flow, Rule, Task
from flows.order import RUN
from flows.run import FoundError, Run, SkippedError
from nte.errors import NteError


class Ended(Enum):
    """How a task ended."""

    WORKED = auto()
    SKIPPED = auto()
    FAILED = auto()
    HELD_UP = auto()
    """It did not begin, because something before it failed."""


FAILURES = frozenset({Ended.FAILED, Ended.HELD_UP})


@dataclass(frozen=True)
class Outcome:
    """How the run of one flow ended."""

    flow: str
    ended: Mapping[str, Ended]
    """By id of the task."""
    reasons: tuple[str, ...]
    """What the failed tasks said, rejected deliveries included."""
    is_good: bool
    """A rejected delivery is an answer, not a failure of the run."""


def run_flows(run: Run, tell: Callable[[str], object], flows: Iterable[Flow] = RUN) -> list[Outcome]:
    """Run the flows one after the other; `tell` hears which step is at work, and how far one is that takes long.

    Raises NteError when a task failed, saying which and why; the flows after it do not begin.
    """
    outcomes = []
    for flow in flows:
        outcome = run_flow(flow, run, tell)
        outcomes.append(outcome)
        if not outcome.is_good:
            raise NteError(
                "\n".join([*outcome.reasons, "Nothing is lost: mend it and start the same command again."])
            )
    return outcomes


def run_flow(flow: Flow, run: Run, tell: Callable[[str], object]) -> Outcome:
    """Run one flow without retries: a person is waiting, and starts it again.

    As in Airflow, a task that fails holds up what waits for it and nothing else.
    """
    ended: dict[str, Ended] = {}
    results: dict[str, Any] = {}
    reasons: list[str] = []
    is_good = True
    run = replace(run, tell=tell)
    for task in flow.tasks(run.area.sources):
        before = {ended[task_id] for task_id in task.before}
        at_once = not_begun(task.step.rule, before)
        if at_once is None:
            tell(f"{flow.name}: {task.task_id}")
            ended[task.task_id], results[task.task_id] = _do(task, run, results, reasons)
        else:
            ended[task.task_id] = at_once
        is_good &= task.step.is_answer or ended[task.task_id] not in FAILURES
    return Outcome(flow.name, ended, tuple(reasons), is_good)


def not_begun(rule: Rule, before: set[Ended]) -> Ended | None:
    """Return how a task ends that does not begin, by what stands before it; None where it begins."""
    if rule is Rule.ALL_ENDED:
        return None
    if before & FAILURES:
        return Ended.HELD_UP
    return Ended.SKIPPED if rule is Rule.ALL_WORKED and Ended.SKIPPED in before else None


def _do(task: Task, run: Run, results: Mapping[str, Any], reasons: list[str]) -> tuple[Ended, Any]:
    """Do a step, once or for each of what it takes one at a time; return how that ended and its result."""
    given = {argument: results.get(task_id) for argument, task_id in task.takes.items()}
    if not task.step.each:
        of_source = {} if task.source is None else {"source": task.source}
        return _do_once(task, run, given | of_source, reasons)
    one_at_a_time: list[Any] = given.pop(task.step.each) or []
    done = [_do_once(task, run, given | {task.step.each: one}, reasons) for one in one_at_a_time]
    ways = {how for how, _ in done}
    if Ended.FAILED in ways:
        return Ended.FAILED, None
    return (Ended.WORKED if Ended.WORKED in ways else Ended.SKIPPED), [result for _, result in done]


def _do_once(task: Task, run: Run, given: Mapping[str, Any], reasons: list[str]) -> tuple[Ended, Any]:
    try:
        return Ended.WORKED, task.step.does(run, **given)
    except SkippedError:
        return Ended.SKIPPED, None
    except Exception as problem:  # noqa: BLE001  whatever it is, what does not wait for this step goes on
        reasons.append(_reason(task, problem))
        return Ended.FAILED, None


def _reason(task: Task, problem: Exception) -> str:
    """Say what went wrong: our own errors in their words, anything else with its trace."""
    if isinstance(problem, FoundError):
        return str(problem)
    if isinstance(problem, NteError):
        return f"{task.task_id}: {problem}"
    trace = "".join(traceback.format_exception(problem))
    return f"{trace}{task.task_id}: an error that this service does not know. Report it with the lines above."
