"""The manifest beside a delivery: how many rows it should have, and which span it accounts for."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from nte.area import Area, Source
from nte.inbox import Arrival

MOST_ROWS: Final = 10**9
"""A greater number of rows is no control total."""


class UnreadableManifest(ValueError):  # noqa: N818  the name says what the manifest is
    """A manifest that says something that cannot be."""


@dataclass(frozen=True)
class Manifest:
    """What a delivery accounts for (UTC), and its control total where it has one."""

    covers_from_at: datetime
    covers_to_at: datetime
    n_declared: int | None = None


def usual_span(arrival: Arrival, area: Area) -> Manifest:
    """Return what a delivery without a manifest accounts for: morning to morning, by its name."""
    first = arrival.first_date if arrival.is_history else arrival.first_date - timedelta(days=1)
    return Manifest(area.clock.morning_of(first), arrival.known_at)


def read_manifest(content: bytes | None, arrival: Arrival, area: Area) -> Manifest:
    """Return what the manifest says, or what is usual without one.

    No span ends after the morning on which its delivery is known. Raises UnreadableManifest.
    """
    usual, source = usual_span(arrival, area), area.sources[arrival.source]
    if content is None:
        return usual
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        raise UnreadableManifest("is not JSON, or nested too deep") from None
    if not isinstance(said, dict):
        raise UnreadableManifest("is not a JSON object")
    if said.get("feed", source.source) != source.source:
        raise UnreadableManifest("belongs to another feed")
    starts, ends = (_instant(said, key, source, area) for key in ("covers_from", "covers_to"))
    starts, ends = starts or usual.covers_from_at, min(ends or usual.covers_to_at, arrival.known_at)
    if starts >= ends:
        raise UnreadableManifest("accounts for no time before the delivery's own morning")
    return Manifest(starts, ends, _n_rows(said))


def _n_rows(said: dict[str, object]) -> int | None:
    n_rows = said.get("rows")
    if n_rows is None:
        return None
    if not isinstance(n_rows, int) or isinstance(n_rows, bool) or n_rows < 0:
        raise UnreadableManifest("gives no whole number as rows")
    if n_rows > MOST_ROWS:
        raise UnreadableManifest("gives a number of rows that no delivery can have")
    return n_rows


def _instant(said: dict[str, object], key: str, source: Source, area: Area) -> datetime | None:
    text = said.get(key)
    if text is None:
        return None
    if not isinstance(text, str):
        raise UnreadableManifest(f"gives no time as {key}")
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=area.zone_of(source))
        return max(instant.astimezone(UTC), datetime(area.oldest_year, 1, 1, tzinfo=UTC))
    except (ValueError, OverflowError):
        raise UnreadableManifest(f"gives no time as {key}") from None
