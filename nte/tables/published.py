"""Tables that stand in the published copy alone: made with each copy from what the warehouse holds."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table

ALERT_CHANNELS: Final = Table(
    "alert_channels",
    "In which channels people are told of each alert: its first message stands there or waits to be posted.",
    (
        Column("alert_id", pl.String, "alert, as in alerts", is_key=True),
        Column("channel", pl.String, "Slack channel by the area file", is_key=True),
        Column(
            "told_at", INSTANT, "when its first message was posted; null while it waits", is_nullable=True
        ),
    ),
    is_published=True,
)
