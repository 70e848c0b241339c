"""What the records say, every version of them; what was removed when its time was over."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.keys import DELIVERY, SOURCE

RECORDS: Final = Table(
    "records",
    "Every version of every accepted record, minimised: no free text, no person, nothing that is not used. Of a record "
    "that was kept before a code was, the code is null: unknown, never no.",
    (
        SOURCE,
        Column("record_id", pl.String, "the provider's key of the record", is_key=True),
        Column("incident_id", pl.String, "the incident that it belongs to: the unit that is counted"),
        Column("record_version", pl.Int64, "rises with every change; the highest is the truth", is_key=True),
        DELIVERY,
        Column("row_number", pl.Int64, "row in that delivery", is_key=True),
        Column("known_at", INSTANT, "the morning from which this version is known"),
        Column(
            "is_withdrawn", pl.Boolean, "cancelled, transferred or a duplicate: never counts, never deleted"
        ),
        Column("state", pl.String, "status or outcome as sent", is_nullable=True),
        Column("offence_code", pl.String, "what happened, in the source's codes", is_nullable=True),
        Column("is_domestic", pl.Boolean, "null is unknown, never no", is_nullable=True),
        Column("has_knife", pl.Boolean, "null is unknown, never no", is_nullable=True),
        Column("has_alcohol", pl.Boolean, "null is unknown, never no", is_nullable=True),
        Column("occurred_at", INSTANT, "best instant; null when it is too uncertain", is_nullable=True),
        Column(
            "time_basis",
            pl.String,
            "event | window_midpoint | fallback (a later instant, such as arrival) | clock_change (in the hour that "
            "the clocks skip or repeat: its night is certain either way) | time_uncertain",
        ),
        Column("night", pl.Date, "evening of its night; null by day or when uncertain", is_nullable=True),
        Column(
            "happened_on",
            pl.Date,
            "evening of its night, else the local date that it states, also where the hour is uncertain",
            is_nullable=True,
        ),
        Column("place_code", pl.String, "a town centre, outside_any_centre or unplaced"),
        Column(
            "place_basis",
            pl.String,
            "point | text | centre_column | elsewhere (it says a place that is in no town centre, such as a home) | "
            "unmatched (it says a place that we do not know) | none",
        ),
        Column("place_confidence", pl.Float64, "0-1; 1 for a point", is_nullable=True),
        Column("district", pl.String, "district that the record states", is_nullable=True),
        Column("site_code", pl.String, "hospital, where the source has them", is_nullable=True),
        Column("age_group", pl.String, "of the victim: under_18 | 18_24 | 25_and_over", is_nullable=True),
        Column(
            "location_group",
            pl.String,
            "kind of place: licensed_premises | takeaway | public_place | transport | other",
            is_nullable=True,
        ),
        Column(
            "method_group",
            pl.String,
            "sharp_object | glass_or_bottle | blunt_object | bodily_force | other",
            is_nullable=True,
        ),
        Column(
            "is_police_informed",
            pl.Boolean,
            "the hospital says so; null is unknown, never no",
            is_nullable=True,
        ),
        Column(
            "time_precision", pl.String, "how exactly the time is stated, by the source", is_nullable=True
        ),
        Column("hospital_code", pl.String, "hospital to which somebody was taken", is_nullable=True),
        Column(
            "triage_system", pl.String, "by which the ambulance service sorted the call", is_nullable=True
        ),
    ),
)

DELIVERY_CHANGES: Final = Table(
    "delivery_changes",
    "What each delivery changed, against everything known before it.",
    (
        DELIVERY,
        Column("source", pl.String, "who sent it"),
        Column("known_at", INSTANT, "the morning from which it is known"),
        Column("n_added", pl.Int64, "records seen for the first time"),
        Column("n_changed", pl.Int64, "records with a newer version"),
        Column("n_withdrawn", pl.Int64, "records withdrawn (also counted under added or changed)"),
        Column("n_superseded", pl.Int64, "rows that were already out of date when they came"),
    ),
    is_published=True,
)

LEDGER: Final = Table(
    "ledger",
    "What became of every row of every delivery, under the alert definition: each row has exactly one fate, so "
    "the fates of a delivery add up to its rows.",
    (
        DELIVERY,
        Column(
            "fate",
            pl.String,
            "counted | same_incident | by_day | time_uncertain | night_not_covered | not_in_definition | domestic | "
            "withdrawn | superseded | quarantined | rejected | held",
            is_key=True,
        ),
        Column("n_rows", pl.Int64, "rows with that fate"),
    ),
    is_published=True,
)

PURGES: Final = Table(
    "purges",
    "Which records were removed when their retention ended. Night counts before `purged_before` stay as they were.",
    (
        Column("purged_before", pl.Date, "records of earlier evenings are gone", is_key=True),
        Column("purged_at", INSTANT, "when, by the run's clock"),
        Column("n_records", pl.Int64, "record versions removed"),
    ),
    is_published=True,
)

PURGED_ROWS: Final = Table(
    "purged_rows",
    "The fates of rows whose records were removed, so that the ledger still adds up.",
    (
        DELIVERY,
        Column("fate", pl.String, "as in the ledger, when the record was removed", is_key=True),
        Column("n_rows", pl.Int64, "rows with that fate"),
    ),
)
