"""Tables that stand in the published copy alone: made with each copy from what the warehouse holds."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.effects import INTERVENTION

ALERT_CHANNELS: Final = Table(
    "alert_channels",
    "In which channels people are told of each alert, and what its message says there: a channel whose readers may "
    "not know a count is told less.",
    (
        Column("alert_id", pl.String, "alert, as in alerts", is_key=True),
        Column("channel", pl.String, "Slack channel by the area file", is_key=True),
        Column("headline", pl.String, "as its message says it there now"),
        Column("said_at", INSTANT, "when it was first written for this channel"),
        Column("changed_at", INSTANT, "when its message was last written anew"),
    ),
    is_published=True,
)

ALERT_OUTCOMES: Final = Table(
    "alert_outcomes",
    "What came of each alert that people were told of: did it stand, what was done, what came after, was it useful.",
    (
        Column("alert_id", pl.String, "alert, as in alerts", is_key=True),
        Column("centre_code", pl.String, "town centre; everywhere for one message about many centres"),
        Column("first_evening", pl.Date, "first night that it speaks of"),
        Column("last_evening", pl.Date, "last night that it speaks of"),
        Column("raised_as_of", INSTANT, "the morning of the first decision"),
        Column("is_withdrawn", pl.Boolean, "it was withdrawn; otherwise it stands, or is still filling"),
        Column("is_complete", pl.Boolean, "all its counts came in, and it held"),
        Column(
            "told_at", INSTANT, "when its first message was posted; null while it waits", is_nullable=True
        ),
        Column(
            "acted_on_at",
            INSTANT,
            "when somebody first said that it is being acted on; null: nobody has",
            is_nullable=True,
        ),
        Column("actions", pl.String, "what was done, codes of the area's actions, comma-separated"),
        Column(
            "explained_as",
            pl.String,
            "known_event | data_fault: the last explanation; null: none",
            is_nullable=True,
        ),
        Column("n_nights_after", pl.Int64, "monitored nights of the two weeks after it that are known"),
        Column("n_above_after", pl.Int64, "those of them on which a source was above its limit"),
        Column("n_useful", pl.Int64, "people whose last answer is that it was useful"),
        Column("n_not_useful", pl.Int64, "people whose last answer is that it was not useful"),
        Column("n_too_late", pl.Int64, "people whose last answer is that it came too late"),
    ),
    is_published=True,
)

INTERVENTIONS: Final = Table(
    "interventions",
    "What the partnership does somewhere so that fewer are hurt, as it is declared in the area folder.",
    (
        INTERVENTION,
        Column("place_code", pl.String, "town centre, as in places"),
        Column("starts_on", pl.Date, "first evening on which it is there"),
        Column("ends_on", pl.Date, "last evening; null while it goes on", is_nullable=True),
        Column("nights", pl.String, "the nights of the week on which it is there", is_list=True),
        Column("hours", pl.String, "local hours in which it is there; counts are of whole nights"),
        Column("hypothesis", pl.String, "what it is to do"),
        Column("outcome_definition", pl.String, "by which definition it is judged"),
        Column("declared_on", pl.Date, "when it was declared"),
        Column(
            "is_post_hoc",
            pl.Boolean,
            "declared after its start: whoever declared it may have known what came",
        ),
        Column("owner", pl.String, "a team or a role"),
    ),
    is_published=True,
    is_joined_to=True,
)
