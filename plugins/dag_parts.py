"""What every DAG of this service has: defaults, parameters, assets, and tasks with links to pages."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, overload

import pendulum
from airflow.providers.common.compat.sdk import DecoratedOperator, task_decorator_factory
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import (
    DAG,
    Asset,
    BaseOperatorLink,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
)
from airflow.sdk.bases.decorator import Task
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException
from ops_calls import SLOW_AFTER, tell_failure, tell_slow, tell_success

from nte.area_files import load_area
from nte.errors import NteError, WarehouseBusyError
from nte.moment import may_post, moment_of_run
from nte.settings import Settings

SETTINGS = Settings()
AREA = load_area(SETTINGS.area)
PAGES = SETTINGS.base_url.rstrip("/") or "/nights"
"""Where the Nights page is: a whole address for links in Slack, a path of this Airflow without one."""

BANDS = Asset("bands", uri="nte://warehouse/bands")
NIGHT_COUNTS = Asset("night_counts", uri="nte://warehouse/night_counts")
DECISIONS = Asset("decisions", uri="nte://warehouse/decisions")
PUBLISHED = Asset("published", uri="nte://published/nte.duckdb")

AS_OF = Param(
    None,
    type=["null", "string"],
    title="As of",
    description="Work as of this local time, such as 2026-03-30T09:00; what arrived later stays untouched. "
    "Empty: now, or in a backfill the time of the run.",
)
REHEARSAL = Param(
    False,
    type="boolean",
    title="Rehearsal",
    description="*As of* may lie ahead of the clock; nothing is posted and nothing purged.",
)
TAKE_FIRST, SAY_FIRST = 10, 100
"""Weights of the tasks that stand between a file and its alert. Each outweighs all tasks of a DAG of the weight
below: what has been counted is said before more is taken, and both before anything else."""
RETRIES = ExceptionRetryPolicy(
    [
        RetryRule(
            WarehouseBusyError, RetryAction.RETRY, timedelta(minutes=1), "another run holds the warehouse"
        ),
        RetryRule([NteError, AirflowFailException], RetryAction.FAIL, reason="a person must mend this first"),
    ]
)
"""Waiting helps against a busy warehouse; nothing but a person helps against what our own errors name."""


class PageLink(BaseOperatorLink):
    """The page that shows what a task did."""

    name = "See it"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the page that the task named with `see`, or the weekend."""
        return f"{PAGES}/{getattr(operator, 'page', '')}"


class RunbookLink(BaseOperatorLink):
    """What to do when a task is red."""

    name = "What to do"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the DAG's entry in the runbook."""
        return f"{PAGES}/runbook#{operator.dag_id}"


class NteTask(DecoratedOperator, PythonOperator):
    """A Python task with links to the page that shows its work and to the runbook."""

    custom_operator_name = "@nte_task"
    template_fields: Sequence[str] = ("op_args", "op_kwargs")
    operator_extra_links = (PageLink(), RunbookLink())

    def __init__(
        self, *, python_callable: Callable[..., Any], op_args: Any, op_kwargs: Any, **kwargs: Any
    ) -> None:
        own = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=own, **own, **kwargs)


@overload
def nte_task(python_callable: Callable[..., Any]) -> Task[..., Any]: ...
@overload
def nte_task(**kwargs: Any) -> Callable[[Callable[..., Any]], Task[..., Any]]: ...
def nte_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Make a function a task of this service: Airflow's `@task`, with links."""
    return task_decorator_factory(python_callable=python_callable, decorated_operator_class=NteTask, **kwargs)


def nte_dag(
    *,
    schedule: Any,
    doc: str | None,
    tag: str,
    params: dict[str, Param] | None = None,
    weight: int = 1,
) -> Callable[[Callable[[], None]], Callable[[], DAG]]:
    """Return Airflow's `@dag` with what all DAGs of this service have in common.

    One run of a DAG at a time; where several tasks wait for the warehouse, the heaviest goes first. The start lies
    far back so that any span can be backfilled; nothing is caught up by itself, because each run works off whatever
    is due.
    """
    owner_links = {"nte-ops": f"{PAGES}/runbook"} if PAGES.startswith("http") else {}
    return dag(
        schedule=schedule,
        start_date=pendulum.datetime(2015, 1, 1, tz=AREA.time_zone),
        catchup=False,
        max_active_runs=1,
        doc_md=doc,
        tags=["nte", tag],
        owner_links=owner_links,
        params={"as_of": AS_OF, "rehearsal": REHEARSAL, **(params or {})},
        deadline=DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=SLOW_AFTER,
            callback=AsyncCallback(tell_slow),
            name="still not done after an hour",
        ),
        default_args={
            "owner": "nte-ops",
            "pool": "warehouse",
            "priority_weight": weight,
            "retries": 2,
            "retry_delay": timedelta(minutes=1),
            "retry_policy": RETRIES,
            "execution_timeout": timedelta(minutes=30),
            "on_failure_callback": tell_failure,
            "on_success_callback": tell_success,
        },
    )


def run_as_of() -> datetime:
    """Return the instant as of which the current run works."""
    said = get_current_context()["params"].get("as_of")
    return moment_of_run(said, AREA, _backfilled(), is_rehearsal=is_rehearsal())


def is_rehearsal() -> bool:
    """Say whether the current run is a rehearsal, which posts and purges nothing."""
    return bool(get_current_context()["params"].get("rehearsal"))


def is_to_post(wanted: bool | None) -> bool:
    """Say whether the current run posts to Slack."""
    return may_post(wanted, _backfilled(), is_rehearsal=is_rehearsal())


def _backfilled() -> datetime | None:
    run = get_current_context()["dag_run"]
    return run.logical_date if run.run_type == "backfill" else None


def see(page: str) -> None:
    """Name the page, under the address of the Nights page, that shows what this task did."""
    setattr(get_current_context()["task"], "page", page)  # noqa: B010  no field of Airflow's own
