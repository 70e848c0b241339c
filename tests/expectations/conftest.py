from pathlib import Path

import pytest

from nte.area import Area
from nte.area_files import load_area
from nte.settings import CHECKOUT, Settings
from tests.expectations.house import House


@pytest.fixture(scope="session")
def area() -> Area:
    return load_area(CHECKOUT / "areas" / "derbyshire")


@pytest.fixture
def house(tmp_path: Path, area: Area) -> House:
    return House(Settings(home=tmp_path / "home", inbox=tmp_path / "home" / "inbox"), area)
