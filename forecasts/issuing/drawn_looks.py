"""What all looks cost where records come in lots: the chance then depends on when they came, so they are drawn.

For every night and every final count near its limit a few ways in which its records may have come are drawn. How often
each raises an alert, weighed by the probability of that count, stands for all: error about a hundredth.
"""

from dataclasses import dataclass

import numpy as np

from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.judging.standing import final_tail, over
from forecasts.known.completeness import Filling
from forecasts.known.paths import Paths
from nte import negative_binomial as nb

N_PATHS = 12_000
LEAST_PATHS, MOST_PATHS = 2, 200
"""For each night and final count."""
FAR_BELOW = 40.0
"""A count that this many times as many nights reach as exceed the lowest limit raises no alert …"""
FAR_ABOVE = 0.01
"""… and one that this part of those reach that exceed the highest limit always does."""


@dataclass(frozen=True)
class DrawnLooks:
    """The probability that any look alerts, by night and final limit."""

    lowest: Floats
    """By night: the lowest limit that was tried."""
    alarms: Floats
    """Night × limits from the lowest on."""

    def at(self, limit: Floats) -> Floats:
        """Return the probability that each night alerts at any look, for its limit."""
        place = np.clip(limit - self.lowest, 0, self.alarms.shape[1] - 1).astype(np.int64)
        return np.asarray(self.alarms[np.arange(len(limit)), place])


def draw_looks(  # noqa: PLR0917 - nights, how they fill, and between which limits
    mean: Floats,
    size: Floats,
    filling: Filling,
    clumping: Floats,
    is_look: Bools,
    between: tuple[Floats, Floats],
    gamma: float,
    seed: int = 20_260_329,
) -> DrawnLooks:
    """Draw how the records of nights come: `filling` is night × look, `is_look` says which can raise an alert.

    As in the recursion, records that are withdrawn count as they do in `known`: as if they had never come.
    """
    lowest, highest = between
    if not len(mean):
        return DrawnLooks(lowest, np.zeros((0, 1)))
    night, final, weight = _finals(mean, size, lowest, highest)
    each = int(np.clip(N_PATHS // max(len(night), 1), LEAST_PATHS, MOST_PATHS))
    night, final, weight = np.repeat(night, each), np.repeat(final, each), np.repeat(weight / each, each)
    whole = np.maximum(filling.known.max(axis=1), 1.0)
    arrived = np.maximum.accumulate(filling.known / whole[:, None], axis=1)
    seen = _come(final, arrived[night], clumping[night], np.random.default_rng(seed))
    share = np.maximum.accumulate(filling.of_final, axis=1)[night]
    paths = Paths(clumping[night], seen, share)
    limits = lowest[night, None] + np.arange(int((highest - lowest).max()) + 1)
    alarmed = np.zeros(limits.shape, dtype=bool)
    for look in range(seen.shape[1]):
        now = Filling(filling.known[night, look], filling.survival[night, look])
        tail = final_tail(seen[:, look], mean[night], size[night], now, paths.until(look))
        chance = np.column_stack([over(tail, limit) for limit in limits.T])
        alarmed |= (chance >= gamma) & is_look[night, look, None]
    alarms = np.zeros((len(mean), limits.shape[1]))
    np.add.at(alarms, night, alarmed * weight[:, None])
    return DrawnLooks(lowest, alarms)


def _finals(mean: Floats, size: Floats, lowest: Floats, highest: Floats) -> tuple[Ints, Floats, Floats]:
    """Return nights, final counts near their limits, and the probability of each; the last stands for all above it."""
    far_below = np.minimum(FAR_BELOW * nb.tail_probability(lowest + 1, mean, size), 1.0)
    from_below = np.maximum(nb.limit(far_below, mean, size), 0.0)
    to_above = nb.limit(FAR_ABOVE * nb.tail_probability(highest + 1, mean, size), mean, size) + 1
    n = (to_above - from_below + 1).astype(np.int64)
    night = np.repeat(np.arange(len(mean)), n)
    step = np.arange(len(night)) - np.repeat(np.cumsum(n) - n, n)
    final = np.asarray(from_below[night] + step, dtype=np.float64)
    at_least = nb.tail_probability(final, mean[night], size[night])
    more = np.where(final < to_above[night], nb.tail_probability(final + 1, mean[night], size[night]), 0.0)
    return night, final, at_least - more


def _come(final: Floats, arrived: Floats, clumping: Floats, random: np.random.Generator) -> Floats:
    """Return how many of the records are in at each look: path × look."""
    seen, left, before = [], final.astype(np.int64), np.zeros(len(final))
    for share in arrived.T:
        hazard = np.clip((share - before) / np.maximum(1.0 - before, 1e-12), 0.0, 1.0)
        inside = (hazard > 0.0) & (hazard < 1.0)
        own = hazard[inside] * clumping[inside]
        hazard[inside] = random.beta(own, clumping[inside] - own)
        left = left - random.binomial(left, hazard)
        seen.append(final - left)
        before = share
    return np.stack(seen, axis=1)
