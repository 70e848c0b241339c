"""Every question of the query book on one home: its answer, its seconds, and the same counted anew from the raw files.

`python -m bench.questions --home HOME --inbox INBOX` prints a table in Markdown. The inbox is read, never moved: name
the files as they came, not what a run has left of them. Each question is asked `--times` times as `nte query` asks it,
the copy opened each time. Exit code 1 where an answer is not what plain loops over the files count.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from cli.query import Query, read_book
from nte.area_files import load_area
from nte.settings import Settings
from nte.warehouse import read_published
from tests.oracle_answers.book import HELD_OTHERWISE, counted_anew
from tests.oracle_answers.counted import differences
from tests.oracle_facts import Deliveries

AS_OF = "SELECT as_of FROM publication"
REFUSED = (
    "| A table that partners may share | refused: exact counts tell small ones; `nte partners` gives one | – | – | – "
    "| attacked by a linear programme: `python -m tests.attacker.partners` |"
)
HEAD = "| question | the first row of its answer | rows | median s | p95 s | held against |\n|---|---|--:|--:|--:|---|"
MOST_CELLS, MOST_LETTERS, MOST_TOLD = 7, 40, 3
"""So many cells of a first row, letters of each, and differences are printed."""


@dataclass(frozen=True)
class Asked:
    """A question that was asked of a copy."""

    query: Query
    answer: pl.DataFrame
    seconds: Sequence[float]
    held_against: str
    is_right: bool

    @property
    def line(self) -> str:
        """Return it as a row of the table."""
        median, p95 = np.quantile(self.seconds, [0.5, 0.95])
        asked = f"{self.query.title.rstrip('.')} (`{self.query.name}`)"
        took = f"{self.answer.height:,} | {median:.3f} | {p95:.3f}"
        return f"| {asked} | {self.headline} | {took} | {self.held_against} |"

    @property
    def headline(self) -> str:
        """Return the first cells of the first row, each with its column's name."""
        if self.answer.is_empty():
            return "nothing to say yet"
        row = self.answer.row(0, named=True)
        cells = [f"{name} {_said(cell)}" for name, cell in row.items() if cell is not None]
        return ", ".join(cells[:MOST_CELLS])


def _said(cell: object) -> str:
    """Return a cell as it may stand in a table; of a long text its beginning."""
    text = f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) and cell > 9999 else str(cell)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]} …"


def ask(query: Query, copy: Path, deliveries: Deliveries, n_times: int) -> Asked:
    """Return a question's answer, how long it took each time, and what the oracle says of it."""
    seconds = []
    for _ in range(n_times):
        started = time.perf_counter()
        answer = read_published(copy, query.sql)
        seconds.append(time.perf_counter() - started)
    counted = counted_anew(query.name, deliveries, lambda sql: read_published(copy, sql).to_dicts())
    found = differences(answer.to_dicts(), counted)
    others = [name for name in answer.columns if name not in (*counted.keys, *counted.values)]
    beside = f"; not counted anew: {', '.join(others)}" if others else ""
    if query.name in HELD_OTHERWISE:
        beside += f" (intervals: {HELD_OTHERWISE[query.name]})"
    equal = f"equal ({len(counted.rows):,} rows of {', '.join(counted.values)}){beside}"
    told = "; ".join(found[:MOST_TOLD])
    return Asked(
        query, answer, seconds, equal if not found else f"**{len(found)} differences**: {told}", not found
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--inbox", type=Path, required=True, help="the deliveries as they came")
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args(arguments)
    settings = Settings(home=options.home)
    if not settings.published_file.exists():
        parser.error(
            f"{settings.published_file}: nothing was published there. Run `nte run` with this home first."
        )
    if not any(options.inbox.glob("*/*.csv")):
        parser.error(
            f"{options.inbox}: no deliveries there. Name the folder that has police/, emas/ and ae/."
        )
    if options.times < 1:
        parser.error("--times: ask each question at least once.")
    area = load_area(settings.area)
    as_of = read_published(settings.published_file, AS_OF)["as_of"][0]
    deliveries = Deliveries(options.inbox, settings.area, area.clock.local_date(as_of))
    asked = [ask(query, settings.published_file, deliveries, options.times) for query in read_book()]
    print(HEAD, *(one.line for one in asked), REFUSED, sep="\n")
    n_right = sum(one.is_right for one in asked)
    print(
        f"\n{n_right} of {len(asked)} answers are what plain loops over the files count, as known on {as_of}."
    )
    return 0 if n_right == len(asked) else 1


if __name__ == "__main__":
    sys.exit(main())
