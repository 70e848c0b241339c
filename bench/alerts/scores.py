"""The figures of alert rules: what stands, what was withdrawn for nothing, what was seen, and are the chances true?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.alerts.nights import Reports, draw_look, draw_reports, every_night
from bench.alerts.rules import Outcome, Rule, chance_on, clairvoyant_limit, follow
from bench.alerts.world import World
from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.issuing import looks
from forecasts.judging.standing import chance_to_stand
from forecasts.known.coming import INDEPENDENT
from nte import negative_binomial as nb

DAYS_OF_A_WEEKEND = 7.0
FIFTHS, ENOUGH, AT_ONCE = 5, 500, 500_000
NEXT_TO_NOTHING = 1e-3


@dataclass(frozen=True)
class Run:
    """How many nights are drawn."""

    n_weekends: int
    seeds: list[int]

    @property
    def days(self) -> float:
        """Return the days that all seeds span together."""
        return self.n_weekends * len(self.seeds) * DAYS_OF_A_WEEKEND


@dataclass(frozen=True)
class Figures:
    """One row of the table: one rule, one kind of night, several seeds. Percentages are of first alerts."""

    nights: str
    rule: str
    n_nights: int
    n_first: int
    n_standing: int
    do_not_stand: float
    for_nothing: float
    alarms_in_30_days: float
    """Nought but for clean nights."""
    power: float
    """Percent of the nights with a standing alert by morning 10."""
    of_clairvoyant: float
    mean_morning: float


def score(world: World, rules: list[Rule], factor: float, run: Run, nights: str) -> list[Figures]:
    """Return the figures of each rule over the same drawn nights, all raised by `factor`."""
    place = every_night(world, run.n_weekends)
    outcomes: dict[str, list[Outcome]] = {rule.name: [] for rule in rules}
    for seed in run.seeds:
        reports = draw_reports(world, place, factor, np.random.default_rng([seed, int(100 * factor)]))
        for rule in rules:
            outcomes[rule.name].append(follow(rule, reports))
    mean = factor * world.mean
    seen = nb.tail_probability(clairvoyant_limit(world) + 1, mean, world.size).mean()
    n = len(place) * len(run.seeds)
    return [figures(nights, name, parts, n, run, 100 * float(seen)) for name, parts in outcomes.items()]


def figures(  # noqa: PLR0917 - the row's name and numbers
    nights: str, rule: str, parts: list[Outcome], n: int, run: Run, clairvoyant: float
) -> Figures:
    """Return the row of one rule; `clairvoyant` is the power of one who sees final counts at once, in percent."""
    first = sum(len(part.night) for part in parts)
    stands = np.concatenate([part.stands for part in parts])
    by_10 = np.concatenate([part.stands & part.stands_on_10 for part in parts])
    power = 100 * float(by_10.sum()) / n
    return Figures(
        nights,
        rule,
        n,
        first,
        int(stands.sum()),
        100 * _mean(~stands),
        100 * _mean(np.concatenate([part.for_nothing for part in parts])),
        30 * first / run.days,
        power,
        power / clairvoyant if clairvoyant else float("nan"),
        _mean(np.concatenate([part.morning for part in parts])),
    )


@dataclass(frozen=True)
class Fifth:
    """Nights whose chance, at one look drawn at random, lay in one fifth of [0, 1]."""

    fifth: int
    n: int
    stated: float
    realised: float
    error: float
    """Standard error of what was realised."""


def reliability(world: World, rule: Rule, most_nights: int, seed: int) -> tuple[list[Fifth], float]:
    """Return stated chance against share that ended above the limit, and the Brier score.

    Clean nights, one look a night at random; drawn until ENOUGH lie in each fifth, or `most_nights` are.
    """
    random = np.random.default_rng([seed, 5])
    n_in = np.zeros(FIFTHS, dtype=np.int64)
    stated: list[Floats] = []
    stood: list[Bools] = []
    while n_in.min() < ENOUGH and n_in.sum() < most_nights:
        place = random.integers(0, len(world.mean), AT_ONCE)
        age = random.choice(looks.LOOK_AGES, len(place))
        if world.clumping < INDEPENDENT:
            reports = draw_reports(world, place, 1.0, random)
            final = reports.final
            stated.append(_chances_in_lots(world, rule, reports, age))
        else:
            count, final = draw_look(world, place, age, random)
            stated.append(_chances(world, rule, place, age, count))
        stood.append(final > rule.final_limit[place])
        n_in += np.bincount(_fifths(stated[-1]), minlength=FIFTHS)
    chance, above = np.concatenate(stated), np.concatenate(stood)
    fifth = _fifths(chance)
    rows = [_fifth(n, chance[fifth == n], above[fifth == n]) for n in range(FIFTHS)]
    return rows, float(((chance - above) ** 2).mean())


def _fifths(chance: Floats) -> Ints:
    return np.minimum((chance * FIFTHS).astype(np.int64), FIFTHS - 1)


def _chances(world: World, rule: Rule, place: np.ndarray, look: np.ndarray, count: np.ndarray) -> Floats:
    """Return the service's chance of each night; nights alike are asked once."""
    alike, index = np.unique(np.stack([place, look, count]), axis=1, return_inverse=True)
    where, age, seen = alike
    filling = world.filling
    own = type(filling)(filling.known[where, age - 1], filling.survival[where, age - 1])
    chance = chance_to_stand(seen, rule.final_limit[where], world.mean[where], world.size[where], own)
    return np.asarray(chance[index.ravel()])


def _chances_in_lots(world: World, rule: Rule, reports: Reports, age: Ints) -> Floats:
    """Return the service's chance of each night; nights of which next to nothing is in are not asked."""
    count = reports.known[np.arange(len(age)), age - 1]
    chance = _chances(world, rule, reports.place, age, count)
    for one in looks.LOOK_AGES:
        own = np.flatnonzero((age == one) & (chance > NEXT_TO_NOTHING))
        chance[own] = chance_on(world, reports.place[own], reports.known[own], one, rule.final_limit)
    return chance


def _fifth(n: int, chance: Floats, above: Bools) -> Fifth:
    realised = _mean(above)
    error = float(np.sqrt(realised * (1 - realised) / max(len(above), 1)))
    return Fifth(n + 1, len(chance), _mean(chance), realised, error)


def _mean(values: NDArray[np.generic]) -> float:
    return float(np.mean(values.astype(np.float64))) if len(values) else float("nan")
