"""The months of a report: what is shown of each, and its place in a drawing. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from reports.board.kpis import quarter_of
from reports.quarter.figures import NOT_KNOWN, NOT_SHOWN, Row, Shown
from reports.quarter.hiding import WHOLE, hidden_months

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 220, 40, 34, 24
"""Units of the drawing, and its margins; there is none at the right."""
SERIES: Final = {
    "serious_violence": "Serious violence",
    "knife_serious_violence": "Serious violence with a knife",
}
INKS: Final = ("#1d4f8b", "#b8540a", "#15803d")
DASHES: Final = ("", "7 3", "2 3")
MOST_TICKS: Final = 5


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
            row["n_days_covered"] == row["n_days"] and (row["known_share"] or 0.0) >= complete_share,
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
    """Return 'robbery_business recorded otherwise from 2025-03-01'."""
    return f"{change['offence_group'] or 'all'} recorded otherwise from {change['first_day']}"


def drawing(
    months: Sequence[Month], series: str, changes: Sequence[Row], definitions: Sequence[str], quarter: str
) -> dict[str, Any] | None:
    """Return where everything of a drawing stands, or None where no month has a number.

    One line a definition, broken where a month is not known or not shown; hollow dots are not final.
    """
    names = sorted({m.month for m in months})
    top = max((v for m in months if isinstance(v := getattr(m, series), int)), default=0)
    if not top:
        return None
    step_x = (WIDTH - LEFT - 12) / max(len(names) - 1, 1)
    tick = next(t for t in _round_numbers() if top <= t * MOST_TICKS)
    highest = tick * -(-top // tick)

    def x_of(month: date) -> float:
        return round(LEFT + step_x * names.index(month), 1)

    def y_of(n: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - n / highest), 1)

    marked = [m for m in names if quarter_of(m) == quarter]
    return {
        "title": SERIES[series], "width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP, "foot": HEIGHT - BOTTOM,
        "ticks": [(n, y_of(n)) for n in range(0, highest + 1, tick)],
        "years": [(f"{m:%b %Y}", x_of(m)) for m in names if m.month in {1, 7}],
        "quarter": (x_of(marked[0]) - 4, x_of(marked[-1]) - x_of(marked[0]) + 8) if marked else None,
        "changes": [
            (x_of(c["first_day"].replace(day=1)), say_change(c))
            for c in changes if c["first_day"].replace(day=1) in names
        ],
        "lines": [
            _line([m for m in months if m.definition == d], series, x_of, y_of) | {
                "definition": d, "ink": INKS[n % len(INKS)], "dash": DASHES[n % len(DASHES)], "at": LEFT + 130 * n,
            }
            for n, d in enumerate(definitions)
        ],
    }  # fmt: skip


def _line(
    months: Sequence[Month], series: str, x_of: Callable[[date], float], y_of: Callable[[float], float]
) -> dict[str, Any]:
    pieces: list[list[str]] = [[]]
    dots = []
    for month in months:
        n = getattr(month, series)
        if not isinstance(n, int):
            pieces.append([])
            continue
        x, y = x_of(month.month), y_of(n)
        pieces[-1].append(f"{x},{y}")
        dots.append((x, y, month.is_final, f"{month.month:%B %Y}: {n:,}"))
    return {"pieces": [" ".join(piece) for piece in pieces if len(piece) > 1], "dots": dots}


def _round_numbers() -> Iterator[int]:
    """Yield 1, 2, 5, 10, 20, …"""
    scale = 1
    while True:
        yield from (scale, 2 * scale, 5 * scale)
        scale *= 10
