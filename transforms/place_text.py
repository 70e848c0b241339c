"""Which town centre a receptionist's words name. The words themselves are never kept."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nte.area import Area, TownCentre

CHUNK = 5_000
"""Texts compared at once: with 10,000 written names, 50 MB of scores."""
MOST_EDITS = 4
"""Beyond this no name is long enough to be sure."""
LEAST_LETTERS_FOR_A_TYPO = 5
"""A shorter word with a typing error could be the start of a name."""


@dataclass(frozen=True)
class PlaceName:
    """A written form of a place, the length of its name alone, and the centres that have such a place."""

    written: str
    n_letters: int
    centre_codes: frozenset[str]


@dataclass(frozen=True)
class Match:
    """The town centre that a text names, and how sure that is, 0-1."""

    centre_code: str
    confidence: float


@dataclass(frozen=True)
class Gazetteer:
    """The written forms of an area's places, ready to be compared with free text.

    Confidence is 1 - edits / letters of the bare name (optimal string alignment), so that a long town
    behind a short name does not hide that the name is another one.
    """

    names: tuple[PlaceName, ...]
    noise_words: tuple[str, ...]
    least_confidence: float
    least_margin: float

    def match(self, texts: Sequence[str], nearby: Sequence[frozenset[str]]) -> list[Match | None]:
        """Return the town centre that each text names, or None.

        `nearby` holds, for each text, the centres that its hospital serves: a name that several towns
        share counts only when exactly one of them is nearby.
        """
        cleaned = [self._clean(text) for text in texts]
        distinct = sorted(set(cleaned))
        close = dict(zip(distinct, self._close_names(distinct), strict=True))
        return [self._choose(close[c], near) for c, near in zip(cleaned, nearby, strict=True)]

    def _clean(self, text: str) -> str:
        """Drop the words before a place's name, also misspelt or run into it ("outsdieThe …")."""
        squeezed = squeeze(text)
        for word in self.noise_words:
            n_typos = int(len(word) >= LEAST_LETTERS_FOR_A_TYPO)
            for end in (len(word), len(word) + 1, len(word) - 1)[: 1 + 2 * n_typos]:
                if len(squeezed) > end and OSA.distance(squeezed[:end], word) <= n_typos:
                    return squeezed[end:]
        return squeezed

    def _close_names(self, texts: Sequence[str]) -> list[list[tuple[PlaceName, float]]]:
        written = [name.written for name in self.names]
        letters = np.array([name.n_letters for name in self.names], dtype=np.float64)
        found: list[list[tuple[PlaceName, float]]] = []
        for start in range(0, len(texts), CHUNK):
            part = texts[start : start + CHUNK]
            edits = process.cdist(part, written, scorer=OSA.distance, score_cutoff=MOST_EDITS, dtype=np.uint8)
            confidence = 1 - edits / letters
            reach = np.maximum(self.least_confidence, confidence.max(axis=1) - self.least_margin)
            for row, least in zip(confidence, reach, strict=True):
                found.append([(self.names[i], float(row[i])) for i in np.flatnonzero(row >= least)])
        return found

    def _choose(self, close: list[tuple[PlaceName, float]], nearby: frozenset[str]) -> Match | None:
        """Take the best name, unless one nearly as good leads to another centre."""
        best = max((confidence for _, confidence in close), default=0.0)
        leading = [name.centre_codes for name, confidence in close if confidence == best]
        candidates = frozenset[str]().union(*leading)
        if len(candidates) > 1:
            candidates &= nearby
        if len(candidates) != 1 or any(not candidates & name.centre_codes for name, _ in close):
            return None
        return Match(next(iter(candidates)), round(best, 3))


def squeeze(text: str) -> str:
    """Return letters and digits alone: typing errors often put the space in the wrong place."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def build_gazetteer(area: Area) -> Gazetteer:
    """Return the area's place names in every written form: alone, and with its town behind it."""
    forms: dict[str, tuple[int, set[str]]] = {}
    centres = {centre.centre_code: centre for centre in area.current_centres}
    for entry in area.gazetteer:
        for written in _written_forms(entry.name, centres[entry.centre_code]):
            forms.setdefault(squeeze(written), (len(squeeze(entry.name)), set()))[1].add(entry.centre_code)
    names = tuple(PlaceName(w, n, frozenset(codes)) for w, (n, codes) in sorted(forms.items()))
    text = area.places.text
    return Gazetteer(names, text.noise_words, text.least_confidence, text.least_margin)


def _written_forms(name: str, centre: TownCentre) -> Iterable[str]:
    yield name
    for town in {centre.name, centre.name.split()[0], centre.centre_code.replace("-", " ")}:
        yield f"{name} {town}"
        yield f"{name} {town} {town}"
        yield f"{name} {town} {town.split()[0]}"
