"""Which counts of linked tables are not shown, so that nobody can work a small one out from the others. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from reports.papers.paper import NOT_SHOWN, Shown

ALL_OTHERS: Final = "all others"
"""Said of the one part that is hidden because the small ones would be the rest."""
LOOSE: Final = 0.5
"""Counts are whole: a bound within this of another is that one."""


@dataclass(frozen=True)
class Sum:
    """Counts that add up, by their places."""

    parts: tuple[int, ...]
    whole: int | None = None
    """The count that is their sum; None: their sum is known from elsewhere."""


def hidden(
    counts: Sequence[int], sums: Sequence[Sum], least_shown: int, *, told: Collection[int] = ()
) -> set[int] | None:
    """Return the places of the counts that are not shown; None where even hiding all would tell a small one.

    A reader knows that a small count, said as such, is 0 to `least_shown` - 1, and that another hidden one is more. A
    linear programme over every sum finds what that leaves of each small one (Fellegi 1972); while it is less than its
    whole range, the smallest count that stands in a sum with it is hidden too, and shown again where that was needless.
    `told` ones are shown whatever they are.
    """
    small = {place for place, count in enumerate(counts) if count < least_shown} - set(told)
    found = set(small)
    while narrowed := [n for n in sorted(small) if _is_narrowed(n, found, counts, sums, least_shown)]:
        more = {place for n in narrowed if (place := _companion(n, found, counts, sums, told)) is not None}
        if not more:
            return None
        found |= more
    return _fewest(found, small, counts, sums, least_shown)


def _fewest(
    found: set[int], small: set[int], counts: Sequence[int], sums: Sequence[Sum], least_shown: int
) -> set[int]:
    """Return `found` without those that hide nothing, the largest first: with each shown no small count is narrowed."""
    for place in sorted(found - small, key=lambda n: (-counts[n], n)):
        fewer, beside = found - {place}, _linked(place, found, sums) & small
        if not any(_is_narrowed(n, fewer, counts, sums, least_shown) for n in sorted(beside)):
            found = fewer
    return found


def _is_narrowed(
    place: int, found: set[int], counts: Sequence[int], sums: Sequence[Sum], least_shown: int
) -> bool:
    """Say whether what is shown leaves a small count less than its whole range."""
    from scipy.optimize import linprog

    unknown = sorted(_linked(place, found, sums))
    column = {one: n for n, one in enumerate(unknown)}
    rows, totals = [], []
    for one in sums:
        signs = dict.fromkeys(one.parts, 1.0) | ({one.whole: -1.0} if one.whole is not None else {})
        if not column.keys() & signs.keys():
            continue
        row = np.zeros(len(unknown))
        for n in signs.keys() & column.keys():
            row[column[n]] = signs[n]
        rows.append(row)
        totals.append(sum(sign * counts[n] for n, sign in signs.items() if n in column))
    if not rows:
        return False
    bounds = [(0, least_shown - 1) if counts[n] < least_shown else (least_shown, None) for n in unknown]
    wanted = np.zeros(len(unknown))
    wanted[column[place]] = 1.0
    lowest, highest = (
        linprog(sign * wanted, A_eq=np.array(rows), b_eq=np.array(totals), bounds=bounds).fun or 0.0
        for sign in (1.0, -1.0)
    )
    return bool(lowest > LOOSE or -highest < least_shown - 1 - LOOSE)


def _linked(place: int, found: set[int], sums: Sequence[Sum]) -> set[int]:
    """Return the hidden counts that sums link to one, itself among them."""
    linked: set[int] = set()
    new = {place}
    while new:
        linked |= new
        new = {n for one in sums if linked & set(_of(one)) for n in _of(one) if n in found} - linked
    return linked


def _companion(
    place: int, found: set[int], counts: Sequence[int], sums: Sequence[Sum], told: Collection[int]
) -> int | None:
    """Return the smallest shown count that stands in a sum with a hidden one that is linked to this."""
    linked = _linked(place, found, sums)
    own = [one for one in sums if place in _of(one)]
    for chosen in (own, [one for one in sums if linked & set(_of(one))]):
        beside = {n for one in chosen for n in _of(one)} - found - set(told)
        if beside:
            return min(beside, key=lambda n: (counts[n], n))
    return None


def _of(one: Sum) -> Iterator[int]:
    yield from one.parts
    if one.whole is not None:
        yield one.whole


def say_hidden(counts: Sequence[int], places: Collection[int] | None, least_shown: int) -> list[Shown]:
    """Return counts as they may be said: `places` are not shown; None: none is."""
    if places is None:
        return [NOT_SHOWN for _ in counts]
    return [
        n if place not in places else f"fewer than {least_shown}" if n < least_shown else NOT_SHOWN
        for place, n in enumerate(counts)
    ]


def merged(
    names: Sequence[str], counts: Sequence[int], least_shown: int, *, n_kept: int = 1
) -> list[tuple[str, int]]:
    """Return parts and their counts, small ones together with the next; the first `n_kept` stand alone."""
    parts = list(zip(names, counts, strict=True))
    kept, others = parts[:n_kept], parts[n_kept:]
    while len(others) > 1 and min(n for _, n in others) < least_shown:
        (name, n), (next_name, m), *rest = sorted(others, key=lambda part: part[1])
        others = [*rest, (f"{next_name}; {name}", n + m)]
    return [*kept, *others]


def say_parts(counts: Sequence[int], least_shown: int, *, told: Collection[int] = ()) -> list[Shown]:
    """Return the parts of one whole, which is known, as they may be said."""
    places = hidden(counts, [Sum(tuple(range(len(counts))))], least_shown, told=told)
    said = say_hidden(counts, places, least_shown)
    return [ALL_OTHERS if n == NOT_SHOWN else n for n in said] if said.count(NOT_SHOWN) == 1 else said
