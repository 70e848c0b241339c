"""An area of true bands, and how its nights fill: with all that comes in and goes again, morning by morning.

Bands are the truth here, so that what an alert rule does is seen by itself; the forecast is scored elsewhere
(`bench.forecasts.scores`). A share of each source's records is withdrawn again some mornings after it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecasts.curve.panel import Floats, Ints
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
NONE, MEASURED, SOME = (0.0, 0.0, 0.0), (0.013, 0.0, 0.0), (0.03, 0.02, 0.01)
"""Records that come and go again, for each one that stays, by source; MEASURED in the example deliveries."""
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
    def passing(self) -> Floats:
        """Return the records that are in and will go again, for each final one: source × morning."""
        rows = zip(self.arrived, self.withdrawn_share, strict=True)
        return np.stack([_passing(arrived, share) for arrived, share in rows])

    @cached_property
    def completeness(self) -> pl.DataFrame:
        """Return what the service would have learned, had it seen endless nights."""
        ages = np.arange(1, MORNINGS + 1)
        known = self.arrived + self.passing
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
        clumping = np.full(len(self.mean), self.clumping)
        return looks.Nights(self.mean, self.size, self.least, filling, clumping)

    @property
    def budget(self) -> float:
        """Return the false alarms that single nights of one weekend may raise."""
        return self.settings.night_budget(7.0)

    def by_season(self) -> Sequence[Ints]:
        """Return the places of each season: the nights of one weekend."""
        return [np.flatnonzero(self.season == season) for season in np.unique(self.season)]


def build_world(
    area: Area,
    settings: BandSettings,
    *,
    withdrawn: Sequence[float] = SOME,
    clumping: float = INDEPENDENT,
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
    least = settings.least_limits([sources[place] for place in source])
    size = np.full(len(mean), SIZE)
    return World(
        sources,
        mean,
        size,
        least,
        season,
        centre,
        night,
        source,
        arrived,
        np.array(withdrawn),
        settings,
        clumping,
    )


def _passing(arrived: Floats, share: float) -> Floats:
    """Return the records that are in and will go again, for each final record: one each morning."""
    new = share * np.diff(arrived, prepend=0.0)
    first, last = GONE_AFTER
    ages = np.arange(MORNINGS)
    stays = np.clip((last - ages) / (last - first + 1.0), 0.0, 1.0)
    passing = np.convolve(new, stays)[:MORNINGS]
    passing[-1] = 0.0
    return passing
