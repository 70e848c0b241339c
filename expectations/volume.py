"""How many rows a delivery brings, against what its weekday has brought before: robust, and both ways.

Counts are compared on the square-root scale, where the spread of a count does not depend on its size. After a
missed day a delivery may bring what was held back, so what is usual grows with the days since the last one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from expectations.rules import Outcome, Rule, Severity

LEAST_PAST: Final = 8
"""Daily deliveries before an extreme is seen."""
LEAST_PAST_TO_WARN: Final = 21
"""Daily deliveries before every weekday's own level is known well enough to warn."""
LEAST_WEEKDAYS: Final = 3
MOST_WEEKDAYS: Final = 12
MOST_PAST: Final = 56
MOST_DAYS: Final = 7
TO_SIGMA: Final = 1.4826
"""Median absolute deviation to standard deviation."""
EXTREME, UNUSUAL, QUIET = 9.0, 4.5, 4.0
"""Distances on the square-root scale, in standard deviations of a Poisson count or of the past, the wider."""
EXTREME_RATIO: Final = 3.0
QUIET_DELIVERIES: Final = 3
QUIET_SHARE: Final = 0.5


@dataclass(frozen=True)
class PastVolume:
    """An accepted daily delivery."""

    day: date
    n_rows: int


def usual_rows(
    day: date, past: Sequence[PastVolume], n_days: int | None = None
) -> tuple[float, float] | None:
    """Return the usual number of rows for a day and how much it spreads (1: as a Poisson count).

    `n_days` is how many days the delivery speaks of, by default those since the last one; each weekday brings
    its own. None while too little has come to learn from.
    """
    earlier = [p for p in past if p.day < day][-MOST_PAST:]
    if len(earlier) < LEAST_PAST:
        return None
    spoken_of = min(n_days or (day - earlier[-1].day).days, MOST_DAYS)
    middles = {weekday: _middle(weekday, earlier) for weekday in range(7)}
    deviations = [abs(_distance(p.n_rows, middles[p.day.weekday()])) for p in earlier]
    usual = sum(middles[(day - timedelta(days=n)).weekday()] for n in range(spoken_of))
    return usual, max(1.0, TO_SIGMA * median(deviations))


def _middle(weekday: int, earlier: Sequence[PastVolume]) -> float:
    same = [p.n_rows for p in earlier if p.day.weekday() == weekday][-MOST_WEEKDAYS:]
    return median(same if len(same) >= LEAST_WEEKDAYS else [p.n_rows for p in earlier])


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
    """Return warnings: unusually many or few rows today, or far too few in the last few deliveries."""
    usual = usual_rows(day, past)
    if usual is None or len(past) < LEAST_PAST_TO_WARN:
        return []
    middle, spread = usual
    outcomes = []
    if abs(_distance(n_rows, middle)) > UNUSUAL * spread:
        word = "few" if n_rows < middle else "many"
        detail = f"unusually {word} rows: {n_rows}, where about {middle:.0f} are usual"
        outcomes.append(_warning("volume_unusual", detail))
    return outcomes + _judge_quiet(day, n_rows, past)


def _judge_quiet(day: date, n_rows: int, past: Sequence[PastVolume]) -> list[Outcome]:
    """Warn when the last few deliveries together brought far too little: a failing feed looks like peace."""
    all_of_them = [*(p for p in past if p.day < day), PastVolume(day, n_rows)]
    recent, before = all_of_them[-QUIET_DELIVERIES:], all_of_them[:-QUIET_DELIVERIES]
    days = [(b.day - a.day).days for a, b in pairwise(all_of_them[-QUIET_DELIVERIES - 1 :])]
    usual = [usual_rows(p.day, before, n) for p, n in zip(recent, days, strict=False)]
    expected = sum(u[0] for u in usual if u)
    spread = max((u[1] for u in usual if u), default=1.0)
    brought = sum(p.n_rows for p in recent)
    if brought >= QUIET_SHARE * expected or _distance(brought, expected) > -QUIET * spread:
        return []
    detail = f"its last {len(recent)} deliveries brought {brought} rows, where about {expected:.0f} are usual"
    return [_warning("source_gone_quiet", detail)]


def _distance(n: float, middle: float) -> float:
    return 2 * (math.sqrt(n + 0.375) - math.sqrt(middle + 0.375))


def _warning(rule: str, detail: str) -> Outcome:
    return Outcome(Rule(rule, "", Severity.WARNING), is_met=False, detail=detail)
