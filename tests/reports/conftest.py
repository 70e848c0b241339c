"""One small published house for the tests of this folder; none of them changes it."""

from pathlib import Path

import pytest

from nte.settings import Settings
from tests.reports.house import furnish


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return furnish(tmp_path_factory.mktemp("house"))


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """An installation that has not run yet."""
    return Settings(home=tmp_path)
