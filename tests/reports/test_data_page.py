"""docs/data.md is what the declarations of the tables say, and what it says of joins and tools is so."""

import re

import pytest

from cli.data_page import PAGE, page_of
from nte.settings import Settings
from nte.tables import tables_of
from nte.warehouse import read_published
from reports.data_page.joins import JOINS, picture
from reports.data_page.page import ALL_SUBJECTS
from reports.data_page.units import unit_of

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_make_dictionary_makes(settings: Settings) -> None:
    assert page_of(settings.published_file) == TEXT, "make dictionary, and commit docs/data.md"


def test_every_table_view_and_column_of_the_copy_stands_on_the_page(settings: Settings) -> None:
    sql = "SELECT DISTINCT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    sections = dict(re.findall(r"^#{3,4} `(\w+)[^`]*`\n(.*?)(?=^#{2,4} |\Z)", TEXT, re.MULTILINE | re.DOTALL))
    for table, column in read_published(settings.published_file, sql).iter_rows():
        assert f"`{column}`" in sections[table], (table, column)
    assert "as_known" in sections


def test_what_people_typed_and_what_is_not_published_is_named_as_refused() -> None:
    refused = TEXT.split("## What is refused")[1].split("## With your tool")[0]
    tables = tables_of(*ALL_SUBJECTS)
    assert "`silences.why`" in refused
    assert "`records`" in refused
    assert [t.name for t in tables if not t.is_published and f"`{t.name}`" not in refused] == []


def test_each_join_of_the_page_is_to_one_row(settings: Settings) -> None:
    for table, key in {*JOINS.values()} - {("offence_groups", "offence_group")}:
        sql = f"SELECT count(*) - count(DISTINCT {key}) AS n FROM {table}"
        assert read_published(settings.published_file, sql)["n"].to_list() == [0], table


def test_tables_that_join_alike_share_a_box_and_a_joined_table_stands_alone() -> None:
    drawn = picture({"places": ["place_code"], "a": ["centre_code"], "b": ["place_code"], "c": ["n_rows"]})
    assert '  box1["a<br>b"] --> places' in drawn.splitlines()
    assert "c" not in re.findall(r"\w+", drawn.split("box1")[1])


@pytest.mark.parametrize(
    ("name", "sql_type", "unit"),
    [
        ("n_incidents", "BIGINT", "count"),
        ("known_share", "DOUBLE", "share or chance, 0-1"),
        ("ratio_lower", "DOUBLE", "ratio"),
        ("as_of", "TIMESTAMP WITH TIME ZONE", "instant, UTC"),
        ("evening", "DATE", "local date"),
        ("place_code", "VARCHAR", "code"),
        ("radius_m", "BIGINT", "metres"),
    ],
)
def test_a_unit_is_read_off_the_name(name: str, sql_type: str, unit: str) -> None:
    assert unit_of(name, sql_type) == unit


def test_the_lines_for_python_run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    [lines] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    monkeypatch.chdir(PAGE.parent.parent)
    said: dict[str, object] = {}
    exec(lines.replace("published/nte.duckdb", str(settings.published_file)), said)  # noqa: S102  the page's own lines
    assert "n_victims_under_25" in said["months"].columns  # type: ignore[attr-defined]
