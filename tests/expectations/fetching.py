"""What a provider leaves, and the house that fetches it."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flows.pickup_places import open_place
from nte.area import Source
from nte.pickup.fetch import fetch_deliveries
from tests.expectations.house import DAY, House

NOW = datetime(2026, 3, 26, 9, tzinfo=UTC)
NAME = f"police_{DAY}.csv"
OLD = time.time() - 3600


def fetched(house: House, name: str = NAME) -> bytes:
    """Return what was fetched under a name."""
    return (house.settings.inbox_folder / "police" / name).read_bytes()


def inbox(house: House) -> list[str]:
    """Return the names in the inbox of the police, hidden ones too."""
    return sorted(path.name for path in (house.settings.inbox_folder / "police").glob("*"))


def parts(house: House) -> list[Path]:
    """Return the files of which not all has come."""
    return list((house.settings.pickup / "police").glob("*.part"))


def let_fetch(house: House, pickup: str) -> None:
    """Let the house fetch the police's deliveries from a place."""
    source = house.area.sources["police"]
    fetched = Source.model_validate(source.model_dump() | {"pickup": pickup})
    house.area = house.area.model_copy(update={"sources": house.area.sources | {"police": fetched}})


def leave(folder: Path, name: str, text: str, at: float = OLD) -> Path:
    """Leave a file that was last changed at a time."""
    path = folder / name
    path.write_text(text)
    os.utime(path, (at, at))
    return path


def fetch(
    house: House, now: datetime = NOW, tell: Callable[[str], object] = lambda _: None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fetch what is there; return what was fetched, and what is still growing."""
    with open_place(house.area.sources["police"]) as place:
        assert place is not None
        done = fetch_deliveries(house.settings, house.area, "police", place, now, tell=tell)
    return done.names, done.growing
