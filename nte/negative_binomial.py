"""The negative binomial distribution of a night's count, by mean and size.

`size` is the dispersion of the published bands: variance = mean + mean² / size; a very large size is Poisson.
A count that is known only to a share `c` (each incident independently known with probability c) is again
negative binomial, with mean `c * mean` and the same size: that is what `thin` says.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaln

Floats = NDArray[np.float64]

MAX_SIZE = 1e6
"""Size from which the distribution cannot be told from Poisson; keeps sizes finite in the tables."""
MIN_MEAN = 1e-9
"""Smallest mean used in a calculation: a mean of exactly nought would make every count impossible."""


def size_of_groups(counts: Floats, groups: NDArray[Any], mean: float, *, least: float, most: float) -> float:
    """Return the size at a mean of counts that scatter, around the mean of their group, as these do."""
    squares, expected = 0.0, 0.0
    for group in np.unique(groups):
        own = counts[groups == group]
        squares += float(((own - own.mean()) ** 2).sum())
        expected += float(own.mean() * (len(own) - 1))
    scatter = squares / expected if expected else 1.0
    return float(np.clip(mean / (scatter - 1), least, most)) if scatter > 1 else most


def tail_probability(count: ArrayLike, mean: ArrayLike, size: ArrayLike) -> Floats:
    """Return P(Y >= count); 1 for a count of 0 or less."""
    k, mu, r = _broadcast(count, mean, size)
    k = np.maximum(k, 0.0)
    share = np.asarray(betainc(np.maximum(k, 1.0), r, mu / (mu + r)), dtype=np.float64)
    return np.where(k <= 0, 1.0, share)


def at_most(count: ArrayLike, mean: ArrayLike, size: ArrayLike) -> Floats:
    """Return P(Y <= count), for whole counts."""
    return 1.0 - tail_probability(np.asarray(count) + 1, mean, size)


def probability(count: ArrayLike, mean: ArrayLike, size: ArrayLike) -> Floats:
    """Return P(Y = count)."""
    return np.exp(log_probability(count, mean, size))


def log_probability(count: ArrayLike, mean: ArrayLike, size: ArrayLike) -> Floats:
    """Return log P(Y = count) for whole or (weighted) fractional counts."""
    k, mu, r = _broadcast(count, mean, size)
    log_choose = gammaln(k + r) - gammaln(r) - gammaln(k + 1.0)
    return np.asarray(log_choose - r * np.log1p(mu / r) + k * (np.log(mu) - np.log(mu + r)), dtype=np.float64)


def quantile(level: ArrayLike, mean: ArrayLike, size: ArrayLike) -> Floats:
    """Return the smallest count k with P(Y <= k) >= level."""
    from scipy.stats import nbinom  # takes a second to import

    p, mu, r = _broadcast(level, mean, size)
    return np.asarray(nbinom.ppf(p, r, r / (r + mu)), dtype=np.float64)


def limit(tail_level: ArrayLike, mean: ArrayLike, size: ArrayLike) -> Floats:
    """Return the smallest count k with P(Y > k) <= tail_level: an exceedance is a count above k."""
    alpha, mu, r = _broadcast(tail_level, mean, size)
    # The quantile is only a guess: 1 - alpha loses the last digits of a small alpha, and far out it may be missing.
    guess = quantile(1.0 - alpha, mu, r)
    k = np.where(np.isfinite(guess), guess, np.ceil(mu))
    while (is_low := tail_probability(k + 1, mu, r) > alpha).any():
        k = k + is_low
    while (is_high := (k > 0) & (tail_probability(k, mu, r) <= alpha)).any():
        k = k - is_high
    return k


def thin(mean: ArrayLike, share: ArrayLike) -> Floats:
    """Return the mean of the known part of a count, each incident being known with probability `share`."""
    return np.asarray(mean, dtype=np.float64) * np.asarray(share, dtype=np.float64)


def size_with_uncertain_mean(size: ArrayLike, log_mean_variance: ArrayLike) -> Floats:
    """Return the size once the mean is only known up to a factor whose logarithm has the given variance."""
    spread = np.expm1(np.asarray(log_mean_variance, dtype=np.float64))
    inverse = 1.0 / np.asarray(size, dtype=np.float64)
    return np.asarray(1.0 / np.maximum(inverse + spread * (1.0 + inverse), 1.0 / MAX_SIZE), dtype=np.float64)


def _broadcast(first: ArrayLike, mean: ArrayLike, size: ArrayLike) -> tuple[Floats, Floats, Floats]:
    k, mu, r = np.broadcast_arrays(
        np.asarray(first, dtype=np.float64),
        np.asarray(mean, dtype=np.float64),
        np.asarray(size, dtype=np.float64),
    )
    return k, np.maximum(mu, MIN_MEAN), np.clip(r, 1e-6, MAX_SIZE)
