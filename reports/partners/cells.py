"""What partners are given, cell by cell, and how cells add up to one another. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

WHOLE_AREA, NOT_KNOWN_WHERE, OUTSIDE = "area", "district_not_known", "outside_centres"
NIGHTS, SERIOUS, KNIFE, WITHOUT_KNIFE = "nights", "serious_violence", "knife", "without_knife"
PARTS_OF_SERIOUS: Final = (KNIFE, WITHOUT_KNIFE)
QUARTERS_OF_YEAR: Final = 4


class Status(StrEnum):
    """Why a number of partners is there, or is not."""

    SHOWN = "shown"
    SMALL = "small"
    """From 1 to the greatest count that is not shown."""
    PROTECTING = "protecting"
    """Any number: shown, it would tell a small one."""
    NOT_KNOWN = "not_known"
    """Deliveries do not account for it."""


HIDDEN: Final = frozenset({Status.SMALL, Status.PROTECTING})


class Atom(NamedTuple):
    """What every figure of partners is a sum of: one place in one quarter, of one source and measure."""

    quarter: str
    district: str
    place: str
    source: str
    measure: str


class Cell(NamedTuple):
    """One figure of partners: a quarter of a district or the area, or a year of a place in a district."""

    period: str
    """'2026Q1' or '2026'."""
    district: str
    place: str
    """Of a year a town centre or OUTSIDE; of a quarter empty."""
    source: str
    measure: str


Counts = Mapping[Cell, int]
Link = Mapping[Cell, int]
"""Cells that add up to nought, each with its sign: a whole and its parts."""


def cells_of(atom: Atom, whole_years: Iterable[tuple[str, str]]) -> Iterator[Cell]:
    """Yield every cell that an atom is counted in. `whole_years`: years and sources of which all quarters are known."""
    yield Cell(atom.quarter, WHOLE_AREA, "", atom.source, atom.measure)
    yield Cell(atom.quarter, atom.district, "", atom.source, atom.measure)
    if atom.district != NOT_KNOWN_WHERE and (atom.quarter[:4], atom.source) in whole_years:
        yield Cell(atom.quarter[:4], atom.district, atom.place, atom.source, atom.measure)


def whole_years(atoms: Iterable[Atom]) -> set[tuple[str, str]]:
    """Return the years and sources of which all four quarters are there."""
    quarters: dict[tuple[str, str], set[str]] = {}
    for atom in atoms:
        quarters.setdefault((atom.quarter[:4], atom.source), set()).add(atom.quarter)
    return {key for key, names in quarters.items() if len(names) == QUARTERS_OF_YEAR}


def counted(atoms: Mapping[Atom, int]) -> dict[Cell, int]:
    """Return every figure that these atoms make."""
    years, sums = whole_years(atoms), dict[Cell, int]()
    for atom, n in atoms.items():
        for cell in cells_of(atom, years):
            sums[cell] = sums.get(cell, 0) + n
    return sums


def links_of(cells: Iterable[Cell]) -> list[Link]:
    """Return how cells add up: districts to the area, the quarters of a year to its places, and parts of a measure."""
    there = set(cells)
    years = {cell._replace(place="") for cell in there if cell.place}
    links: dict[tuple[str, Cell], dict[Cell, int]] = {}
    for cell in sorted(there):
        for kind, whole, sign in _joined(cell, years):
            links.setdefault((kind, whole), {whole: -1} if whole in there else {})[cell] = sign
    return list(links.values())


def _joined(cell: Cell, years: set[Cell]) -> Iterator[tuple[str, Cell, int]]:
    """Yield each whole that a cell is a part of; the year of a district is one that stands in no table itself."""
    if cell.measure in PARTS_OF_SERIOUS:
        yield "parts", cell._replace(measure=SERIOUS), 1
    if cell.place:
        yield "year", cell._replace(place=""), 1
    elif cell.district != WHOLE_AREA:
        yield "districts", cell._replace(district=WHOLE_AREA), 1
        if (year := cell._replace(period=cell.period[:4])) in years:
            yield "year", year, -1
