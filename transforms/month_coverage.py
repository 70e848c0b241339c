"""How much of each month is accounted for, by night and by day."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from nte.area import Area
from nte.tables.counts import OUTSIDE
from nte.tables.slices import MONTH_COVERAGE
from nte.words import TimeClass
from transforms.coverage import Account, days_covered
from transforms.slices import class_of_night


def month_coverage(
    counts: pl.DataFrame, accounts: Mapping[str, Sequence[Account]], area: Area
) -> pl.DataFrame:
    """Return `month_coverage` from the current night counts and from the spans of each source.

    A hospital that is silent inside a source that goes on is not seen here; `night_counts` has it by centre. The month
    in which a source begins is whole too: what lies before its first night is not covered.
    """
    nights = counts.filter(pl.col("centre_code") == OUTSIDE).unique(["source", "evening"], keep="any")
    rows = [
        (source, evening, str(class_of_night(evening)), is_covered)
        for source, evening, is_covered in nights.select("source", "evening", "is_covered").iter_rows()
    ]
    for source, of_source in accounts.items():
        days = nights.filter(pl.col("source") == source)["evening"].sort().to_list()
        before = list(_before(days))
        rows += [(source, day, str(class_of_night(day)), False) for day in before]
        rows += _days(source, [*before, *days], of_source, area)
    schema = {"source": pl.String, "day": pl.Date, "time_class": pl.String, "is_covered": pl.Boolean}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    return MONTH_COVERAGE.conform(
        found.group_by(pl.col("day").dt.truncate("1mo").alias("month"), "source", "time_class")
        .agg(
            pl.len().cast(pl.Int64).alias("n_nights"),
            pl.col("is_covered").sum().cast(pl.Int64).alias("n_nights_covered"),
        )
        .sort(MONTH_COVERAGE.keys)
    )


def _before(days: Sequence[date]) -> Iterator[date]:
    """Yield the days of the first day's month before it."""
    if days:
        yield from (days[0].replace(day=n) for n in range(1, days[0].day))


def _days(
    source: str, days: Sequence[date], accounts: Sequence[Account], area: Area
) -> list[tuple[str, date, str, bool]]:
    spans = ((a.covers_from_at, a.covers_to_at) for a in accounts if a.known_until is None)
    covered = days_covered(spans, days, area.clock)
    return [(source, day, str(TimeClass.DAY), day in covered) for day in days]
