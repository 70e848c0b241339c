"""The elements of the ISTV minimum data set (ISB 1594), and what a hospital's attendances say of each. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from nte.errors import MisuseError
from nte.months import months_after
from reports.board.kpis import quarter_of
from reports.papers.paper import Row

Parts = tuple[int, ...]


@dataclass(frozen=True)
class Element:
    """One element: which parts its attendances fall into, the first of them as it is asked for."""

    title: str
    parts: tuple[str, ...]
    n_complete: int
    """As many of the first parts are what was asked for."""
    count: Callable[[Row], Parts]
    helps: str
    """What would make it more complete."""


def _time(row: Row) -> Parts:
    stated = _n(row, "time_stated_share")
    exact = min(_n(row, "time_exact_share"), stated)
    return exact, stated - exact, row["n_attendances"] - stated


def _place(row: Row) -> Parts:
    centre, elsewhere = _n(row, "place_in_centre_share"), _n(row, "place_elsewhere_share")
    written = max(_n(row, "place_written_share"), centre + elsewhere)
    return centre, elsewhere, written - centre - elsewhere, row["n_attendances"] - written


def _method(row: Row) -> Parts:
    stated = _n(row, "method_stated_share")
    specific = min(_n(row, "method_specific_share"), stated)
    return specific, stated - specific, row["n_attendances"] - stated


def _police(row: Row) -> Parts:
    known = _n(row, "police_informed_known_share")
    return known, row["n_attendances"] - known


def _n(row: Row, name: str) -> int:
    """Return how many attendances a share is."""
    n: int = round(row[name] * row["n_attendances"])
    return n


ELEMENTS: Final = (
    Element(
        "Time of the assault", ("stated exactly", "stated, not exactly", "not stated: the arrival alone"), 1, _time,
        "the hour of the assault, not of the arrival",
    ),
    Element(
        "Place of the assault",
        ("in a town centre", "elsewhere, as stated", "written, but no place that we know", "not written"), 2, _place,
        "the name of the venue or street and of the town, as the patient says it; 'home' is an answer too",
    ),
    Element(
        "Method", ("stated", "stated as 'other'", "not stated"), 1, _method,
        "what was used: a fist, a foot, a bottle, a knife",
    ),
    Element(
        "Police informed", ("yes or no is stated", "not stated"), 1, _police,
        "whether the police know, in the words of the patient",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """A month or a quarter, by its name."""

    name: str

    @property
    def is_quarter(self) -> bool:
        """Say whether it is three months."""
        return "Q" in self.name

    def name_of(self, month: date) -> str:
        """Return the name of the period of this length in which a month lies."""
        return quarter_of(month) if self.is_quarter else f"{month:%Y-%m}"

    @property
    def first(self) -> date:
        """Return its first month."""
        return date(
            int(self.name[:4]), 3 * int(self.name[5]) - 2 if self.is_quarter else int(self.name[5:]), 1
        )

    @property
    def year_before(self) -> str:
        """Return the same a year before."""
        return f"{int(self.name[:4]) - 1}{self.name[4:]}"

    @property
    def end(self) -> date:
        """Return the first day after it."""
        return months_after(self.first, self.n_months)

    @property
    def n_months(self) -> int:
        """Return how many months it has."""
        return 3 if self.is_quarter else 1


def named_period(text: str) -> Period:
    """Return a month or a quarter as it is written. Raises MisuseError for anything else."""
    if not re.fullmatch(r"2\d{3}(Q[1-4]|-(0[1-9]|1[0-2]))", text):
        raise MisuseError(f"{text!r} is no month and no quarter. Write one like 2026-03 or 2026Q1.")
    return Period(text)


def counts_of(rows: Sequence[Row], element: Element) -> Parts | None:
    """Return the parts of an element over some months; None where one was kept before it was."""
    try:
        counted = [element.count(row) for row in rows]
    except TypeError:
        return None
    return tuple(sum(column) for column in zip(*counted, strict=True)) if counted else None
