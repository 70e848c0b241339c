"""Will an alert about a night that is still filling stand? The chance that the final count exceeds its limit.

The band says that the final count N is negative binomial. Of a night's records a share is in at an age; a few of those
that are in will be withdrawn. What is still to come, given what is in, has an exact law: more in than usual says that
the night is a busy one. `Filling` says what is usual at an age, the functions say what follows from a count.

Source: stochastic curtailment (Lan, Simon and Halperin 1982). The chance is a martingale on an ordinary night, so the
probability that any look reaches gamma is at most P(N > limit) / gamma, however many looks there are (Ville).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from forecasts.curve.panel import Floats
from forecasts.known.completeness import Filling
from nte import negative_binomial as nb

NEGLIGIBLE = 1e-7
"""Probability of more withdrawn records than are reckoned with."""
CERTAINLY = 0.5
"""No source loses more than half of its records: a count of twice the limit and more alerts at any age."""


def chance_to_stand(
    count: ArrayLike, limit: ArrayLike, mean: ArrayLike, size: ArrayLike, filling: Filling
) -> Floats:
    """Return P(final count > limit) given `count` records so far; `mean` and `size` are the band's.

    Exact where each record comes, and is withdrawn, independently of the others.
    """
    n, most, mu, r, known, survival = np.broadcast_arrays(
        *(
            np.asarray(v, dtype=np.float64)
            for v in (count, limit, mean, size, filling.known, filling.survival)
        )
    )
    to_come = (r + n) * np.clip(1.0 - known * survival, 0.0, 1.0) / (r / np.maximum(mu, nb.MIN_MEAN) + known)
    total = np.zeros(n.shape)
    for n_withdrawn in range(_most_withdrawn(n, survival) + 1):
        weight = binom.pmf(n_withdrawn, n, 1.0 - survival)
        total += weight * nb.tail_probability(most - n + n_withdrawn + 1, to_come, r + n)
    return np.asarray(np.clip(total, 0.0, 1.0))


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


def _most_withdrawn(count: Floats, survival: Floats) -> int:
    if not count.size or (survival >= 1.0).all():
        return 0
    return int(np.max(binom.ppf(1.0 - NEGLIGIBLE, np.maximum(count, 0), 1.0 - survival)))
