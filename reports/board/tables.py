"""What the published copy has beside the warehouse's own tables: read through the open door that a step hands in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from nte.area import Area
from nte.columns import Table
from nte.migrations import NEWEST
from nte.tables.board import COST_QUARTER, INCIDENT_SLICES, KPI_QUARTERLY, PUBLICATION, UNIT_COSTS
from nte.tables.harm import HARM_QUARTER, HARM_WEIGHTS
from nte.tables.slices import MONTH_COVERAGE
from reports import queries
from reports.board.costs import cost_quarter, harm_quarter
from reports.board.kpis import Quarter, kpi_quarterly, quarters_of
from reports.board.slices import incident_slices, known_shares

if TYPE_CHECKING:
    from nte.warehouse import Warehouse

KNOWN = "SELECT max(known_at) AS last, min(known_at) AS first FROM night_count_revisions"
MONTHS = "SELECT DISTINCT month FROM month_coverage ORDER BY month"
CELLS = "SELECT * FROM slice_counts LEFT JOIN month_coverage USING (source, month, time_class)"
Published = list[tuple[Table, pl.DataFrame]]


def board_tables(warehouse: Warehouse, area: Area, now: datetime) -> Published:
    """Return each table and its rows, as of the latest morning that was counted."""
    last, first = warehouse.query(KNOWN).row(0)
    publication = [{
        "published_at": now, "as_of": last, "as_known_from": first, "schema_version": NEWEST, "area": area.code,
    }]  # fmt: skip
    as_of = last if isinstance(last, datetime) else now.astimezone(UTC)
    months = warehouse.query(MONTHS)["month"].to_list()
    known = known_shares(months, warehouse.query(queries.COMPLETENESS), area, as_of)
    slices = incident_slices(warehouse.query(CELLS), known, as_of)
    lead, today = area.lead_source, area.clock.local_date(as_of)
    quarters = quarters_of(warehouse.read(MONTH_COVERAGE), known, lead, today)
    return [
        (PUBLICATION, pl.DataFrame(publication, PUBLICATION.schema)),
        (INCIDENT_SLICES, slices),
        (KPI_QUARTERLY, kpi_quarterly(slices, quarters, area, lead, as_of)),
        (UNIT_COSTS, pl.DataFrame([cost.model_dump() for cost in area.unit_costs], UNIT_COSTS.schema)),
        (COST_QUARTER, cost_quarter(slices, quarters, area)),
        *_harm(slices, quarters, area),
    ]


def _harm(slices: pl.DataFrame, quarters: dict[str, Quarter], area: Area) -> Published:
    """Return the tables of harm, where the area folder weighs it."""
    if not area.harm_weights:
        return []
    weights = pl.DataFrame([weight.model_dump() for weight in area.harm_weights], HARM_WEIGHTS.schema)
    return [(HARM_WEIGHTS, weights), (HARM_QUARTER, harm_quarter(slices, quarters, area))]
