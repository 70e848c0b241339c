"""The report of a quarter as a page to print: one file, nothing is fetched. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from nte.area import Area
from nte.english import say_share
from reports.pages import templates
from reports.quarter.figures import NOT_COMPARED, SHARE, Figure, Row, Shown
from reports.quarter.months import SERIES, Month, drawing

LISTS: Final = {"2024": "The Board's list of 2024", "2026": "The Board's list of 2026"}
ORDINALS: Final = ("First", "Second", "Third", "Fourth")
N_MONTHS_TOLD: Final = 15
"""Rows of the table below the drawings: the quarter, and the year before it."""


@dataclass(frozen=True)
class Report:
    """What a report is made of, as it may be said."""

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
    least_admissions: int

    @property
    def is_exact(self) -> bool:
        """Say whether small numbers are in it."""
        return not self.least_shown

    @property
    def year_before(self) -> str:
        """Return the same quarter a year before."""
        return f"{int(self.quarter[:4]) - 1}{self.quarter[4:]}"

    @property
    def title(self) -> str:
        """Return 'First quarter of 2026, January to March'."""
        n = int(self.quarter[5])
        first, last = (date(2000, m, 1) for m in (3 * n - 2, 3 * n))
        return f"{ORDINALS[n - 1]} quarter of {self.quarter[:4]}, {first:%B} to {last:%B}"


def as_page(report: Report, area: Area) -> str:
    """Return the page."""
    names = [row["definition"] for row in report.definitions]
    charts = [drawing(report.months, name, report.changes, names, report.quarter) for name in SERIES]
    last = sorted({month.month for month in report.months})[-N_MONTHS_TOLD:]
    return (
        templates()
        .get_template("quarter.html.j2")
        .render(
            report=report,
            area=area,
            as_known=say_as_known(report.as_of, area),
            tables=_tables(report.figures),
            charts=[chart for chart in charts if chart],
            told=[month for month in report.months if month.month in last],
            titles={row["definition"]: row["title"] for row in report.definitions},
            cell=say_value,
            change=say_interval,
            say_share=say_share,
            listing=_listing(report.listing),
        )
    )


def say_as_known(as_of: datetime, area: Area) -> str:
    """Return '20 April 2026, 06:00' in the area's time."""
    local = as_of.astimezone(area.clock.time_zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def say_value(value: Shown, unit: str = "offence") -> str:
    """Return '2,763', '49 %', '12.3' or the words why there is no number."""
    if isinstance(value, str):
        return value
    if unit == SHARE:
        return say_share(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def say_interval(figure: Figure) -> str:
    """Return '+2 % (−3 to +7)', with its interval, or that nothing is compared."""
    parts = figure.ratio, figure.lower, figure.upper
    if any(isinstance(part, str) for part in parts):
        return NOT_COMPARED
    value, lower, upper = (f"{100 * (float(part) - 1):+.0f}".replace("-", "−") for part in parts)
    return f"{value}\u00a0% ({lower} to {upper})"


def _tables(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Return the figures by list, geography and definition, each measure with its units."""
    tables = []
    for (kpi_set, geography, definition), of_one in groupby(
        figures, lambda f: (f.kpi_set, f.geography, f.definition)
    ):
        measures = [(name, list(rows)) for name, rows in groupby(of_one, lambda f: f.measure)]
        tables.append(
            {
                "list": LISTS[kpi_set],
                "geography": geography,
                "definition": definition,
                "measures": measures,
            }
        )
    return tables


def _listing(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return one line a definition and quarter, with every count of it."""
    return [
        {"definition": definition, "quarter": quarter}
        | {f"{row['kpi_id']}_{row['unit']}": row["numerator"] for row in of_one}
        for (definition, quarter), of_one in groupby(rows, lambda row: (row["definition"], row["quarter"]))
    ]
