"""How much of a month is in: one number in every paper, and a running month is never whole."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from cli.query import query_called
from nte.tables.board import INCIDENT_SLICES
from nte.tables.slices import MONTH_COVERAGE
from reports.istv.queries import COVERAGE
from reports.papers.queries import MONTHS
from reports.year.queries import BREAKS
from tests.reports.test_kpis import cell

JANUARY = date(2026, 1, 1)
CLASSES = {"fri_sat_night": 0.4, "day": 0.8}
"""Shares known: the nights of a running month were fewer and later."""


@pytest.fixture
def copy() -> Iterator[duckdb.DuckDBPyConnection]:
    """As of the 12th: eleven days of the month are past, all of them accounted for."""
    days = [(JANUARY, source, "day", 11, 11) for source in ("police", "ae")]
    cells = [cell(JANUARY, 3, 3, time_class=name) | {"known_share": share} for name, share in CLASSES.items()]
    cells += [
        row | {"source": "ae", "time_class": row["time_class"].replace("day", "unknown")} for row in cells
    ]
    with duckdb.connect() as connection:
        for name, frame in {
            "incident_slices": pl.DataFrame(cells, INCIDENT_SLICES.schema),
            "month_coverage": pl.DataFrame(days, MONTH_COVERAGE.schema, orient="row"),
        }.items():
            connection.register(name, frame.to_arrow())
        connection.execute(
            "CREATE TABLE definitions AS SELECT 'sv-2021' AS definition, 'all' AS hours, ['police'] AS sources"
        )
        connection.execute(
            "CREATE TABLE knife_month AS SELECT month, definition, n_offences FROM incident_slices WHERE false"
        )
        connection.execute(
            "CREATE TABLE recording_changes AS FROM (VALUES ('police', 'gbh_with_intent', DATE '2025-05-01'), "
            "('police', 'arson', DATE '2025-06-01'), ('ae', '', DATE '2025-07-01')) t(source, offence_group, first_day)"
        )
        yield connection


def first(copy: duckdb.DuckDBPyConnection, sql: str, *parameters: object) -> dict[str, Any]:
    return pl.DataFrame(copy.sql(sql, params=list(parameters)).to_arrow_table()).row(0, named=True)


def test_every_paper_says_of_a_month_how_much_is_in_by_day_and_of_how_many_days_it_is(
    copy: duckdb.DuckDBPyConnection,
) -> None:
    book = query_called("monthly-series-with-recording-changes").sql
    for found in (
        first(copy, MONTHS, "police", JANUARY, JANUARY),
        first(copy, COVERAGE, "ae"),
        first(copy, book),
    ):
        assert (found["n_days_covered"], found["n_days"], found["known_share"]) == (11, 31, 0.8)


OF_A_YEAR = (
    "age-bands", "ae-method-and-place", "alcohol-share-of-known", "knife-share-without-possession", "licensed-premises-share",
    "offences-occurrences-victims", "share-friday-saturday-18-06", "share-friday-to-sunday",
)  # fmt: skip


@pytest.mark.parametrize("name", [*OF_A_YEAR, "what-adding-abh-does"])
def test_a_cut_of_part_of_a_year_says_of_how_many_days_it_is(
    copy: duckdb.DuckDBPyConnection, name: str
) -> None:
    found = first(copy, query_called(name).sql)
    assert (found["n_days_covered"], found["n_days"]) == (11, 365 if name in OF_A_YEAR else 31)


def test_only_what_changes_what_is_counted_breaks_a_comparison(copy: duckdb.DuckDBPyConnection) -> None:
    found = copy.sql(BREAKS, params=["sv-2021"]).fetchall()
    assert sorted(found) == [
        ("ae", date(2025, 7, 1)),
        ("police", date(2025, 5, 1)),
    ]  # nothing of arson is counted
