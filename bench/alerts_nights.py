"""An area of true bands, and nights drawn from them with all that comes in and goes again, morning by morning.

Bands are the truth here, so that what an alert rule does is seen by itself; the forecast is scored elsewhere
(`bench.forecast_scores`). A share of each source's records is withdrawn again some mornings after it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.issuing import looks
from forecasts.known.coming import INDEPENDENT
from forecasts.known.completeness import Filling, filling_at
from forecasts.settings import BandSettings
from nte.area import Area

MORNINGS = 35
"""Mornings over which a night is watched: then it is finished."""
N_CENTRES = 14
MEANS = np.geomspace(0.1, 8.0, N_CENTRES)
"""What each centre's police record on a Friday night."""
SIZE = 6.0
SOURCE_FACTORS = {"police": 1.0, "emas": 0.7, "ae": 0.5}
NIGHT_FACTORS = (1.0, 1.25, 0.6)
SEASON_FACTORS = (0.8, 0.95, 1.05, 1.2)
WITHDRAWN_SHARES = {"police": 0.03, "emas": 0.02, "ae": 0.01}
"""Records that come and go again, for each one that stays."""
GONE_AFTER = (2, 19)
"""Mornings from a record's coming to its going: any of these alike."""
WEEKENDS_A_YEAR = 52

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """Places (season × centre × night × source, one band each) and how their nights fill: place × morning."""

    sources: tuple[str, ...]
    mean: Floats
    size: Floats
    least: Floats
    season: Ints
    centre: Ints
    night: Ints
    source: Ints
    arrived: Floats
    """Source × morning: share of the final records that are in."""
    withdrawn_share: Floats
    """By source."""
    settings: BandSettings
    clumping: float = INDEPENDENT

    @cached_property
    def completeness(self) -> pl.DataFrame:
        """Return what the service would have learned, had it seen endless nights."""
        ages = np.arange(1, MORNINGS + 1)
        rows = zip(self.arrived, self.withdrawn_share, strict=True)
        passing = np.stack([_passing(row, share) for row, share in rows])
        known = self.arrived + passing
        return pl.concat(
            pl.DataFrame(
                {
                    "source": source,
                    "age_days": ages,
                    "known_share": known[place],
                    "survival_share": self.arrived[place] / known[place],
                    "clumping": self.clumping,
                }
            )
            for place, source in enumerate(self.sources)
        )

    @cached_property
    def filling(self) -> Filling:
        """Return how full a night of each place is on each morning: place × morning."""
        ages = np.tile(np.arange(1.0, MORNINGS + 1), len(self.sources))
        flat = filling_at(self.completeness, np.repeat(self.sources, MORNINGS).tolist(), ages)
        shape = len(self.sources), MORNINGS
        return Filling(flat.known.reshape(shape), flat.survival.reshape(shape)).at(self.source)

    @cached_property
    def nights(self) -> looks.Nights:
        """Return the places as the service's levels take them: with the looks of their sources."""
        filling = looks.filling_at_looks(self.completeness, self.sources).at(self.source)
        return looks.Nights(self.mean, self.size, self.least, filling)

    @property
    def budget(self) -> float:
        """Return the false alarms that single nights of one weekend may raise."""
        return self.settings.night_budget(7.0)

    def by_season(self) -> Sequence[Ints]:
        """Return the places of each season: the nights of one weekend."""
        return [np.flatnonzero(self.season == season) for season in np.unique(self.season)]


@dataclass(frozen=True)
class Reports:
    """Drawn nights: the place of each, its final count, and what was in on every morning (night × morning)."""

    place: Ints
    final: Counts
    known: Counts

    def at(self, chosen: Ints | Bools) -> "Reports":
        """Return some of the nights."""
        return Reports(self.place[chosen], self.final[chosen], self.known[chosen])


def build_world(
    area: Area, settings: BandSettings, *, withdrawn: bool = True, clumping: float = INDEPENDENT
) -> World:
    """Return a world whose sources fill as the area's own are first taken to."""
    sources = tuple(SOURCE_FACTORS)
    shape = len(SEASON_FACTORS), N_CENTRES, len(NIGHT_FACTORS), len(sources)
    season, centre, night, source = (axis.ravel() for axis in np.indices(shape))
    factor = np.array(list(SOURCE_FACTORS.values()))[source] * np.array(NIGHT_FACTORS)[night]
    mean = MEANS[centre] * factor * np.array(SEASON_FACTORS)[season]
    ages = np.arange(1, MORNINGS + 1)
    priors = [sorted(area.sources[name].completeness_prior.items()) for name in sources]
    arrived = np.stack([np.interp(ages, [age for age, _ in p], [share for _, share in p]) for p in priors])
    shares = np.array([WITHDRAWN_SHARES[name] if withdrawn else 0.0 for name in sources])
    least = settings.least_limits([sources[place] for place in source])
    size = np.full(len(mean), SIZE)
    return World(
        sources, mean, size, least, season, centre, night, source, arrived, shares, settings, clumping
    )


def every_night(world: World, n_years: int) -> Ints:
    """Return the place of every night, centre and source of `n_years`: each season's weekends alike often."""
    return np.tile(np.arange(len(world.mean)), n_years * WEEKENDS_A_YEAR // len(SEASON_FACTORS))


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


def _passing(arrived: Floats, share: float) -> Floats:
    """Return the records that are in and will go again, for each final record: one each morning."""
    new = share * np.diff(arrived, prepend=0.0)
    first, last = GONE_AFTER
    ages = np.arange(MORNINGS)
    stays = np.clip((last - ages) / (last - first + 1.0), 0.0, 1.0)
    passing = np.convolve(new, stays)[:MORNINGS]
    passing[-1] = 0.0
    return passing


def _hazards(arrived: Floats) -> Floats:
    before = np.column_stack([np.zeros(len(arrived)), arrived[:, :-1]])
    return np.asarray((arrived - before) / np.maximum(1.0 - before, 1e-12)).clip(0.0, 1.0)
