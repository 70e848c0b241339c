"""Police and health side by side, and whether they part. Pure: never added."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from reports.board.kpis import quarter_of
from reports.board.ratios import divergence_of
from reports.papers.charts import series_chart
from reports.papers.estimates import estimate
from reports.papers.months import say_change
from reports.papers.paper import (
    NOT_COMPARED,
    NOT_KNOWN,
    Cell,
    Column,
    Drawing,
    Grid,
    Row,
    Section,
    Shown,
    Unit,
)
from reports.year.totals import scatter_of

SAID: Final = (
    "Night incidents of each source, shown side by side and never added: they overlap little. A ratio that moves says "
    "that one of them records otherwise, hears less, or sees another violence; not which. The change is of that ratio, "
    "against the same quarter a year before, with its 95 % interval."
)
QUARTERS_TOLD: Final = 8
Series = Mapping[date, Row]


def beside_section(
    rows: Sequence[Row],
    titles: Mapping[str, str],
    lead: str,
    changes: Sequence[Row],
    breaks: Sequence[Row],
    *,
    today: date,
    least_shown: Mapping[str, int],
) -> Section:
    """Return health beside the lead source by quarter, and how their ratio has changed since the year before.

    `rows`: month, source, n, n_days, n_days_covered, known_share, of nights; `titles`: of the sources, in their order;
    `changes`: what is recorded otherwise, of all of them; `breaks`: source and first_day of those that change what is
    counted here, across which nothing is compared.
    """
    series = {source: {row["month"]: row for row in rows if row["source"] == source} for source in titles}
    scatter = {source: scatter_of(list(of_one.values()), "n", today) for source, of_one in series.items()}
    others = [source for source in titles if source != lead]
    quarters = sorted({quarter_of(month) for month in series[lead]})[-QUARTERS_TOLD:]
    lines = []
    for quarter in quarters:
        counts = {source: _count(of_one, quarter, least_shown[source]) for source, of_one in series.items()}
        before = {s: _count(of_one, _year_before(quarter), least_shown[s]) for s, of_one in series.items()}
        cells: list[Cell] = [quarter, *counts.values()]
        for source in others:
            is_broken = _is_broken(quarter, [c for c in breaks if c["source"] in {source, lead}])
            change = NOT_COMPARED if is_broken else _change(counts, before, source, lead, scatter)
            cells += [_for_100(counts[source], counts[lead]), change]
        lines.append(tuple(cells))
    columns = [Column("quarter"), *(Column(title, Unit.COUNT) for title in titles.values())]
    for source in others:
        columns += [
            Column(f"{titles[source]}, for each 100 of {titles[lead]}", Unit.RATE),
            Column(f"{titles[source]}: change of that", Unit.CHANGE, has_interval=True),
        ]
    points = [
        {"month": month, "name": titles[source], "is_final": True, "value": value}
        for source in others
        for month in sorted(series[lead])
        for value in [_monthly(series, source, lead, month, least_shown)]
    ]
    title = f"Night incidents for each 100 of {titles[lead]}"
    is_known = any(point["value"] is not None for point in points)
    on_axis = [change for change in changes if change["first_day"].replace(day=1) in series[lead]]
    marks = [{**change, "said": say_change(change)} for change in on_axis]
    drawings = (
        [Drawing(title, series_chart(points, marks, unit="for each 100"), is_in_time=True)]
        if is_known
        else []
    )
    notes = [f"{mark['said']}: what lies on two sides of that day is not to be compared." for mark in marks]
    return Section("Police beside health", SAID, drawings, [Grid("Beside", columns, lines)], notes)


def _is_broken(quarter: str, breaks: Sequence[Row]) -> bool:
    """Say whether something is recorded otherwise from a day after the first of the same quarter a year before."""
    first = date(int(quarter[:4]) - 1, 3 * int(quarter[5]) - 2, 1)
    return any(first < c["first_day"] and quarter_of(c["first_day"]) <= quarter for c in breaks)


def _year_before(quarter: str) -> str:
    return f"{int(quarter[:4]) - 1}{quarter[4:]}"


def _count(series: Series, quarter: str, least_shown: int) -> Shown:
    """Return the count of a quarter whose nights are all accounted for."""
    own = [row for month, row in series.items() if quarter_of(month) == quarter]
    if len(own) < 3 or any(row["n"] is None or row["n_days_covered"] < row["n_days"] for row in own):  # noqa: PLR2004
        return NOT_KNOWN
    n = sum(row["n"] for row in own)
    return n if n >= least_shown else f"fewer than {least_shown}"


def _for_100(n: Shown, of: Shown) -> Shown:
    return NOT_KNOWN if isinstance(n, str) or isinstance(of, str) or not of else 100 * n / of


def _change(
    now: Mapping[str, Shown],
    before: Mapping[str, Shown],
    source: str,
    lead: str,
    scatter: Mapping[str, float],
) -> Cell:
    counts = [(one[source], one[lead]) for one in (now, before)]
    if any(isinstance(n, str) for pair in counts for n in pair):
        return NOT_COMPARED
    (n, of), (m, of_before) = ((int(a), int(b)) for a, b in counts)
    dispersions = scatter[source], scatter[lead]
    method = f"normal on the log scale, dispersion {dispersions[0]:.2f} and {dispersions[1]:.2f}"
    return estimate(divergence_of((n, of), (m, of_before), dispersions), method)


def _monthly(
    series: Mapping[str, Series], source: str, lead: str, month: date, least_shown: Mapping[str, int]
) -> float | None:
    """Return the ratio of a month, or None where one is not known or small."""
    rows = {name: series[name].get(month) for name in (source, lead)}
    if any(
        row is None
        or row["n"] is None
        or row["n"] < max(least_shown[name], 1)
        or row["n_days_covered"] < row["n_days"]
        for name, row in rows.items()
    ):
        return None
    n, of = (row["n"] for row in rows.values() if row is not None)
    return round(100 * float(n) / float(of), 2)
