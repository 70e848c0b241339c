"""The alert rules side by side: what each says of drawn nights, morning by morning, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.alerts import before
from bench.alerts.nights import Reports
from bench.alerts.world import MORNINGS, Counts, World
from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.issuing import limits, looks
from forecasts.judging.nights import MIN_SHARE_KNOWN
from forecasts.judging.standing import chance_to_stand, greatest_quiet
from forecasts.known.coming import INDEPENDENT
from forecasts.known.completeness import Filling
from forecasts.known.paths import Paths

WORTH_ASKING = 0.2
"""A night in lots may be above where the chance of one that comes one by one is at least this."""


@dataclass(frozen=True)
class Rule:
    """When a place's night is above, and when what is open is withdrawn: place × morning each."""

    name: str
    quiet_until: Floats
    """The greatest count that raises no alert."""
    falls_until: Floats
    """An open alert whose count is no more than this is withdrawn though no record has gone."""
    look_ages: Sequence[int]
    """Mornings on which a first alert may be raised."""
    final_limit: Floats
    """By place: the limit that the finished night is held against."""
    level: Floats
    """By place."""
    tells_while_held: bool = True
    """Whether people are told the count of an alert that is not above and holds."""
    asks_when_they_came: tuple[World, float, float] | None = None
    """Where reports come in lots the counts above do not decide: the world, gamma and delta instead."""


@dataclass(frozen=True)
class Outcome:
    """What was said of each night that alerted: one place an alert."""

    night: Ints
    morning: Counts
    stands_on_10: Bools
    stands: Bools
    """On the last morning."""
    for_nothing: Bools
    """It was withdrawn though no record had gone."""


def by_chance(world: World, gamma: float, delta: float) -> Rule:
    """Return the service's rule: the chance that the final count exceeds its limit."""
    level = np.zeros(len(world.mean))
    for places in world.by_season():
        own = world.nights.at(places)
        level[places] = looks.alert_level(own, np.ones(len(places), dtype=bool), world.budget, gamma)
    limit = limits.night_limit(level, world.mean, world.size, world.least)
    at = limit[:, None], world.mean[:, None], world.size[:, None], world.filling
    in_lots = world.clumping < INDEPENDENT
    quiet = greatest_quiet(*at, WORTH_ASKING if in_lots else gamma)
    quiet = np.where(world.filling.known >= MIN_SHARE_KNOWN, quiet, np.inf)
    asks = (world, gamma, delta) if in_lots else None
    return Rule(
        f"chance {gamma:.2f}",
        quiet,
        greatest_quiet(*at, delta),
        looks.LOOK_AGES,
        limit,
        level,
        asks_when_they_came=asks,
    )


def chance_on(world: World, place: Ints, known: Counts, age: int, limit: Floats) -> Floats:
    """Return the service's chance of each night of `place` on a morning, given all mornings of `known` up to it."""
    still_in = np.minimum.accumulate(known[:, age - 1 :: -1], axis=1)[:, ::-1].astype(np.float64)
    share = np.maximum.accumulate(world.filling.of_final[:, :age], axis=1)[place]
    paths = Paths(np.full(len(place), world.clumping), still_in, share)
    filling = Filling(world.filling.known[place, age - 1], world.filling.survival[place, age - 1])
    band = world.mean[place], world.size[place]
    return chance_to_stand(known[:, age - 1], limit[place], *band, filling, paths)


def by_what_should_be_known(world: World) -> Rule:
    """Return the rule until version 4, without least counts, which it had not."""
    known, level = world.filling.known, np.zeros(len(world.mean))
    ages = np.array(before.LOOK_AGES) - 1
    for places in world.by_season():
        own = world.mean[places], world.size[places], known[places][:, ages]
        level[places] = before.alert_level(*own, world.budget)
    limit = before.limit_so_far(level, world.mean, world.size, known)
    falls = np.where(known >= before.SETTLED_SHARE, limit, -1.0)
    return Rule("so far", limit, falls, before.LOOK_AGES, limit[:, -1], level, False)


def clairvoyant_limit(world: World) -> Floats:
    """Return the limit by which one who sees the final count at once spends the same budget."""
    level = np.zeros(len(world.mean))
    for places in world.by_season():
        own = world.mean[places], world.size[places], world.least[places]
        level[places] = limits.alert_level(*own, np.ones(len(places), dtype=bool), world.budget)
    return limits.night_limit(level, world.mean, world.size, world.least)


def follow(rule: Rule, reports: Reports, last_morning: int = MORNINGS) -> Outcome:
    """Return what a rule says of nights: it alerts, holds what people were told, and withdraws.

    As in `alerts.deciding`: an open alert that is not above holds unless its count is lower than people were told, or
    no more than `falls_until`. One that was withdrawn and is above again stands again.
    """
    columns = np.array([age - 1 for age in rule.look_ages])
    above = reports.known[:, columns] > rule.quiet_until[reports.place][:, columns]
    night = np.flatnonzero(above.any(axis=1))
    above = above[night]
    if rule.asks_when_they_came is not None:
        world, gamma, _ = rule.asks_when_they_came
        own = reports.at(night)
        for look, age in enumerate(rule.look_ages):
            some = np.flatnonzero(above[:, look])
            chance = chance_on(world, own.place[some], own.known[some], age, rule.final_limit)
            above[some, look] = chance >= gamma
        night, above = night[above.any(axis=1)], above[above.any(axis=1)]
    first = np.array(rule.look_ages)[above.argmax(axis=1)]
    own = reports.at(night)
    is_open, for_nothing = np.zeros((2, len(night)), dtype=bool)
    told, on_10 = np.zeros(len(night)), is_open
    for morning in range(last_morning):
        count = own.known[:, morning]
        is_high, is_low = _high_and_low(rule, own, morning)
        is_above = is_high & (morning + 1 >= first)
        has_gone = count < told
        holds = is_open & ~has_gone & ~is_low
        for_nothing = for_nothing | (is_open & ~is_above & ~holds & ~has_gone)
        is_open = is_above | holds
        told = np.where(is_above | (is_open & rule.tells_while_held), count, told)
        on_10 = is_open if morning == 9 else on_10
    return Outcome(night, first, on_10, is_open, for_nothing)


def _high_and_low(rule: Rule, own: Reports, morning: int) -> tuple[Bools, Bools]:
    """Say which nights are above on a morning, and which have so few that nothing holds their alert."""
    if rule.asks_when_they_came is None:
        count = own.known[:, morning]
        return count > rule.quiet_until[own.place, morning], count <= rule.falls_until[own.place, morning]
    world, gamma, delta = rule.asks_when_they_came
    chance = chance_on(world, own.place, own.known, morning + 1, rule.final_limit)
    return chance >= gamma, chance <= delta
