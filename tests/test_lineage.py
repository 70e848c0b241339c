"""What Airflow tells of lineage: off by itself, and in a file where a setting names one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.airflow.lineage import lineage_environment
from nte.errors import MisuseError
from nte.settings import Settings
from tests.spec.test_revisions import MORNINGS

ROOT = Path(__file__).resolve().parent.parent


def test_without_the_setting_nothing_is_told() -> None:
    assert lineage_environment("") == {}


@pytest.mark.parametrize(
    "address", ["lineage.jsonl", "file://host/a", "file:///", "kafka://host:1", "http://"]
)
def test_an_address_of_another_shape_is_refused(address: str) -> None:
    with pytest.raises(MisuseError, match="NTE_LINEAGE is "):
        lineage_environment(address)


def test_a_file_says_of_each_task_what_it_made_and_quotes_no_code(tmp_path: Path) -> None:
    pytest.importorskip("airflow.providers.openlineage", reason="the extra `lineage` is not installed")
    told = tmp_path / "told" / "lineage.jsonl"
    told.parent.mkdir()
    home = Settings(home=tmp_path / "home").home
    done = subprocess.run(
        [
            sys.executable, "-W", "ignore", "-c",
            "from tests.dag_test import run_dags\n"
            f"run_dags(['publish_warehouse'], '{MORNINGS[0]:%Y-%m-%dT09:00}')",
        ],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env=os.environ | {"NTE_HOME": str(home), "NTE_LINEAGE": told.as_uri()},
    )  # fmt: skip
    assert "ended publish_warehouse publish success" in done.stdout, done.stderr
    events = [json.loads(line) for line in told.read_text().splitlines()]
    ends = {e["job"]["name"]: e for e in events if e["eventType"] == "COMPLETE"}
    assert {"publish_warehouse.score_bands", "publish_warehouse.publish"} <= set(ends)
    publish = ends["publish_warehouse.publish"]
    assert [one["name"] for one in publish["outputs"]] == ["published"]
    assert [one["name"] for one in publish["inputs"]] == ["decisions"]
    assert "sourceCode" not in told.read_text()
