"""A small seeded set of the faults that `python -m tests.faults` tries by the hundred."""

from pathlib import Path

import polars as pl
import pytest

from tests.faults.kills import random_kills, run_read_only, run_two_at_once
from tests.faults.scene import set_scene, simulate_inbox

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_inbox(tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="module")
def straight(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, pl.DataFrame], float]:
    """What an undisturbed run leaves, and how long it takes."""
    scene = set_scene(tmp_path_factory.mktemp("straight") / "scene", inbox)
    code, said, seconds = scene.run()
    assert code == 0, said
    return scene.tables(), seconds


def test_a_run_that_is_killed_is_completed_by_the_next_one(
    inbox: Path, straight: tuple[dict[str, pl.DataFrame], float], tmp_path: Path
) -> None:
    undisturbed, seconds = straight
    assert undisturbed["alerts"].height > 0
    told = list(
        random_kills(tmp_path / "scene", inbox, undisturbed, n_kills=2, seconds=0.8 * seconds, seed=3)
    )
    assert [one.line for one in told if one.wrong] == []
    assert sum(one.was_hit for one in told) == 2


def test_two_runs_at_once_leave_what_one_leaves(
    inbox: Path, straight: tuple[dict[str, pl.DataFrame], float], tmp_path: Path
) -> None:
    assert run_two_at_once(set_scene(tmp_path / "scene", inbox), straight[0]).wrong == ()


def test_a_home_that_cannot_be_written_is_said_in_words_and_loses_nothing(
    inbox: Path, straight: tuple[dict[str, pl.DataFrame], float], tmp_path: Path
) -> None:
    told = run_read_only(set_scene(tmp_path / "scene", inbox), straight[0])
    assert told.was_hit
    assert told.wrong == ()
