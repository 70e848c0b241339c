"""Small numbers in a report that leaves the analysts: none is said, and none can be worked out from what is. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from reports.papers.months import WHOLE

UNITS: Final = ("offence", "victim", "victim_under_25")
Cell = tuple[str, str]
"""A measure and its unit."""
PARTS: Final[tuple[tuple[Cell, Cell], ...]] = (
    (("knife_serious_violence", "offence"), ("knife_serious_violence_without_possession", "offence")),
    *((("homicide", unit), ("homicide_knife", unit)) for unit in UNITS),
)
"""A whole and a part of it that stand in one table: the difference of the two is a count as well."""


def hidden_cells(counts: Mapping[Cell, int | None], least_shown: int) -> set[Cell]:
    """Return the cells of one definition and quarter that are not shown.

    A count below `least_shown` is not, nought neither; nor is a part that leaves less than that of its whole.
    """
    known = {cell: n for cell, n in counts.items() if n is not None}
    hidden = {cell for cell, n in known.items() if n < least_shown}
    return hidden | {
        part
        for whole, part in _pairs(known)
        if whole in known and part in known and known[whole] - known[part] < least_shown
    }


def _pairs(known: Mapping[Cell, int]) -> list[tuple[Cell, Cell]]:
    kpis = {kpi for kpi, _ in known}
    young = [((kpi, "victim"), (kpi, "victim_under_25")) for kpi in kpis]
    of_all = [((WHOLE, unit), (kpi, unit)) for kpi in kpis - {WHOLE} for unit in UNITS]
    return [*PARTS, *young, *of_all]


def told_by_another(
    counts: Mapping[Cell, int | None], others: Sequence[Mapping[Cell, int | None]], least_shown: int
) -> set[Cell]:
    """Return the cells that are not shown because the same on another definition, beside them, leaves a small count.

    Only all serious violence has more in it on a wider definition: of a part, no difference is no count.
    """
    return {
        cell
        for cell, n in counts.items()
        for other in (o.get(cell) for o in others)
        if n is not None
        and other is not None
        and abs(n - other) < least_shown
        and (cell[0] == WHOLE or n != other)
    }


def may_show_share(share: float | None, n_young: int | None, least_shown: int) -> bool:
    """Say whether a share may stand beside the count that it is of: together they tell how many are the others."""
    if not share or n_young is None:
        return False
    return round(n_young / share) - n_young >= least_shown
