"""Policy for DAGs: what the ops team may rely on in every one of them."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.declared import Rule
from flows.order import FLOWS, RUN
from tests.areas import derbyshire

ROOT = Path(__file__).resolve().parent.parent
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))
ROOMS = {"transforms", "expectations", "forecasts", "alerts", "reports", "nte"}
FLOW_OF = {flow.name: flow for flow in FLOWS}
HEAVY = ("great_expectations", "prophet", "duckdb", "slack_sdk", "pandas")

PROBE = """
import importlib.util, json, sys, time
sys.path[:0] = [{plugins!r}]
started = time.monotonic()
spec = importlib.util.spec_from_file_location("probed", {path!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
dag = getattr(module, {name!r})()
clock = getattr(dag.timetable, "timetable", dag.timetable)
condition = getattr(dag.timetable, "asset_condition", None)
print(json.dumps({{
    "dag_id": dag.dag_id, "doc": dag.doc_md, "tags": sorted(dag.tags), "max_active_runs": dag.max_active_runs,
    "catchup": dag.catchup,
    "tasks": [{{
        "id": t.task_id, "owner": t.owner, "pool": t.pool, "retries": t.retries, "priority": t.priority_weight,
        "total": t.priority_weight * (1 + len(t.get_flat_relative_ids(upstream=False))),
        "has_timeout": t.execution_timeout is not None,
        "has_doc": bool(t.doc_md or getattr(t, "python_callable", None) and t.python_callable.__doc__
                        or t.partial_kwargs.get("doc_md")),
        "links": [link.name for link in t.operator_extra_links],
        "calls_ops": bool(t.on_failure_callback), "is_mark": t.inherits_from_empty_operator and not t.on_success_callback,
 "has_policy": bool(t.retry_policy),
        "is_named": not t.is_mapped or bool(t.partial_kwargs.get("map_index_template")),
        "does": f"{{t.python_callable.__module__}}.{{t.python_callable.__name__}}",
        "declared": {{
            "before": sorted(t.upstream_task_ids), "pool": t.pool, "retries": t.retries,
            "rule": getattr(t.trigger_rule, "value", t.trigger_rule), "makes": [asset.name for asset in t.outlets],
            "longest": t.execution_timeout.total_seconds(), "is_mapped": t.is_mapped,
        }},
    }} for t in dag.tasks],
    "as_of": dag.params.get_param("as_of").schema,
    "times": [one.expression for one in getattr(clock, "timetables", [clock])],
    "woken_by": sorted(one.name for one in getattr(condition, "objects", [condition]) if one),
    "params": {{name: [dag.params.get_param(name).value, dag.params.get_param(name).description or ""]
               for name in dag.params}},
    "deadline_hours": [d.interval.total_seconds() / 3600 for d in dag.deadline or []],
    "is_periodic": dag.timetable.timetable.can_be_scheduled if hasattr(dag.timetable, "timetable") else dag.timetable.can_be_scheduled,
    "heavy": sorted(set({heavy!r}) & set(sys.modules)),
}}))
"""


@pytest.fixture(scope="module", params=DAG_FILES, ids=lambda path: path.stem)
def probed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Import a DAG file in a process of its own, as Airflow's DAG processor does."""
    import json

    path: Path = request.param
    home = tmp_path_factory.mktemp("airflow")
    code = PROBE.format(plugins=str(ROOT / "plugins"), path=str(path), name=path.stem, heavy=HEAVY)
    environment = os.environ | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_there_are_dags() -> None:
    assert {path.stem for path in DAG_FILES} == set(FLOW_OF)


def test_airflow_looks_into_every_dag_file() -> None:
    """It passes over files in which these two words do not stand."""
    for path in DAG_FILES:
        assert {"airflow", "dag"} <= set(re.findall("airflow|dag", path.read_text().lower())), path.name


def test_a_dag_is_the_flow_of_its_name(probed: Any) -> None:
    """Tasks, their order, rules, pools, retries and functions are those that `nte run` goes through, and so is its start."""
    flow, area = FLOW_OF[probed["dag_id"]], derbyshire()
    assert [task["id"] for task in probed["tasks"]] == [task.task_id for task in flow.tasks(area.sources)]
    for made, task in zip(probed["tasks"], flow.tasks(area.sources), strict=True):
        step = task.step
        assert made["does"] == f"{step.does.__module__}.{step.does.__name__}"
        assert made["calls_ops"] is not (step.is_answer or step.is_mark)
        assert made["is_mark"] is step.is_mark
        assert made["declared"] == {
            "before": sorted(task.before), "pool": step.pool, "retries": step.retries, "rule": step.rule.value,
            "makes": [step.makes] if step.makes else [], "longest": step.longest.total_seconds(),
            "is_mapped": bool(step.each),
        }, task.task_id  # fmt: skip
    assert probed["times"] == list(flow.on_clock(area))
    assert probed["woken_by"] == sorted(flow.on_assets)


def test_a_run_goes_through_the_flows_in_the_order_in_which_their_assets_wake_them() -> None:
    made: set[str] = {"inbox"}
    for flow in RUN:
        assert made >= set(flow.on_assets), flow.name
        made |= {step.makes for step in flow.steps if step.makes}


def test_no_dag_file_bears_a_rooms_name() -> None:
    assert not {path.stem for path in DAG_FILES} & ROOMS


def test_a_dag_says_what_it_is_and_whose(probed: Any) -> None:
    assert len(probed["doc"]) > 200
    assert "nte" in probed["tags"]
    assert probed["max_active_runs"] == 1
    assert probed["catchup"] is False


def test_every_task_has_owner_pool_timeout_and_a_docstring(probed: Any) -> None:
    for task in probed["tasks"]:
        assert task["owner"] == "nte-ops", task
        assert task["pool"] in {"warehouse", "bands"}, task
        assert task["has_timeout"], task
        assert task["has_doc"], task


def test_what_stands_between_a_file_and_its_alert_goes_first(probed: Any) -> None:
    least, most = {"raise_alerts": (100, 1000), "take_deliveries": (10, 99)}.get(probed["dag_id"], (1, 9))
    first = {"post_alerts"}
    for task in probed["tasks"]:
        assert task["priority"] >= (1001 if task["id"] in first else least), task
        assert task["id"] in first or task["total"] <= most, task


def test_every_task_leads_to_a_page_and_to_the_runbook_and_a_mapped_one_has_a_name(probed: Any) -> None:
    for task in probed["tasks"]:
        assert task["links"] == ["See it", "What to do"], task
        assert task["is_named"], task


def test_late_is_tried_again_and_ops_hear_of_failures(probed: Any) -> None:
    for task in probed["tasks"]:
        assert task["has_policy"], task
        told_elsewhere = task["is_mark"] or task["id"].endswith(("refused", "check_again"))
        assert told_elsewhere or (task["retries"] >= 1 and task["calls_ops"]), task


def test_a_run_has_a_deadline_and_a_time_to_backfill(probed: Any) -> None:
    assert probed["deadline_hours"] == [1.0]
    assert probed["is_periodic"]


def test_every_parameter_says_what_it_is_and_can_be_left_alone(probed: Any) -> None:
    assert "as_of" in probed["params"]
    for name, (value, description) in probed["params"].items():
        assert description, name
        assert value != "", name


def test_a_refused_file_leaves_the_run_green_and_failed_work_does_not() -> None:
    """Airflow judges a run by the tasks after which nothing comes."""
    flow = FLOW_OF["take_deliveries"]
    tasks = flow.tasks(["emas"])
    last = {task.task_id: task for task in tasks}
    for task in tasks:
        for before in task.before:
            last.pop(before, None)
    assert set(last) == {"told", "worked"}
    assert last["told"].before == ("emas.refused",)
    assert last["told"].step.rule is Rule.ALL_ENDED
    assert set(last["worked"].before) == {"emas.check", "emas.conform", "count_nights"}
    assert last["worked"].step.rule is Rule.NONE_FAILED


def test_a_time_out_of_bounds_is_refused_before_a_run_begins(probed: Any) -> None:
    pattern, wanted = probed["as_of"]["pattern"], probed["as_of"]["format"]
    assert wanted == "date-time"
    for good in ("2026-03-30T09:00", "2015-01-01T00:00:00Z", "2026-10-25T01:30:00.000+01:00"):
        assert re.search(pattern, good), good
    for bad in ("2014-12-31T23:00", "1026-03-30T09:00", "2026-03-30", "tomorrow", "2126-03-30T09:00"):
        assert not re.search(pattern, bad), bad


RETRIED = """
import sys
sys.path[:0] = [{plugins!r}]
from dag_parts import RETRIES
from nte.errors import AreaError, NteError, WarehouseBusyError
told = [RETRIES.evaluate(error, 1, 2).action.value for error in (
    WarehouseBusyError("held"), NteError("full"), AreaError("wrong"), ConnectionError("gone"))]
print(told)
"""


def test_a_busy_warehouse_is_tried_again_and_what_a_person_must_mend_is_not(tmp_path: Path) -> None:
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RETRIED.format(plugins=str(ROOT / "plugins"))],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "['retry', 'fail', 'fail', 'default']", done.stderr


def test_a_dag_file_imports_nothing_heavy(probed: Any) -> None:
    assert probed["heavy"] == []


def test_a_dag_file_holds_wiring_only() -> None:
    for path in DAG_FILES:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        top = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in top if line.split()[1].split(".")[0] in ROOMS - {"nte"}], path.name


def test_a_process_that_tasks_are_forked_from_has_no_threads_of_polars(tmp_path: Path) -> None:
    """Of the plugins' folder Airflow loads the one plugin alone: what Polars holds while it works, a fork holds for good."""
    code = (
        "import os, sys\n"
        "from airflow.plugins_manager import ensure_plugins_loaded\n"
        "ensure_plugins_loaded()\n"
        "ours = {path.removesuffix('.py') for path in os.listdir(sys.argv[1])} & set(sys.modules)\n"
        "print(sorted(ours), 'polars' in sys.modules, len(os.listdir('/proc/self/task')))\n"
    )
    plugins = str(ROOT / "plugins")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, plugins],
        capture_output=True,
        text=True,
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__PLUGINS_FOLDER": plugins},
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "['nights'] False 1"
