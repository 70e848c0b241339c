"""What Airflow calls when a task fails, works again, or a run takes too long: the ops channel hears of it, once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowFailException
from slack_connection import slack_access

from nte.area_files import load_area
from nte.errors import NteError
from nte.settings import Settings

SLOW_AFTER = timedelta(hours=1)
"""A run that takes longer is slow."""


def tell_failure(context: Any) -> None:
    """Tell ops that a task failed for good: once until it works again."""
    from alerts.steps import report_trouble  # only when something failed

    settings = Settings()
    area, ti = load_area(settings.area), context["ti"]
    report_trouble(
        settings,
        area,
        dag_id=ti.dag_id,
        task_id=ti.task_id,
        what=reason_of(context.get("exception")),
        now=datetime.now(UTC),
        slack=slack_access(area.slack.connection),
    )


def reason_of(problem: BaseException | None) -> str:
    """Return our own errors in their words; of others the kind only, because their text may quote a cell."""
    if problem is None:
        return "It was stopped from outside."
    if isinstance(problem, (NteError, AirflowFailException)):
        return str(problem)
    return f"{type(problem).__name__}: an error that this service does not know; the task's log has it."


def tell_success(context: Any) -> None:
    """Tell ops that a task works again, if they were told that it failed or that its DAG is slow."""
    settings, ti = Settings(), context["ti"]
    is_quick = datetime.now(UTC) - context["dag_run"].start_date < SLOW_AFTER
    for task_id in (ti.task_id, None) if is_quick else (ti.task_id,):
        if settings.trouble_file(ti.dag_id, task_id).exists():
            from alerts.steps import report_mended

            area = load_area(settings.area)
            slack = slack_access(area.slack.connection)
            report_mended(settings, area, dag_id=ti.dag_id, task_id=task_id, slack=slack)


async def tell_slow(context: Any, **_: Any) -> None:
    """Tell ops that a run is still at work past its deadline; not for backfills or runs that have ended."""
    run = context["dag_run"]
    if run["run_type"] == "backfill" or run["state"] not in ("running", "queued"):
        return
    from alerts.steps import report_trouble

    settings = Settings()
    area = load_area(settings.area)
    await asyncio.to_thread(
        report_trouble,
        settings,
        area,
        dag_id=run["dag_id"],
        task_id=None,
        what=f"The run {run['dag_run_id']} is not done an hour after it was queued.",
        now=datetime.now(UTC),
        slack=await asyncio.to_thread(slack_access, area.slack.connection),
    )
