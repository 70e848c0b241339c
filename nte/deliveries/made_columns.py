"""Columns that a delivery has in another shape than ours: two for one, one for two, other words, numbers. Pure."""

from datetime import datetime
from typing import Final

import polars as pl

from nte.area import Source

FIRST_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001  local
"""Spreadsheets count days from here."""
DAY_NUMBER: Final = r"^([2-7]\d{4}(?:\.\d+)?|0?\.\d+|0)$"
"""Days from 1954 to 2118, or a part of a day."""
TWO_NUMBERS: Final = r"^\D*?(-?\d+(?:\.\d+)?)[^\d-]*[,;/|\s][^\d-]*(-?\d+(?:\.\d+)?)\D*$"
"""Two numbers in a cell, whatever stands around them: `53.1, -1.2`, `E435300 N336200`, `POINT (435300 336200)`."""
TITLED: Final = r"^(\s*0*\d{1,3}(?:\.\d)?[A-Za-z]?(?:/\d{1,2})?)(?:\s*[-:–]\s|\s+[A-Za-z]{3})(?s:.*)$"
"""An offence code with its title behind it."""
MILLISECONDS: Final = 86_400_000


def with_made_columns(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return the rows (text) in the source's own words, with the columns that are made of others.

    Columns that are not there make none.
    """
    code = source.columns.offence_code
    if source.plain_codes and code in rows.columns:
        rows = rows.with_columns(plain_code(code))
    rows = rows.with_columns(
        pl.col(column).replace(words) for column, words in source.translated.items() if column in rows.columns
    )
    if source.days_as_numbers:
        forms = {name: form for name in rows.columns if (form := source.time_form(name))}
        rows = rows.with_columns(_day_of_number(name, form) for name, form in forms.items())
    joined = {n: pair for n, pair in source.joined.items() if set(pair) <= set(rows.columns)}
    parted = {n: pair for n, pair in source.parted.items() if n in rows.columns}
    return rows.with_columns(
        *(pl.concat_str(*pair, separator=" ").alias(name) for name, pair in joined.items()),
        *(
            pl.col(name).str.extract(TWO_NUMBERS, i + 1).alias(part)
            for name, pair in parted.items()
            for i, part in enumerate(pair)
        ),
    )


def plain_code(column: str) -> pl.Expr:
    """Return a column of offence codes in capitals, without blanks, leading noughts and a title behind them.

    A blank between two figures stays, and so does every sign: no two codes fall together.
    """
    code = pl.col(column).str.replace(TITLED, "${1}").str.strip_chars().str.to_uppercase()
    return code.str.replace_all(r"\s+([A-Z])", "${1}").str.replace(r"^0+(\d)", "${1}").alias(column)


def _day_of_number(column: str, form: str) -> pl.Expr:
    """Return a column of times in which a number of days, or a part of one, is written as a time; to the second."""
    days = pl.col(column).str.extract(DAY_NUMBER).cast(pl.Float64)
    at = pl.lit(FIRST_DAY) + pl.duration(milliseconds=(days * MILLISECONDS).round())
    return pl.coalesce(at.dt.round("1s").dt.strftime(form), column).alias(column)
