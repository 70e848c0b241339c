"""Every contract about imports breaks when it is broken: one tree in which somebody has broken them all."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = [contract["name"] for contract in CONFIG["contracts"]]
BROKEN_BY = {
    "Rooms never call each other": ("forecasts/settings.py", "import alerts.words.links"),
    "Imports point down": ("nte/english.py", "import reports.wording"),
    "No circles among siblings": ("expectations/rules.py", "import expectations.steps"),
    "In alerts": ("alerts/words/links.py", "import alerts.nights.picture"),
    "In forecasts": ("forecasts/curve/levels.py", "import forecasts.judging.nights"),
    "The warehouse is opened": ("transforms/places.py", "import nte.warehouse"),
    "DuckDB is opened": ("reports/queries.py", "import duckdb"),
    "Workbooks are opened": ("simulator/write.py", "import python_calamine"),
    "SFTP is spoken": ("flows/pickup_places.py", "import paramiko"),
    "S3 is spoken": ("flows/pickup_places.py", "import botocore"),
    "Slack is spoken to": ("reports/notices.py", "import slack_sdk"),
    "Block Kit is known": ("alerts/page/render.py", "import alerts.slack.blocks"),
    "Prophet is imported": ("forecasts/issuing/bands.py", "import prophet"),
    "Great Expectations is imported": ("transforms/coverage.py", "import great_expectations"),
    "No room and no vocabulary knows Airflow": ("simulator/plan.py", "import airflow"),
}
"""By the beginning of a contract's name: the file in which it is broken, and how."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What lint-imports says of a copy of the code in which every contract is broken."""
    copy = tmp_path_factory.mktemp("broken")
    for package in CONFIG["root_packages"]:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for file, line in BROKEN_BY.values():
        text = (copy / file).read_text()
        (copy / file).write_text(re.sub(r'^(""".*?"""\n)', rf"\1{line}\n", text, count=1, flags=re.DOTALL))
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=copy, env=os.environ | {"PYTHONPATH": str(copy), "COLUMNS": "300"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return re.sub(r"\s+", " ", done.stdout)


def test_every_contract_has_somebody_who_breaks_it() -> None:
    assert [name for name in CONTRACTS if not any(name.startswith(begin) for begin in BROKEN_BY)] == []
    assert len(CONTRACTS) == len(BROKEN_BY)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_that_is_broken_says_so(contract: str, told: str) -> None:
    assert f"{contract} BROKEN" in told
