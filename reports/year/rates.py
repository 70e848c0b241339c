"""Night-time violence for each 1,000 residents. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from reports.papers.charts import interval_chart
from reports.papers.estimates import rate_cell
from reports.papers.paper import NOT_COMPARED, Cell, Column, Drawing, Estimate, Grid, Row, Section, Unit
from reports.papers.small import say_parts
from reports.year.totals import scatter_of, span_of

COLUMNS: Final = (
    Column("district"), Column("night incidents", Unit.COUNT), Column("residents", Unit.COUNT),
    Column("per 1,000 residents", Unit.RATE, has_interval=True), Column("residents in"),
)  # fmt: skip
SAID: Final = (
    "The police's night incidents over the residents of a district. No risk of anybody: visitors are not among the "
    "residents, so that a district with a busy centre looks worse than it is."
)


def rates_section(
    nights: Sequence[Row],
    days: Sequence[Row],
    residents: Sequence[Row],
    year: int,
    *,
    today: date,
    least_shown: int,
) -> Section:
    """Return the rate of each district; `nights`: its night incidents by month, `days`: how much of each is known.

    A year that is not accounted for has no yearly rate.
    """
    counts = [_of_year(nights, row["district"], year) for row in residents]
    shown = say_parts(counts, least_shown)
    is_whole = span_of(days, year, today).is_accounted_for
    lines: list[tuple[Cell, ...]] = []
    for row, n in zip(residents, shown, strict=True):
        dispersion = scatter_of(_monthly(nights, days, row["district"]), "n", today)
        rate = rate_cell(n, row["n"], dispersion) if is_whole else NOT_COMPARED
        lines.append((row["district"], n, row["n"], rate, str(row["mid_year"])))
    lines.sort(key=lambda line: -line[3].value if isinstance(line[3], Estimate) else 0.0)
    drawn = [
        {"name": line[0], "value": line[3].value, "lower": line[3].lower, "upper": line[3].upper}
        for line in lines
        if isinstance(line[3], Estimate)
    ]
    drawings = [Drawing("Night incidents for each 1,000 residents", interval_chart(drawn, unit="per 1,000"))]
    notes = [f"Residents: {citation}." for citation in dict.fromkeys(row["citation"] for row in residents)]
    grids = [Grid("Residents", COLUMNS, lines)]
    return Section("Night-time violence and residents", SAID, drawings if drawn else (), grids, notes)


def _of_year(nights: Sequence[Row], district: str, year: int) -> int:
    return sum(row["n"] for row in nights if row["district"] == district and row["month"].year == year)


def _monthly(nights: Sequence[Row], days: Sequence[Row], district: str) -> list[Row]:
    """Return the months of a district, noughts among them, with how much of each is known."""
    own = {row["month"]: row["n"] for row in nights if row["district"] == district}
    return [{**day, "n": own.get(day["month"], 0)} for day in days]
