"""What holds for every test."""

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
"""A busy machine is no fault: nothing here is timed."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have long tests in them, so that no worker ends long after the other."""
    long = {item.path for item in items for name in ("slow", "browser") if item.get_closest_marker(name)}
    items.sort(key=lambda item: item.path not in long)
