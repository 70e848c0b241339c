"""Policy for DAGs: what the ops team may rely on in every one of them."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))
ROOMS = {"transforms", "expectations", "forecasts", "alerts", "reports", "nte"}
HEAVY = ("great_expectations", "prophet", "duckdb", "slack_sdk", "pandas")

PROBE = """
import importlib.util, json, sys, time
sys.path[:0] = [{plugins!r}]
started = time.monotonic()
spec = importlib.util.spec_from_file_location("probed", {path!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
dag = getattr(module, {name!r})()
print(json.dumps({{
    "dag_id": dag.dag_id, "doc": dag.doc_md, "tags": sorted(dag.tags), "max_active_runs": dag.max_active_runs,
    "catchup": dag.catchup,
    "tasks": [[t.task_id, t.owner, t.pool, t.retries, t.execution_timeout is not None, bool(t.doc_md or t.python_callable.__doc__)]
              for t in dag.tasks],
    "heavy": sorted(set({heavy!r}) & set(sys.modules)),
}}))
"""


@pytest.fixture(scope="module", params=DAG_FILES, ids=lambda path: path.stem)
def probed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Import a DAG file in a process of its own, as Airflow's DAG processor does."""
    import json  # noqa: PLC0415

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
    assert {path.stem for path in DAG_FILES} >= {
        "take_deliveries", "issue_bands", "raise_alerts", "publish_warehouse",
    }  # fmt: skip


def test_no_dag_file_bears_a_rooms_name() -> None:
    assert not {path.stem for path in DAG_FILES} & ROOMS


def test_a_dag_says_what_it_is_and_whose(probed: Any) -> None:
    assert len(probed["doc"]) > 200
    assert "nte" in probed["tags"]
    assert probed["max_active_runs"] == 1
    assert probed["catchup"] is False


def test_every_task_has_owner_pool_timeout_and_a_docstring(probed: Any) -> None:
    for task_id, owner, pool, retries, has_timeout, has_doc in probed["tasks"]:
        assert owner == "nte-ops", task_id
        assert pool == "warehouse", task_id
        assert retries >= 1 or task_id.endswith("refused"), task_id
        assert has_timeout, task_id
        assert has_doc, task_id


def test_a_dag_file_imports_nothing_heavy(probed: Any) -> None:
    assert probed["heavy"] == []


def test_a_dag_file_holds_wiring_only() -> None:
    for path in DAG_FILES:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        top = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in top if line.split()[1].split(".")[0] in ROOMS - {"nte"}], path.name
