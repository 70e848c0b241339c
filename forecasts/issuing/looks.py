"""Every morning's look at a night that is still filling is one more chance of a false alarm: what all looks cost.

A night is judged on each morning after it against the limit of its age. Counts only grow from look to look, so the
looks are far from independent; how often any of them alarms by chance is worked out exactly here, count by count.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from forecasts.curve.panel import Bools, Floats
from forecasts.issuing import limits
from forecasts.judging.nights import MIN_SHARE_KNOWN
from forecasts.known.completeness import known_share_of
from nte import negative_binomial as nb

LOOK_AGES = (1, 2, 3, 4, 5, 7, 10)
"""Mornings after a night on which a first alert about it can still be posted; those between add next to nothing."""
LOWEST_SHARE_OF_LEVEL = 1 / 16
"""However many looks, they are never worth more than so many independent ones."""
MOST_GUESSES = 8
ENOUGH_OF_BUDGET, MIDST_OF_BUDGET = 0.95, 0.975
"""A level that spends this part of the budget is taken; the next guess aims at the midst of what is left."""
MOST_NIGHTS = 500
"""Nights that stand in for all where there are more: the level is a matter of their sum."""


def shares_at_looks(completeness: pl.DataFrame, sources: Sequence[str]) -> dict[str, Floats]:
    """Return, by source, the share of a night's final count that is known at each look."""
    as_of = date(2000, 1, 31)  # any: shares depend on ages alone
    evenings = [as_of - timedelta(days=age) for age in LOOK_AGES]
    return {
        source: known_share_of(completeness, [source] * len(evenings), evenings, as_of)
        for source in sorted(set(sources))
    }


def alert_level(mean: Floats, size: Floats, shares: Floats, is_judged: Bools, budget: float) -> float:
    """Return the tail probability at which the looks at all judged nights raise at most `budget` false alarms.

    `shares`: night × look, rising. A night counts once, whichever of its looks alarms.
    """
    whole = limits.alert_level(mean, size, is_judged, budget)
    if not is_judged.any():
        return whole
    chosen = _representative(mean, is_judged)
    part = budget * len(chosen) / is_judged.sum()
    mu, r, known = mean[chosen], size[chosen], shares[chosen]
    low, high = np.log(whole * LOWEST_SHARE_OF_LEVEL), np.log(whole)
    guess = (3.0 * high + low) / 4.0
    for _ in range(MOST_GUESSES):
        alarms = any_look_probability(mu, r, known, float(np.exp(guess))).sum()
        low, high = (guess, high) if alarms <= part else (low, guess)
        if ENOUGH_OF_BUDGET * part <= alarms <= part:
            break
        # Alarms are nearly in proportion to the level, but for the steps of whole counts.
        nearer = guess + np.log(MIDST_OF_BUDGET * part / max(alarms, 1e-300))
        guess = nearer if low < nearer < high else (low + high) / 2.0
    return float(np.exp(low))


def _representative(mean: Floats, is_judged: Bools) -> np.ndarray:
    """Return the judged nights, or evenly many of every size where there are a great many."""
    judged = np.flatnonzero(is_judged)
    if len(judged) <= MOST_NIGHTS:
        return judged
    by_mean = judged[np.argsort(mean[judged], kind="stable")]
    return by_mean[np.linspace(0, len(by_mean) - 1, MOST_NIGHTS).astype(np.int64)]


def any_look_probability(mean: Floats, size: Floats, shares: Floats, level: float) -> Floats:
    """Return the probability that a night exceeds its limit at any look, when nothing is unusual.

    What is known at a look, and what is added until the next, is a negative binomial count whose mean follows what
    is known already: the recursion carries the probability of every count that has not exceeded a limit so far.
    """
    limit = nb.limit(level, mean[:, None] * shares, size[:, None])
    count = np.arange(int(limit.max()) + 1)
    quiet = np.zeros((len(mean), len(count)))
    quiet[:, 0] = 1.0
    before = np.zeros(len(mean))
    for look in range(shares.shape[1]):
        is_looked = shares[:, look] >= MIN_SHARE_KNOWN
        more = np.maximum(shares[:, look] - before, 0.0)
        chance = more / (size / mean + before + more)
        quiet = _after_more(quiet, size[:, None] + count, chance[:, None])
        quiet = np.where(is_looked[:, None] & (count > limit[:, look, None]), 0.0, quiet)
        before = before + more
    return np.asarray(np.clip(1.0 - quiet.sum(axis=1), 0.0, 1.0))


def _after_more(quiet: Floats, shape: Floats, chance: Floats) -> Floats:
    """Return the probability of every count after the next reports: night × count.

    They are negative binomial with the size `shape` (night × count so far) and the probability `chance` (night × 1).
    """
    added = (1.0 - chance) ** shape
    after = quiet * added
    for n in range(1, quiet.shape[1]):
        added = added * (shape + n - 1) / n * chance
        after[:, n:] += (quiet * added)[:, :-n]
    return np.asarray(after)
