"""What offences cost, and how much harm they are: counts of a quarter times figures of the area folder. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from nte.area import Area, UnitCost
from nte.disclosure import policy_of
from nte.tables.board import COST_QUARTER
from nte.tables.harm import HARM_QUARTER
from nte.words import Audience
from reports.board.kpis import Quarter, monthly
from reports.board.ratios import Counts, complete_years, count_of, dispersion_of

Row = dict[str, Any]


def cost_quarter(slices: pl.DataFrame, quarters: Mapping[str, Quarter], area: Area) -> pl.DataFrame:
    """Return `cost_quarter` of the groups that have a unit cost, of quarters that are over and accounted for.

    A count that is not shown outside the analysts has no cost. The bounds are those of the count: given a mean, counts
    scatter as a Poisson's (Garwood 1936), widened by how much the series scatters; what a unit cost may be wrong by its
    source does not say.
    """
    rows = [
        row | _cost(n, dispersion, unit)
        for unit in area.unit_costs
        for row, n, dispersion in _counted(slices, quarters, area, unit.offence_group)
    ]
    return COST_QUARTER.conform(pl.DataFrame(rows, COST_QUARTER.schema))


def harm_quarter(slices: pl.DataFrame, quarters: Mapping[str, Quarter], area: Area) -> pl.DataFrame:
    """Return `harm_quarter` of the groups that have a weight, by the same rules as costs."""
    rows = [
        row | {"n_offences": n, "harm_days": None if n is None else n * weight.days}
        for weight in area.harm_weights
        for row, n, _ in _counted(slices, quarters, area, weight.offence_group)
    ]
    return HARM_QUARTER.conform(pl.DataFrame(rows, HARM_QUARTER.schema))


def _counted(
    slices: pl.DataFrame, quarters: Mapping[str, Quarter], area: Area, offence_group: str
) -> Iterator[tuple[Row, int | None, float]]:
    """Yield the key of each row of a group, its count, None where it is not shown, and how its series scatters."""
    over = [quarter for quarter in quarters.values() if quarter.is_accounted_for]
    if area.board_definition is None or not over:
        return
    months = sorted(month for quarter in over for month in quarter.months)
    own = slices.filter(
        definition=area.board_definition, source=area.lead_source, offence_group=offence_group
    )
    least = policy_of(area).least_shown(area.lead_source, Audience.LICENSING)
    for district, counts in monthly(own, months, area).items():
        by_month: Counts = counts["offence"]
        dispersion = dispersion_of(complete_years(by_month, months))
        for quarter in over:
            first = months.index(quarter.months[0])
            n = int(by_month[first : first + 3].sum())
            key = {"quarter": quarter.name, "district": district, "offence_group": offence_group}
            yield key, None if 0 < n < least else n, dispersion


def _cost(n: int | None, dispersion: float, unit: UnitCost) -> Row:
    """Return what so many offences cost, with bounds; nothing where their number is not shown."""
    if n is None:
        return dict.fromkeys(("n_offences", "gbp", "gbp_lower", "gbp_upper")) | {
            "price_year": unit.price_year
        }
    mean = count_of(n, dispersion)
    gbp, lower, upper = (round(number * unit.gbp) for number in (n, mean.lower, mean.upper))
    return {
        "n_offences": n, "gbp": gbp, "gbp_lower": lower, "gbp_upper": upper, "price_year": unit.price_year,
    }  # fmt: skip
