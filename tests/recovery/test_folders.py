"""A folder that is read-only, full or damaged: one sentence, what can be used is used, nothing is lost."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nte.deliveries.inbox import MUST_STAY
from nte.errors import NteError
from nte.settings import Settings
from nte.tables.alerts import DECISIONS
from nte.tables.deliveries import INBOX_STRAYS, VERDICTS
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse, publish_copy, read_published
from tests.areas import derbyshire
from tests.expectations.house import House, police_row

NOW = datetime(2026, 4, 6, 9, tzinfo=UTC)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody, root neither, may write into the folder; skipped where that cannot be had."""
    bound = subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False)
    if bound.returncode:
        pytest.skip("this user may not mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def without_write_rights(folder: Path) -> Iterator[None]:
    """A folder whose owner has taken its own right to write; the superuser could, and must not."""
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


@contextmanager
def small_disk(folder: Path, n_mib: int) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={n_mib}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this user may not mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("bound", [read_only, without_write_rights])
def test_files_in_an_inbox_that_is_read_only_are_used_and_the_folder_is_named(
    tmp_path: Path, bound: Callable[[Path], AbstractContextManager[None]]
) -> None:
    house = House(Settings(home=tmp_path / "home", inbox=tmp_path / "inbox"), derbyshire())
    house.put_day("police", [police_row(1), police_row(2)], n_rows=2)
    with bound(tmp_path / "inbox" / "police"):
        for _ in range(2):
            seen = house.check("police", NOW)
            house.conform("police")
        assert [line.split(": ", 1)[1] for line in seen.left_alone] == [MUST_STAY]
    with open_warehouse(house.settings) as warehouse:
        assert warehouse.n_rows(RECORDS) == 2
        assert warehouse.read(VERDICTS)["verdict"].to_list() == ["accepted"]
        assert warehouse.read(INBOX_STRAYS)["folder"].to_list() == ["police"]
    house.check("police", NOW)
    assert not list((tmp_path / "inbox" / "police").iterdir())


def decisions(n_rows: int) -> pl.DataFrame:
    numbers = pl.int_range(n_rows, eager=True)
    known: dict[str, Any] = {name: pl.lit("x") for name in DECISIONS.names} | {
        "decision_id": numbers.cast(pl.String),
        "decided_as_of": pl.lit(NOW),
        "is_said": pl.lit(value=False),
        "stands_chance": pl.lit(None, pl.Float64),
        "facts": numbers.hash().cast(pl.String) + numbers.reverse().hash().cast(pl.String),
    }
    return pl.DataFrame({"n": numbers}).select(**known).select(DECISIONS.names)


def test_a_disk_that_is_full_while_publishing_keeps_the_copy_before_and_leaves_no_orphans(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "published"
    with small_disk(folder, 4):
        path = folder / "nte.duckdb"
        publish_copy(path, [(DECISIONS, decisions(10))], [])
        (folder / ".nte.duckdb.1.new").write_text("left by a run that was killed")
        (folder / ".nte.duckdb.1.new.wal").write_text("left by a run that was killed")
        with pytest.raises(NteError, match=r"the disk is full\. The copy before it stands"):
            publish_copy(path, [(DECISIONS, decisions(200_000))], [])
        assert [one.name for one in folder.iterdir()] == ["nte.duckdb"]
        assert read_published(path, "SELECT count(*) AS n FROM decisions")["n"][0] == 10


def test_a_published_copy_that_was_cut_off_is_named_with_the_next_action(tmp_path: Path) -> None:
    path = tmp_path / "nte.duckdb"
    publish_copy(path, [(DECISIONS, decisions(5000))], [])
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(NteError, match=r"the copy for analysts is damaged\. Make it again: nte run"):
        read_published(path, "SELECT sum(hash(facts)) FROM decisions")
    publish_copy(path, [(DECISIONS, decisions(5))], [])
    assert read_published(path, "SELECT count(*) AS n FROM decisions")["n"][0] == 5
