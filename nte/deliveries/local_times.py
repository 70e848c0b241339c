"""Local times as providers write them, turned into UTC instants or refused, never guessed."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from nte.area import Source

OFFSET: Final = re.compile(r"%[:#]?z|(?<!%)Z$")
"""Where a format says how far a time is from UTC; a `Z` at its end says that it is UTC."""
WRITTEN_OFFSET: Final = r"\s*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)\s*$"
ANY_OFFSET: Final = "%#z"
"""Fits `Z`, `+01`, `+0100` and `+01:00`."""
ZONE_NAME: Final = "%Z"
"""The name of a zone is read past, whatever it says."""
FIXED_OFFSET: Final = re.compile(r"[+-]\d{2}:?\d{2}$")
"""An offset that is written out would hold in summer and in winter."""
MIDNIGHT: Final = time(0)
FEWEST_MIDNIGHTS: Final = 3
"""Fewer times of exactly midnight say nothing of a file, however small it is."""
SAMPLES: Final = (datetime(2026, 1, 17, 21, 37), datetime(2026, 7, 4, 21, 37))  # noqa: DTZ001  local
"""A winter's and a summer's evening, by which a format is tried."""


def written_time(column: str, source: Source) -> pl.Expr:
    """Return the local time of a column as text, with its time of day where that stands in a column of its own."""
    role = source.columns
    if role.event_time is None or column != role.event_from:
        return pl.col(column)
    return pl.concat_str(column, role.event_time, separator=" ")


def parse_local(column: str | pl.Expr, formats: Sequence[str], zone: str, *, late: bool = False) -> pl.Expr:
    """Return the UTC instant of each local time (String), null where it fits no format.

    A column has one format: of those allowed, the one that most of its rows fit (the first of equals); a row
    in another is null. A format with an offset gives the instant itself. In the hour that the clocks repeat the earlier
    instant is taken, or the later with `late`; in the hour that they skip, the one by a clock that nobody has set:
    either way it is in the same night.
    """
    return _of_most(column, formats, lambda text, form: _instant(text, form, zone, late=late))


def is_clock_change(column: str | pl.Expr, formats: Sequence[str], zone: str) -> pl.Expr:
    """Say of each local time whether it lies in the hour that the clocks skip or repeat; false where it is no time."""
    return _of_most(column, formats, lambda text, form: _is_change(text, form, zone))


def is_midnight(column: str | pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """Say of each time whether it is exactly midnight as it is written; false where it is no time."""
    return _of_most(
        column, formats, lambda text, form: (_wall(text, form).dt.time() == MIDNIGHT).fill_null(value=False)
    )


def says_dates_only(text: pl.DataFrame, source: Source) -> bool:
    """Say whether most event times of a delivery are exactly midnight: its provider sends dates, not times."""
    event = written_time(source.columns.event_from, source)
    found = text.select(
        is_midnight(event, source.time_formats).sum().alias("n_midnights"),
        pl.col(source.columns.event_from).count().alias("n_filled"),
    )
    n_midnights, n_filled = found.row(0)
    return bool(n_midnights >= FEWEST_MIDNIGHTS and n_midnights * 2 > n_filled)


def unreadable_format(formats: Sequence[str], zone: str) -> str | None:
    """Return the first format by which times cannot be read right, or None.

    Each is tried: a winter's and a summer's evening, written by it, must be found again.
    """
    return next((form for form in formats if not _is_readable(form, zone)), None)


def _is_readable(form: str, zone: str) -> bool:
    if ZONE_NAME in form or FIXED_OFFSET.search(form):
        return False
    at = pl.Series(
        [sample.replace(tzinfo=ZoneInfo(zone)) for sample in SAMPLES], dtype=pl.Datetime("us", zone)
    )
    try:
        written = (at.dt.convert_time_zone("UTC") if re.search(r"(?<!%)Z$", form) else at).dt.strftime(form)
        found = pl.select(parse_local(pl.lit(written), [form], zone)).to_series()
    except pl.exceptions.PolarsError:
        return False
    return found.equals(at.dt.convert_time_zone("UTC"), check_names=False)


def _of_most(
    column: str | pl.Expr, formats: Sequence[str], reading: Callable[[pl.Expr, str], pl.Expr]
) -> pl.Expr:
    """Return a reading of a column by the one format that most of its rows fit."""
    text = pl.col(column) if isinstance(column, str) else column
    if len(formats) == 1:
        return reading(text, formats[0])
    fit = [_wall(text, form).count() for form in formats]
    most = pl.max_horizontal(fit)
    chosen = reading(text, formats[-1])
    for n_fit, form in reversed(list(zip(fit[:-1], formats[:-1], strict=True))):
        chosen = pl.when(n_fit == most).then(reading(text, form)).otherwise(chosen)
    return chosen


def _wall(text: pl.Expr, form: str) -> pl.Expr:
    """Return what the clock on the wall said (without zone): an offset is left out."""
    if OFFSET.search(form):
        text = text.str.replace(WRITTEN_OFFSET, "")
        form = OFFSET.sub("", form).rstrip()
    return text.str.strptime(pl.Datetime("us"), form, strict=False, exact=True)


def _instant(text: pl.Expr, form: str, zone: str, *, late: bool = False) -> pl.Expr:
    if OFFSET.search(form):
        form = OFFSET.sub(ANY_OFFSET, form)
        return text.str.strptime(pl.Datetime("us", "UTC"), form, strict=False, exact=True)
    wall = _wall(text, form)
    unset = _place(wall + timedelta(hours=1), zone)
    return pl.coalesce(_place(wall, zone, late=late), unset).dt.convert_time_zone("UTC")


def _is_change(text: pl.Expr, form: str, zone: str) -> pl.Expr:
    if OFFSET.search(form):
        return pl.lit(value=False)
    wall = _wall(text, form)
    early, late = _place(wall, zone), _place(wall, zone, late=True)
    return wall.is_not_null() & (early.is_null() | (early != late))


def _place(local: pl.Expr, zone: str, *, late: bool = False) -> pl.Expr:
    return local.dt.replace_time_zone(zone, ambiguous="latest" if late else "earliest", non_existent="null")
