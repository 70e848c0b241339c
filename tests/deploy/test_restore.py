"""A used home is backed up, destroyed and restored, and goes on as if nothing had been."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nte.settings import Settings
from nte.tables.deliveries import INBOX_STRAYS
from nte.warehouse import open_warehouse, open_warehouse_file, read_published
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan
from tests.areas import DERBYSHIRE

ROOT = Path(__file__).resolve().parent.parent.parent
LAST = date(2026, 3, 9)
PLAN = SimulationPlan(seed=5, n_live_weeks=1, n_history_weeks=20, ends_on=LAST)
TABLES = ("deliveries", "night_count_revisions", "bands", "judgements", "decisions", "alerts")


def deploy(verb: str, home: Path, place: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"NTE_HOME": str(home)}
    command = [str(ROOT / "deploy" / verb), str(place)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def run(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cli", "run", "--now", f"{LAST}T09:00"],
        capture_output=True, text=True, env=os.environ | {"NTE_HOME": str(home)}, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def tables(home: Path) -> dict[str, pl.DataFrame]:
    file = home / "published" / "nte.duckdb"
    return {name: read_published(file, f"SELECT * FROM {name} ORDER BY ALL") for name in TABLES}


def small_home(folder: Path) -> Path:
    """A home with a warehouse of one row, an original and a secret: enough for what needs no run."""
    settings = Settings(home=folder / "home")
    with open_warehouse(settings) as warehouse:
        row = {"folder": "", "name": "stray", "why": "x", "first_seen_at": None, "last_seen_at": None}
        stamped = pl.DataFrame([row]).with_columns(
            pl.lit("2026-03-09T06:00:00").str.to_datetime().dt.replace_time_zone("UTC").alias(name)
            for name in ("first_seen_at", "last_seen_at")
        )  # fmt: skip
        warehouse.append(INBOX_STRAYS, stamped)
    (settings.home / "accepted").mkdir()
    (settings.home / "accepted" / "police.csv").write_text("original")
    (settings.home / "airflow" / "logs").mkdir(parents=True)
    (settings.home / "airflow" / "jwt_secret").write_text("secret")
    (settings.home / "airflow" / "logs" / "long.log").write_text("log")
    (settings.home / "airflow" / "up.json").write_text("{}")
    (settings.home / "service.json").write_text("{}")
    return settings.home


@pytest.mark.slow
def test_a_restored_home_runs_again_and_leaves_the_same_tables(tmp_path: Path) -> None:
    simulate_deliveries(PLAN, DERBYSHIRE, tmp_path / "simulated")
    home = tmp_path / "home"
    shutil.copytree(tmp_path / "simulated" / "inbox", home / "inbox")
    run(home)
    before = tables(home)
    assert before["bands"].height > 0
    (home / "airflow").mkdir(mode=0o700)  # as the service makes it when it starts
    with closing(sqlite3.connect(home / "airflow" / "airflow.db")) as database:
        database.execute("CREATE TABLE dag_run (run_id)")
        database.commit()
    backed_up = deploy("backup", home, tmp_path / "backups")
    assert backed_up.returncode == 0, backed_up.stderr
    shutil.rmtree(home)
    [backup] = (tmp_path / "backups").iterdir()
    restored = deploy("restore", home, backup)
    assert restored.returncode == 0, restored.stderr
    assert "nte doctor" in restored.stdout
    assert (home / "inbox" / "police").stat().st_mode & 0o777 == 0o770
    published = home / "published" / "nte.duckdb"
    assert [f"{one.stat().st_mode & 0o777:o}" for one in (published, published.parent)] == ["440", "750"]
    for one in (home / "warehouse", home / "accepted", home / "airflow", home / "lake"):
        assert one.stat().st_mode & 0o077 == 0, one
    assert (home / "airflow" / "airflow.db").exists()
    run(home)
    for name, rows in tables(home).items():
        assert rows.equals(before[name]), name


def test_a_backup_holds_originals_and_secrets_for_its_owner_alone_and_no_logs(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    assert deploy("backup", home, tmp_path / "backups").returncode == 0
    [backup] = (tmp_path / "backups").iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
    with tarfile.open(backup) as tar:
        names = set(tar.getnames())
    assert {
        "./backup.json",
        "./warehouse/nte.duckdb",
        "./accepted/police.csv",
        "./airflow/jwt_secret",
    } <= names
    assert not [name for name in names if "logs" in name]
    assert not {"./service.json", "./airflow/up.json", "./warehouse/posting.lock"} & names
    assert (home / "backed_up").exists()


def test_a_backup_waits_for_the_task_that_holds_the_warehouse(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    done: list[subprocess.CompletedProcess[str]] = []
    with open_warehouse_file(home / "warehouse" / "nte.duckdb") as warehouse:
        waiting = threading.Thread(target=lambda: done.append(deploy("backup", home, tmp_path / "backups")))
        waiting.start()
        time.sleep(4)
        assert not list((tmp_path / "backups").glob("nte-*.tar.gz"))
        warehouse.replace(INBOX_STRAYS, INBOX_STRAYS.empty())
    waiting.join()
    assert done[0].returncode == 0, done[0].stderr
    [backup] = (tmp_path / "backups").iterdir()
    shutil.rmtree(home)
    assert deploy("restore", home, backup).returncode == 0
    with open_warehouse_file(home / "warehouse" / "nte.duckdb") as warehouse:
        assert warehouse.n_rows(INBOX_STRAYS) == 0


def test_a_home_that_is_in_use_is_not_overwritten(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    deploy("backup", home, tmp_path / "backups")
    [backup] = (tmp_path / "backups").iterdir()
    done = deploy("restore", home, backup)
    assert done.returncode == 2
    assert "is not empty" in done.stderr


def test_half_a_backup_is_refused_and_leaves_the_home_empty(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    deploy("backup", home, tmp_path / "backups")
    [backup] = (tmp_path / "backups").iterdir()
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    shutil.rmtree(home)
    done = deploy("restore", home, backup)
    assert done.returncode == 1
    assert "Take an older one" in done.stderr
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("verb", "place", "says"),
    [("backup", "home/backups", "another disk"), ("restore", "gone.tar.gz", "Take an older")],
)
def test_what_cannot_be_done_is_said_plainly(verb: str, place: str, says: str, tmp_path: Path) -> None:
    home = small_home(tmp_path)
    done = deploy(verb, home if verb == "backup" else tmp_path / "empty", tmp_path / place)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_warehouse_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    done = deploy("backup", tmp_path / "nowhere", tmp_path / "backups")
    assert done.returncode == 2
    assert "Is NTE_HOME set" in done.stderr
