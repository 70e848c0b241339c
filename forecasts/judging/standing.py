"""Will an alert about a night that is still filling stand? The chance that the final count exceeds its limit.

The band says that the final count N is negative binomial. Of a night's records a share is in at an age; a few of those
that are in will be withdrawn. What is still to come, given what is in, has an exact law: more in than usual says that
the night is a busy one. `Filling` says what is usual at an age, the functions say what follows from a count.

Source: stochastic curtailment (Lan, Simon and Halperin 1982). The chance is a martingale on an ordinary night, so the
probability that any look reaches gamma is at most P(N > limit) / gamma, however many looks there are (Ville).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from forecasts.curve.panel import Floats
from forecasts.known.completeness import Filling
from forecasts.known.paths import Paths
from nte import negative_binomial as nb

NEGLIGIBLE = 1e-7
"""Probability of more withdrawn records than are reckoned with."""
ENDLESS = 1e-9
"""Probability, of records that come one by one, of more to come than are reckoned with."""
CERTAINLY = 0.5
"""No source loses more than half of its records: a count of twice the limit and more alerts at any age."""


def chance_to_stand(  # noqa: PLR0917 - a count, its band, and how the night fills
    count: ArrayLike,
    limit: ArrayLike,
    mean: ArrayLike,
    size: ArrayLike,
    filling: Filling,
    paths: Paths | None = None,
) -> Floats:
    """Return P(final count > limit) given `count` records so far; `mean` and `size` are the band's.

    Exact where each record comes, and is withdrawn, independently of the others; where `paths` says that they come in
    lots, given every look at the night. All are then arrays of one dimension, a place each night.
    """
    n, most, mu, r, known, survival = np.broadcast_arrays(
        *(
            np.asarray(v, dtype=np.float64)
            for v in (count, limit, mean, size, filling.known, filling.survival)
        )
    )
    filled = Filling(known, survival)
    to_come, shape = still_to_come(n, mu, r, filled)
    total = np.zeros(n.shape)
    for n_withdrawn, weight in _withdrawn(n, survival):
        total += weight * nb.tail_probability(most - n + n_withdrawn + 1, to_come, shape)
    if paths is not None and (own := np.flatnonzero(paths.in_lots)).size:
        tail = final_tail(n[own], mu[own], r[own], filled.at(own), paths.at(own))
        total = total.copy()
        total[own] = over(tail, most[own])
    return np.asarray(np.clip(total, 0.0, 1.0))


def still_to_come(count: Floats, mean: Floats, size: Floats, filling: Filling) -> tuple[Floats, Floats]:
    """Return mean and size of the records still to come, each by itself, given `count` that are in."""
    shape = size + count
    share = np.clip(1.0 - filling.of_final, 0.0, 1.0)
    return shape * share / (size / np.maximum(mean, nb.MIN_MEAN) + filling.known), shape


def final_tail(count: Floats, mean: Floats, size: Floats, filling: Filling, paths: Paths) -> Floats:
    """Return P(final count >= k) of nights whose records come in lots: night × k, the last is nought."""
    to_come, shape = still_to_come(count, mean, size, filling)
    if not count.size:
        return np.zeros((0, 1))
    more = np.arange(nb.quantile(1.0 - ENDLESS, to_come, shape).max() + 1)
    log_weight = nb.log_probability(more, to_come[:, None], shape[:, None]) + paths.log_likelier(more)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    tail = np.column_stack([np.cumsum(weight[:, ::-1], axis=1)[:, ::-1], np.zeros(len(count))])
    k = np.arange(int(count.max()) + len(more) + 1)
    total = np.zeros((len(count), len(k)))
    for n_withdrawn, likely in _withdrawn(count, filling.survival):
        place = np.clip(k - count[:, None] + n_withdrawn, 0, len(more)).astype(np.int64)
        total += likely[:, None] * np.take_along_axis(tail, place, axis=1)
    return total


def over(tail: Floats, limit: Floats) -> Floats:
    """Return P(final count > limit) from what `final_tail` returns, for a limit a night."""
    place = np.clip(limit + 1, 0, tail.shape[1] - 1).astype(np.int64)
    return np.asarray(np.take_along_axis(tail, place[:, None], axis=1)[:, 0])


def greatest_quiet(
    limit: ArrayLike, mean: ArrayLike, size: ArrayLike, filling: Filling, gamma: float
) -> Floats:
    """Return the greatest count so far whose chance to stand is under `gamma`; -1 where even 0 has it."""
    most, mu, r, known, survival = np.broadcast_arrays(
        *(np.asarray(v, dtype=np.float64) for v in (limit, mean, size, filling.known, filling.survival))
    )
    as_known = Filling(known, survival)
    low, high = np.full(most.shape, -1.0), np.ceil((most + 2) / CERTAINLY)
    while (is_open := high - low > 1).any():
        middle = np.where(is_open, np.floor((low + high) / 2), np.maximum(low, 0))
        is_quiet = chance_to_stand(middle, most, mu, r, as_known) < gamma
        low, high = np.where(is_open & is_quiet, middle, low), np.where(is_open & ~is_quiet, middle, high)
    return low


def _withdrawn(count: Floats, survival: Floats) -> Iterator[tuple[int, Floats]]:
    """Yield how many of the records that are in will be withdrawn, with the probability of each number."""
    from scipy.stats import binom  # takes a second to import

    most = 0
    if count.size and (survival < 1.0).any():
        most = int(np.max(binom.ppf(1.0 - NEGLIGIBLE, np.maximum(count, 0), 1.0 - survival)))
    for n_withdrawn in range(most + 1):
        yield n_withdrawn, np.asarray(binom.pmf(n_withdrawn, count, 1.0 - survival))
