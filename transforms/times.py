"""When a record happened, by what its row says: an instant and its night, or that neither can be known."""

from datetime import time, timedelta

import polars as pl

from nte.area import Area, Source
from nte.columns import INSTANT
from nte.deliveries.local_times import is_clock_change, is_midnight, parse_local, written_time


def place_in_time(text: pl.DataFrame, source: Source, area: Area, *, has_dates_only: bool) -> pl.DataFrame:
    """Return occurred_at, time_basis, night and happened_on of each row.

    A window of at most `longest_window_hours` counts at its midpoint; a longer one is time_uncertain, and so is a time
    that does not say its night. Without an event time the fallback (such as the arrival) stands in, and says so.
    `has_dates_only`: most times of the delivery are midnight, so that midnight is no time.
    """
    role, zone = source.columns, area.zone_of(source).key
    longest = timedelta(hours=source.longest_window_hours)

    def instant(column: str | None) -> pl.Expr:
        if column is None:
            return pl.lit(None, INSTANT)
        return parse_local(written_time(column, source), source.time_formats, zone)

    parsed = text.select(
        instant(role.event_from).alias("_from"),
        instant(role.event_to).alias("_to"),
        instant(role.fallback_at).alias("_fallback"),
        _is_vague(text, source, area, has_dates_only=has_dates_only).alias("_is_vague"),
        *(_changes(name, source, zone).alias(f"_{n}_changes") for n, name in enumerate(_used(source))),
    )
    window = pl.coalesce("_to", "_from") - pl.col("_from")
    return (
        parsed.with_columns(
            pl.when(pl.col("_from").is_null() & pl.col("_fallback").is_null())
            .then(pl.lit("time_uncertain"))
            .when(pl.col("_from").is_null())
            .then(pl.lit("fallback"))
            .when((window > longest) | pl.col("_is_vague"))
            .then(pl.lit("time_uncertain"))
            .when(window > timedelta(0))
            .then(pl.lit("window_midpoint"))
            .when(pl.any_horizontal(pl.col("^_[01]_changes$")))
            .then(pl.lit("clock_change"))
            .otherwise(pl.lit("event"))
            .alias("time_basis")
        )
        .with_columns(
            pl.when(pl.col("time_basis") == "fallback")
            .then("_fallback")
            .when(pl.col("time_basis") != "time_uncertain")
            .then(pl.col("_from") + window / 2)
            .cast(INSTANT)
            .alias("occurred_at")
        )
        .with_columns(area.clock.evening_column(pl.col("occurred_at")).alias("night"))
        .with_columns(_happened_on(area))
        .select("occurred_at", "time_basis", "night", "happened_on")
    )


def _used(source: Source) -> list[str]:
    return [name for name in (source.columns.event_from, source.columns.event_to) if name]


def _changes(column: str, source: Source, zone: str) -> pl.Expr:
    return is_clock_change(written_time(column, source), source.time_formats, zone)


def _happened_on(area: Area) -> pl.Expr:
    """The evening of its night, else the local date: by it the boundary that was valid is chosen."""
    local = pl.coalesce("occurred_at", "_from").dt.convert_time_zone(area.time_zone).dt.date()
    return pl.coalesce("night", local).alias("happened_on")


def _is_vague(text: pl.DataFrame, source: Source, area: Area, *, has_dates_only: bool) -> pl.Expr:
    """Say of each row whether its event time, though it is written, does not say the night.

    By the precision that it states: a part of the day says one where all of it lies in the night, or by day; anything
    but the certain ones says none. By its delivery: where most times are midnight, midnight is no time.
    """
    role = source.columns
    event = written_time(role.event_from, source)
    is_default = is_midnight(event, source.time_formats) if has_dates_only else pl.lit(value=False)
    if role.time_precision not in text.columns:
        return is_default
    stated = pl.col(role.time_precision).str.strip_chars()
    by_precision = (
        pl.when(stated.is_null() | (stated == "") | stated.is_in(source.certain_precisions))
        .then(pl.lit(value=False))
        .when(stated.is_in(source.daypart_precisions))
        .then(_is_torn(event, source, area))
        .otherwise(pl.lit(value=True))
    )
    return by_precision | is_default


def _is_torn(event: pl.Expr, source: Source, area: Area) -> pl.Expr:
    """Say of each time whether the part of the day that it lies in is partly in the night, partly by day."""
    instant = parse_local(event, source.time_formats, area.zone_of(source).key)
    local = instant.dt.convert_time_zone(area.time_zone).dt.time()
    starts = sorted(source.daypart_starts)
    torn = pl.lit(value=not starts)
    for start, end in zip(starts, [*starts[1:], *starts[:1]], strict=True):
        if any(_is_inside(edge, start, end) for edge in (area.hours.opens, area.hours.closes)):
            is_in = (local >= start) & (local < end) if start < end else (local >= start) | (local < end)
            torn = torn | is_in
    return torn


def _is_inside(edge: time, start: time, end: time) -> bool:
    """Say whether a part of the day (over midnight where its end is before its start) holds an hour inside it."""
    return start < edge < end if start < end else edge > start or edge < end
