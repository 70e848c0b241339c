"""The frame that expectations are tested on: the delivery's cells and what can be derived from them."""

from datetime import timedelta

import polars as pl

from expectations.rules import FITS, IS_PLACED, IS_WHOLE, PLACES, known_values
from nte.area import Area, Source
from nte.deliveries.local_times import parse_local, written_time
from nte.deliveries.text import ROW_NUMBER, DeliveryText


def gather_evidence(text: DeliveryText, source: Source, area: Area) -> pl.DataFrame:
    """Return one row per row of the delivery: every column that a rule may test, and the contract's others.

    Times are UTC instants without zone; an optional column that is not there counts as empty.
    """
    absent = {*source.optional_columns, *text.read_past} - {*text.frame.columns}
    frame = text.frame.with_columns([pl.lit(None, pl.String).alias(name) for name in sorted(absent)])
    roles, zone = source.columns, area.zone_of(source).key
    known = {name: pl.col(name) for name in known_values(source, area)}
    filled = {name: pl.col(name).fill_null("") for name in (roles.record_version, roles.state) if name}
    columns: dict[str, pl.Expr] = known | {n: pl.col(n) for n in source.key_columns} | filled
    for name in source.time_columns:
        columns |= _time_evidence(name, source, zone)
    columns |= _placing_evidence(source, zone) | _order_evidence(source, zone)
    if roles.x and roles.y:
        columns[IS_PLACED] = _is_placed(roles.x, roles.y, source, area)
    is_whole = ~pl.col(ROW_NUMBER).is_in(list(text.ragged_rows))
    contract = frame.select([*source.required_columns, *source.made_columns, ROW_NUMBER])
    return contract.with_columns(is_whole.alias(IS_WHOLE), **columns)


def _instant(name: str, source: Source, zone: str, *, late: bool = False) -> pl.Expr:
    written = written_time(name, source)
    return parse_local(written, source.time_formats, zone, late=late).dt.replace_time_zone(None)


def _time_evidence(name: str, source: Source, zone: str) -> dict[str, pl.Expr]:
    instant = _instant(name, source, zone)
    return {name: instant, FITS.format(name): pl.col(name).is_null() | instant.is_not_null()}


def _placing_evidence(source: Source, zone: str) -> dict[str, pl.Expr]:
    """Return, for each time that places a record, the instant at which it does; null where another does."""
    role, longest = source.columns, timedelta(hours=source.longest_window_hours)
    start = _instant(role.event_from, source, zone)
    found = {PLACES.format(role.event_from): start}
    if role.event_to:
        window = _instant(role.event_to, source, zone) - start
        middle = pl.when(window.is_between(timedelta(0), longest)).then(start + window / 2)
        found[PLACES.format(role.event_to)] = middle
    if role.fallback_at:
        stands_in = pl.when(start.is_null()).then(_instant(role.fallback_at, source, zone))
        found[PLACES.format(role.fallback_at)] = stands_in
    return found


def placing_instants(source: Source, area: Area) -> list[pl.Expr]:
    """Return the times by which a row of the text is placed, each where the one before it is not written."""
    zone, role = area.zone_of(source).key, source.columns
    return [
        parse_local(written_time(name, source), source.time_formats, zone)
        for name in (role.event_from, role.fallback_at)
        if name
    ]


def _order_evidence(source: Source, zone: str) -> dict[str, pl.Expr]:
    """Return the times that may not be before others: where the clocks repeat an hour, the later instant if needed."""
    found = {}
    for order in source.order:
        early, late = (_instant(order.later, source, zone, late=late) for late in (False, True))
        is_before = early < _instant(order.earlier, source, zone)
        found[order.later] = pl.when(is_before).then(late).otherwise(early)
    return found


def _is_placed(x: str, y: str, source: Source, area: Area) -> pl.Expr:
    """Say whether a point can be right. Only coordinates in the area's own system can be told from here."""
    east, north = (pl.col(name).cast(pl.Float64, strict=False).fill_nan(None) for name in (x, y))
    if source.crs not in (None, area.places.crs):
        return ((east != 0) & (north != 0)).fill_null(value=False)
    west, south, far_east, far_north = area.places.bounds
    return (east.is_between(west, far_east) & north.is_between(south, far_north)).fill_null(value=False)
