"""`nte query`: the questions that the partnership asks, each a named query of the copy for analysts."""

import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from cli.terminal import harmless, plain
from nte.errors import MisuseError
from nte.settings import CHECKOUT
from nte.warehouse import read_published

BOOK = CHECKOUT / "docs" / "queries"
MOST_ROWS = 40
"""As many are shown in a terminal; `--csv` has all."""
ANSWERS, NOT = "Answers: ", "Does not answer: "


@dataclass(frozen=True)
class Query:
    """One question: what its answer says and does not say, and the SELECT that finds it."""

    name: str
    title: str
    answers: str
    does_not: str
    sql: str


def read_book(folder: Path = BOOK) -> list[Query]:
    """Return every query of the book, by name."""
    return [read_query(path) for path in sorted(folder.glob("*.sql"))]


def read_query(path: Path) -> Query:
    """Return a query from its file: a title, what it answers and what not as comments, then the SELECT."""
    text = path.read_text(encoding="utf-8")
    said = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    title, _, rest = " ".join(said).partition(" " + ANSWERS)
    answers, _, does_not = rest.partition(" " + NOT)
    sql = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return Query(path.stem, title, answers, does_not, sql.strip().removesuffix(";"))


def query_called(name: str, folder: Path = BOOK) -> Query:
    """Return the query of a name. Raises MisuseError when the book has none."""
    book = {query.name: query for query in read_book(folder)}
    if name not in book:
        near = get_close_matches(name, book, n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise MisuseError(f"{name}: the query book has no such question. {meant}`nte query` names them all.")
    return book[name]


def show_book(console: Console) -> None:
    """Print the name and title of every query."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Name", no_wrap=True)
    table.add_column("Question", overflow="fold")
    for query in read_book():
        table.add_row(query.name, query.title)
    console.print(table)
    console.print("What cannot be answered, and why, stands in docs/queries/README.md.", style="dim")


def show_answer(console: Console, query: Query, copy: Path, *, is_csv: bool) -> None:
    """Print the query and its answer by a copy for analysts; as CSV the answer alone."""
    answer = read_published(copy, query.sql)
    if is_csv:
        sys.stdout.write(answer.write_csv())
        return
    console.print(f"{query.title}", style="bold", highlight=False)
    console.print(f"[dim]{ANSWERS}[/]{query.answers}\n[dim]{NOT}[/]{query.does_not}", highlight=False)
    console.print(f"\n{harmless(query.sql)}\n", highlight=False, soft_wrap=True, style="dim")
    console.print(_as_table(answer))
    if answer.height > MOST_ROWS:
        console.print(f"{answer.height - MOST_ROWS} more rows: --csv has them all.", style="dim")


def _as_table(answer: pl.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, dtype in answer.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left")
    for row in answer.head(MOST_ROWS).iter_rows():
        table.add_row(*("" if cell is None else plain(cell) for cell in row))
    return table
