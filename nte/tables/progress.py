"""Which morning each step has done, as the step itself says."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table

PROGRESS: Final = Table(
    "progress",
    "Which morning each step has done, in its own words; the other tables are sparse and mean nothing by it. A morning "
    "has a further row where more was known of its nights later that day.",
    (
        Column("step", pl.String, "issue_bands | judge_nights | score_bands | decide_alerts", is_key=True),
        Column("morning", INSTANT, "06:00 of the date whose nights were looked at"),
        Column(
            "as_of", INSTANT, "from what was known at this instant: the morning, or a later run", is_key=True
        ),
        Column("done_at", INSTANT, "moment of the run that did it"),
        Column("knowledge", pl.String, "print of what was known of those nights; empty: not kept"),
    ),
    is_published=True,
)
