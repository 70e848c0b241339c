"""The query book: each question is named, says what it does not answer, and runs on any copy for analysts."""

import json
import re
import runpy
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from cli.as_known import copy_as_known
from cli.export import export_copy
from cli.query import BOOK, Query, query_called, read_book, show_answer, show_book
from nte.errors import MisuseError, NteError
from nte.settings import Settings
from nte.warehouse import read_published
from tests.oracle_answers.book import ANSWERS, OF_WHAT_WAS_ISSUED
from tests.oracle_answers.counted import Counted, differences
from tests.reports.house import AREA

QUERIES = read_book()
README = (BOOK / "README.md").read_text(encoding="utf-8")


def test_the_book_names_every_question_once_and_says_why_others_are_refused() -> None:
    listed = re.findall(r"^\| (.+?) \| \[`([a-z0-9-]+)`\]\(\2\.sql\) \|$", README, re.MULTILINE)
    assert listed == [(query.title.rstrip("."), query.name) for query in QUERIES]
    refused = README.split("## What cannot be answered, and why")[1].split("## ")[0]
    assert len(re.findall(r"^\| .{10,} \| .{40,} \|$", refused, re.MULTILINE)) + len(QUERIES) >= 30


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_question_says_what_it_answers_and_what_not_and_runs_on_a_small_copy(
    query: Query, settings: Settings
) -> None:
    assert query.title.endswith(".")
    assert len(query.answers) > 30
    assert len(query.does_not) > 20
    read_published(settings.published_file, query.sql)


def test_every_question_is_counted_anew() -> None:
    assert sorted([*ANSWERS, *OF_WHAT_WAS_ISSUED]) == [query.name for query in QUERIES]


def test_an_answer_that_is_not_what_was_counted_is_told() -> None:
    counted = Counted(("year", "place"), ("n", "share"), {(2025, "a"): (3, 1 / 3), (2025, "b"): (None, None)})
    rows = [
        {"year": 2025, "place": "a", "n": 3, "share": 0.333},
        {"year": 2025, "place": "b", "n": None, "share": None},
    ]
    assert differences(rows, counted) == []
    assert differences([rows[0] | {"share": 0.334}, rows[1] | {"n": 0}], counted) == [
        f"2025, a: share 0.334, counted anew {1 / 3}", "2025, b: n 0, counted anew None",
    ]  # fmt: skip
    assert differences([rows[0], rows[0], rows[0] | {"year": 2024}], counted) == [
        "1 rows stand there twice", "2024, a: told, not counted", "2025, b: counted, not told",
    ]  # fmt: skip


def test_an_answer_comes_with_its_query_or_alone_as_csv(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(record=True, width=200)
    query = query_called("known-on-a-morning")
    show_answer(console, query, settings.published_file, is_csv=False)
    said = console.export_text()
    assert query.does_not in said.replace("\n", " ")
    assert "FROM night_counts" in said
    show_book(console)
    assert "hot-centres-three-years" in console.export_text()
    capsys.readouterr()
    show_answer(console, query, settings.published_file, is_csv=True)
    assert capsys.readouterr().out.startswith("evening,town_centre,source,n_on_monday,n_now")


def test_the_notebook_opens_on_the_book_and_runs_as_a_script(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("marimo", reason="the extra `notebook` is not installed")
    monkeypatch.setenv("NTE_HOME", str(settings.home))
    cells = runpy.run_path(str(BOOK / "notebook.py"))
    _, names = cells["app"].run()
    assert list(names["book"]) == [query.title.rstrip(".") for query in QUERIES]
    assert names["question"].value == QUERIES[0].title.rstrip(".")
    assert names["answer"].equals(read_published(settings.published_file, QUERIES[0].sql))
    checked = subprocess.run(
        [sys.executable, "-m", "marimo", "check", "--strict", str(BOOK / "notebook.py")], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_question_that_is_not_in_the_book_is_named_with_its_neighbours(tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match=r"has no such question\. Did you mean .*knife-victims-under-25"):
        query_called("knife-victim-under-25")
    with pytest.raises(MisuseError, match="`nte query` names them all"):
        query_called("zzz", tmp_path)


def test_of_a_home_that_took_nothing_no_morning_can_be_asked(empty: Settings) -> None:
    moment = datetime(2026, 3, 30, 5, tzinfo=UTC)
    with (
        pytest.raises(MisuseError, match="nothing was known then, for no delivery was ever taken"),
        copy_as_known(empty, AREA, moment),
    ):
        pass
    assert not list(empty.home.iterdir())


def test_an_export_has_every_table_and_the_town_centres_as_points(settings: Settings, tmp_path: Path) -> None:
    names = export_copy(settings, tmp_path / "it's new")
    counts = pl.read_parquet(tmp_path / "it's new" / "night_counts.parquet")
    columns = ["evening", "centre_code", "source", "definition"]
    ours = read_published(settings.published_file, "SELECT * FROM night_counts")
    assert counts.sort(columns).equals(ours.sort(columns))
    assert {"incident_slices.parquet", "places.parquet", "town_centres.geojson"} <= set(names)
    shapes = json.loads((tmp_path / "it's new" / "town_centres.geojson").read_text())["features"]
    assert len(shapes) == read_published(settings.published_file, "FROM town_centres").height
    with pytest.raises(NteError, match="cannot be written"):
        export_copy(settings, Path(__file__) / "no folder")


def test_what_names_several_things_is_a_list_and_word_tables_have_their_key(settings: Settings) -> None:
    sql = (
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND data_type = 'VARCHAR[]'"
    )
    lists = {tuple(row) for row in read_published(settings.published_file, sql).iter_rows()}
    assert lists >= {("alerts", "detectors"), ("town_centres", "sources"), ("definitions", "sources")}
    assert read_published(settings.published_file, "SELECT detectors FROM alerts")["detectors"].to_list() == [
        ["night"]
    ]
    keys = "SELECT table_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
    keyed = set(read_published(settings.published_file, keys)["table_name"])
    joined_to = {
        "nights",
        "definitions",
        "sources",
        "offence_groups",
        "places",
        "populations",
        "interventions",
    }
    assert keyed == joined_to


def test_the_copy_is_of_the_form_that_duckdb_1_2_opens_and_everything_in_it_is_explained(
    settings: Settings,
) -> None:
    sql = "SELECT tags['storage_version'] AS version FROM duckdb_databases() WHERE database_name = 'nte'"
    assert read_published(settings.published_file, sql)["version"].to_list() == ["v1.2.0+"]
    for kind in ("tables", "views", "columns"):
        unsaid = f"SELECT * FROM duckdb_{kind}() WHERE NOT internal AND comment IS NULL"
        assert read_published(settings.published_file, unsaid).is_empty(), kind
