"""The manifest beside a delivery: how many rows it should have, and which span it accounts for."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from nte.area import Area, Source
from nte.deliveries.inbox import Arrival

MOST_ROWS: Final = 10**9
"""A greater number of rows is no control total."""
MOST_DIGITS: Final = 30
LONG_AGO: Final = timedelta(days=7)
"""A daily delivery may account for nights that ended so long before its own; what is older has a wrong year."""
NO_SIGNS: Final = str.maketrans(
    dict.fromkeys("\ufeff\u200b\u200e\u200f", "") | dict.fromkeys("\u00a0\u202f\u2007", " ")
)
"""Marks that nobody sees, and spaces that only look like one."""


class UnreadableManifest(ValueError):  # noqa: N818  the name says what the manifest is
    """A manifest that says something that cannot be."""


@dataclass(frozen=True)
class Manifest:
    """What a delivery accounts for (UTC), and its control total where it has one."""

    covers_from_at: datetime
    covers_to_at: datetime
    n_declared: int | None = None
    claimed_to_at: datetime | None = None
    """The end that was claimed, where one was: the span ends no later than the delivery's own morning."""


def usual_span(arrival: Arrival, area: Area) -> Manifest:
    """Return what a delivery without a manifest accounts for: morning to morning, by its name."""
    first = arrival.first_date if arrival.is_history else arrival.first_date - timedelta(days=1)
    return Manifest(area.clock.morning_of(first), arrival.known_at)


def read_manifest(content: bytes | None, arrival: Arrival, area: Area) -> Manifest:
    """Return what the manifest says, or what is usual without one.

    Its keys may be written in any case, and a date without an hour is that morning. No span ends after the morning on
    which its delivery is known. Raises UnreadableManifest.
    """
    usual, source = usual_span(arrival, area), area.sources[arrival.source]
    if content is None:
        return usual
    said = _read(content)
    if str(said.get("feed", source.source)).strip().casefold() != source.source.casefold():
        raise UnreadableManifest("belongs to another feed")
    starts, claimed = (_instant(said, key, source, area) for key in ("covers_from", "covers_to"))
    starts, ends = starts or usual.covers_from_at, min(claimed or usual.covers_to_at, arrival.known_at)
    if starts >= ends:
        raise UnreadableManifest("accounts for no time before the delivery's own morning")
    if ends < usual.covers_from_at - LONG_AGO:
        raise UnreadableManifest("accounts for a time that ended long before the delivery's own date")
    return Manifest(starts, ends, _n_rows(said), claimed)


def _read(content: bytes) -> dict[str, object]:
    """Return what the manifest says, by keys in small letters; marks and hard spaces between its words say nothing."""
    try:
        text = content.decode(json.detect_encoding(content)).translate(NO_SIGNS)
        said = json.loads(text, object_pairs_hook=_pairs, parse_int=_whole_number)
    except UnreadableManifest:
        raise
    except (ValueError, RecursionError):
        raise UnreadableManifest("is not JSON, or nested too deep") from None
    if not isinstance(said, dict):
        raise UnreadableManifest("is not a JSON object")
    keys = [key.strip().casefold() for key in said]
    if len(set(keys)) < len(keys):
        raise UnreadableManifest("says the same twice")
    return dict(zip(keys, said.values(), strict=True))


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object, of which no key may stand twice: which of two values is meant, nobody can tell."""
    if len(dict(pairs)) < len(pairs):
        raise UnreadableManifest("says the same twice")
    return dict(pairs)


def _whole_number(digits: str) -> int:
    """Return a whole number; of one that no delivery can have, its size alone is read."""
    return int(digits) if len(digits) < MOST_DIGITS else MOST_ROWS + 1


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
        instant = _morning(text, area) or datetime.fromisoformat(text.strip())
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=area.zone_of(source))
        return max(instant.astimezone(UTC), datetime(area.oldest_year, 1, 1, tzinfo=UTC))
    except (ValueError, OverflowError):
        raise UnreadableManifest(f"gives no time as {key}") from None


def _morning(text: str, area: Area) -> datetime | None:
    """Return the morning of a date that stands without an hour: the one on which a night ends."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return area.clock.morning_of(day)
