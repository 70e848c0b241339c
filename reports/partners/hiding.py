"""Which numbers partners do not get: the small ones, and so many others that nobody can work a small one out. Pure.

For each small number, and for each end of the range that it must keep, a linear programme finds the cheapest other
numbers to hide so that the whole of what is told could be just as true with that number at that end (the attacker's own
problem; cells are priced by how far they move, as in Castro 2007, "A shortest-paths heuristic for statistical data
protection in positive tables": what moves, moves all the way, so that it is the price of hiding it). With it move as
many other small numbers as can to an end that they still need, so that one programme settles many. What is hidden
stays hidden, and hiding more only leaves more room, so that each end that was made possible remains so.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, hstack
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
DEARER: Final = 1e-2
"""Of two numbers alike the larger is shown."""
WORTH_OF_AN_END: Final = 1e-3
"""Of moving another small number by one towards an end that it still needs: never worth that anything is hidden."""
WHOLE: Final = 1e-6
"""A move within this of a whole number is that."""

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
        table = _Table(counts, joined, least, found, given)
        if not given.keys() >= set(
            table.cells
        ):  # what partners have all of was protected when they were given it
            found |= table.protect()
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


class _Table:
    """Cells that are linked to each other, and what is hidden of them so far."""

    def __init__(
        self,
        counts: Counts,
        links: Sequence[Link],
        least: Mapping[str, int],
        status: Mapping[Cell, Status],
        given: Mapping[Cell, Status],
    ) -> None:
        self.cells, adds_up = _matrix(links)
        self.n = np.array([counts[cell] for cell in self.cells])
        least_of = np.array([least[cell.source] for cell in self.cells])
        self.status = [status[cell] for cell in self.cells]
        self.is_given = np.array([cell in given for cell in self.cells])
        has_few = (self.n > 0) & (self.n < least_of)
        prices = np.array([price_of(cell, counts[cell]) for cell in self.cells])
        self.price = np.where(has_few, PRICE_OF_WORD, prices + DEARER * np.log1p(self.n))
        # Of each cell how far it moves within the range that a small number keeps, and how far beyond it, up and down.
        self.adds_up = hstack([adds_up, adds_up, -adds_up]).tocsc()
        is_small = has_few & np.array([one in HIDDEN for one in self.status])
        self.to_one, self.to_most = (
            np.where(is_small, 1 - self.n, 0),
            np.where(is_small, least_of - 1 - self.n, 0),
        )
        self.needs_one, self.needs_most = self.to_one < 0, self.to_most > 0

    def protect(self) -> dict[Cell, Status]:
        """Hide what must be hidden, so that of each small number both ends stay possible; return what is said."""
        for own in np.lexsort((np.arange(len(self.n)), -self.n)):
            for needs, to_end in ((self.needs_one, self.to_one), (self.needs_most, self.to_most)):
                if needs[own]:
                    self._make_possible(int(own), int(to_end[own]))
        return dict(zip(self.cells, self.status, strict=True))

    def _make_possible(self, own: int, by: int) -> None:
        """Hide the cheapest cells with which a count could be `by` more; note what else could be so with them."""
        move = self._cheapest_move(own, by)
        for other in np.flatnonzero((move < self.to_one) | (move > self.to_most)):
            self.status[other] = Status.PROTECTING
        self.needs_one &= move != self.to_one
        self.needs_most &= move != self.to_most

    def _cheapest_move(self, own: int, by: int) -> Vector:
        """Return by how much each count moves so that all still adds up, at the lowest price of what must be hidden."""
        is_any = np.array([one is Status.PROTECTING for one in self.status])
        may_move, price = is_any | ~self.is_given, np.where(is_any, 0.0, self.price)
        low, high = self.to_one.astype(float), self.to_most.astype(float)
        more, fewer = np.where(may_move, np.inf, 0.0), np.where(may_move, self.n + low, 0.0)
        low[own], high[own], more[own], fewer[own] = by, by, 0.0, 0.0
        bounds = Bounds(np.concatenate([low, 0 * fewer, 0 * fewer]), np.concatenate([high, more, fewer]))
        towards = np.where(self.needs_one, WORTH_OF_AN_END, np.where(self.needs_most, -WORTH_OF_AN_END, 0.0))
        for worth, is_whole in ((towards, 0), (0 * towards, 1)):  # the first is whole by itself nearly always
            answer = milp(
                np.concatenate([worth, price, price]),
                bounds=bounds,
                constraints=LinearConstraint(self.adds_up, 0, 0),
                integrality=np.full(len(low) * 3, is_whole),
            )
            if answer.x is None:
                break
            within, up, down = answer.x.reshape(3, -1)
            move = within + up - down
            if np.abs(move - move.round()).max() < WHOLE:
                return np.asarray(move.round().astype(int))
        cell = self.cells[own]
        raise NteError(
            f"Partners' figures of {cell.source} for {cell.period}: earlier editions leave no way to keep a "
            "small number from being worked out. No edition was made; the last one stands. Ask whoever keeps "
            "this service."
        )
