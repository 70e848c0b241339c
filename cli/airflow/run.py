"""Runs the service's DAGs in this process, in the order that their assets give them in Airflow."""

import importlib.util
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cli.airflow.home import DAG_FOLDER, prepare_airflow
from nte.errors import NteError
from nte.settings import Settings

ORDER = ("take_deliveries", "issue_bands", "raise_alerts", "publish_warehouse")
"""Which DAG wakes which: counts, bands and decisions are the assets between them."""
REFUSAL_TASK = "refused"


@dataclass(frozen=True)
class DagOutcome:
    """How the run of one DAG ended."""

    dag_id: str
    failed_tasks: tuple[str, ...]
    reasons: tuple[str, ...]
    """What the failed tasks said, rejected deliveries included."""

    @property
    def is_good(self) -> bool:
        """A rejected delivery is an answer, not a failure of the run."""
        return all(task.endswith(REFUSAL_TASK) for task in self.failed_tasks)


def run_dags(
    settings: Settings,
    time_zone: str,
    as_of: str | None,
    tell: Callable[[str], object],
    *,
    is_rehearsal: bool = False,
) -> list[DagOutcome]:
    """Run the DAGs as of a local time; `tell` hears which one is at work.

    Raises NteError when a task failed, saying which and why.
    """
    prepare_airflow(settings, time_zone)
    outcomes = []
    for dag_id in ORDER:
        tell(dag_id)
        outcome = _run(dag_id, {"as_of": as_of, "rehearsal": is_rehearsal})
        outcomes.append(outcome)
        if not outcome.is_good:
            raise NteError(
                "\n".join([*outcome.reasons, "Nothing is lost: mend it and start the same command again."])
            )
    return outcomes


def _run(dag_id: str, params: dict[str, object]) -> DagOutcome:
    """Run one DAG without retries: a person is waiting, and starts it again."""
    reasons: list[str] = []
    dag = _load(dag_id)
    dag.deadline = None
    for task in dag.tasks:
        task.retries = 0
        task.on_success_callback = []
        task.on_failure_callback = [lambda context: reasons.append(_reason(context))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = dag.test(run_conf=params)
    failed = [t.task_id for t in run.get_task_instances() if str(t.state) in ("failed", "upstream_failed")]
    return DagOutcome(dag_id, tuple(sorted(failed)), tuple(reasons))


def _reason(context: Any) -> str:
    """Say what went wrong: our own errors in their words, anything else with its trace."""
    problem, task = context["exception"], context["task"].task_id
    if isinstance(problem, NteError):
        return f"{task}: {problem}"
    if task.endswith(REFUSAL_TASK):
        return str(problem)
    trace = "".join(traceback.format_exception(problem))
    return f"{trace}{task}: an error that this service does not know. Report it with the lines above."


def _load(dag_id: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"nte_dag_{dag_id}", DAG_FOLDER / f"{dag_id}.py")
    if spec is None or spec.loader is None:
        raise NteError(f"{DAG_FOLDER / dag_id}.py: no such DAG. Run this from a complete installation.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, dag_id)()
