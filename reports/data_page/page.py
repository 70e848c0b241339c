"""The page of the copy for analysts, as Markdown. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import polars as pl

from nte.columns import Column, Table
from nte.tables import SUBJECTS, board, published, tables_of
from nte.views import View
from reports.data_page.joins import join_rows, picture
from reports.data_page.units import unit_of

FRAME: Final = (Path(__file__).parent / "frame.md").read_text(encoding="utf-8")
ALL_SUBJECTS: Final[tuple[ModuleType, ...]] = (*SUBJECTS, board, published)
COLUMNS: Final = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
"""What the page asks of a copy: the views' types are found nowhere else."""


def data_page(columns: pl.DataFrame, views: Sequence[View]) -> str:
    """Return the page of a copy whose columns and types are given, as `COLUMNS` asks for them."""
    types = {(table, name): sql_type for table, name, sql_type in columns.iter_rows()}
    tables = {table.name: table.published for table in tables_of(*ALL_SUBJECTS) if table.is_published}
    names: dict[str, list[str]] = {name: table.names for name, table in tables.items()}
    parts = {
        "N_TABLES": str(len(tables)),
        "N_VIEWS": str(len(views)),
        "PICTURE": picture(names),
        "JOINS": "\n".join(join_rows(names)),
        "VIEWS": "\n\n".join(_of_view(view, types) for view in views),
        "TABLES": "\n\n".join(_of_subject(subject, types) for subject in ALL_SUBJECTS),
        "PRIVATE": "\n".join(_private_rows()),
        "KEPT_BACK": "\n".join(
            f"| `{table.name}` | {_cell(table.meaning)} |"
            for table in tables_of(*ALL_SUBJECTS)
            if not table.is_published
        ),
    }
    page = FRAME
    for name, text in parts.items():
        page = page.replace(f"[[{name}]]", text)
    return page


def _of_subject(subject: ModuleType, types: Mapping[tuple[str, str], str]) -> str:
    tables = [table.published for table in tables_of(subject) if table.is_published]
    if not tables:
        return f"### {_first_line(subject)}\n\nNothing of it is published."
    return "\n\n".join([f"### {_first_line(subject)}", *(_of_table(table, types) for table in tables)])


def _first_line(subject: ModuleType) -> str:
    return (subject.__doc__ or "").splitlines()[0].rstrip(".")


def _of_table(table: Table, types: Mapping[tuple[str, str], str]) -> str:
    key = ", ".join(f"`{name}`" for name in table.keys)
    rows = [_of_column(column, types[table.name, column.name]) for column in table.columns]
    said = f"Key: {key or 'none'}.{' Declared as primary key in the file.' if table.is_joined_to else ''}"
    return "\n".join([f"#### `{table.name}`", "", table.meaning, "", said, "", *HEAD, *rows])


HEAD: Final = ("| column | unit | type | may be empty | meaning |", "|---|---|---|---|---|")


def _of_column(column: Column, sql_type: str) -> str:
    name = f"**`{column.name}`**" if column.is_key else f"`{column.name}`"
    unit = unit_of(column.name, sql_type)
    is_empty = "yes" if column.is_nullable else ""
    return f"| {name} | {unit} | {sql_type} | {is_empty} | {_cell(column.meaning)} |"


def _of_view(view: View, types: Mapping[tuple[str, str], str]) -> str:
    if view.parameters:
        asked = ", ".join(view.parameters)
        return f"### `{view.name}({asked})`\n\n{view.meaning} A macro: its columns are the table's."
    rows = [
        f"| `{name}` | {unit_of(name, types[view.name, name])} | {types[view.name, name]} | {_cell(meaning)} |"
        for name, meaning in view.columns.items()
    ]
    head = ("| column | unit | type | meaning |", "|---|---|---|---|")
    return "\n".join([f"### `{view.name}`", "", view.meaning, "", *head, *rows])


def _private_rows() -> list[str]:
    return [
        f"| `{table.name}.{column.name}` | {_cell(column.meaning)} |"
        for table in tables_of(*ALL_SUBJECTS)
        if table.is_published
        for column in table.columns
        if column.is_private
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
