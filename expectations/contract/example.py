"""Ten made-up rows as a source should send them: no one's, and accepted by the source's own checks."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from typing import Final

from pyproj import Transformer

from expectations.contract.terms import Term, terms_of
from nte.area import Area, Source

N_ROWS: Final = 10
BETWEEN_ROWS, BETWEEN_TIMES = timedelta(minutes=25), timedelta(minutes=10)


def example_rows(source: Source, area: Area, day: date) -> list[dict[str, str]]:
    """Return the rows of a delivery of this day's morning, by column."""
    return [_row(n, source, area, day) for n in range(N_ROWS)]


def _row(n: int, source: Source, area: Area, day: date) -> dict[str, str]:
    roles = source.columns
    cells = {term.column: _value(term, n) for term in terms_of(source, area)}
    start = datetime.combine(day - timedelta(days=1), time(20)) + n * BETWEEN_ROWS
    cells |= {
        column: (start + i * BETWEEN_TIMES).strftime(source.time_formats[0])
        for i, column in enumerate(source.time_columns)
    }
    if roles.event_time:
        day_form, _, hour_form = source.time_formats[0].partition(" ")
        cells |= {roles.event_from: start.strftime(day_form), roles.event_time: start.strftime(hour_form)}
    cells |= _place(n, source, area)
    if roles.incident_id:
        cells[roles.incident_id] = _reference("I", n, day)
    if roles.record_version:
        cells[roles.record_version] = "1"
    return _as_sent(cells | {roles.record_id: _reference("R", n, day)}, source)


def _as_sent(cells: dict[str, str], source: Source) -> dict[str, str]:
    """Return a row with the columns of the file in the place of those that are made of them."""
    made = {name: cells.pop(name) for name in source.made_columns if name in cells}
    for name, (day, hour) in source.joined.items():
        cells[day], _, cells[hour] = made[name].partition(" ")
    for whole, pair in source.parted.items():
        cells[whole] = ", ".join(made[part] for part in pair)
    return cells


def _value(term: Term, n: int) -> str:
    """Return one of a column's known values, another in each row."""
    known = [value.removesuffix("*") for value in term.values]
    return next(islice(cycle(known), n % len(known), None)) if known else ""


def _reference(kind: str, n: int, day: date) -> str:
    return f"{kind}{day:%y%m%d}-{n + 1:02}"


def _place(n: int, source: Source, area: Area) -> Mapping[str, str]:
    centre = area.current_centres[n % len(area.current_centres)]
    roles, cells = source.columns, dict[str, str]()
    if roles.x and roles.y:
        crs = source.crs or area.places.crs
        x, y = Transformer.from_crs(area.places.crs, crs, always_xy=True).transform(centre.x, centre.y)
        n_digits = 5 if abs(x) <= 180 and abs(y) <= 90 else 0  # noqa: PLR2004  degrees
        cells |= {roles.x: f"{x:.{n_digits}f}", roles.y: f"{y:.{n_digits}f}"}
    if roles.place_text:
        cells[roles.place_text] = centre.name
    if roles.district:
        cells[roles.district] = centre.district
    return cells
