"""How a run of the command finds Slack: wherever Airflow keeps the connection, and without Airflow where nobody has set it up."""

import json
import os
import subprocess
import sys
from pathlib import Path

from cli.airflow.home import CONNECTION

FIND = """
import sys
from datetime import UTC, datetime
from cli.begin import begin_run
from nte.area_files import load_area
from nte.settings import Settings
settings = Settings()
run = begin_run(settings, load_area(settings.area), datetime.now(UTC), print)
access = run.slack()
print(access and [access.token, access.base_url], "airflow" in sys.modules)
"""
KNOWN = json.dumps({"conn_type": "slack", "password": "xoxb-kept", "extra": {"base_url": "http://127.0.0.1:9/api/"}})  # fmt: skip
FOUND = ["['xoxb-kept', 'http://127.0.0.1:9/api/'] True"]


def said(home: Path, *command: str, **variables: str) -> list[str]:
    """Return what a process prints in which this home is the installation's and nothing else is said of Airflow."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        capture_output=True, text=True, env=clean | {"NTE_HOME": str(home)} | variables, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_where_airflow_was_never_set_up_it_is_not_imported_and_messages_wait(tmp_path: Path) -> None:
    told, found = said(tmp_path, "-c", FIND)
    assert told == "No connection slack_nte: messages wait in the outbox."
    assert found == "None False"
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_leaves_nothing_in_a_home_that_is_new(tmp_path: Path) -> None:
    told = "\n".join(said(tmp_path / "new", "-m", "cli", "doctor"))
    assert "Slack: not connected" in told
    assert list(tmp_path.iterdir()) == []


def test_a_connection_in_the_environment_is_found_and_no_database_is_made(tmp_path: Path) -> None:
    assert said(tmp_path, "-c", FIND, AIRFLOW_CONN_SLACK_NTE=KNOWN) == FOUND
    assert not (tmp_path / "airflow" / "airflow.db").exists()


def test_a_connection_in_airflow_s_database_is_found_in_this_home_and_where_one_was_named(
    tmp_path: Path,
) -> None:
    plain = {"AIRFLOW__CORE__FERNET_KEY": ""}  # nothing is encrypted, so that both homes can read it
    add = ("airflow", "connections", "add", "slack_nte", "--conn-json", KNOWN)
    said(tmp_path / "here", "-m", "cli", *add, **plain)
    assert said(tmp_path / "here", "-c", FIND, **plain) == FOUND
    database = f"sqlite:///{tmp_path / 'here' / 'airflow' / 'airflow.db'}"
    assert said(tmp_path / "elsewhere", "-c", FIND, **plain, **{CONNECTION: database}) == FOUND
