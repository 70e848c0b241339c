"""The cluster on one machine: what it starts ends with it, listens on loopback, and a difference is found."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import psutil
import pytest

from cli.airflow.left_over import listeners
from deploy import cluster_parts
from deploy.cluster import compare
from deploy.cluster_parts import Cluster, start_postgres, start_redis
from nte.errors import NteError
from nte.tables.alerts import SILENCES
from nte.tables.bands import COMPLETENESS, LEVEL_SHIFTS
from nte.warehouse import publish_copy

ROOT = Path(__file__).resolve().parent.parent.parent
AT = datetime(2026, 3, 9, 6, tzinfo=UTC)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "logs").mkdir()
    it = Cluster(tmp_path)
    yield it
    it.stop()


def test_what_was_started_is_stopped(cluster: Cluster) -> None:
    cluster.start("scheduler", ["sh", "-c", "sleep 600 & wait"], os.environ)
    [shell] = [child for child in psutil.Process().children() if "sleep 600" in " ".join(child.cmdline())]
    time.sleep(0.5)
    family = [shell, *shell.children(recursive=True)]
    assert len(family) == 2
    cluster.check()
    cluster.stop()
    gone, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    assert len(gone) == 2


def test_a_process_that_ends_by_itself_is_named_with_its_last_words(cluster: Cluster) -> None:
    cluster.start("worker-1", ["sh", "-c", "echo cannot find the queue; exit 3"], os.environ)
    time.sleep(0.5)
    with pytest.raises(NteError, match=r"worker-1 ended by itself[\s\S]*cannot find the queue"):
        cluster.check()


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_everything(which: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom deploy.cluster import _ending\n"
        "from deploy.cluster_parts import Cluster\ncluster = Cluster(Path(sys.argv[1]))\n"
        "with _ending(cluster):\n    cluster.start('scheduler', ['sleep', '601'], os.environ)\n"
        "    print('started', flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        [sleeper] = psutil.Process(process.pid).children()
        process.send_signal(which)
        assert process.wait(timeout=20) != 0
        psutil.wait_procs([sleeper], timeout=5)
    assert not sleeper.is_running()


def published(path: Path, known_share: float, issued: datetime) -> Path:
    """A copy with a share that matters and a column of the clock that does not."""
    rows = pl.DataFrame(
        {
            "as_of": [AT],
            "source": ["police"],
            "age_days": [1],
            "known_share": [known_share],
            "survival_share": [1.0],
            "clumping": [1e6],
            "n_evidence": [1.0],
        }
    )
    silence = ["s", "silence", "derby", "everywhere", AT, None, "why", "who", issued, None]
    silences = pl.DataFrame([silence], schema=SILENCES.schema, orient="row")
    publish_copy(path, [(COMPLETENESS, rows), (SILENCES, silences)], [])
    return path


def test_a_difference_is_found_and_its_table_named(tmp_path: Path) -> None:
    one = published(tmp_path / "one.duckdb", 0.5, AT)
    later = published(tmp_path / "later.duckdb", 0.5, AT + timedelta(hours=1))
    other = published(tmp_path / "other.duckdb", 0.6, AT)
    assert compare(one, later) == {"completeness": 1, "silences": 1}
    with pytest.raises(
        NteError, match="completeness is not the same: 1 rows in one process, 1 on the cluster"
    ):
        compare(one, other)
    fewer = tmp_path / "fewer.duckdb"
    publish_copy(fewer, [(LEVEL_SHIFTS, LEVEL_SHIFTS.empty())], [])
    with pytest.raises(NteError, match="not the same tables"):
        compare(one, fewer)


def test_missing_programs_are_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_parts, "MODULES", ("no_such_module",))
    with pytest.raises(NteError, match=r"no_such_module.*`make cluster` installs them"):
        cluster_parts.find_programs()


@pytest.mark.skipif(
    not all(cluster_parts._program(name) for name in ("initdb", "postgres", "redis-server")),
    reason="needs Debian's postgresql and redis-server: apt-get install postgresql redis-server",
)
def test_database_and_queue_answer_on_loopback_only_and_end() -> None:
    with tempfile.TemporaryDirectory() as folder:  # one that the user postgres can reach, too
        cluster = Cluster(Path(folder))
        (cluster.folder / "logs").mkdir()
        try:
            start_and_stop_stores(cluster)
        finally:
            cluster.stop()


def start_and_stop_stores(cluster: Cluster) -> None:
    programs = {name: cluster_parts._program(name) for name in ("initdb", "postgres", "redis-server")}
    found = {name: path for name, path in programs.items() if path is not None}
    others = set(psutil.Process().children())
    database, queue = start_postgres(cluster, found), start_redis(cluster, found)
    stores = [process for process in psutil.Process().children() if process not in others]
    open_to = listeners(stores)
    assert len(open_to) == 2
    assert not [one for one in open_to if one.is_beyond_loopback]
    assert database.startswith("postgresql+psycopg2://airflow:")
    assert queue.startswith("redis://:")
    assert not (cluster.folder / "postgres.word").exists()
    cluster.stop()
    assert not psutil.wait_procs(stores, timeout=5)[1]
