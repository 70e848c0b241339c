"""Airflow's own run of the DAGs in one process, `dag.test()`: `python -m tests.dag_test 2026-03-30T09:00`.

Nothing of the service uses it: it is what `nte run` is held against.
"""

import importlib
import json
import sys
import warnings
from collections.abc import Iterable

from cli.airflow.home import prepare_airflow
from flows.order import RUN
from nte.area_files import load_area
from nte.settings import Settings


def run_dags(dag_ids: Iterable[str], as_of: str) -> None:
    """Run DAGs one after the other, as of a local time, without retries; print how each task ended."""
    settings = Settings()
    prepare_airflow(settings, load_area(settings.area).time_zone)
    for dag_id in dag_ids:
        dag = getattr(importlib.import_module(dag_id), dag_id)()
        dag.deadline = None
        for task in dag.tasks:
            task.retries = 0
            task.on_success_callback = task.on_failure_callback = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = dag.test(run_conf={"as_of": as_of})
        for one in run.get_task_instances():
            print("ended", dag_id, one.task_id, one.state)
        print("run", dag_id, run.state.value)
    for name, counts in asset_events():
        print("event", name, json.dumps(counts))


def asset_events() -> list[tuple[str, object]]:
    """Return what the events of assets said: name, and what came with it."""
    from airflow.models.asset import AssetEvent  # noqa: TID251  the events stand in no other place
    from airflow.utils.session import create_session

    with create_session() as session:
        return [(event.name, event.extra) for event in session.query(AssetEvent).order_by(AssetEvent.id)]


if __name__ == "__main__":
    run_dags([flow.name for flow in RUN], sys.argv[1])
