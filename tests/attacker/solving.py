"""The attacker reckons: what was written down becomes bounds and linear constraints; HiGHS says what each count can be."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import ceil, floor
from typing import TypeVar

import highspy

from nte.disclosure import LEAST_LEFT
from tests.attacker.statements import MOST, Cell, Known

SLACK = 1e-6
K = TypeVar("K", bound=tuple[str, ...] | Cell)
"""What a count is called by; it can be sorted."""
Row = tuple[dict[K, float], float, float]
"""Counts with their weights, and between what their sum lies."""


@dataclass(frozen=True)
class Won:
    """Something that the attacker has worked out of a count that he may not know."""

    cell: Cell
    what: str

    def __str__(self) -> str:
        """Return 'derby, 2026-01-03, ae as of …: is 3 to 5'."""
        centre, evening, source = self.cell.key
        return f"{centre}, {evening}, {source}, as known on {self.cell.as_of:%Y-%m-%d}: {self.what}"


def worked_out(known: Known, ranges: dict[Cell, tuple[int, int]], least_count: dict[str, int]) -> list[Won]:
    """Return what the attacker wins: nothing where every hidden count keeps its whole range, or that of an alert.

    `ranges`: what each count can be, as `possible` finds it.
    """
    won = [Won(cell, f"beside it stands {what}") for cell, what in known.beside if cell in known.under]
    for cell, (low, high) in ranges.items():
        if low > high:
            won.append(Won(cell, f"what was told of it cannot all be true: {low} to {high}"))
        elif said := _narrowed(cell, low, high, known, least_count):
            won.append(Won(cell, said))
    return list(dict.fromkeys(won))


def possible(known: Known, least_count: dict[str, int]) -> dict[Cell, tuple[int, int]]:
    """Return between which values each count can lie."""
    return solved(_bounds(known, least_count), _rows(known))


def _narrowed(cell: Cell, low: int, high: int, known: Known, least_count: dict[str, int]) -> str:
    """Return what is known of a count too many; empty where it may be said, or has all the values that it must keep."""
    source = cell.key[2]
    least = known.least_hidden[source]
    if low >= least:
        return ""
    if cell in known.exact:
        return f"is told: {low}"
    may_be_alert = cell in known.above and least - least_count[source] >= LEAST_LEFT
    most_low = least_count[source] if may_be_alert else 0
    if low <= most_low and high >= least - 1:
        return ""
    return f"is {low} to {high}, of 0 to {least - 1}"


def _bounds(known: Known, least_count: dict[str, int]) -> dict[Cell, tuple[int, int]]:
    """Return for each count the values that the sentences about it alone leave."""
    cells = {*known.exact, *known.under, *known.above, *known.within}
    cells |= {cell for one in known.sums for cell in one[0]} | {c for move in known.moves for c in move[:2]}
    return {cell: _bound(cell, known, least_count) for cell in cells}


def _bound(cell: Cell, known: Known, least_count: dict[str, int]) -> tuple[int, int]:
    low, high = 0, known.under[cell] - 1 if cell in known.under else MOST
    if cell in known.exact:
        return max(low, *known.exact[cell]), min(high, *known.exact[cell])
    limits = known.limits.get(cell.key)
    if cell in known.above:
        # A young night is above by its chance: of its count so far no more is certain than that it has begun.
        least = least_count[cell.key[2]] if cell in known.complete else 1
        low = max(low, least, min(limits) + 1 if limits and cell in known.complete else 0)
    elif cell in known.within:
        high = min(high, max(limits) if limits else MOST)
        if not limits and cell.key in known.unnamed:
            high = min(high, known.least_hidden[cell.key[2]] - 1)
    return low, high


def _rows(known: Known) -> list[Row[Cell]]:
    sums = [(dict.fromkeys(cells, 1.0), float(low), float(high)) for cells, low, high in known.sums if cells]
    moves = [({second: 1.0, first: -1.0}, float(by), float(MOST)) for first, second, by in known.moves]
    return [*sums, *moves]


def solved(
    bounds: dict[K, tuple[int, int]],
    rows: Iterable[Row[K]],
    *,
    of: Collection[K] = (),
    is_whole: bool = False,
) -> dict[K, tuple[int, int]]:
    """Return the least and the greatest value of each count; counts that no constraint joins keep their bounds.

    `of`: these alone are reckoned, where there are any. `is_whole`: all counts are held to be whole at once, which tells more and takes longer.
    """
    found = dict(bounds)
    for cells, joined in _groups(list(rows)):
        if any(bounds[cell][0] > bounds[cell][1] for cell in cells):
            continue
        found |= _solve_group(cells, joined, bounds, of, is_whole=is_whole)
    return found


def _groups(rows: list[Row[K]]) -> list[tuple[list[K], list[Row[K]]]]:
    """Return the constraints that have counts in common, together."""
    leader: dict[K, K] = {}

    def find(cell: K) -> K:
        while leader.setdefault(cell, cell) != cell:
            cell = leader[cell]
        return cell

    for weights, _, _ in rows:
        first, *others = weights
        for other in others:
            leader[find(other)] = find(first)
    groups: dict[K, list[Row[K]]] = defaultdict(list)
    for row in rows:
        groups[find(next(iter(row[0])))].append(row)
    return [(sorted({c for row in own for c in row[0]}), own) for own in groups.values()]


def _solve_group(
    cells: list[K],
    rows: list[Row[K]],
    bounds: dict[K, tuple[int, int]],
    of: Collection[K],
    *,
    is_whole: bool,
) -> dict[K, tuple[int, int]]:
    model = highspy.Highs()
    model.silent()
    place = {cell: n for n, cell in enumerate(cells)}
    for cell in cells:
        model.addVar(float(bounds[cell][0]), float(bounds[cell][1]))
    for n in place.values() if is_whole else ():
        model.changeColIntegrality(n, highspy.HighsVarType.kInteger)
    for weights, low, high in rows:
        model.addRow(low, high, len(weights), [place[c] for c in weights], list(weights.values()))
    return {
        cell: (_extreme(model, n, 1.0), -_extreme(model, n, -1.0))
        for cell, n in place.items()
        if not of or cell in of
    }


def _extreme(model: highspy.Highs, place: int, sign: float) -> int:
    """Return the least value of a count (of its opposite: -1); counts are whole. Nothing fits: more than any count."""
    model.changeColCost(place, sign)
    model.run()
    status, value = model.getModelStatus(), model.getObjectiveValue()
    model.changeColCost(place, 0.0)
    if status != highspy.HighsModelStatus.kOptimal:
        return MOST
    return int(ceil(value - SLACK) if sign > 0 else -floor(-value + SLACK))
