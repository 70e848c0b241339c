"""A year beside the year before, on each definition. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from nte.english import say_share
from reports.board.finality import is_accounted_for, is_in, known_share_of
from reports.board.ratios import complete_years, dispersion_of, ratio_of
from reports.papers.estimates import estimate
from reports.papers.months import WHOLE
from reports.papers.paper import (
    NOT_COMPARED,
    NOT_KNOWN,
    NOT_LEARNED,
    NOT_SHOWN,
    Cell,
    Column,
    Grid,
    Row,
    Section,
    Shown,
    Unit,
)

UNITS: Final = {
    "occurrences": "occurrences", "serious_violence": "offences", "victims": "victims",
    "knife_serious_violence": "offences with a knife",
}  # fmt: skip
PART: Final = "knife_serious_violence"


@dataclass(frozen=True)
class Span:
    """How much of a year is over, accounted for and in."""

    n_days: int
    n_days_covered: int
    known_share: float | None
    is_over: bool

    @property
    def is_accounted_for(self) -> bool:
        """Say whether it can be compared with another."""
        return self.is_over and is_accounted_for(self.n_days_covered, self.n_days)

    @property
    def said(self) -> str:
        """Return '109 of 365 days are accounted for; usually in by now: 94 %.'"""
        known = NOT_LEARNED if self.known_share is None else say_share(self.known_share)
        return f"{self.n_days_covered} of {self.n_days} days are accounted for; usually in by now: {known}."

    def said_of_part(self, year: int) -> str:
        """Return '; deliveries account for 23 % of the days of 2023'; nothing of one that can be compared."""
        if self.is_accounted_for:
            return ""
        return (
            f"; deliveries account for {say_share(self.n_days_covered / self.n_days)} of the days of {year}"
        )

    def state(self, complete_share: float) -> str:
        """Return 'final', or 'provisional' and why."""
        if not self.is_over:
            return "provisional: the year is not over"
        if not self.is_accounted_for:
            return "provisional: not all days are accounted for"
        return "final" if is_in(self.known_share, complete_share) else "provisional: not all of it is in"


def span_of(months: Sequence[Row], year: int, today: date) -> Span:
    """Return how much of a year is known, from its months on one definition."""
    own = [row for row in months if row["month"].year == year]
    return Span(
        n_days=(date(year + 1, 1, 1) - date(year, 1, 1)) // timedelta(days=1),
        n_days_covered=sum(row["n_days_covered"] for row in own),
        known_share=known_share_of(row["known_share"] for row in own),
        is_over=date(year + 1, 1, 1) <= today,
    )


def totals_section(
    months: Mapping[str, Sequence[Row]], year: int, today: date, *, least_shown: int, complete_share: float
) -> Section:
    """Return a year and the year before by definition and unit; `months`: all months so far of each definition."""
    columns = (
        Column("definition"), Column("unit"), Column(str(year), Unit.COUNT), Column(str(year - 1), Unit.COUNT),
        Column("change", Unit.CHANGE, has_interval=True), Column("days accounted for", is_aside=True),
        Column("usually in by now", Unit.SHARE, is_aside=True), Column("state", is_aside=True),
    )  # fmt: skip
    rows = []
    earlier: list[Sequence[Row]] = []
    for definition, of_one in months.items():
        now, before = (span_of(of_one, n, today) for n in (year, year - 1))
        for name, unit in UNITS.items():
            counts = [_shown(of_one, earlier, n, name, least_shown) for n in (year, year - 1)]
            if not before.is_accounted_for:  # a part of a year is no year before
                counts[1] = NOT_KNOWN
            can_compare = now.is_accounted_for and before.is_accounted_for
            rows.append((
                definition, unit, *counts, _change(of_one, name, counts, today) if can_compare else NOT_COMPARED,
                f"{now.n_days_covered} of {now.n_days}", NOT_LEARNED if now.known_share is None else now.known_share,
                now.state(complete_share) + before.said_of_part(year - 1),
            ))  # fmt: skip
        earlier.append(of_one)
    said = "An occurrence may hold several offences, and an offence a victim: each is counted on its own, never added."
    return Section("The year in numbers", said, grids=[Grid("Year", columns, rows, is_grouped=True)])


def _sum(months: Sequence[Row], year: int, name: str) -> int | None:
    counts = [row[name] for row in months if row["month"].year == year and row[name] is not None]
    return sum(counts) if counts else None


def _shown(
    months: Sequence[Row], earlier: Sequence[Sequence[Row]], year: int, name: str, least_shown: int
) -> Shown:
    """Return a year's count as it may be said beside that of all offences, and of `earlier` definitions."""
    n = _sum(months, year, name)
    if n is None:
        return NOT_KNOWN
    if n < least_shown:
        return f"fewer than {least_shown}"
    of_others = [abs(n - m) for one in earlier if (m := _sum(one, year, name)) is not None]
    if name == PART:  # with none of it more, no difference is no count; beside all offences, the rest is one
        of_others = [m for m in of_others if m] + [(_sum(months, year, WHOLE) or n) - n]
    return n if min(of_others, default=least_shown) >= least_shown else NOT_SHOWN


def _change(months: Sequence[Row], name: str, counts: Sequence[Shown], today: date) -> Cell:
    if any(isinstance(n, str) for n in counts):
        return NOT_COMPARED
    dispersion = scatter_of(months, name, today)
    now, before = (float(n) for n in counts)
    return estimate(ratio_of(now, before, dispersion), f"conditional binomial, dispersion {dispersion:.2f}")


def scatter_of(months: Sequence[Row], name: str, today: date) -> float:
    """Return how many times as much as chance a series scatters over its complete years."""
    own = [row for row in months if span_of(months, row["month"].year, today).is_accounted_for]
    counts = np.array([row[name] or 0 for row in own], float)
    return dispersion_of(complete_years(counts, [row["month"] for row in own]))
