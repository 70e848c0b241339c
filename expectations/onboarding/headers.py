"""How much a column's name is like the names that a role goes by. What those are stands in headers.toml."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from rapidfuzz import fuzz

from expectations.onboarding.standards import names_of, names_of_unused

FILE: Final = Path(__file__).with_name("headers.toml")
FILLERS: Final = frozenset(
    {
        *(
            "offence",
            "crime",
            "incident",
            "event",
            "location",
            "scene",
            "record",
            "details",
            "detail",
            "value",
            "code",
        ),
        *(
            "flag",
            "field",
            "column",
            "metres",
            "m",
            "osgb",
            "wgs84",
            "bng",
            "gb",
            "uk",
            "text",
            "type",
            "name",
            "full",
        ),
        "the",
    }
)
"""Words that may stand beside a name without making it another one, as long as something is left."""
NO_WORDS: Final = frozenset[str]()
UNSURE: Final = 0.8
"""A name with other words is never surer."""
LEAST_LETTERS, MISSPELT = 6, 85.0
OWN, ALIKE, NEARLY = 1.05, 0.93, 0.97
"""The name in the area file itself; the same but for such words; the most of a name that is spelt otherwise."""


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def words_of_name(name: str) -> tuple[str, ...]:
    """Return the words of a column's name in small letters, short ones written out."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.findall(r"[a-z]+\d*|\d+", spaced.lower())
    for _ in range(2):  # `no` is a number, and a number is a reference
        words = [word for short in words for word in _file()["short"].get(short, short).split()]
    return tuple(words)


@cache
def without_times(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a time's name that say of what it is the time."""
    return tuple(word for word in words if word not in _file()["of_times"])


def score_of_role(name: str, role: str, kind: str, own: str | None, *, is_time: bool) -> float:
    """Return how sure a name is that of a role (0-1); `own` is what the area file calls its column now."""
    said = [
        *_file().get(_table_of(kind), {}).get(role, []),
        *_file()["any"].get(role, []),
        *names_of(kind, role),
        *([own] if own else []),
    ]
    if own and words_of_name(name) == words_of_name(own):
        return OWN
    fillers = (
        FILLERS | {*_file()["fillers"].get(role, [])}
        if role not in ("record_id", "incident_id")
        else NO_WORDS
    )
    return _best(name, tuple(dict.fromkeys(said)), is_time=is_time, fillers=frozenset(fillers))


def score_of_time(name: str, column: str) -> float:
    """Return how sure a name is that of a further time, which the area file calls `column`."""
    if words_of_name(name) == words_of_name(column):
        return OWN
    words = set(without_times(words_of_name(column)))
    said = [*(n for key, names in _file()["times"].items() if key in words for n in names), column]
    return _best(name, tuple(said), is_time=True)


def drawn_off(name: str) -> float:
    """Return how sure a name is that of something that is never used."""
    said = (*(n for names in _file()["drawn_off"].values() for n in names), *names_of_unused())
    return _best(name, said, is_time=False)


def is_changed_or_closed(name: str) -> float:
    """Return how sure a time is one of the record's own life."""
    said = [*_file()["drawn_off"]["changed"], *_file()["drawn_off"]["closed"]]
    return _best(name, tuple(said), is_time=True)


def _table_of(kind: str) -> str:
    return "police" if kind == "other" else kind


@cache
def _best(name: str, said: tuple[str, ...], *, is_time: bool, fillers: frozenset[str] = FILLERS) -> float:
    words = words_of_name(name)
    words = without_times(words) if is_time else words
    found = 0.0
    for other in said:
        theirs = words_of_name(other)
        theirs = without_times(theirs) if is_time else theirs
        found = max(found, _alike(words, theirs, fillers))
    return found


def _alike(words: tuple[str, ...], others: tuple[str, ...], fillers: frozenset[str]) -> float:
    if not words or not others:
        return 0.0
    if sorted(words) == sorted(others):
        return 1.0
    bare, other_bare = set(words) - fillers, set(others) - fillers
    if bare and bare == other_bare:
        return ALIKE
    whole = fuzz.token_sort_ratio(" ".join(words), " ".join(others)) / 100
    return NEARLY * (whole if _are_misspelt(words, others) else min(whole, UNSURE))


def _are_misspelt(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Say whether each word of a name is one of the other, or a longer one spelt otherwise: `end` is not `and`."""
    if len(words) != len(others):
        return False
    pairs = zip(sorted(words), sorted(others), strict=True)
    return all(
        a == b or (min(len(a), len(b)) >= LEAST_LETTERS and fuzz.ratio(a, b) >= MISSPELT) for a, b in pairs
    )
