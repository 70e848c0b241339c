"""How a level moves is learned from how well each way foretold the weeks, series by series."""

import numpy as np
import pytest
from numpy.typing import NDArray

from forecasts.curve import levels
from forecasts.settings import BandSettings

SETTINGS = BandSettings()
N_WEEKS = 200
DUE = 30.0


def follow(level: NDArray[np.float64], jump: NDArray[np.float64] | None = None) -> levels.LevelPath:
    """Return the path followed through counts drawn around `level` (series × week) times what is due."""
    drawn = np.random.default_rng(3).poisson(DUE * level).astype(np.float64)
    sums = levels.WeeklySums(drawn, np.full(drawn.shape, DUE))
    return levels.follow_level(sums, np.zeros(drawn.shape) if jump is None else jump, SETTINGS)


def walk(step_sd: float, seed: int) -> NDArray[np.float64]:
    return np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, step_sd, N_WEEKS)))


def test_a_series_that_wanders_moves_faster_than_its_steady_neighbours() -> None:
    path = follow(np.stack([np.ones(N_WEEKS)] * 5 + [walk(0.08, 1)]))
    drift = levels.DRIFTS @ path.weight
    assert drift[5] > 10 * drift[:5].max()
    assert path.variance[5, -1] > 3 * path.variance[:5, -1].max()


def test_how_steady_series_move_is_learned_from_all_of_them() -> None:
    """A sparse series says nothing of its own; beside steady ones it is steady, beside wandering ones it is not."""
    steady = follow(np.vstack([np.ones((8, N_WEEKS)), np.full((1, N_WEEKS), 0.01)]))
    wandering = follow(
        np.vstack([np.stack([walk(0.08, seed) for seed in range(8)]), np.full((1, N_WEEKS), 0.01)])
    )
    drifts = [levels.DRIFTS @ path.weight[:, -1] for path in (steady, wandering)]
    assert drifts[1] > 5 * drifts[0]


def test_a_level_goes_back_to_its_long_run_average_when_it_always_did() -> None:
    random, level = np.random.default_rng(2), np.zeros((6, N_WEEKS))
    for week in range(1, N_WEEKS):
        level[:, week] = 0.9 * level[:, week - 1] + random.normal(0.0, 0.1, 6)
    path = follow(np.exp(level))
    returning = path.weight[levels.MEMORIES < 1.0].sum(axis=0)
    assert returning.mean() > 0.8


def test_after_an_announced_step_a_level_returns_to_the_new_average_not_to_the_old() -> None:
    random, level = np.random.default_rng(2), np.zeros((6, N_WEEKS))
    for week in range(1, N_WEEKS):
        level[:, week] = 0.9 * level[:, week - 1] + random.normal(0.0, 0.1, 6)
    level[:, 150:] += np.log(2.0)
    jump = np.zeros(level.shape)
    jump[:, 150] = SETTINGS.recording_step_sd**2
    path = follow(np.exp(level), jump)
    assert path.weight[levels.MEMORIES < 1.0].sum(axis=0).mean() > 0.5
    assert np.log(path.factor[:, 170:] / np.exp(level[:, 170:])).mean() == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("left", [0.15, 4.0])
def test_a_level_that_breaks_off_unannounced_is_followed_within_five_weeks(left: float) -> None:
    level = np.ones((6, N_WEEKS))
    level[0, 190:] = left
    path = follow(level)
    assert path.factor[0, 195] == pytest.approx(left, rel=0.25)
    assert path.factor[1:, 195] == pytest.approx(1.0, abs=0.1)
