"""Figures with their intervals, as the cells of a table. Pure."""

from reports.board.ratios import Ratio, count_of, share_of
from reports.papers.paper import NOT_COMPARED, NOT_SHOWN, Cell, Estimate, Shown

OF_SHARE = "Clopper and Pearson"


def estimate(ratio: Ratio | None, method: str) -> Cell:
    """Return a ratio as a cell."""
    return Estimate(ratio.value, ratio.lower, ratio.upper, method) if ratio else NOT_COMPARED


def share_of_whole(part: Shown, whole: int) -> Cell:
    """Return which share of a whole, which is told, a part is."""
    if isinstance(part, str):
        return NOT_SHOWN
    share = share_of(int(part), whole)
    return estimate(share, OF_SHARE) if share else "none"


def rate_cell(n: Shown, residents: int, dispersion: float) -> Cell:
    """Return how many there are for each 1,000 residents."""
    if isinstance(n, str):
        return NOT_SHOWN
    count, scale = count_of(int(n), dispersion), 1000 / residents
    method = f"Poisson, dispersion {dispersion:.2f}"
    return Estimate(scale * count.value, scale * count.lower, scale * count.upper, method)
