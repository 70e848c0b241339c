"""What a paper is made of, whoever gets it: sections of drawings and tables, and what its words mean. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import altair as alt

from nte.area import Area
from nte.simulated import IN_SHORT

NOT_SHOWN, NOT_KNOWN, NOT_COMPARED = "not shown", "not known", "not compared"
NOT_LEARNED: Final = "not learned yet"
Row = Mapping[str, Any]
Drawn = alt.LayerChart | alt.FacetChart
Shown = float | int | str
"""A number, or in words why there is none."""


class Unit(StrEnum):
    """In what the numbers of a column are stated."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    RATE = "rate"
    CHANGE = "change"
    """A ratio of two counts, said as a change."""


@dataclass(frozen=True)
class Estimate:
    """A figure with the ends of its 95 % interval, and how that was found."""

    value: float
    lower: float
    upper: float
    method: str = ""


@dataclass(frozen=True)
class Stated:
    """A number in another unit than its column's."""

    value: float
    unit: Unit


Cell = Shown | Estimate | Stated


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    title: str
    unit: Unit = Unit.TEXT
    has_interval: bool = False
    is_aside: bool = False
    """What is said with the figures: where all rows, or all under a heading, say the same, a page says it once."""


@dataclass(frozen=True)
class Grid:
    """One table; tables of one name stand on one sheet of the workbook."""

    sheet: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    is_grouped: bool = False
    """The first column is a heading over the rows that share it."""
    of: Sequence[tuple[str, str]] = ()
    """What all of it is of, in the words of its section: leading columns of the sheet."""
    is_drawn: bool = False
    """Its numbers stand in a drawing: the page has no table of them."""


@dataclass(frozen=True)
class Drawing:
    """One drawing, and what it says."""

    title: str
    chart: Drawn
    is_in_time: bool = False
    """Its newest is at its right end, from where a narrow page begins."""


@dataclass(frozen=True)
class Section:
    """One part of a paper."""

    title: str
    said: str = ""
    drawings: Sequence[Drawing] = ()
    grids: Sequence[Grid] = ()
    notes: Sequence[str] = ()
    points: Sequence[str] = ()
    """Sentences to be read first, one by one."""


@dataclass(frozen=True)
class Paper:
    """A paper as it may be said to those who get it."""

    kind: str
    """quarter | year | istv"""
    folder: str
    """Where it stands among the reports, by who gets it: board | hospitals"""
    of: str
    """What it is of, such as 2026Q1: part of its file's name."""
    area: Area
    title: str
    for_whom: str
    said: str
    """Whose figures they are, and what holds for all of them."""
    small_numbers: str
    """What is not shown."""
    is_exact: bool
    """Small numbers are in it: for the authorised analysts."""
    as_of: datetime
    sections: Sequence[Section]
    words: Sequence[tuple[str, str]]
    """What a word means, each with its sentence."""
    is_simulated: bool = False
    """It is of simulated deliveries, and says so: whoever writes it knows of which home it is."""

    @property
    def as_known(self) -> str:
        """Return '20 April 2026, 06:00' in the area's time."""
        return f"{self.local.day} {self.local:%B %Y, %H:%M}"

    @property
    def local(self) -> datetime:
        """Return the moment whose knowledge it has, in the area's time."""
        return self.as_of.astimezone(self.area.clock.time_zone)

    @property
    def stem(self) -> str:
        """Return the name of its files: of two papers with one name, the content is the same."""
        morning = self.area.clock.morning_of(self.local.date())
        moment = f"{self.local:%Y-%m-%d}" if self.as_of == morning else f"{self.local:%Y-%m-%dT%H%M}"
        simulated = f"{IN_SHORT.lower()}-" if self.is_simulated else ""
        return f"{simulated}{self.kind}-{self.of}-as-known-{moment}{'-exact' if self.is_exact else ''}"
