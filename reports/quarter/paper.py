"""The paper of a quarter. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Final

from nte.area import Area
from nte.english import listed
from reports.board.kpis import five_years_to, n_days_of
from reports.papers.months import Month, months_drawn, months_told
from reports.papers.paper import (
    NOT_COMPARED,
    NOT_KNOWN,
    Cell,
    Column,
    Estimate,
    Grid,
    Paper,
    Row,
    Section,
    Shown,
    Stated,
    Unit,
)
from reports.papers.words import (
    CHANGE,
    COUNTED,
    WORDS,
    small_numbers,
    words_of_changes,
    words_of_definitions,
)
from reports.quarter.figures import PER_MILLION, SHARE, Figure
from reports.quarter.short import in_short

UNITS: Final = {SHARE: Unit.SHARE, PER_MILLION: Unit.RATE}
LISTS: Final = {"2024": "The Board's list of 2024", "2026": "The Board's list of 2026"}
ORDINALS: Final = ("first", "second", "third", "fourth")
DISTRICTS: Final = " Districts are in the edition for analysts alone, for the same reason."
N_MONTHS_TOLD: Final = 15
"""Rows of the table below the drawings: the quarter, and the year before it."""
HOMICIDES: Final = tuple(
    f"{kpi_id}_{unit}" for kpi_id in ("homicide", "homicide_knife") for unit in ("offence", "victim", "victim_under_25")
)  # fmt: skip
LISTED: Final = (
    Column("definition"), Column("quarter"),
    *(Column(title, Unit.COUNT) for title in (
        "offences", "victims", "victims under 25", "with a knife: offences", "with a knife: victims",
        "with a knife: victims under 25",
    )),
    Column("days accounted for"), Column("state"),
)  # fmt: skip
WORDS_OF_QUARTER: Final = (
    COUNTED,
    ("share under 25", "Of victims whose age is known; those of unknown age are in no share."),
    CHANGE,
    ("not compared", "Homicides and admissions are so few that a percentage would say nothing."),
    *WORDS,
)


@dataclass(frozen=True)
class Report:
    """What the paper of a quarter is made of, as it may be said."""

    quarter: str
    as_of: datetime
    source: str
    figures: Sequence[Figure]
    listing: Sequence[Row]
    """Homicides of five years; empty where small numbers are not shown."""
    months: Sequence[Month]
    definitions: Sequence[Row]
    changes: Sequence[Row]
    least_shown: int
    """A smaller count is not shown; nought: exact, for the authorised analysts."""

    @property
    def year_before(self) -> str:
        """Return the same quarter a year before."""
        return f"{int(self.quarter[:4]) - 1}{self.quarter[4:]}"

    @property
    def span(self) -> tuple[date, date]:
        """Return its first and last month."""
        year, n = int(self.quarter[:4]), int(self.quarter[5])
        return date(year, 3 * n - 2, 1), date(year, 3 * n, 1)

    @property
    def in_force(self) -> str:
        """Return the definition that the Board used in its last month; empty where there was none yet."""
        meant = [row["definition"] for row in self.definitions if row["effective_from"] <= self.span[1]]
        return meant[-1] if meant else ""

    @property
    def of_area_in_force(self) -> list[Figure]:
        """Return the whole area's figures on that definition."""
        return [f for f in self.figures if (f.geography, f.definition) == ("area", self.in_force)]


def quarter_paper(report: Report, area: Area) -> Paper:
    """Return the paper."""
    first, last = report.span
    name = f"{ORDINALS[int(report.quarter[5]) - 1]} quarter of {first.year}, {first:%B} to {last:%B}"
    titles = [f"{row['definition']}: {row['title']}." for row in report.definitions]
    drawn = replace(months_drawn(report.months, report.changes, report.span), notes=titles)
    told = months_told(report.months, N_MONTHS_TOLD)
    return Paper(
        kind="quarter",
        folder="board",
        of=report.quarter,
        area=area,
        title=f"Serious violence: {name}",
        for_whom="for the Board",
        said=f"{report.source}. Whole days, all hours; never added to ambulance or hospital figures.",
        small_numbers=small_numbers(report.least_shown, area) + DISTRICTS * bool(report.least_shown),
        is_exact=not report.least_shown,
        as_of=report.as_of,
        sections=[
            *in_short(report.of_area_in_force),
            drawn,
            *_figures(report),
            *_listing(report),
            told,
        ],
        words=[
            *words_of_definitions(report.definitions),
            *WORDS_OF_QUARTER,
            *words_of_changes(report.changes),
        ],
    )


def _figures(report: Report) -> list[Section]:
    """Return the figures by list, geography and definition, first on the one that was in force."""
    titles = {row["definition"]: row["title"] for row in report.definitions}
    columns = (
        Column("what is counted"), Column("unit"), Column(report.quarter, Unit.COUNT),
        Column(report.year_before, Unit.COUNT), Column("change", Unit.CHANGE, has_interval=True),
        Column("usually in by now", Unit.SHARE, is_aside=True), Column("state", is_aside=True),
        Column("to be said with it", is_aside=True),
    )  # fmt: skip
    sections = []
    groups = [(key, list(of_one)) for key, of_one in groupby(report.figures, _place)]
    order = list(dict.fromkeys(key[:2] for key, _ in groups))
    for key, of_one in sorted(groups, key=lambda g: (order.index(g[0][:2]), g[0][2] != report.in_force)):
        kpi_set, geography, definition = key
        of = (("list", LISTS[kpi_set]), ("geography", geography), ("definition", definition))
        where = "the whole area" if geography == "area" else geography
        on = f", on definition {definition}" if definition else ""
        grid = Grid("Figures", columns, [_row(figure) for figure in of_one], is_grouped=True, of=of)
        said = f"{titles[definition]}." if definition else ""
        sections.append(Section(f"{LISTS[kpi_set]}: {where}{on}", said, grids=[grid]))
    return sections


def _place(figure: Figure) -> tuple[str, str, str]:
    return figure.kpi_set, figure.geography, figure.definition


def _row(figure: Figure) -> tuple[Cell, ...]:
    return (
        figure.measure, figure.of_whom, _stated(figure.value, figure.unit), _stated(figure.before, figure.unit),
        _change(figure), figure.known_share, "final" if figure.is_final else "provisional", figure.caveat,
    )  # fmt: skip


def _stated(value: Shown, unit: str) -> Cell:
    """Return a figure in its own unit: a column has counts, shares and rates."""
    return value if isinstance(value, str) or unit not in UNITS else Stated(value, UNITS[unit])


def _change(figure: Figure) -> Cell:
    parts = figure.ratio, figure.lower, figure.upper
    if any(isinstance(part, str) for part in parts):
        return NOT_COMPARED
    ratio, lower, upper = (float(part) for part in parts)
    return Estimate(ratio, lower, upper, figure.method)


def _listing(report: Report) -> list[Section]:
    """Return one line a definition and quarter, with every count of it and of how many of its days it is."""
    if not report.listing:
        return []
    told = {
        key: list(rows)
        for key, rows in groupby(report.listing, lambda row: (row["definition"], row["quarter"]))
    }
    quarters = five_years_to(report.quarter)
    definitions = dict.fromkeys(definition for definition, _ in told)
    lines = [
        _of_quarter(definition, quarter, told.get((definition, quarter), ()))
        for definition in definitions
        for quarter in reversed(quarters)
    ]
    grid = Grid("Homicides", LISTED, lines, is_grouped=True)
    said = "A listing: so few that a percentage would say nothing."
    notes = list(_not_whole(report.listing, quarters))
    return [Section("Homicides of five years", said, grids=[grid], notes=notes)]


def _of_quarter(definition: str, quarter: str, rows: Sequence[Row]) -> tuple[Cell, ...]:
    """Return the line of a quarter; one without rows is before all that deliveries reach."""
    counts = {f"{row['kpi_id']}_{row['unit']}": row["numerator"] for row in rows}
    found = (NOT_KNOWN if (n := counts.get(name)) is None else n for name in HOMICIDES)
    first: Row = rows[0] if rows else {"n_days": n_days_of(quarter), "n_days_covered": 0, "is_final": False}
    days = f"{first['n_days_covered']} of {first['n_days']}"
    return definition, quarter, *found, days, "final" if first["is_final"] else "provisional"


def _not_whole(listing: Sequence[Row], quarters: Sequence[str]) -> Iterator[str]:
    """Yield which quarters are known in part, and which not at all; `quarters`: the oldest first."""
    days = {row["quarter"]: (row["n_days_covered"], row["n_days"]) for row in listing}
    shares = [(quarter, *days.get(quarter, (0, 0))) for quarter in quarters]
    in_part = [f"{quarter} ({n} of {n_days} days)" for quarter, n, n_days in shares if 0 < n < n_days]
    if in_part:
        yield f"Known in part: {listed(in_part)}. What happened on the other days is in no count: that is not nought."
    spans = [
        [quarter for quarter, *_ in run] for is_none, run in groupby(shares, lambda s: not s[1]) if is_none
    ]
    if spans:
        said = [span[0] if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans]
        yield f"Not known, which is not nought: {listed(said)}."
