"""What was decided, what was said, and what people answered."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.words import AlertState, Answered, MessageStatus, Reason, glossary

DECISIONS: Final = Table(
    "decisions",
    "What was decided about each alert on each morning, also to say nothing, with the reason and the facts.",
    (
        Column("decision_id", pl.String, "alert and morning", is_key=True),
        Column(
            "alert_id", pl.String, "centre, first and last evening, definition; empty for the morning itself"
        ),
        Column("decided_as_of", INSTANT, "the morning whose knowledge it used"),
        Column("reason", pl.String, glossary(Reason)),
        Column("is_said", pl.Boolean, "it leads to a message"),
        Column(
            "stands_chance",
            pl.Float64,
            "probability that the alert will stand once all counts are in; null where nothing is known of it",
            is_nullable=True,
        ),
        Column("facts", pl.String, "what the decision was made from, JSON"),
    ),
    is_published=True,
)

ALERTS: Final = Table(
    "alerts",
    "One row an alert: its identity and where it stands in its life.",
    (
        Column("alert_id", pl.String, "centre, first and last evening, definition", is_key=True),
        Column("centre_code", pl.String, "town centre; everywhere for one message about many centres"),
        Column("first_evening", pl.Date, "first night that it speaks of"),
        Column("last_evening", pl.Date, "last night that it speaks of"),
        Column("definition", pl.String, "what was counted"),
        Column("detectors", pl.String, "which detectors fired", is_list=True),
        Column("state", pl.String, glossary(AlertState)),
        Column("headline", pl.String, "as people read it"),
        Column("raised_as_of", INSTANT, "the morning of the first decision"),
        Column("changed_as_of", INSTANT, "the morning of the latest change"),
    ),
    is_published=True,
)

OUTBOX: Final = Table(
    "outbox",
    "Every message: the intent before Slack is called, the answer after.",
    (
        Column("message_id", pl.String, "names the intent; also in the message's metadata", is_key=True),
        Column("sequence", pl.Int64, "order of posting"),
        Column(
            "purpose",
            pl.String,
            "alert | overflow | feed | model | outlook | digest | heartbeat | undelivered | answer | "
            "review: what came after an alert | month: what came of a month's alerts",
        ),
        Column("kind", pl.String, "head: a new message | reply: in the head's thread | edit: of the head"),
        Column("head_id", pl.String, "message that a reply or an edit belongs to", is_nullable=True),
        Column("alert_id", pl.String, "alert that it belongs to; empty where there is none"),
        Column("decision_id", pl.String, "decision that it says", is_nullable=True),
        Column("channel", pl.String, "Slack channel by the area file"),
        Column("message", pl.String, "what is said, without any channel's shape: JSON"),
        Column("payload", pl.String, "what the channel made of it when it took it: JSON", is_nullable=True),
        Column("chart", pl.String, "file name of the picture under reports/charts", is_nullable=True),
        Column("written_at", INSTANT, "when the intent was written, by the run's clock"),
        Column("status", pl.String, glossary(MessageStatus)),
        Column("status_reason", pl.String, "why it is in that status", is_nullable=True),
        Column("posted_at", INSTANT, "when Slack answered", is_nullable=True),
        Column("slack_channel", pl.String, "channel id that Slack answered", is_nullable=True),
        Column("slack_ts", pl.String, "Slack's name of the message", is_nullable=True),
        Column("n_attempts", pl.Int64, "runs that set out to post it; above 0 it may be in Slack"),
    ),
)

SILENCES: Final = Table(
    "silences",
    "Times in which a centre's alerts wait in a channel, and pauses of them all; each with who, when and why.",
    (
        Column("silence_id", pl.String, "names the silence", is_key=True),
        Column("kind", pl.String, "silence: alerts of a centre wait | pause: all alert messages wait"),
        Column("centre_code", pl.String, "town centre; everywhere for all of them"),
        Column("channel", pl.String, "channel in which it holds; everywhere for all of them"),
        Column("starts_at", INSTANT, "from when"),
        Column("ends_at", INSTANT, "until when; null until somebody lifts it", is_nullable=True),
        Column("why", pl.String, "as typed; stays in the warehouse", is_private=True),
        Column("made_by", pl.String, "who: Slack user or login"),
        Column("made_at", INSTANT, "when it was made"),
        Column("lifted_by", pl.String, "who ended it early; null where nobody did", is_nullable=True),
    ),
    is_published=True,
)

ACKNOWLEDGEMENTS: Final = Table(
    "acknowledgements",
    "What people said about an alert: used as labels when forecasts are scored.",
    (
        Column("acknowledgement_id", pl.String, "names the answer", is_key=True),
        Column("alert_id", pl.String, "alert that it answers"),
        Column("kind", pl.String, glossary(Answered)),
        Column(
            "actions", pl.String, "what is done, codes of the area's actions, comma-separated; empty without"
        ),
        Column("note", pl.String, "as typed, empty without; stays in the warehouse", is_private=True),
        Column("made_by", pl.String, "Slack user"),
        Column("made_at", INSTANT, "when it was made"),
        Column(
            "channel",
            pl.String,
            "channel, by the area file, in which it was made; null where that was not kept (before version 8)",
            is_nullable=True,
        ),
    ),
    is_published=True,
)
