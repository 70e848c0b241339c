"""Which offences the crimes of an occurrence are, and what they were first recorded as."""

from dataclasses import dataclass

import numpy as np

from simulator.draws import Bools, Floats, Ints, Texts, draw_indices
from simulator.figures import Offence, Police


@dataclass(frozen=True)
class Crimes:
    """One row a crime: what it is in the end. `occurrence` is the position of its occurrence."""

    occurrence: Ints
    number: Ints
    offence: Ints
    has_knife: Bools
    is_domestic: Bools


def counted_weight(police: Police) -> float:
    """Return the share of all occurrences whose crime the alert measure counts."""
    weights = _weights(police)
    total = sum(offence.counted(offence.alert) for offence in police.offences)
    return float(total / weights.sum() * (1 - police.cancelled_share))


def draw_crimes(rng: np.random.Generator, police: Police, n_occurrences: int) -> Crimes:
    """Return the crimes of occurrences; most of one occurrence are alike, a few are not."""
    n_crimes = draw_indices(rng, police.crimes_per_occurrence, n_occurrences) + 1
    occurrence = np.repeat(np.arange(n_occurrences, dtype=np.int64), n_crimes)
    first = np.repeat(np.cumsum(n_crimes) - n_crimes, n_crimes)
    number = np.arange(len(occurrence), dtype=np.int64) - first + 1
    drawn = draw_indices(rng, _weights(police).ravel(), len(occurrence))
    is_like_first = rng.random(len(occurrence)) >= police.mixed_crimes_share
    kind = np.where(is_like_first, drawn[first], drawn)
    offence, has_knife, is_domestic = np.unravel_index(kind, (len(police.offences), 2, 2))
    return Crimes(occurrence, number, offence.astype(np.int64), has_knife == 1, is_domestic == 1)


def _weights(police: Police) -> Floats:
    """Return relative numbers of crimes: offence × knife × domestic. Domestic ones come on top."""
    by_knife = np.array([[offence.without_knife, offence.with_knife] for offence in police.offences])
    odds = np.array([[_domestic_odds(police, offence)] for offence in police.offences])
    return np.stack([by_knife, by_knife * odds], axis=2)


def _domestic_odds(police: Police, offence: Offence) -> float:
    is_against_a_person = offence.alert != "never"
    return police.domestic_share / (1 - police.domestic_share) if is_against_a_person else 0.0


def first_codes(police: Police, crimes: Crimes, chance: Floats) -> Texts:
    """Return the code under which each crime was first recorded; `chance`: a number in 0-1 an occurrence."""
    codes = np.array([offence.ho_code for offence in police.offences], dtype=np.str_)[crimes.offence]
    found = codes.astype("<U8")
    luck = chance[crimes.occurrence]
    taken = dict.fromkeys(np.unique(codes).tolist(), 0.0)
    for change in police.reclassifications:
        low = taken.get(change.final_code, 0.0)
        hit = (codes == change.final_code) & (luck >= low) & (luck < low + change.share)
        found[hit] = change.first_code
        taken[change.final_code] = low + change.share
    return found
