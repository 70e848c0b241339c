"""Which numbers partners do not get: the small ones, and so many others that nobody can work a small one out. Pure.

For each small number, and for each end of the range that it must keep, an integer programme finds the cheapest other
numbers to hide so that the whole of what is told could be just as true with that number at that end (the attacker's own
problem, as in Castro 2012, "Recent advances in optimization techniques for statistical tabular data protection"). What
is hidden stays hidden, and hiding more only leaves more room, so that each end that was made possible remains so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from nte.errors import NteError
from reports.partners.cells import (
    HIDDEN,
    NOT_KNOWN_WHERE,
    OUTSIDE,
    WHOLE_AREA,
    Cell,
    Counts,
    Link,
    Status,
)

PRICE_AREA, PRICE_DISTRICT, PRICE_CENTRE, PRICE_REST = 16.0, 6.0, 4.0, 1.0
"""What it costs readers that a number is hidden: the whole area's most, what lies outside the centres least."""
PRICE_NOUGHT, PRICE_OF_WORD = 40.0, 10.0
"""More of a nought; and of saying 'any number' where 'small' would tell more."""
PRICE_OF_MOVING: Final = 1e-3
"""Of moving what is hidden already: so that no more is moved than need be."""

Vector = npt.NDArray[Any]


def hide(
    counts: Counts, links: Sequence[Link], least: Mapping[str, int], given: Mapping[Cell, Status]
) -> dict[Cell, Status]:
    """Return the status of every cell, so that no small number can be worked out from the others.

    `least`: by source the smallest count that is shown; nought is. `given`: of cells that partners have; these stay.
    Raises NteError where that is not possible, which needs cells of `given` that tell a small number themselves.
    """
    found = dict(given)
    for cell, n in counts.items():
        found.setdefault(cell, Status.SMALL if 0 < n < least[cell.source] else Status.SHOWN)
    for joined in _components(links):
        table = _Table(counts, joined, least, found, frozenset(given))
        if not table.is_given:
            table.protect()
    return found


def _components(links: Sequence[Link]) -> list[list[Link]]:
    """Return links that have cells in common, together."""
    _, adds_up = _matrix(links)
    labels = connected_components(abs(adds_up) @ abs(adds_up).T, directed=False)[1]
    groups: dict[int, list[Link]] = {}
    for label, link in zip(labels, links, strict=True):
        groups.setdefault(int(label), []).append(link)
    return list(groups.values())


def _matrix(links: Sequence[Link]) -> tuple[list[Cell], coo_array]:
    """Return the cells of links, and a row a link with the sign of each of them."""
    cells = sorted({cell for link in links for cell in link})
    place = {cell: n for n, cell in enumerate(cells)}
    entries = [(row, place[cell], sign) for row, link in enumerate(links) for cell, sign in link.items()]
    rows, columns, signs = zip(*entries, strict=True)
    return cells, coo_array((signs, (rows, columns)), shape=(len(links), len(cells)))


def price_of(cell: Cell, n: int) -> float:
    """Return what it costs readers that a cell is hidden."""
    if n == 0:
        return PRICE_NOUGHT
    if cell.district == WHOLE_AREA:
        return PRICE_AREA
    if NOT_KNOWN_WHERE in cell or OUTSIDE in cell:
        return PRICE_REST
    return PRICE_CENTRE if cell.place else PRICE_DISTRICT


@dataclass
class _Table:
    """Cells that are linked to each other, and what is hidden of them so far."""

    counts: Counts
    links: Sequence[Link]
    least: Mapping[str, int]
    status: dict[Cell, Status]
    given: frozenset[Cell]
    cells: list[Cell] = field(init=False)
    adds_up: coo_array = field(init=False)
    possible: set[tuple[Cell, int]] = field(init=False)
    """Counts that a cell could have as well, by all that is said."""

    def __post_init__(self) -> None:
        self.cells, self.adds_up = _matrix(self.links)
        self.possible = {(cell, self.counts[cell]) for cell in self.cells}

    @property
    def is_given(self) -> bool:
        """Whether partners have all of it, so that it was protected when they were given it."""
        return self.given.issuperset(self.cells)

    def protect(self) -> None:
        """Hide what must be hidden: of each small number both ends stay possible."""
        small = [
            (self.counts[cell], cell)
            for cell in self.cells
            if self.status[cell] in HIDDEN and 0 < self.counts[cell] < self.least[cell.source]
        ]
        for _, cell in sorted(small, reverse=True):
            for end in (1, self.least[cell.source] - 1):
                if (cell, end) not in self.possible:
                    self._make_possible(cell, end)

    def _make_possible(self, cell: Cell, end: int) -> None:
        """Hide the cheapest cells with which a count could as well be `end`; note what else could be so with them."""
        move = self._cheapest_move(cell, end - self.counts[cell])
        for other, by in zip(self.cells, move, strict=True):
            if by and not self._may_move(other, by):
                self.status[other] = Status.PROTECTING
            self.possible.add((other, self.counts[other] + by))

    def _may_move(self, cell: Cell, by: int) -> bool:
        """Say whether a count may be so much more or less by what is said of it."""
        n, status = self.counts[cell] + by, self.status[cell]
        return status is Status.PROTECTING or (status is Status.SMALL and 0 < n < self.least[cell.source])

    def _cheapest_move(self, target: Cell, by: int) -> list[int]:
        """Return by how much each count moves so that all still adds up, at the lowest price of what must be hidden."""
        ranges = [self._range(cell, abs(by)) for cell in self.cells]
        own = self.cells.index(target)
        ranges[own] = _Range(by, by, min(ranges[own].free_low, by), max(ranges[own].free_high, by), 0.0)
        found = _solve(self.adds_up, ranges)
        if found is None:
            raise NteError(
                f"Partners' figures of {target.source} for {target.period}: earlier editions leave no way to keep a "
                "small number from being worked out. No edition was made; the last one stands. Ask whoever keeps "
                "this service."
            )
        return found

    def _range(self, cell: Cell, by: int) -> "_Range":
        """Return how far a count may move: freely by what is said of it, and further where more is hidden."""
        n, status, least = self.counts[cell], self.status[cell], self.least[cell.source]
        low, high = max(-n, -2 * by), 2 * by
        free = {Status.PROTECTING: (low, high), Status.SMALL: (1 - n, least - 1 - n)}.get(status, (0, 0))
        price = PRICE_OF_WORD if 0 < n < least else price_of(cell, n)
        return _Range(*(free if cell in self.given else (low, high)), *free, price)


@dataclass(frozen=True)
class _Range:
    """How far a count may move at all, and how far it may without a price."""

    low: int
    high: int
    free_low: int
    free_high: int
    price: float


def _solve(adds_up: coo_array, ranges: Sequence[_Range]) -> list[int] | None:
    """Return whole moves that add up to nought, at the lowest price; None where there are none.

    Of each cell three variables: its move, how far that is, and whether it leaves its free range, which has the price.
    """
    n = len(ranges)
    low, high, free_low, free_high, price = np.array(
        [(r.low, r.high, r.free_low, r.free_high, r.price) for r in ranges]
    ).T
    n_links, own, ones = adds_up.shape[0], np.arange(n), np.ones(n)
    moves, lengths, leaves = own, n + own, 2 * n + own
    entries = [  # rows, columns and values of what is added up
        (adds_up.row, adds_up.col, adds_up.data),
        *_block(n_links, (moves, ones), (leaves, -np.maximum(high - free_high, 0))),
        *_block(n_links + n, (moves, ones), (leaves, -np.minimum(low - free_low, 0))),
        *_block(n_links + 2 * n, (moves, ones), (lengths, -ones)),
        *_block(n_links + 3 * n, (moves, ones), (lengths, ones)),
    ]
    rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
    nought, no_end = np.zeros(n_links), np.full(n, np.inf)
    answer = milp(
        np.concatenate([np.zeros(n), np.full(n, PRICE_OF_MOVING), price]),
        integrality=np.repeat([1, 0, 1], n),
        bounds=Bounds(np.concatenate([low, np.zeros(2 * n)]), np.concatenate([high, no_end, np.ones(n)])),
        constraints=LinearConstraint(
            csr_array((values, (rows, columns)), shape=(n_links + 4 * n, 3 * n)),
            np.concatenate([nought, -no_end, free_low, -no_end, np.zeros(n)]),
            np.concatenate([nought, free_high, no_end, np.zeros(n), no_end]),
        ),
    )
    return None if answer.x is None else [round(move) for move in answer.x[:n]]


def _block(first_row: int, *parts: tuple[Vector, Vector]) -> list[tuple[Vector, Vector, Vector]]:
    """Return a row a cell from `first_row` on, each with one value in the column of each part."""
    return [(first_row + np.arange(len(values)), columns, values) for columns, values in parts]
