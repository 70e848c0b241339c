"""The final counts of many cells together, given what is in of each: nights and sources of one centre move together.

Each cell by itself has an exact law (`standing`). Draws from these laws are weighed by how much likelier the hidden
normal scores behind the final counts are together than apart, and their records' mornings in lots than one by one:
importance sampling from the joint law.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from forecasts.curve.panel import Floats
from forecasts.judging.standing import still_to_come
from forecasts.known.completeness import Filling
from forecasts.known.paths import Paths
from nte import negative_binomial as nb

LEAST_TAIL = 1e-300


@dataclass(frozen=True)
class Cells:
    """Cells of one window, one place each: a night and a source."""

    seen: Floats
    mean: Floats
    size: Floats
    filling: Filling
    paths: Paths

    @property
    def still_to_come(self) -> tuple[Floats, Floats]:
        """Return mean and size of the records that will still come, each cell by itself."""
        return still_to_come(self.seen, self.mean, self.size, self.filling)

    def moments(self, weight: Floats) -> tuple[float, float]:
        """Return mean and standard deviation of the weighted sum of the final counts, cells apart."""
        mean, size = self.still_to_come
        survival = self.filling.survival
        variance = mean + mean**2 / size + self.seen * survival * (1.0 - survival)
        return float((weight * (self.seen * survival + mean)).sum()), float(
            np.sqrt((weight**2 * variance).sum())
        )


def draw_finals(
    cells: Cells, correlation: Floats, n_draws: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return final counts, draw × cell, and the weight of each draw; weights add up to 1."""
    mean, size = cells.still_to_come
    shape = n_draws, len(mean)
    stays = random.binomial(cells.seen.astype(np.int64), cells.filling.survival, shape)
    to_come = random.poisson(random.gamma(size, mean / size, shape))
    final = stays + to_come
    scores = _hidden_scores(final, cells, random)
    more_likely = np.linalg.inv(correlation) - np.eye(len(mean))
    log_weight = -0.5 * np.einsum("dc,ce,de->d", scores, more_likely, scores, optimize=True)
    if (own := np.flatnonzero(cells.paths.in_lots)).size:
        likelier = cells.paths.at(own).log_likelier(np.arange(to_come[:, own].max() + 1.0))
        log_weight = log_weight + likelier[np.arange(len(own)), to_come[:, own]].sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    return final.astype(np.float64), np.asarray(weight / weight.sum())


def _hidden_scores(final: np.ndarray, cells: Cells, random: np.random.Generator) -> Floats:
    """Return a normal score for each count, drawn from the scores that stand for it."""
    ladder = np.arange(int(final.max()) + 2)
    tail = nb.tail_probability(ladder, cells.mean[:, None], cells.size[:, None])
    place = np.arange(final.shape[1])
    reached, passed = tail[place, final], tail[place, final + 1]
    between = passed + (reached - passed) * random.random(final.shape)
    return np.asarray(-ndtri(np.clip(between, LEAST_TAIL, 1.0 - 1e-16)))
