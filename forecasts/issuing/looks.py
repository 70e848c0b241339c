"""Every morning's look at a night that is still filling is one more chance of a false alarm: what all looks cost.

A night alerts at the first look at which its chance to stand reaches gamma. Counts only grow from look to look, so the
looks are far from independent; how often any of them alarms by chance is worked out exactly here, count by count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.issuing import limits
from forecasts.issuing.drawn_looks import draw_looks
from forecasts.judging.nights import MIN_SHARE_KNOWN
from forecasts.judging.standing import greatest_quiet
from forecasts.known.coming import INDEPENDENT
from forecasts.known.completeness import Filling, filling_at

LOOK_AGES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
"""Mornings after a night on which a first alert about it can still be posted."""
MOST_TIMES_LEVEL = 2.0
"""A night whose final count exceeds its limit may alert too late to be heard, so the level may be a little higher …"""
LEAST_TIMES_LEVEL = 0.2
"""… and one may alert that does not stand, so it may have to be lower."""
MOST_GUESSES = 8
ENOUGH_OF_BUDGET, MIDST_OF_BUDGET = 0.95, 0.975
"""A level that spends this part of the budget is taken; the next guess aims at the midst of what is left."""
MOST_NIGHTS = 500
"""Nights that stand in for all where there are more: the level is a matter of their sum."""


@dataclass(frozen=True)
class Nights:
    """Nights to be judged: one place each, night × look in `filling`."""

    mean: Floats
    size: Floats
    least: Floats
    """Limit that follows from the least count; 0 without one."""
    filling: Filling
    clumping: Floats
    """How alone the records of each come: `known.coming.INDEPENDENT` where each comes by itself."""

    def at(self, places: Ints) -> "Nights":
        """Return some of the nights."""
        return Nights(
            self.mean[places],
            self.size[places],
            self.least[places],
            self.filling.at(places),
            self.clumping[places],
        )


def filling_at_looks(completeness: pl.DataFrame, sources: Sequence[str]) -> Filling:
    """Return how full a night of each of `sources` is at each look: source × look."""
    ages = np.tile(np.array(LOOK_AGES, dtype=np.float64), len(sources))
    names = [source for source in sources for _ in LOOK_AGES]
    flat = filling_at(completeness, names, ages)
    shape = len(sources), len(LOOK_AGES)
    return Filling(flat.known.reshape(shape), flat.survival.reshape(shape))


def clumping_at(completeness: pl.DataFrame, sources: Sequence[str]) -> Floats:
    """Return how alone the records of each of `sources` come."""
    learned = dict(completeness.select("source", "clumping").iter_rows())
    return np.array([learned.get(source, INDEPENDENT) for source in sources])


def alert_level(nights: Nights, is_judged: Bools, budget: float, gamma: float) -> float:
    """Return the tail probability at which the looks at all judged nights raise at most `budget` false alarms.

    A night counts once, whichever of its looks alarms.
    """
    whole = limits.alert_level(nights.mean, nights.size, nights.least, is_judged, budget)
    if not is_judged.any():
        return whole
    chosen = _representative(nights.mean, is_judged)
    part, own = budget * len(chosen) / is_judged.sum(), nights.at(chosen)
    low, high = np.log(whole * LEAST_TIMES_LEVEL), np.log(min(whole * MOST_TIMES_LEVEL, limits.MAX_LEVEL))
    guess = min(np.log(whole), high)
    looks = _looks_at(own, (float(np.exp(low)), float(np.exp(high))), gamma)
    for _ in range(MOST_GUESSES):
        alarms = looks(float(np.exp(guess))).sum()
        low, high = (guess, high) if alarms <= part else (low, guess)
        if ENOUGH_OF_BUDGET * part <= alarms <= part:
            break
        # Alarms are nearly in proportion to the level, but for the steps of whole counts.
        nearer = guess + np.log(MIDST_OF_BUDGET * part / max(alarms, 1e-300))
        guess = nearer if low < nearer < high else (low + high) / 2.0
    return float(np.exp(low))


def _representative(mean: Floats, is_judged: Bools) -> Ints:
    """Return the judged nights, or evenly many of every size where there are a great many."""
    judged = np.flatnonzero(is_judged)
    if len(judged) <= MOST_NIGHTS:
        return judged
    by_mean = judged[np.argsort(mean[judged], kind="stable")]
    return by_mean[np.linspace(0, len(by_mean) - 1, MOST_NIGHTS).astype(np.int64)]


def any_look_probability(nights: Nights, level: float, gamma: float) -> Floats:
    """Return the probability that a night alerts at any look, when nothing is unusual."""
    return _looks_at(nights, (level, level), gamma)(level)


def _looks_at(nights: Nights, levels: tuple[float, float], gamma: float) -> Callable[[float], Floats]:
    """Return a function from a level between `levels` to the probability that each night alerts at any look."""
    in_lots = np.flatnonzero(nights.clumping < INDEPENDENT)
    alone = np.flatnonzero(nights.clumping >= INDEPENDENT)
    highest, lowest = (_limit(nights, level) for level in levels)
    own = nights.at(in_lots)
    drawn = draw_looks(
        own.mean,
        own.size,
        own.filling,
        own.clumping,
        own.filling.known >= MIN_SHARE_KNOWN,
        (lowest[in_lots], highest[in_lots]),
        gamma,
    )

    def at(level: float) -> Floats:
        limit, total = _limit(nights, level), np.zeros(len(nights.mean))
        total[alone] = _one_by_one(nights.at(alone), limit[alone], gamma)
        total[in_lots] = drawn.at(limit[in_lots])
        return total

    return at


def _limit(nights: Nights, level: float) -> Floats:
    return limits.night_limit(level, nights.mean, nights.size, nights.least)


def _one_by_one(nights: Nights, limit: Floats, gamma: float) -> Floats:
    """Return the probability that a night alerts at any look, where each record comes by itself.

    What is known at a look, and what is added until the next, is a negative binomial count whose mean follows what
    is known already: the recursion carries the probability of every count that has not alerted so far. Records that
    are withdrawn are in it as they are in `known`: as if they had never come.
    """
    filling = nights.filling
    quiet_until = greatest_quiet(limit[:, None], nights.mean[:, None], nights.size[:, None], filling, gamma)
    quiet_until = np.where(filling.known >= MIN_SHARE_KNOWN, quiet_until, np.inf)
    highest = np.max(quiet_until[np.isfinite(quiet_until)], initial=0.0)
    count = np.arange(int(highest) + 1)
    quiet = np.zeros((len(nights.mean), len(count)))
    quiet[:, 0] = 1.0
    before = np.zeros(len(nights.mean))
    for look in range(filling.known.shape[1]):
        more = np.maximum(filling.known[:, look] - before, 0.0)
        chance = more / (nights.size / nights.mean + before + more)
        quiet = _after_more(quiet, nights.size[:, None] + count, chance[:, None])
        quiet = np.where(count > quiet_until[:, look, None], 0.0, quiet)
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
