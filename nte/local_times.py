"""Local times as providers write them, turned into UTC instants or refused, never guessed."""

from collections.abc import Sequence

import polars as pl

from nte.area import Source


def written_time(column: str, source: Source) -> pl.Expr:
    """Return the local time of a column as text, with its time of day where that stands in a column of its own."""
    role = source.columns
    if role.event_time is None or column != role.event_from:
        return pl.col(column)
    return pl.concat_str(column, role.event_time, separator=" ")


def parse_local(column: str | pl.Expr, formats: Sequence[str], zone: str) -> pl.Expr:
    """Return the UTC instant of each local time (String), null where it fits no format.

    A column has one format: of those allowed, the one that most of its rows fit (the first of equals); a row
    in another is null. In the hour that the clocks repeat the earlier instant is taken (either is in the same
    night); in the hour that they skip there is none, so it is null.
    """
    return _place(_parse_naive(column, formats), zone).dt.convert_time_zone("UTC")


def is_skipped_hour(column: str | pl.Expr, formats: Sequence[str], zone: str) -> pl.Expr:
    """Say of each local time whether it lies in the hour that the clocks skip; false where it is no time."""
    local = _parse_naive(column, formats)
    return local.is_not_null() & _place(local, zone).is_null()


def _place(local: pl.Expr, zone: str) -> pl.Expr:
    return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


def _parse_naive(column: str | pl.Expr, formats: Sequence[str]) -> pl.Expr:
    text = pl.col(column) if isinstance(column, str) else column
    parsed = [text.str.strptime(pl.Datetime("us"), f, strict=False, exact=True) for f in formats]
    if len(parsed) == 1:
        return parsed[0]
    most = pl.max_horizontal([p.count() for p in parsed])
    chosen = parsed[-1]
    for candidate in reversed(parsed[:-1]):
        chosen = pl.when(candidate.count() == most).then(candidate).otherwise(chosen)
    return chosen
