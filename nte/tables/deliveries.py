"""What was delivered and what was thought of it."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.keys import DELIVERY, EVENING
from nte.words import DeliveryVerdict, Fault, glossary

DELIVERIES: Final = Table(
    "deliveries",
    "One row a file that was received, whatever became of it.",
    (
        DELIVERY,
        Column("source", pl.String, "who sent it"),
        Column("file_name", pl.String, "name under which it first came"),
        Column("sha256", pl.String, "of the bytes as received"),
        Column("n_bytes", pl.Int64, "size as received, bytes"),
        Column("taken_at", INSTANT, "when this service took it from the inbox"),
        Column(
            "known_at",
            INSTANT,
            "from when its content counts as known: the morning of its name, or the time of taking where that was done",
        ),
        Column("covers_from_at", INSTANT, "start of the span that it accounts for"),
        Column("covers_to_at", INSTANT, "end of that span"),
        Column("is_history", pl.Boolean, "a history load: no evidence of reporting delay"),
        Column("n_declared", pl.Int64, "rows by its manifest; null without one", is_nullable=True),
        Column("is_conformed", pl.Boolean, "its accepted rows are in the records"),
    ),
    is_published=True,
)

DELIVERY_ORDER: Final = Table(
    "delivery_order",
    "Which delivery is the later one: by `known_at`, then `named_at`, then the order in which they were taken.",
    (
        DELIVERY,
        Column(
            "named_at",
            INSTANT,
            "the morning that its name speaks of; of a history load the one after its span",
        ),
        Column("n_taken", pl.Int64, "number in the order in which the source's deliveries were taken"),
    ),
    is_published=True,
)

EARLIER_SPANS: Final = Table(
    "earlier_spans",
    "What a delivery was believed to account for before a manifest that came later said otherwise: the past stays as "
    "it was known.",
    (
        DELIVERY,
        Column("known_until", INSTANT, "from then on the next of its spans is believed", is_key=True),
        Column("covers_from_at", INSTANT, "start of the span that it accounted for"),
        Column("covers_to_at", INSTANT, "end of that span"),
    ),
    is_published=True,
)

VERDICTS: Final = Table(
    "verdicts",
    "May this delivery be believed? One row a file and answer; a file that was mended and came again has two.",
    (
        DELIVERY,
        Column("file_name", pl.String, "the name under which it came this time", is_key=True),
        Column("verdict", pl.String, glossary(DeliveryVerdict), is_key=True),
        Column("decided_at", INSTANT, "when that was last decided, by the run's clock"),
        Column("n_rows", pl.Int64, "rows in the file; null when it cannot be read", is_nullable=True),
        Column("n_accepted", pl.Int64, "rows that are used"),
        Column("n_quarantined", pl.Int64, "rows set aside"),
        Column("n_warnings", pl.Int64, "things to look at that did not stop it"),
        Column("summary", pl.String, "one line for the ops team: what, why, and the next action"),
    ),
    is_published=True,
)

VERDICT_REASONS: Final = Table(
    "verdict_reasons",
    "Each check that a delivery did not meet, with counts and example row numbers, never values.",
    (
        DELIVERY,
        Column("rule", pl.String, "the expectation that was not met", is_key=True),
        Column("column_name", pl.String, "the column it speaks of; empty for the whole file", is_key=True),
        Column("severity", pl.String, "critical: rejected | error: rows set aside | warning: used, but look"),
        Column("n_affected", pl.Int64, "rows at fault"),
        Column("example_rows", pl.String, "up to ten row numbers (1 = first row under the header)"),
        Column("message", pl.String, "in plain English, with the next action"),
    ),
    is_published=True,
)

QUARANTINE: Final = Table(
    "quarantine",
    "Rows set aside: where they stand and why, never what they say.",
    (
        DELIVERY,
        Column("row_number", pl.Int64, "row in the file (1 = first row under the header)", is_key=True),
        Column("source", pl.String, "who sent it"),
        Column("rule", pl.String, "the first expectation that the row did not meet"),
        Column("column_name", pl.String, "the column at fault"),
    ),
    is_published=True,
)

NIGHTS_ASIDE: Final = Table(
    "nights_aside",
    "Of which nights the rows are that a daily delivery brought and that were set aside: a row a night of its span.",
    (
        DELIVERY,
        EVENING,
        Column("n_rows", pl.Int64, "rows set aside whose time is in this night"),
        Column(
            "n_untimed", pl.Int64, "rows set aside that say no time: they may be of any night of the span"
        ),
    ),
    is_published=True,
)

COMMON_POINTS: Final = Table(
    "common_points",
    "How many incidents of a delivery are at one point: a constant in the place of coordinates has them all.",
    (
        DELIVERY,
        Column(
            "n_most",
            pl.Int64,
            "incidents at the point, or of the place in words, that most have; rounded points are one",
        ),
        Column("n_placed", pl.Int64, "incidents with a point"),
    ),
    is_published=True,
)

USABILITY: Final = Table(
    "usability",
    "What a delivery's rows say of its nights, against what the deliveries of its source said before it; a row for "
    "each fault that was looked for. Decided when its rows were first counted, and again by a later manifest.",
    (
        DELIVERY,
        Column("fault", pl.String, glossary(Fault), is_key=True),
        Column("n_bad", pl.Int64, "rows with that fault"),
        Column("n_rows", pl.Int64, "rows that could have it"),
        Column(
            "usual_share", pl.Float64, "share with it before; null where it was not known", is_nullable=True
        ),
        Column("is_teaching", pl.Boolean, "later deliveries are held against it too"),
    ),
    is_published=True,
)

UNUSABLE_NIGHTS: Final = Table(
    "unusable_nights",
    "Nights that a delivery does not account for though they lie in its span: what its rows say of them cannot be "
    "used. They are known by another delivery, or from `usable_at`.",
    (
        DELIVERY,
        EVENING,
        Column("fault", pl.String, glossary(Fault)),
        Column("n_bad", pl.Int64, "rows with that fault, of the night or of the delivery"),
        Column(
            "n_rows",
            pl.Int64,
            "rows that were looked at; of a delivery that is cut short, rows to be expected",
        ),
        Column("usual_share", pl.Float64, "share with it in the deliveries before"),
        Column("found_at", INSTANT, "by the run's clock"),
        Column(
            "usable_at",
            INSTANT,
            "since when the night is known by this delivery after all, because rows were released or somebody said so",
            is_nullable=True,
        ),
    ),
    is_published=True,
)

EXPECTATION_RESULTS: Final = Table(
    "expectation_results",
    "Every expectation that was tested on a delivery, met or not.",
    (
        DELIVERY,
        Column("suite", pl.String, "named suite of the source"),
        Column("rule", pl.String, "the expectation", is_key=True),
        Column("column_name", pl.String, "the column it speaks of; empty for the whole file", is_key=True),
        Column("severity", pl.String, "critical | error | warning"),
        Column("is_met", pl.Boolean, "the delivery is as expected"),
        Column("n_affected", pl.Int64, "rows at fault"),
    ),
    is_published=True,
)

RECORD_PRINTS: Final = Table(
    "record_prints",
    "A print of each version of a record, to see that it came again with other content. Goes with its records.",
    (
        Column("source", pl.String, "who sent it", is_key=True),
        Column("record_id", pl.String, "the provider's key of the record", is_key=True),
        Column("record_version", pl.Int64, "version of the record", is_key=True),
        DELIVERY,
        Column("content_print", pl.Int64, "hash of the columns that are stored, without free text"),
    ),
)

EVENT_PRINTS: Final = Table(
    "event_prints",
    "A print of when and where each record says that it happened, to see that an event came again under another id, or "
    "an id with another event. Goes with its records.",
    (
        Column("source", pl.String, "who sent it", is_key=True),
        Column("record_id", pl.String, "the provider's key of the record", is_key=True),
        DELIVERY,
        Column("incident_id", pl.String, "the incident that it belongs to"),
        Column("event_print", pl.Int64, "hash of time, to the minute, and place"),
        Column("happened_at", INSTANT, "the time that places it"),
    ),
)

ACCEPTANCES: Final = Table(
    "acceptances",
    "What people have said of deliveries that were held: whether their rows may be used, and why not.",
    (
        DELIVERY,
        Column("file_name", pl.String, "its name"),
        Column("is_accepted", pl.Boolean, "its rows are used"),
        Column("why", pl.String, "the reason given; empty for an acceptance without one"),
        Column("decided_at", INSTANT, "when, by the run's clock"),
    ),
    is_published=True,
)

INBOX_STRAYS: Final = Table(
    "inbox_strays",
    "What stands in the inbox and was left alone, and why.",
    (
        Column("folder", pl.String, "folder in the inbox; empty for the inbox itself", is_key=True),
        Column("name", pl.String, "its name, with unusual signs replaced", is_key=True),
        Column("why", pl.String, "why it was not taken"),
        Column("first_seen_at", INSTANT, "by the run's clock"),
        Column("last_seen_at", INSTANT, "by the run's clock"),
    ),
    is_published=True,
)
