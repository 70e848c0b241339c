"""The peer: the rule until version 4, kept whole. What is in is held against the limit of what should be in by now.

A night alerted when its count exceeded the level's limit of its thinned mean, and was withdrawn when it no longer did
and either nearly all was known or a record had gone. The level came from the recursion over the thinned limits.
"""

import numpy as np

from forecasts.curve.panel import Bools, Floats
from forecasts.issuing import limits
from forecasts.judging.nights import MIN_SHARE_KNOWN
from nte import negative_binomial as nb

LOOK_AGES = (1, 2, 3, 4, 5, 7, 10)
SETTLED_SHARE = 0.9
LOWEST_SHARE_OF_LEVEL = 1 / 16
MOST_GUESSES = 8
ENOUGH_OF_BUDGET, MIDST_OF_BUDGET = 0.95, 0.975


def limit_so_far(level: Floats, mean: Floats, size: Floats, known: Floats) -> Floats:
    """Return the limit on each morning: night × morning, endless while too little is known."""
    limit = nb.limit(level[:, None], mean[:, None] * known, size[:, None])
    return np.where(known >= MIN_SHARE_KNOWN, limit, np.inf)


def alert_level(mean: Floats, size: Floats, known: Floats, budget: float) -> float:
    """Return the tail probability at which all looks at these nights raise at most `budget` false alarms.

    `known`: night × look, rising. A night counts once, whichever of its looks alarms.
    """
    whole = limits.alert_level(mean, size, np.zeros_like(mean), _all(mean), budget)
    low, high = np.log(whole * LOWEST_SHARE_OF_LEVEL), np.log(whole)
    guess = (3.0 * high + low) / 4.0
    for _ in range(MOST_GUESSES):
        alarms = any_look_probability(mean, size, known, float(np.exp(guess))).sum()
        low, high = (guess, high) if alarms <= budget else (low, guess)
        if ENOUGH_OF_BUDGET * budget <= alarms <= budget:
            break
        nearer = guess + np.log(MIDST_OF_BUDGET * budget / max(alarms, 1e-300))
        guess = nearer if low < nearer < high else (low + high) / 2.0
    return float(np.exp(low))


def any_look_probability(mean: Floats, size: Floats, known: Floats, level: float) -> Floats:
    """Return the probability that a night exceeds its limit at any look, when nothing is unusual."""
    limit = limit_so_far(np.full(len(mean), level), mean, size, known)
    count = np.arange(int(np.max(limit[np.isfinite(limit)], initial=0.0)) + 1)
    quiet = np.zeros((len(mean), len(count)))
    quiet[:, 0] = 1.0
    before = np.zeros(len(mean))
    for look in range(known.shape[1]):
        more = np.maximum(known[:, look] - before, 0.0)
        chance = more / (size / mean + before + more)
        quiet = _after_more(quiet, size[:, None] + count, chance[:, None])
        quiet = np.where(count > limit[:, look, None], 0.0, quiet)
        before = before + more
    return np.asarray(np.clip(1.0 - quiet.sum(axis=1), 0.0, 1.0))


def _after_more(quiet: Floats, shape: Floats, chance: Floats) -> Floats:
    added = (1.0 - chance) ** shape
    after = quiet * added
    for n in range(1, quiet.shape[1]):
        added = added * (shape + n - 1) / n * chance
        after[:, n:] += (quiet * added)[:, :-n]
    return np.asarray(after)


def _all(values: Floats) -> Bools:
    return np.ones(len(values), dtype=bool)
