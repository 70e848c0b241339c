"""Ratios, shares and rates of counts with their intervals: how much more, which part, how many. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, gammaincinv, ndtri

Counts = npt.NDArray[np.float64]
LEVEL = 0.95
MONTHS = 12
FEWEST_YEARS = 2


@dataclass(frozen=True)
class Ratio:
    """A ratio and the ends of its 95 % interval."""

    value: float
    lower: float
    upper: float


def ratio_of(now: float, before: float, dispersion: float = 1.0) -> Ratio | None:
    """Return now / before; None where there was none before.

    Given both together, the first is binomial (Clopper and Pearson 1934); counts that scatter `dispersion` times as
    much as chance alone say as much as so many fewer do.
    """
    if before <= 0:
        return None
    x, y = now / dispersion, before / dispersion
    tail = (1 - LEVEL) / 2
    lower = float(betaincinv(x, y + 1, tail)) if x > 0 else 0.0
    upper = float(betaincinv(x + 1, y, 1 - tail))
    return Ratio(now / before, lower / (1 - lower), upper / (1 - upper) if upper < 1 else float("inf"))


def share_of(n: int, of: int) -> Ratio | None:
    """Return n / of with its interval (Clopper and Pearson 1934); None of nothing."""
    if of <= 0:
        return None
    tail = (1 - LEVEL) / 2
    lower = float(betaincinv(n, of - n + 1, tail)) if n > 0 else 0.0
    upper = float(betaincinv(n + 1, of - n, 1 - tail)) if n < of else 1.0
    return Ratio(n / of, lower, upper)


def count_of(n: int, dispersion: float = 1.0) -> Ratio:
    """Return a count with the interval of its mean (Poisson, Garwood 1936), widened as in `ratio_of`."""
    tail, x = (1 - LEVEL) / 2, n / dispersion
    lower = float(gammaincinv(x, tail)) if n > 0 else 0.0
    return Ratio(n, dispersion * lower, dispersion * float(gammaincinv(x + 1, 1 - tail)))


def divergence_of(
    now: tuple[int, int], before: tuple[int, int], dispersions: tuple[float, float]
) -> Ratio | None:
    """Return by how much the ratio of two series has changed: `now` and `before` are a count of each.

    The interval is normal on the log scale, each count with as much scatter as its series; None where one is nought.
    """
    if not all((*now, *before)):
        return None
    change = (now[0] / now[1]) / (before[0] / before[1])
    variance = sum(d * (1 / n + 1 / m) for d, n, m in zip(dispersions, now, before, strict=True))
    half = float(ndtri(1 - (1 - LEVEL) / 2)) * variance**0.5
    return Ratio(change, change * float(np.exp(-half)), change * float(np.exp(half)))


def complete_years(counts: Counts, months: Sequence[date]) -> Counts:
    """Return the counts of each calendar year of which all months are there: a row a year, a column a month."""
    years: dict[int, list[float]] = {}
    for month, n in zip(months, counts, strict=True):
        years.setdefault(month.year, []).append(float(n))
    return np.array([of_year for of_year in years.values() if len(of_year) == MONTHS])


def dispersion_of(years: Counts) -> float:
    """Return how many times as much as chance a series scatters: at least 1.

    `years`: a row a complete year, a column a month. Held against a level of each year and a share of each month
    (Pearson's chi-square over its degrees of freedom); 1 where fewer than two years are complete.
    """
    if len(years) < FEWEST_YEARS or years.sum() <= 0:
        return 1.0
    expected = years.sum(axis=1, keepdims=True) * years.sum(axis=0, keepdims=True) / years.sum()
    is_there = expected > 0
    chi_square = ((years - expected)[is_there] ** 2 / expected[is_there]).sum()
    return max(1.0, float(chi_square / ((len(years) - 1) * (MONTHS - 1))))
