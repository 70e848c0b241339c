"""How well the values of a candidate fit a role: 0 not at all, 1 in every filled row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from expectations.onboarding.candidates import Candidate
from expectations.onboarding.codes import (
    LIVE,
    METHOD_WORDS,
    PLACE_WORDS,
    UNKNOWN,
    WITHDRAWN,
    Words,
    plain_word,
    reads_age_group,
    reads_code,
    reads_flag,
    reads_name,
    reads_words,
    words_of,
)
from nte.area import Area, Source

FLAGS: Final = ("is_domestic", "has_knife", "has_alcohol", "is_police_informed")
TIMES: Final = ("event_from", "event_to", "fallback_at")
REFERENCES: Final = ("record_id", "incident_id")
GROUPS: Final = ("age_group", "location_group", "method_group")
CODES: Final = ("hospital_code", "triage_system")
MOST_CODES: Final = 30
MOST_FORMS: Final = 4
"""A code is written in so many ways; what stands behind it in more is no title, but free text."""
HALF: Final = 0.5
"""A date without its hour is a time that says no night."""
EMPTY: Final = 0.4
"""What a column without a filled cell fits."""


@dataclass(frozen=True)
class Fit:
    """How well a candidate fits, and how its values are read."""

    share: float
    words: Words | None = None


def fit_of(role: str, candidate: Candidate, source: Source, area: Area) -> Fit:
    """Return how well the values of a candidate fit a role."""
    if role in TIMES or role.startswith("time:"):
        return Fit(_time_share(candidate))
    if candidate.is_joined:
        return Fit(0.0)
    cells = candidate.cells
    if role in FLAGS or role in GROUPS:
        cells = cells.filter(pl.Series([plain_word(cell) not in UNKNOWN for cell in cells], dtype=pl.Boolean))
    if cells.is_empty():
        return Fit(EMPTY)
    if role in UNREAD:
        return Fit(UNREAD[role](candidate))
    if role in CODES and cells.n_unique() > MOST_CODES:
        return Fit(0.0)
    words = words_of(cells, reading_of(role, source, area))
    is_free_text = role == "offence_code" and len(words.read) > MOST_FORMS * len({*words.read.values()})
    return Fit(0.0 if is_free_text else words.share, words)


def reading_of(role: str, source: Source, area: Area) -> Callable[[str], str | None]:
    """Return how one value of a coded role is read. Raises KeyError for a role that has no codes."""
    if role in FLAGS:
        return reads_flag
    if role in CODES:
        return reads_code(getattr(source.codes, role))
    return {
        "state": lambda: _reads_state(source),
        "offence_code": lambda: reads_code(codes_of(role, source, area)),
        "age_group": lambda: _reads_age(source),
        "location_group": lambda: reads_words(source.codes.location_group, PLACE_WORDS),
        "method_group": lambda: reads_words(source.codes.method_group, METHOD_WORDS),
        "district": lambda: reads_name(area.districts),
        "centre": lambda: reads_name([*source.centre_names, *(c.name for c in area.current_centres)]),
        "site_code": lambda: reads_code(source.sites),
        "time_precision": lambda: reads_code(source.known_precisions),
    }[role]()


def codes_of(role: str, source: Source, area: Area) -> tuple[str, ...]:
    """Return every code that a role's column may hold, by the definitions and the source's section."""
    return {
        "state": source.live_states + source.withdrawn_states,
        "offence_code": (*sorted(area.counted_codes(source.source)), *source.known_codes),
        "site_code": source.sites,
        "time_precision": source.known_precisions,
        "district": tuple(area.districts),
    }[role]


def _reads_state(source: Source) -> Callable[[str], str | None]:
    known = reads_code(source.live_states + source.withdrawn_states)
    return lambda text: known(text) or (text if plain_word(text) in LIVE | WITHDRAWN else None)


def _reads_age(source: Source) -> Callable[[str], str | None]:
    return lambda text: source.codes.age_group.get(text) or reads_age_group(text)


def _time_share(candidate: Candidate) -> float:
    if candidate.cells.is_empty():
        return EMPTY
    if candidate.times is None or candidate.times.best.kind == "hour":
        return 0.0
    return candidate.times.best.share * (HALF if candidate.times.best.kind == "date" else 1)


def _share(candidate: Candidate, pattern: str) -> float:
    return float(candidate.cells.str.contains(pattern).mean() or 0)  # type: ignore[arg-type]


def _reference_share(candidate: Candidate, *, is_key: bool) -> float:
    """References have a digit and no space; a key is never empty; versions of a record share it."""
    form = _share(candidate, r"^\S*\d\S*$")
    n_other = candidate.cells.n_unique() / candidate.cells.len()
    times = candidate.times
    if times is not None and times.best.kind in ("time", "date", "hour") and not times.best.is_number:
        return 0.0
    filled = candidate.cells.len() / max(candidate.rows.len(), 1) if is_key else 1.0
    return form * filled * (1.0 if n_other >= HALF else n_other)


def _text_share(candidate: Candidate) -> float:
    if candidate.times is not None:
        return 0.0
    words = candidate.cells.str.contains(r"[A-Za-z]{3}")
    is_varied = candidate.cells.n_unique() > min(5, candidate.cells.len() // 3)
    return float(words.mean() or 0) * (1.0 if is_varied else HALF)  # type: ignore[arg-type]


UNREAD: Final[dict[str, Callable[[Candidate], float]]] = {
    "record_id": lambda candidate: _reference_share(candidate, is_key=True),
    "incident_id": lambda candidate: _reference_share(candidate, is_key=False),
    "record_version": lambda candidate: _share(candidate, r"^[1-9]\d?$"),
    "place_text": _text_share,
}
"""Roles whose values are not read one by one."""
