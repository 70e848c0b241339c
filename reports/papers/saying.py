"""How a figure is said on a page. Pure."""

from nte.english import say_share
from reports.papers.paper import Cell, Column, Estimate, Stated, Unit

SPACE = "\u00a0"


def say_cell(cell: Cell, column: Column) -> str:
    """Return '2,763', '49 %', '+2 % (−3 to +7)', or the words why there is no number."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Stated):
        return say_number(cell.value, cell.unit)
    if not isinstance(cell, Estimate):
        return say_number(cell, column.unit)
    value, lower, upper = (_bare(part, column.unit) for part in (cell.value, cell.lower, cell.upper))
    percent = f"{SPACE}%" if column.unit in {Unit.SHARE, Unit.CHANGE} else ""
    return f"{value}{percent} ({lower} to {upper})"


def say_number(number: float, unit: Unit) -> str:
    """Return a number as its unit is said; no share of less than all is '100 %'."""
    if unit is Unit.SHARE:
        return say_share(number)
    return f"{_bare(number, unit)}{SPACE}%" if unit is Unit.CHANGE else _bare(number, unit)


def _bare(number: float, unit: Unit) -> str:
    if unit is Unit.SHARE:
        return say_share(number).removesuffix(f"{SPACE}%")
    if unit is Unit.CHANGE:
        percent = round(100 * (number - 1))
        return f"{percent:+d}".replace("-", "−") if percent else "0"
    return f"{number:,.0f}" if unit is Unit.COUNT else f"{number:,.1f}"
