"""The interventions of the area folder as a table of the copy for analysts."""

import polars as pl

from nte.area import Area
from nte.tables.published import INTERVENTIONS


def interventions_frame(area: Area) -> pl.DataFrame:
    """Return `interventions`: one row an intervention that the area folder declares."""
    rows = [
        one.model_dump(exclude={"nights", "hours"})
        | {"nights": ", ".join(one.night_names), "hours": one.said_hours, "is_post_hoc": one.is_post_hoc}
        for one in area.interventions
    ]
    return pl.DataFrame(rows, INTERVENTIONS.schema)
