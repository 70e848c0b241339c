"""How many rows a delivery brings, against what its weekday has brought before: robust, and both ways.

Counts are compared on the square-root scale, where the spread of a count does not depend on its size. After a
missed day a delivery may bring what was held back, so what is usual grows with the days since the last one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from expectations.rules import Outcome, Rule, Severity

LEAST_PAST: Final = 8
"""Daily deliveries before anything is said about volume."""
LEAST_WEEKDAYS: Final = 4
MOST_WEEKDAYS: Final = 12
MOST_PAST: Final = 56
EXTREME, UNUSUAL, QUIET = 9.0, 4.5, 5.0
"""Distances on the square-root scale, in standard deviations of a Poisson count or of the past, the wider."""
EXTREME_RATIO: Final = 3.0
QUIET_DELIVERIES: Final = 3
QUIET_SHARE: Final = 0.5


@dataclass(frozen=True)
class PastVolume:
    """An accepted daily delivery."""

    day: date
    n_rows: int


def usual_rows(day: date, past: Sequence[PastVolume]) -> tuple[float, float] | None:
    """Return the usual number of rows for a day and the spread of its square root (1 is Poisson's half).

    None while too little has come to learn from.
    """
    earlier = [p for p in past if p.day < day][-MOST_PAST:]
    if len(earlier) < LEAST_PAST:
        return None
    same = [p for p in earlier if p.day.weekday() == day.weekday()][-MOST_WEEKDAYS:]
    counts = [p.n_rows for p in (same if len(same) >= LEAST_WEEKDAYS else earlier)]
    middle = median(counts)
    deviations = [abs(_distance(n, middle)) for n in counts]
    n_days = min(max((day - earlier[-1].day).days, 1), 7)
    return middle * n_days, max(1.0, 1.4826 * median(deviations))


def volume_limits(day: date, past: Sequence[PastVolume]) -> tuple[int, int] | None:
    """Return the fewest and most rows that are not extreme for a day; None while too little is known."""
    usual = usual_rows(day, past)
    if usual is None:
        return None
    middle, spread = usual
    reach = EXTREME * spread / 2
    low = max(0.0, math.sqrt(middle + 0.375) - reach) ** 2 - 0.375
    high = (math.sqrt(middle + 0.375) + reach) ** 2 - 0.375
    return max(0, math.ceil(min(low, middle / EXTREME_RATIO))), math.floor(max(high, middle * EXTREME_RATIO))


def judge_volume(day: date, n_rows: int, past: Sequence[PastVolume]) -> list[Outcome]:
    """Return warnings when a delivery brings unusually many or few rows, or the last few all brought too few."""
    usual = usual_rows(day, past)
    if usual is None:
        return []
    middle, spread = usual
    outcomes = []
    if abs(_distance(n_rows, middle)) > UNUSUAL * spread:
        word = "few" if n_rows < middle else "many"
        detail = f"unusually {word} rows: {n_rows}, where about {middle:.0f} are usual"
        outcomes.append(_warning("volume_unusual", detail))
    return outcomes + _judge_quiet(day, n_rows, past)


def _judge_quiet(day: date, n_rows: int, past: Sequence[PastVolume]) -> list[Outcome]:
    """Warn when the last few deliveries together brought far less than usual: a failing feed looks like peace."""
    earlier = [p for p in past if p.day < day]
    recent = [*earlier[-(QUIET_DELIVERIES - 1) :], PastVolume(day, n_rows)]
    before = earlier[: -(QUIET_DELIVERIES - 1)]
    usual = [usual_rows(p.day, [b for b in before if b.day < p.day]) for p in recent]
    expected = sum(u[0] for u in usual if u)
    spread = max((u[1] for u in usual if u), default=1.0)
    brought = sum(p.n_rows for p in recent)
    is_quiet = brought < QUIET_SHARE * expected and _distance(brought, expected) < -QUIET * spread
    if not is_quiet:
        return []
    detail = f"its last {len(recent)} deliveries brought {brought} rows, where about {expected:.0f} are usual"
    return [_warning("source_gone_quiet", detail)]


def _distance(n: float, middle: float) -> float:
    return 2 * (math.sqrt(n + 0.375) - math.sqrt(middle + 0.375))


def _warning(rule: str, detail: str) -> Outcome:
    return Outcome(Rule(rule, "", Severity.WARNING), is_met=False, detail=detail)
