"""The months of a paper: what is shown of each, as drawings and as a table. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from nte.english import listed, say_date
from reports.board.finality import is_accounted_for, is_in
from reports.board.kpis import quarter_of
from reports.papers.charts import series_chart
from reports.papers.paper import (
    NOT_KNOWN,
    NOT_LEARNED,
    NOT_SHOWN,
    Column,
    Drawing,
    Grid,
    Row,
    Section,
    Shown,
    Unit,
)

WHOLE: Final = "serious_violence"
SERIES: Final = {WHOLE: "Serious violence", "knife_serious_violence": "Serious violence with a knife"}
COLUMNS: Final = (
    Column("definition"), Column("month"), Column("serious violence, offences", Unit.COUNT),
    Column("with a knife, offences", Unit.COUNT), Column("days", Unit.COUNT), Column("days accounted for", Unit.COUNT),
    Column("usually in by now", Unit.SHARE), Column("state"), Column("recorded otherwise"),
)  # fmt: skip
SAID: Final = (
    "Offences of a month. Filled dots are final; hollow ones are not all in, or not all days are accounted for. A "
    "break is a month that is not known, or not shown. Shaded: what this paper is of. Dashed uprights: from there on "
    "something is recorded otherwise, and the two sides are not to be compared."
)


@dataclass(frozen=True)
class Month:
    """One month on one definition."""

    month: date
    definition: str
    serious_violence: Shown
    knife_serious_violence: Shown
    is_final: bool
    n_days: int
    n_days_covered: int
    known_share: float | None
    recorded_otherwise: str


def months_of(
    rows: Sequence[Row], changes: Sequence[Row], *, least_shown: int, complete_share: float
) -> list[Month]:
    """Return the months as they may be said."""
    shown = {name: _shown(rows, name, least_shown) for name in SERIES}
    return [
        Month(
            row["month"], row["definition"], shown["serious_violence"][n], shown["knife_serious_violence"][n],
            is_accounted_for(row["n_days_covered"], row["n_days"]) and is_in(row["known_share"], complete_share),
            row["n_days"], row["n_days_covered"], row["known_share"],
            "; ".join(say_change(c) for c in changes if c["first_day"].replace(day=1) == row["month"]),
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip


def _shown(rows: Sequence[Row], name: str, least_shown: int) -> list[Shown]:
    quarters = [f"{row['definition']} {quarter_of(row['month'])}" for row in rows]
    told = [_least_told(row, name, rows) for row in rows]
    hidden = hidden_months(list(zip(quarters, told, strict=True)), least_shown)
    return [
        NOT_KNOWN if row[name] is None else NOT_SHOWN if quarter in hidden else int(row[name])
        for quarter, row in zip(quarters, rows, strict=True)
    ]


def hidden_months(series: Sequence[tuple[str, int | None]], least_shown: int) -> set[str]:
    """Return the quarters whose months are not shown: one small month is the rest of its quarter's total.

    `series`: the quarter of each month, and its count.
    """
    return {quarter for quarter, n in series if n is not None and n < least_shown}


def _least_told(row: Row, name: str, rows: Sequence[Row]) -> int | None:
    """Return the least count that a month's number would tell: its own, or what it leaves of, or beside, another."""
    if row[name] is None:
        return None
    n = int(row[name])
    if name != WHOLE:
        return min(n, int(row[WHOLE]) - n)
    narrower = [
        other[name]
        for other in rows
        if other["month"] == row["month"] and other["definition"] < row["definition"]
    ]
    return min([n, *(abs(n - int(other)) for other in narrower if other is not None)])


def say_change(change: Row) -> str:
    """Return 'Robbery of business property recorded otherwise from 1 March 2025'."""
    return f"{change['title']} recorded otherwise from {say_date(change['first_day'])}"


def months_drawn(months: Sequence[Month], changes: Sequence[Row], marked: tuple[date, date]) -> Section:
    """Return the months as drawings; `marked`: first and last month of what the paper is of."""
    said = [{**change, "said": say_change(change)} for change in _drawn(changes, months)]
    drawings = [
        Drawing(
            f"{title}, offences a month",
            series_chart(_points(months, name), said, marked=marked, unit="offences"),
            is_in_time=True,
        )
        for name, title in SERIES.items()
        if any(isinstance(getattr(month, name), int) for month in months)
    ]
    return Section("Month by month", SAID, drawings)


def months_told(months: Sequence[Month], n_told: int) -> Section:
    """Return the last `n_told` months in numbers."""
    last = set(sorted({month.month for month in months})[-n_told:])
    rows = [_row(month) for month in months if month.month in last]
    return Section("The months in numbers", grids=[Grid("Months", COLUMNS, rows, is_grouped=True)])


def _points(months: Sequence[Month], name: str) -> list[Row]:
    """Return the points of each definition's line; of definitions that are alike in every month one for all."""
    lines: dict[str, list[Row]] = {}
    for month in months:
        value = value if isinstance(value := getattr(month, name), int) else None
        lines.setdefault(month.definition, []).append(
            {"month": month.month, "value": value, "is_final": month.is_final}
        )
    first = next(iter(lines.values()), [])
    if all(line == first for line in lines.values()):
        lines = {listed(list(lines)) + " alike" * (len(lines) > 1): first}
    return [{**point, "name": line} for line, points in lines.items() for point in points]


def _drawn(changes: Sequence[Row], months: Sequence[Month]) -> list[Row]:
    """Return the changes that lie on the axis."""
    drawn = {month.month for month in months}
    return [change for change in changes if change["first_day"].replace(day=1) in drawn]


def _row(month: Month) -> tuple[Shown, ...]:
    known = NOT_LEARNED if month.known_share is None else month.known_share
    return (
        month.definition, f"{month.month:%B %Y}", month.serious_violence, month.knife_serious_violence, month.n_days,
        month.n_days_covered, known, "final" if month.is_final else "provisional", month.recorded_otherwise,
    )  # fmt: skip
