"""What of an export can play a role: its columns, a date with its time of day, each half of a pair of coordinates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl
from rapidfuzz import fuzz

from expectations.onboarding.exports import Export
from expectations.onboarding.headers import FILLERS, without_times, words_of_name
from expectations.onboarding.times import Reading, Readings, read_times

LEAST_COLUMNS: Final = 4
LEAST_LIKE: Final = 60.0
"""So alike must the names of a date and of a time be that stand side by side."""


FIRST: Final = frozenset({"start", "from", "begin", "first", "earliest", "committed", "occurred"})
"""What a time of day may say beyond its date: with another word, such as `end`, it is of something else."""


@dataclass(frozen=True)
class Candidate:
    """Something that can play a role."""

    name: str
    """What it is called in the area file."""
    label: str
    """What its name is judged by."""
    columns: tuple[str, ...]
    """Columns of the file that it is, or is made of."""
    place: float
    """Where it stands in the file: 0 first, 1 last."""
    rows: pl.Series
    """Its cells, by row."""
    times: Readings | None = None
    """How it writes times, if it does."""

    @cached_property
    def cells(self) -> pl.Series:
        """Return its filled cells."""
        return self.rows.drop_nulls()

    @property
    def is_joined(self) -> bool:
        """Say whether it is made of two columns."""
        return len(self.columns) > 1


STARTS: Final = frozenset({"start", "from", "begin", "first", "earliest"})
ENDS: Final = frozenset({"end", "to", "until", "last", "latest", "finish"})
"""Words of a pair's first and of its last time: those of one row are one word."""


def find_candidates(export: Export, zone: str, told: Mapping[str, str] | None = None) -> list[Candidate]:
    """Return all that can play a role; a date that has a time of day beside it stands for nothing alone.

    `told` names the time of day of a date, by the date's column, where somebody has said so.
    """
    alone = [_of_column(export, i, zone) for i in range(len(export.header))]
    by_name = {c.name: c for c in alone}
    said = [
        _join(by_name[day], by_name[hour], export)
        for day, hour in (told or {}).items()
        if by_name.get(day) and by_name.get(hour)
    ]
    taken = {column for candidate in said for column in candidate.columns}
    joined = [*said, *_joined([c for c in alone if c.name not in taken], export)]
    used = {column for candidate in joined for column in candidate.columns}
    return [*(c for c in alone if c.name not in used), *joined]


def _of_column(export: Export, at: int, zone: str) -> Candidate:
    name = export.header[at]
    rows = export.text.frame[name]
    place = at / max(len(export.header) - 1, 1)
    return Candidate(name, label_of(export, name), (name,), place, rows, read_times(rows.drop_nulls(), zone))


def label_of(export: Export, name: str) -> str:
    """Return a column's name without the word that all names of the export begin with, such as `tbl_`."""
    firsts = {words_of_name(other)[:1] for other in export.header}
    words = words_of_name(name)
    return (
        " ".join(words[1:])
        if len(firsts) == 1 and len(export.header) >= LEAST_COLUMNS and len(words) > 1
        else name
    )


def _joined(alone: Sequence[Candidate], export: Export) -> Iterator[Candidate]:
    """Yield each date with the time of day that is its own beyond doubt."""
    days = [c for c in alone if c.times and c.times.best.kind == "date"]
    hours = [c for c in alone if c.times and c.times.best.kind == "hour"]
    for day in days:
        mates = [hour for hour in hours if _belong(day, hour, export)]
        if len(mates) == 1 and len([d for d in days if _belong(d, mates[0], export)]) == 1:
            yield _join(day, mates[0], export)


def _belong(day: Candidate, hour: Candidate, export: Export) -> bool:
    if day.times and hour.times and day.times.best.is_number != hour.times.best.is_number:
        return False
    of_day, of_hour = (_of_what(c) for c in (day, hour))
    one, other = " ".join(of_day), " ".join(of_hour)
    if one == other and one:
        return True
    if one and not {*of_hour} - {*of_day} <= FILLERS | FIRST:
        return False
    if {*of_hour} - FILLERS and {*of_hour} <= {*of_day}:
        return True
    is_next = export.header.index(hour.name) - export.header.index(day.name) == 1
    return is_next and (not one or not other or fuzz.token_sort_ratio(one, other) >= LEAST_LIKE)


def _of_what(candidate: Candidate) -> tuple[str, ...]:
    """Return of what a candidate is the date or the time, in words; `from` is `first`, and `to` is `last`."""
    words = without_times(words_of_name(candidate.name))
    return tuple("first" if w in STARTS else "last" if w in ENDS else w for w in words)


def _join(day: Candidate, hour: Candidate, export: Export) -> Candidate:
    pair = (day.name, hour.name)
    rows = export.text.frame.select(pl.concat_str(*pair, separator=" ").alias("cell"))["cell"]
    assert day.times  # noqa: S101  so they were chosen
    assert hour.times  # noqa: S101
    hour_form = hour.times.best.form
    read = [
        Reading(f"{reading.form} {hour_form}", "time", reading.share, is_number=reading.is_number)
        for reading in (day.times.best, *day.times.rivals)
    ]
    rest = without_times(words_of_name(day.name)) or without_times(words_of_name(hour.name))
    label = f"{' '.join(rest)} date and time".strip()
    times = Readings(read[0], tuple(read[1:]), hour.times.is_half_day)
    return Candidate(f"{day.name} and {hour.name}", label, pair, day.place, rows, times)
