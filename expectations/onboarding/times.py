"""How a column writes its times: every reading is tried on all of its rows; day and month are never guessed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from nte.deliveries.local_times import parse_local
from nte.deliveries.made_columns import DAY_NUMBER

Kind = Literal["time", "date", "hour", "number"]
"""A time with its date; a date alone; a time of day alone; days as spreadsheets count them."""
ISO: Final = "%Y-%m-%d %H:%M:%S"
N_LOOKED_AT: Final = 60
LEAST_SHARE: Final = 0.5
FIRST_YEAR, LAST_YEAR = 2000, 2100
WIDE_DAYS, WIDER = 5 * 366, 3
"""Two-figure years read at the wrong end scatter over so many days, and so many times more than at the right one."""
LEAST_HOURS: Final = 30
"""So many different times of day, all from 1 to 12, are those of half days."""
DAYS: Final = (
    (r"\d{4}([-/.])\d{1,2}\1\d{1,2}", ("%Y{0}%m{0}%d",)),
    (r"\d{1,2}([-/.])\d{1,2}\1\d{4}", ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y")),
    (r"\d{1,2}([-/.])\d{1,2}\1\d{2}", ("%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d")),
    (r"\d{1,2}([-/ .]?)[A-Za-z]{3}\1\d{4}", ("%d{0}%b{0}%Y",)),
    (r"\d{1,2}([-/ .]?)[A-Za-z]{3}\1\d{2}", ("%d{0}%b{0}%y",)),
    (r"\d{1,2}([-/ .]?)[A-Za-z]{4,9}\1\d{4}", ("%d{0}%B{0}%Y",)),
    (r"[A-Za-z]{3}( )\d{1,2}, \d{4}", ("%b %d, %Y",)),
    (r"(\d{4})\d{4}", ("%Y%m%d", "%d%m%Y", "%m%d%Y")),
)
HOURS: Final = (
    (r"\d{1,2}:\d{2}:\d{2}\.\d+", "%H:%M:%S%.f"),
    (r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
    (r"\d{1,2}:\d{2}:\d{2} [AaPp][Mm]", "%I:%M:%S %p"),
    (r"\d{1,2}:\d{2} [AaPp][Mm]", "%I:%M %p"),
    (r"\d{1,2}:\d{2}[AaPp][Mm]", "%I:%M%p"),
    (r"\d{4}", "%H%M"),
)
OFFSETS: Final = ((r"Z", "%#z"), (r"[+-]\d{2}:?\d{2}", "%z"))
WEEKDAY: Final = (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? ", "%a")


@dataclass(frozen=True)
class Reading:
    """One way to read a column of times."""

    form: str
    """Its format; that of the service where it holds numbers."""
    kind: Kind
    share: float
    """Of its filled rows, so many can be read so."""
    is_number: bool = False
    """Days, or parts of one, as spreadsheets count them."""


@dataclass(frozen=True)
class Readings:
    """How a column can be read: the best first, and others that are as good."""

    best: Reading
    rivals: tuple[Reading, ...] = ()
    """Readings that are as good, or by which the rows that it cannot read can be."""
    is_half_day: bool = False
    """All hours are from 1 to 12, and nothing says whether before noon or after it."""

    @property
    def is_clear(self) -> bool:
        """Say whether all rows agree on one reading, and it says the half of the day."""
        return not self.rivals and not self.is_half_day


def read_times(cells: pl.Series, zone: str) -> Readings | None:
    """Return how a column (filled cells, text) writes times; None where most of it is no time."""
    if cells.is_empty():
        return None
    counts = cells.value_counts()
    distinct, n_each = counts[cells.name], counts["count"]
    found = list(_numbers(distinct, n_each))
    for form, kind in dict(_candidates(distinct.head(N_LOOKED_AT).to_list())).items():
        is_read = _is_read(distinct, form, kind, zone)
        share = float(n_each.filter(is_read).sum()) / cells.len()
        found.append((Reading(form, kind, share), is_read))
    found = [(reading, is_read) for reading, is_read in found if reading.share >= LEAST_SHARE]
    if not found:
        return None
    found = _without_scattered(found, distinct, zone)
    best, read_by_best = max(found, key=lambda one: one[0].share)
    rivals = [r for r, is_read in found if r is not best and (is_read & ~read_by_best).any()]
    rivals += [r for r, _ in found if r is not best and r.share == best.share]
    mixed = _mixture(distinct, best, read_by_best, zone)
    return Readings(
        best, tuple(dict.fromkeys([*rivals, *mixed])), _is_half_day(distinct.filter(read_by_best), best)
    )


def _is_half_day(cells: pl.Series, reading: Reading) -> bool:
    """Say whether enough hours of a column (filled cells) are all from 1 to 12, though its format counts 24."""
    if reading.is_number or "%H:%M" not in reading.form:
        return False
    hours = cells.str.extract(r"(\d{1,2}:\d{2})").drop_nulls()
    hour = hours.str.extract(r"^(\d{1,2})").cast(pl.Int64)
    return hours.n_unique() >= LEAST_HOURS and bool(hour.is_between(1, 12).all())


def _without_scattered(
    found: list[tuple[Reading, pl.Series]], distinct: pl.Series, zone: str
) -> list[tuple[Reading, pl.Series]]:
    """Return the readings without those of two-figure years at the end at which they scatter over decades."""
    short = [reading for reading, _ in found if "%y" in reading.form]
    at_end = {
        is_first: [_n_days(distinct, r, zone) for r in short if r.form.startswith("%y") is is_first]
        for is_first in (True, False)
    }
    if not all(at_end.values()):
        return found
    narrow = min(at_end, key=lambda is_first: min(at_end[is_first]))
    if min(at_end[not narrow]) <= max(WIDE_DAYS, WIDER * min(at_end[narrow])):
        return found
    return [(r, is_read) for r, is_read in found if r not in short or r.form.startswith("%y") is narrow]


def _n_days(cells: pl.Series, reading: Reading, zone: str) -> int:
    """Return over how many days the times of a column (text) lie, by a reading of days or times."""
    is_date = reading.kind == "date"
    text = pl.col("cell") + " 12:00" if is_date else pl.col("cell")
    at = pl.DataFrame({"cell": cells}).select(
        parse_local(text, [f"{reading.form} %H:%M" if is_date else reading.form], zone).dt.date()
    )
    days = at.to_series().drop_nulls()
    return int((days.max() - days.min()).days)  # type: ignore[operator,union-attr]


def _numbers(distinct: pl.Series, n_each: pl.Series) -> Iterator[tuple[Reading, pl.Series]]:
    """Yield the reading of numbers: days with their time, days alone, or parts of a day."""
    is_read = distinct.str.contains(DAY_NUMBER)
    if not is_read.any():
        return
    share = float(n_each.filter(is_read).sum()) / float(n_each.sum())
    if distinct.filter(is_read).str.contains(r"^0?(?:\.\d+)?$").all():
        yield Reading("%H:%M:%S", "hour", share, is_number=True), is_read
    elif distinct.filter(is_read).str.contains(r"^\d{5}$").all():
        yield Reading("%Y-%m-%d", "date", share, is_number=True), is_read
    else:
        yield Reading(ISO, "number", share, is_number=True), is_read


def _mixture(distinct: pl.Series, best: Reading, is_read: pl.Series, zone: str) -> list[Reading]:
    """Return readings of another order of day and month by which rows that the best cannot read can be."""
    rest = distinct.filter(~is_read)
    if rest.is_empty():
        return []
    others = dict(_candidates(rest.head(N_LOOKED_AT).to_list()))
    return [
        Reading(form, kind, float(_is_read(rest, form, kind, zone).mean() or 0))  # type: ignore[arg-type]
        for form, kind in others.items()
        if form != best.form and _is_read(rest, form, kind, zone).any()
    ]


def _candidates(cells: Sequence[str]) -> Iterator[tuple[str, Kind]]:
    """Yield the formats that cells have by their shapes, of each shape once."""
    shapes = {
        re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "9", cell)): cell for cell in cells if re.search(r"\d", cell)
    }
    for cell in shapes.values():
        for day, hour, between in _parts(cell):
            for form in _day_forms(day):
                if not hour:
                    yield form, "date"
                    continue
                for hour_form in _hour_forms(hour):
                    yield f"{form}{between}{hour_form}", "time"
        for form in _hour_forms(cell):
            if ":" in cell:
                yield form, "hour"


def _parts(cell: str) -> Iterator[tuple[str, str, str]]:
    """Yield where a cell may be parted into day and hour, and what stands between them."""
    yield cell, "", ""
    for match in re.finditer(r"T|,? ", cell):
        yield cell[: match.start()], cell[match.end() :], match[0]


def _day_forms(text: str) -> Iterator[str]:
    prefix = re.match(WEEKDAY[0], text)
    rest, said = (text[prefix.end() :], f"{WEEKDAY[1]}{prefix[0][3:]}") if prefix else (text, "")
    for pattern, forms in DAYS:
        if match := re.fullmatch(pattern, rest):
            yield from (said + form.format(match[1]) for form in forms)


def _hour_forms(text: str) -> Iterator[str]:
    for pattern, form in HOURS:
        if re.fullmatch(pattern, text):
            yield form
        for offset, said in OFFSETS:
            if (match := re.fullmatch(f"({pattern})({offset})", text)) and "I" not in form:
                yield form + (said if match[2] else "")


def _is_read(cells: pl.Series, form: str, kind: Kind, zone: str) -> pl.Series:
    """Say of each cell whether it can be read so, in a year of this century."""
    frame = pl.DataFrame({"cell": cells})
    if kind == "hour":
        day = pl.lit("2026-01-01 ") + pl.col("cell")
        return frame.select(parse_local(day, [f"%Y-%m-%d {form}"], zone).is_not_null()).to_series()
    text, whole = (pl.col("cell"), form) if kind == "time" else (pl.col("cell") + " 12:00", f"{form} %H:%M")
    year = parse_local(text, [whole], zone).dt.year()
    return frame.select(year.is_between(FIRST_YEAR, LAST_YEAR).fill_null(value=False)).to_series()
