"""Editions for partners: what a new one may say beside all that were given out before it. Pure.

An edition keeps its numbers for ever. The next one repeats them, adds quarters that have become final, and takes over a
late correction only where no hidden number has a part in it. What is told of the hidden numbers is then the same in
every edition, whether or not a reader takes them to have changed, so that two editions subtracted say nothing new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from reports.partners.cells import (
    HIDDEN,
    PARTS_OF_SERIOUS,
    SERIOUS,
    Atom,
    Cell,
    Status,
    cells_of,
    counted,
    links_of,
    whole_years,
)
from reports.partners.hiding import hide


@dataclass(frozen=True)
class Edition:
    """What partners have been told, and what it is made of."""

    atoms: Mapping[Atom, int] = field(default_factory=dict)
    """As known when they were first given out, or last corrected."""
    status: Mapping[Cell, Status] = field(default_factory=dict)
    corrected: frozenset[Cell] = frozenset()
    """Cells whose number is another than in the edition before."""

    @property
    def counts(self) -> dict[Cell, int]:
        """Return the number of each cell, hidden ones too."""
        return counted(self.atoms)


def next_edition(before: Edition, known: Mapping[Atom, int], least: Mapping[str, int]) -> Edition:
    """Return the edition after `before`, of what is known now of all final quarters.

    `least`: by source the smallest count that is shown. Raises NteError where no way is left to protect a small number.
    """
    given = {(atom.quarter, atom.source) for atom in before.atoms}
    added = {atom: n for atom, n in known.items() if (atom.quarter, atom.source) not in given}
    corrected = _corrected(before, known, least)
    atoms = corrected | added
    counts = counted(atoms)
    status = hide(counts, links_of(counts), least, before.status)
    old = before.counts
    changed = frozenset(cell for cell, n in old.items() if counts[cell] != n)
    return Edition(atoms, status, changed)


def _corrected(before: Edition, known: Mapping[Atom, int], least: Mapping[str, int]) -> dict[Atom, int]:
    """Return the atoms of an edition with the corrections that betray nothing, a district and quarter at a time."""
    atoms, counts, years = dict(before.atoms), before.counts, whole_years(before.atoms)
    changed = sorted((atom for atom, n in before.atoms.items() if known.get(atom, n) != n), key=_block)
    for _, group in groupby(changed, key=_block):
        tried = {atom: known[atom] for atom in group}
        now: dict[Cell, int] = {}
        for atom, n in tried.items():
            for cell in cells_of(atom, years):
                now[cell] = now.get(cell, counts[cell]) + n - atoms[atom]
        if all(_may_become(before.status[c], counts[c], n, least[c.source]) for c, n in now.items()):
            atoms |= tried
            counts |= now
    return atoms


def _block(atom: Atom) -> tuple[str, str, str, str]:
    """Return what is corrected together: with and without a knife, they are parts of one whole."""
    measure = SERIOUS if atom.measure in PARTS_OF_SERIOUS else atom.measure
    return atom.quarter, atom.district, atom.source, measure


def _may_become(status: Status, before: int, now: int, least: int) -> bool:
    """Say whether a cell may have another number: a hidden one never, a shown one where that is shown as well."""
    if before == now:
        return True
    return status not in HIDDEN and (now == 0 or now >= least)
