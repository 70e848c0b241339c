"""What is counted and who reports, as the area folder says."""

from typing import Final

import polars as pl

from nte.columns import Column, Table

DEFINITIONS: Final = Table(
    "definitions",
    "What counts as one incident under each definition. The past is counted as it says: a definition never changes, a "
    "new rule is a new definition.",
    (
        Column("definition", pl.String, "its code, as in night_counts", is_key=True),
        Column("title", pl.String, "what it counts, in words"),
        Column("why", pl.String, "why it counts so, with its source"),
        Column("used_for", pl.String, "what it is used for"),
        Column("effective_from", pl.Date, "first evening it is meant for"),
        Column(
            "effective_to",
            pl.Date,
            "last evening it is meant for; empty: until further notice",
            is_nullable=True,
        ),
        Column("hours", pl.String, "which hours are counted: the area's nights"),
        Column("unit", pl.String, "what one count is"),
        Column("sources", pl.String, "the sources that it counts, each by its own rule"),
        Column("print", pl.String, "fingerprint of what it counts; only a migration may change it"),
    ),
    is_published=True,
)

SOURCES: Final = Table(
    "sources",
    "Who reports, and when their deliveries are due.",
    (
        Column("source", pl.String, "its code, as in night_counts", is_key=True),
        Column("title", pl.String, "who it is"),
        Column("short_title", pl.String, "how messages call it"),
        Column("kind", pl.String, "police | ambulance | hospital | other"),
        Column("due_by", pl.String, "local time by which a morning's delivery is due"),
        Column("time_zone", pl.String, "in which it writes its times"),
        Column("recording_changes", pl.String, "first evenings under a changed way of recording, if any"),
    ),
    is_published=True,
)
