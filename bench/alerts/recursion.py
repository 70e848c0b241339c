"""How often any look alerts: exactly, and as drawn: `python -m bench.alerts.recursion [--nights 2000000]`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.alerts.nights import draw_reports
from bench.alerts.rules import by_chance, follow
from bench.alerts.world import NONE, SOME, World, build_world
from bench.history_load import AREA
from forecasts.issuing import looks
from forecasts.known.area_inputs import band_settings
from nte.area_files import load_area


@dataclass(frozen=True)
class Compared:
    """The probability that a night alerts at any look, in percent, exactly and as drawn."""

    nights: str
    n_nights: int
    exact: float
    drawn: float
    error: float
    """Standard error of what was drawn."""

    @property
    def errors_apart(self) -> float:
        """Return how many standard errors lie between the two."""
        return (self.drawn - self.exact) / self.error


def compare(world: World, delta: float, n_nights: int, nights: str) -> Compared:
    """Return both for nights of all places alike."""
    gamma = world.settings.gamma
    rule = by_chance(world, gamma, delta)
    exact = np.zeros(len(world.mean))
    for places in world.by_season():
        level = float(rule.level[places[0]])
        exact[places] = looks.any_look_probability(world.nights.at(places), level, gamma)
    random, n_alerts, n = np.random.default_rng(11), 0, 0
    while n < n_nights:
        place = np.tile(np.arange(len(world.mean)), max(min(n_nights - n, 200_000) // len(world.mean), 1))
        n_alerts += len(follow(rule, draw_reports(world, place, 1.0, random)).night)
        n += len(place)
    drawn = n_alerts / n
    return Compared(nights, n, 100 * exact.mean(), 100 * drawn, 100 * np.sqrt(drawn * (1 - drawn) / n))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both where no record is withdrawn, for which the recursion is exact, and where some are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=2_000_000)
    options = parser.parse_args(arguments)
    area = load_area(AREA)
    for name, withdrawn in (("none withdrawn", NONE), ("some withdrawn", SOME)):
        world = build_world(area, band_settings(area), withdrawn=withdrawn)
        row = compare(world, area.alerts.delta, options.nights, name)
        print(
            f"{row.nights}: exact {row.exact:.5f} %, drawn {row.drawn:.5f} % of {row.n_nights:,} nights, "
            f"standard error {row.error:.5f} %: {row.errors_apart:+.1f} of them apart"
        )


if __name__ == "__main__":
    main()
