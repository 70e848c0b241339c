"""The alert rules side by side: what each says of drawn nights, morning by morning, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench import alerts_before as before
from bench.alerts_nights import Reports
from bench.alerts_world import MORNINGS, Counts, World
from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.issuing import limits, looks
from forecasts.judging.nights import MIN_SHARE_KNOWN
from forecasts.judging.standing import greatest_quiet


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
    quiet = np.where(world.filling.known >= MIN_SHARE_KNOWN, greatest_quiet(*at, gamma), np.inf)
    return Rule(f"chance {gamma:.2f}", quiet, greatest_quiet(*at, delta), looks.LOOK_AGES, limit, level)


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
    first = np.array(rule.look_ages)[above[night].argmax(axis=1)]
    own = reports.at(night)
    quiet, falls = rule.quiet_until[own.place], rule.falls_until[own.place]
    is_open, for_nothing = np.zeros((2, len(night)), dtype=bool)
    told, on_10 = np.zeros(len(night)), is_open
    for morning in range(last_morning):
        count = own.known[:, morning]
        is_above = (count > quiet[:, morning]) & (morning + 1 >= first)
        has_gone = count < told
        holds = is_open & ~has_gone & (count > falls[:, morning])
        for_nothing = for_nothing | (is_open & ~is_above & ~holds & ~has_gone)
        is_open = is_above | holds
        told = np.where(is_above | (is_open & rule.tells_while_held), count, told)
        on_10 = is_open if morning == 9 else on_10
    return Outcome(night, first, on_10, is_open, for_nothing)
