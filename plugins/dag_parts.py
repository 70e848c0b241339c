"""How a declared flow becomes a DAG: defaults, parameters, assets, and tasks with links to pages."""

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import reduce, wraps
from operator import or_
from textwrap import fill
from typing import Any

import pendulum
from airflow.providers.common.compat.sdk import DecoratedOperator, task_decorator_factory
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import (
    DAG,
    Asset,
    AssetOrTimeSchedule,
    BaseOperatorLink,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    MultipleCronTriggerTimetable,
    Param,
    RetryAction,
    RetryRule,
    TaskGroup,
    dag,
    get_current_context,
)
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from ops_calls import SLOW_AFTER, tell_failure, tell_slow, tell_success
from slack_connection import slack_access

from flows.declared import FIRST, Flow, Step, Task
from flows.run import FoundError, Run, SkippedError
from nte.area_files import load_area
from nte.errors import NteError, WarehouseBusyError
from nte.moment import FIRST_YEAR, PATTERN_OF_MOMENTS, moment_of_run
from nte.settings import Settings

SETTINGS = Settings()
AREA = load_area(SETTINGS.area)
PAGES = SETTINGS.base_url.rstrip("/") or "/nights"
"""Where the Nights page is: a whole address for links in Slack, a path of this Airflow without one."""

ASSETS = {
    "bands": Asset("bands", uri="nte://warehouse/bands"),
    "night_counts": Asset("night_counts", uri="nte://warehouse/night_counts"),
    "decisions": Asset("decisions", uri="nte://warehouse/decisions"),
    "published": Asset("published", uri="nte://published/nte.duckdb"),
}

AS_OF = Param(
    None,
    type=["null", "string"],
    format="date-time",
    pattern=PATTERN_OF_MOMENTS,
    title="As of",
    description="Work as of this time; what arrived later stays untouched. Without an offset it is local, such as "
    f"2026-03-30T09:00; {FIRST_YEAR} at the earliest. Empty: now, or in a backfill the time of the run.",
)
REHEARSAL = Param(
    False,
    type="boolean",
    title="Rehearsal",
    description="*As of* may lie ahead of the clock; nothing is posted and nothing purged.",
)
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
        """Return the page that the step named, or the weekend."""
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

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """Return what the task was made from and what it made: asked by Airflow's OpenLineage, where that is set up."""
        from airflow.providers.common.compat.openlineage.facet import Dataset
        from airflow.providers.openlineage.extractors import (  # type: ignore[import-not-found,unused-ignore]
            OperatorLineage,
        )

        starts = getattr(self.dag.timetable, "asset_condition", None)
        from_these = getattr(starts, "objects", [starts] if starts else [])
        return OperatorLineage(
            inputs=[Dataset(namespace="nte", name=asset.name) for asset in from_these],
            outputs=[
                Dataset(namespace="nte", name=asset.name)
                for asset in self.outlets
                if isinstance(asset, Asset)
            ],
        )


class NteMark(NteTask):
    """A task that does nothing: the scheduler marks it by what stands before it, without a process."""

    custom_operator_name = "@nte_mark"
    _is_empty = True


def nte_dag(
    flow: Flow, *, doc: str | None, params: dict[str, Param] | None = None, inbox: Asset | None = None
) -> Callable[[Callable[[], None]], Callable[[], DAG]]:
    """Return Airflow's `@dag` with what all DAGs of this service have in common; `flow` says what starts it.

    One run of a DAG at a time; where several tasks wait for the warehouse, the heaviest goes first. The start lies
    far back so that any span can be backfilled; nothing is caught up by itself, because each run works off whatever
    is due.
    """
    owner_links = {"nte-ops": f"{PAGES}/runbook"} if PAGES.startswith("http") else {}
    return dag(
        schedule=_schedule(flow, ASSETS | ({"inbox": inbox} if inbox else {})),
        start_date=pendulum.datetime(FIRST_YEAR, 1, 1, tz=AREA.time_zone),
        catchup=False,
        max_active_runs=1,
        doc_md=doc,
        tags=["nte", flow.tag],
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
            "priority_weight": flow.weight,
            "retry_delay": timedelta(minutes=1),
            "retry_policy": RETRIES,
            "on_failure_callback": tell_failure,
            "on_success_callback": tell_success,
        },
    )


def _schedule(flow: Flow, assets: Mapping[str, Asset]) -> Any:
    """Return what starts a flow as Airflow says it: its times, and any of its assets."""
    times = flow.on_clock(AREA)
    clock = (
        CronTriggerTimetable(times[0], timezone=AREA.time_zone)
        if len(times) == 1
        else MultipleCronTriggerTimetable(*times, timezone=AREA.time_zone)
    )
    if not flow.on_assets:
        return clock
    return AssetOrTimeSchedule(timetable=clock, assets=reduce(or_, [assets[name] for name in flow.on_assets]))


def wire(flow: Flow) -> None:
    """Make a task of every step of a flow, those of a source in a group, each after what it waits for."""
    made: dict[str, Any] = {}
    groups = {source: TaskGroup(group_id=source) for source in AREA.sources if flow.of_each_source}
    for task in flow.tasks(AREA.sources):
        with ExitStack() as inside:
            if task.source is not None:
                inside.enter_context(groups[task.source])
            made[task.task_id] = _operator(task, made)
        for before in task.before:
            if before not in task.takes.values():  # what hands on its result stands before already
                made[before] >> made[task.task_id]


def _operator(task: Task, made: Mapping[str, Any]) -> Any:
    """Return the task of a step, mapped where it takes one at a time."""
    step, given = task.step, {argument: made[task_id] for argument, task_id in task.takes.items()}
    if task.source is not None and not step.each:
        given["source"] = task.source
    own: dict[str, Any] = {"on_failure_callback": None} if step.is_answer else {}
    if step.is_first:
        own["priority_weight"] = FIRST
    if step.is_mark:
        own |= {"on_failure_callback": None, "on_success_callback": None}
    if step.title:
        own["map_index_template"] = step.title
    make: Any = task_decorator_factory(
        python_callable=_at_work(step),
        decorated_operator_class=NteMark if step.is_mark else NteTask,
        pool=step.pool,
        retries=step.retries,
        execution_timeout=step.longest,
        trigger_rule=step.rule.value,
        outlets=[ASSETS[step.makes]] if step.makes else [],
        **own,
    )
    return make.expand(**given) if step.each else make(**given)


def _at_work(step: Step) -> Callable[..., Any]:
    """Return a step as the function of a task: told of its run, it says in Airflow's words how it ended."""

    @wraps(step.does)
    def at_work(**given: Any) -> Any:
        try:
            result = step.does(current_run(), **given)
        except SkippedError as reason:
            raise AirflowSkipException(str(reason)) from None
        except FoundError as found:
            print(fill(str(found), 100))  # noqa: T201  the log shows an exception in one endless line
            raise AirflowFailException(str(found)) from None
        if step.makes:
            _count_on_event(ASSETS[step.makes], result)
        return result

    of_step = inspect.signature(step.does)
    handed = [one for name, one in of_step.parameters.items() if name != "run"]
    setattr(at_work, "__signature__", of_step.replace(parameters=handed))  # noqa: B010  Airflow reads it
    return at_work


def _count_on_event(asset: Asset, result: object) -> None:
    """Say with the event of an asset what is new in it, in the counts that the step hands on."""
    get_current_context()["outlet_events"][asset].extra = result if isinstance(result, dict) else {}


def current_run() -> Run:
    """Return what the steps are told about the current run."""
    context = get_current_context()
    params, run = context["params"], context["dag_run"]
    is_rehearsal = bool(params.get("rehearsal"))
    backfilled = run.logical_date if run.run_type == "backfill" else None
    return Run(
        settings=SETTINGS,
        area=AREA,
        now=moment_of_run(params.get("as_of"), AREA, backfilled, is_rehearsal=is_rehearsal),
        slack=_slack,
        wanted=params,
        is_rehearsal=is_rehearsal,
        backfilled=backfilled,
        note=context["ti"].xcom_push,
        see=_see,
        tell=logging.getLogger(__name__).info,
    )


def _slack() -> Any:
    access = slack_access(AREA.slack.connection)
    if access is None:
        print(f"No connection {AREA.slack.connection}: messages wait in the outbox.")  # noqa: T201
    return access


def _see(page: str) -> None:
    """Name the page, under the address of the Nights page, that shows what this task did."""
    setattr(get_current_context()["task"], "page", page)  # noqa: B010  no field of Airflow's own
