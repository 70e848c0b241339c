"""What a receptionist types for the place of an assault: a venue or street, more or less well."""

from collections.abc import Sequence

import numpy as np

from simulator.draws import Bools, Ints, draw_indices
from simulator.figures import Ae
from simulator.ground import Spot

LEAST_LETTERS_TO_MISSPELL = 4


def place_texts(
    rng: np.random.Generator, ae: Ae, spot: Ints, spots: Sequence[Spot], towns: dict[str, str]
) -> list[str]:
    """Return one text an attendance: the spot's name as typed; where `spot` is negative, no place."""
    n = len(spot)
    nothing = draw_indices(rng, np.ones(len(ae.no_place_texts)), n)
    chances = rng.random((n, 5))
    where = rng.random(n)
    return [
        ae.no_place_texts[nothing[row]] if spot[row] < 0
        else typed(ae, spots[spot[row]], towns, chances[row].tolist(), float(where[row]))
        for row in range(n)
    ]  # fmt: skip


def names_no_place(rng: np.random.Generator, ae: Ae, n: int) -> Bools:
    """Return which attendances from a town centre come without a usable place."""
    return rng.random(n) < ae.no_place_share


def typed(ae: Ae, spot: Spot, towns: dict[str, str], chances: Sequence[float], where: float) -> str:
    """Return a spot's name as typed. Chances decide: suffix, outside, misspelling, letters, kind of slip.

    A street always has its town, because every town has a Station Road.
    """
    suffix, outside, slip, letters, kind = chances
    town = towns[spot.centre_code]
    text = f"{spot.name}, {town}" if spot.kind == "street" else spot.name
    if spot.kind != "street" and suffix < ae.town_suffix_share:
        text = f"{text} {town}"
    if slip < ae.misspelt_share:
        text = misspelt(text, kind, where)
    if outside < ae.outside_share:
        text = f"outside {text}"
    if letters < ae.lower_case_share:
        return text.lower()
    return text.upper() if letters < ae.lower_case_share + ae.capitals_share else text


def misspelt(text: str, kind: float, where: float) -> str:
    """Return the text with one slip of the fingers: a letter lost, doubled, or swapped with the next."""
    if len(text) < LEAST_LETTERS_TO_MISSPELL:
        return text
    at = 1 + int(where * (len(text) - 2))
    slips = (
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    )
    return slips[int(kind * len(slips))]
