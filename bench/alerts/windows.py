"""Weekends and four weekends, drawn as their nights and sources move together, and their chances while they fill.

The limits of their final scores, and the chance that one ends above, are the service's own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl
from scipy.special import ndtri

from bench.alerts.nights import Reports, draw_reports
from bench.alerts.world import MORNINGS, NIGHT_FACTORS, Counts, World
from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.judging import windows
from forecasts.judging.standing import still_to_come
from forecasts.judging.togetherness import Togetherness
from forecasts.known.completeness import Filling
from nte import negative_binomial as nb
from nte.detectors import WindowDetector

FRIDAY = date(2025, 3, 7)
SURE, OUT = 2.6, 4.0
"""Standard deviations, cells apart: so far above its limit a window's chance is over gamma, so far under it nought.
By Cantelli's inequality, with room for cells that move together."""
FEW = 3
SEED = 20_260_329


@dataclass(frozen=True)
class Kind:
    """All windows of one detector in one centre and season: their cells, and the limit of their final score."""

    world: World
    detector: WindowDetector
    place: Ints
    """Of each cell."""
    days_before_last: Ints
    """Of each cell: its night, counted back from the window's last."""
    limit: float
    least: int

    @property
    def mean(self) -> Floats:
        """Return the mean of each cell."""
        return self.world.mean[self.place]

    @property
    def size(self) -> Floats:
        """Return the size of each cell."""
        return self.world.size[self.place]

    @cached_property
    def weight(self) -> Floats:
        """Return what an incident of each cell adds to the score."""
        return windows.log_ratio_per_incident(self.mean, self.size, self.detector.rise)

    @cached_property
    def correlation(self) -> Floats:
        """Return how the cells move together."""
        return Togetherness().correlation(self.days_before_last, self.world.source[self.place])

    def at(self, age: int) -> Ints:
        """Return the morning's column of each cell when the last night has this age."""
        return np.minimum(age + self.days_before_last, MORNINGS) - 1

    def filling(self, age: int) -> Filling:
        """Return how full each cell is then."""
        of = self.world.filling
        return Filling(of.known[self.place, self.at(age)], of.survival[self.place, self.at(age)])

    def draw(self, n: int, factor: float, random: np.random.Generator) -> Reports:
        """Draw windows: known is window × cell × morning."""
        final, place = self.draw_finals(n, factor, random), np.tile(self.place, n)
        drawn = draw_reports(self.world, place, factor, random, final.ravel())
        return Reports(place, final, drawn.known.reshape(n, len(self.place), MORNINGS))

    def draw_finals(self, n: int, factor: float, random: np.random.Generator) -> Counts:
        """Draw the final counts of windows: window × cell."""
        luck = random.standard_normal((n, len(self.place))) @ np.linalg.cholesky(self.correlation).T
        cells = zip(luck.T, steps(factor * self.mean, self.size), strict=True)
        return np.stack([np.searchsorted(step, own) for own, step in cells], axis=1)

    def is_above(self, final: Counts) -> Bools:
        """Say which windows end above their limit: what a clairvoyant alerts on."""
        return np.asarray((final @ self.weight > self.limit) & (final.sum(axis=1) >= self.least))

    @property
    def level(self) -> float:
        """Return the probability with which the budget lets a clean window end above its limit."""
        n_centres = len(np.unique(self.world.centre))
        return windows.window_level(self.world.settings, str(self.detector.detector), n_centres)

    def chance(self, seen: Counts, age: int) -> float:
        """Return the service's chance that such a window ends above its limit."""
        filling, n = self.filling(age), len(self.place)
        evenings = [FRIDAY - timedelta(days=int(days)) for days in self.days_before_last]
        rows = pl.DataFrame(
            {
                "evening": evenings,
                "source": [self.world.sources[s] for s in self.world.source[self.place]],
                "n_incidents": seen,
                "expected": self.mean,
                "dispersion": self.size,
                "known_share": filling.known,
                "survival_share": filling.survival,
            }
        )
        centre = f"c{self.world.centre[self.place[0]]:02}"
        window = windows.Window(
            centre, min(evenings), max(evenings), str(self.detector.detector), self.detector.rise, rows
        )
        return windows.chance_to_exceed(window, self.limit, self.least, Togetherness(), SEED + n)

    def likely_end(self, seen: Counts, age: int) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of each window's final score, cells apart."""
        count, filling = seen.astype(np.float64), self.filling(age)
        mean, size = still_to_come(count, self.mean, self.size, filling)
        survival = filling.survival
        variance = mean + mean**2 / size + count * survival * (1.0 - survival)
        return (count * survival + mean) @ self.weight, np.sqrt(variance @ self.weight**2)

    def chances(self, seen: Counts, age: int, wanted: Bools) -> Floats:
        """Return the chance of each wanted window, 0 for the others."""
        middle, spread = self.likely_end(seen, age)
        is_sure = (middle - SURE * spread > self.limit) & (seen.sum(axis=1) >= self.least + FEW)
        is_out = middle + OUT * spread < self.limit
        chance = np.where(is_sure, 1.0, 0.0)
        for n in np.flatnonzero(wanted & ~is_sure & ~is_out):
            chance[n] = self.chance(seen[n], age)
        return np.where(wanted, chance, 0.0)


def spent_by_limits(all_kinds: list[Kind], n: int) -> float:
    """Return how often clean finished windows are above their limits, as a multiple of what the budget lets them."""
    draws = (
        kind.draw_finals(n, 1.0, np.random.default_rng([8, place])) for place, kind in enumerate(all_kinds)
    )
    above = [kind.is_above(final).mean() for kind, final in zip(all_kinds, draws, strict=True)]
    return float(np.mean(above)) / all_kinds[0].level


def steps(mean: Floats, size: Floats) -> Floats:
    """Return the hidden normal score from which on a cell counts 1, 2, …: cell × count."""
    ladder = np.arange(1, int(nb.quantile(1 - 1e-9, mean, size).max()) + 2)
    tail = nb.tail_probability(ladder, mean[:, None], size[:, None])
    return np.asarray(-ndtri(np.maximum(tail, 1e-300)))


def kinds(world: World, detector: WindowDetector) -> list[Kind]:
    """Return the windows of every season and centre, with the limits that the service gives them."""
    found = []
    for season in np.unique(world.season):
        judged = _complete_nights(world, int(season), detector.n_weekends)
        scored = windows.score_windows(
            judged, Togetherness(), world.settings, detectors=(str(detector.detector),), seed=SEED
        )
        limits = scored.filter(pl.col("last_evening") == FRIDAY + timedelta(days=2)).sort("centre_code")
        for centre, limit in enumerate(limits["limit"].to_list()):
            place = np.flatnonzero((world.season == season) & (world.centre == centre))
            weeks = np.repeat(np.arange(detector.n_weekends)[::-1], len(place))
            cells = np.tile(place, detector.n_weekends)
            days = 7 * weeks + len(NIGHT_FACTORS) - 1 - world.night[cells]
            least = world.settings.least_sum.get(detector.detector, 0)
            found.append(Kind(world, detector, cells, days, float(limit), least))
    return found


def _complete_nights(world: World, season: int, n_weekends: int) -> pl.DataFrame:
    """Return nights of which everything is known, as the service judges them; their counts do not matter."""
    place = np.flatnonzero(world.season == season)
    one = pl.DataFrame(
        {
            "centre_code": [f"c{centre:02}" for centre in world.centre[place]],
            "source": [world.sources[source] for source in world.source[place]],
            "evening": [FRIDAY + timedelta(days=int(night)) for night in world.night[place]],
            "expected": world.mean[place],
            "expected_so_far": world.mean[place],
            "dispersion": world.size[place],
        }
    ).with_columns(n_incidents=0, known_share=1.0, survival_share=1.0, verdict=pl.lit("within"))
    return pl.concat(one.with_columns(pl.col("evening").dt.offset_by(f"-{n}w")) for n in range(n_weekends))
