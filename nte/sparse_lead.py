"""How many days a file lacks at its beginning, by its own volume: late and old records alone are no quiet days.

An export of what was recorded in a fortnight holds a few records of the months before. Only a beginning of which every
week is nearly empty beside the days after it is taken for one: no quiet town, season or year is so.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nte import negative_binomial as nb

Ints = npt.NDArray[np.int64]
A_WEEK: Final = 7
DAYS_AFTER: Final = 28
"""What is usual is read in so many days after a beginning."""
NEARLY_EMPTY: Final = 0.1
"""No week of such a beginning has more of the rows that are usual, and …"""
MOST_SURPRISING: Final = 1 / 3_000
"""… chance leaves so few less often than that, by days that scatter with …"""
SIZE: Final = 5.0
"""… this negative binomial size: as generously as a cut of a history load is judged."""
SIZE_OF_DAY: Final = 20.0
MOST_OF_DAY: Final = 0.1
"""Chance that a whole day has so few rows: weak proof, of days that follow on an empty beginning."""


@dataclass(frozen=True)
class Proof:
    """What it takes to say that a file is not about its first days."""

    fewest_empty: int
    """Days that are nearly empty …"""
    fewest_whole: int
    """… and days after them, of which it is about."""
    least_share: float
    """Days next to the empty ones with less than this share of what their weekday has later are filling up."""


STRICT: Final = Proof(fewest_empty=4, fewest_whole=7, least_share=0.5)
"""To call nights unknown: a few quiet days are not enough, nor a single busy weekend after them."""
LIKELY: Final = Proof(fewest_empty=1, fewest_whole=1, least_share=0.75)
"""To propose a name."""


def n_lacking(counts: Ints, proof: Proof) -> tuple[int, float]:
    """Return how many of the first days a file is not about, and how many rows a day after them usually has.

    `counts`: rows of each day, in order. 0 where nothing is proven.
    """
    most = len(counts) - proof.fewest_whole
    busiest = _busiest_weeks(counts)
    proven = [n for n in range(proof.fewest_empty, most + 1) if _is_nearly_empty(counts, n, busiest[n - 1])]
    if not proven:
        return 0, 0.0
    n = proven[-1]
    while n < most and _is_filling(counts, n, proof.least_share):
        n += 1
    return n, _usual(counts, n)


def _busiest_weeks(counts: Ints) -> Ints:
    """Return the rows of the busiest week among the first days, up to each; of less than a week all."""
    sums = np.cumsum(counts)
    weeks = sums - np.concatenate([np.zeros(A_WEEK, dtype=np.int64), sums[:-A_WEEK]])[: len(sums)]
    return np.concatenate([sums[: A_WEEK - 1], np.maximum.accumulate(weeks[A_WEEK - 1 :])])


def _usual(counts: Ints, n: int) -> float:
    """Return the median rows of a day in the weeks after the first n days: a few busy days do not move it."""
    return float(np.median(counts[n : n + DAYS_AFTER]))


def _is_nearly_empty(counts: Ints, n: int, busiest: int) -> bool:
    """Say whether every week of the first n days has next to none of the rows that are usual after them."""
    usual = _usual(counts, n)
    if not usual or busiest > NEARLY_EMPTY * usual * min(n, A_WEEK):
        return False
    return bool(nb.at_most(counts[:n].sum(), n * usual, SIZE) < MOST_SURPRISING)


def _is_filling(counts: Ints, n: int, least_share: float) -> bool:
    """Say whether a day has far fewer rows than the same weekday has in the weeks after it."""
    later = counts[n + A_WEEK : n + DAYS_AFTER + 1 : A_WEEK]
    usual = float(later.mean()) if len(later) else _usual(counts, n)
    is_few = counts[n] < least_share * usual
    return bool(is_few and nb.at_most(counts[n], usual, SIZE_OF_DAY) < MOST_OF_DAY)
