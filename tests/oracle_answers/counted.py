"""What an answer is to be, how it is held against what was told, and by what all questions count.

Each function of this folder counts one question anew from the files and names the columns that it can vouch for. A null
is what nobody can know, as in the book.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle_facts import BOARD, Deliveries, Fact

Key = tuple[Any, ...]
NEWEST = BOARD[-1]
YOUNG = ("under_18", "18_24")
KNOWN_AGES = (*YOUNG, "25_and_over")
INCIDENTS, OFFENCES, VICTIMS = range(3)


@dataclass(frozen=True)
class Counted:
    """What a question is to answer: the columns that say of what, those that say how much, and every row."""

    keys: tuple[str, ...]
    values: tuple[str, ...]
    rows: Mapping[Key, Key]


Answers = dict[str, Callable[[Deliveries], Counted]]
DAYS = ("n_days", "n_days_covered")


def differences(told: Sequence[Mapping[str, Any]], counted: Counted) -> list[str]:
    """Return in words where an answer is not what was counted; a number is told as exactly as its column is."""
    answered = {tuple(row[k] for k in counted.keys): tuple(row[v] for v in counted.values) for row in told}
    exact = [_decimals(row[n] for row in answered.values()) for n in range(len(counted.values))]
    found = [] if len(answered) == len(told) else [f"{len(told) - len(answered)} rows stand there twice"]
    for key in sorted({*answered, *counted.rows}, key=str):
        said = ", ".join(map(str, key))
        if key not in counted.rows or key not in answered:
            found.append(f"{said}: {'told, not counted' if key in answered else 'counted, not told'}")
            continue
        pairs = zip(counted.values, answered[key], counted.rows[key], exact, strict=True)
        found += [f"{said}: {name} {a}, counted anew {b}" for name, a, b, n in pairs if not _is_same(a, b, n)]
    return found


def _decimals(values: Iterable[Any]) -> int:
    places = [-int(Decimal(repr(value)).as_tuple().exponent) for value in values if isinstance(value, float)]
    return max(places, default=0)


def _is_same(told: Any, counted: Any, decimals: int) -> bool:
    if isinstance(told, float) and isinstance(counted, (int, float)):
        return abs(told - counted) <= 0.5 * 10.0**-decimals + 1e-9
    return bool(told == counted)


def share(n: float, of: float) -> float | None:
    return n / of if of else None


def of_police(said: Deliveries, definitions: tuple[str, ...] = BOARD) -> list[Fact]:
    return [fact for fact in said.facts if fact.source == "police" and fact.definition in definitions]


def of_year(said: Deliveries, source: str, year: int) -> tuple[int | None, int | None]:
    """How many days a year has, and how many of them are accounted for; nothing of one that is not reached."""
    if year not in {month.year for month in said.months_reached(source)}:
        return None, None
    n_days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return n_days, sum(day.year == year for day in said.days[source])


def of_month(said: Deliveries, month: date) -> tuple[int | None, int | None]:
    if month not in said.months_reached():
        return None, None
    return monthrange(month.year, month.month)[1], sum(
        day.replace(day=1) == month for day in said.days["police"]
    )


def with_knife(fact: Fact) -> bool:
    return fact.knife == "yes"
