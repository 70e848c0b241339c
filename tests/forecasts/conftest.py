"""A small area for the forecasts: three centres, two sources, two years, with a known truth."""

import pytest

from tests.forecasts.small_area import SmallArea, simulate


@pytest.fixture(scope="session")
def small_area() -> SmallArea:
    return simulate(seed=7)
