"""Nights drawn from true bands, and what was in of each on every morning after it."""

from dataclasses import dataclass

import numpy as np

from bench.alerts.world import GONE_AFTER, MORNINGS, SEASON_FACTORS, Counts, World
from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.known.coming import INDEPENDENT


@dataclass(frozen=True)
class Reports:
    """Drawn nights: the place of each, its final count, and what was in on every morning (night × morning)."""

    place: Ints
    final: Counts
    known: Counts

    def at(self, chosen: Ints | Bools) -> "Reports":
        """Return some of the nights."""
        return Reports(self.place[chosen], self.final[chosen], self.known[chosen])


def every_night(world: World, n_weekends: int) -> Ints:
    """Return the place of every night, centre and source of so many weekends: each season's alike often."""
    return np.tile(np.arange(len(world.mean)), max(n_weekends // len(SEASON_FACTORS), 1))


def draw_reports(
    world: World,
    place: Ints,
    factor: Floats | float,
    random: np.random.Generator,
    final: Counts | None = None,
) -> Reports:
    """Draw the nights of `place`, their means multiplied by `factor`; or with the final counts given."""
    mean, size = world.mean[place] * factor, world.size[place]
    if final is None:
        final = random.poisson(random.gamma(size, mean / size)).astype(np.int64)
    known = _coming(world, place, final, random)
    # The night's own rate, given how many records stayed: those that go again come at the same.
    rate = random.gamma(size + final, 1.0 / (size / mean + 1.0))
    n_passing = random.poisson(rate * world.withdrawn_share[world.source[place]])
    _add_passing(known, world, place, n_passing, random)
    return Reports(place, final, known)


def draw_look(world: World, place: Ints, age: Ints, random: np.random.Generator) -> tuple[Counts, Counts]:
    """Draw clean nights at one look each, `age` mornings old, reports one by one: count and final count."""
    size, source = world.size[place], world.source[place]
    rate = random.gamma(size, world.mean[place] / size)
    final = random.poisson(rate).astype(np.int64)
    passing = random.poisson(rate * world.passing[source, age - 1])
    return random.binomial(final, world.arrived[source, age - 1]) + passing, final


def _coming(world: World, place: Ints, final: Counts, random: np.random.Generator) -> Counts:
    """Return how many of the records that stay are in: night × morning."""
    hazard = _hazards(world.arrived)[world.source[place]]
    known, left = np.zeros((len(place), MORNINGS), dtype=np.int64), final.copy()
    for morning in range(MORNINGS):
        some = np.flatnonzero(left)
        share = hazard[some, morning]
        if world.clumping < INDEPENDENT:
            inside = (share > 0.0) & (share < 1.0)
            c = world.clumping
            share[inside] = random.beta(share[inside] * c, (1.0 - share[inside]) * c)
        left[some] -= random.binomial(left[some], share)
        known[:, morning] = final - left
    return known


def _add_passing(
    known: Counts, world: World, place: Ints, n_passing: Counts, random: np.random.Generator
) -> None:
    night = np.repeat(np.arange(len(place)), n_passing)
    luck = random.random(len(night))
    came = (world.arrived[world.source[place[night]]] < luck[:, None]).sum(axis=1)
    gone = np.minimum(came + random.integers(GONE_AFTER[0], GONE_AFTER[1] + 1, len(night)), MORNINGS - 1)
    for morning in range(MORNINGS):
        is_in = (came <= morning) & (morning < gone)
        np.add.at(known, (night[is_in], morning), 1)


def _hazards(arrived: Floats) -> Floats:
    before = np.column_stack([np.zeros(len(arrived)), arrived[:, :-1]])
    return np.asarray((arrived - before) / np.maximum(1.0 - before, 1e-12)).clip(0.0, 1.0)
