"""When in the week of a year it happened. Pure."""

from collections.abc import Sequence
from typing import Final

from nte.english import say_share
from reports.papers.charts import N_HOURS, WEEKDAYS, week_chart
from reports.papers.paper import Column, Drawing, Grid, Row, Section, Unit
from reports.papers.small import say_parts

COLUMNS: Final = (Column("hour"), *(Column(day, Unit.COUNT) for day in WEEKDAYS))

HIDDEN: Final = "<{0}: fewer than {0}. –: not shown, because it would tell such a one."


def week_section(rows: Sequence[Row], n_occurrences: int, least_shown: int) -> Section:
    """Return the occurrences of each hour of the week; `n_occurrences`: those of the year, of known hour or not."""
    counted = {(row["weekday"], row["hour"]): row["n"] for row in rows}
    places = [(day, hour) for day in range(1, len(WEEKDAYS) + 1) for hour in range(N_HOURS)]
    shown = dict(
        zip(places, say_parts([counted.get(place, 0) for place in places], least_shown), strict=True)
    )
    cells = [
        {"weekday": day, "hour": hour, "value": n if isinstance(n, int) else None, "said": _short(n)}
        for (day, hour), n in shown.items()
    ]
    lines = [
        (f"{hour:02}:00", *(shown[day, hour] for day in range(1, len(WEEKDAYS) + 1)))
        for hour in range(N_HOURS)
    ]
    known = sum(counted.values()) / n_occurrences if n_occurrences else 0.0
    said = (
        "Occurrences by the local hour in which they began, of those whose hour is known: "
        f"{say_share(min(known, 1.0))} of the year's. By chance alone a count moves by about twice its square root."
    )
    notes = [] if all(isinstance(n, int) for n in shown.values()) else [HIDDEN.format(least_shown)]
    drawing = Drawing("Occurrences of each hour of the week", week_chart(cells))
    return Section("When in the week", said, [drawing], [Grid("Week", COLUMNS, lines, is_drawn=True)], notes)


def _short(n: object) -> str:
    """Return what stands in a cell of the drawing: '412', '<5' or '–'."""
    if isinstance(n, int):
        return f"{n:,}"
    words = str(n)
    return f"<{words.removeprefix('fewer than ')}" if words.startswith("fewer than ") else "–"
