"""Every table of the warehouse, declared once.

From here come the DDL, the comments in DuckDB, the checks before a write and the data dictionary.
Suffixes: `_at` instant (UTC), `evening` night (local date), `n_` count, `_code` coded value, `_share` 0-1,
`is_` / `has_` boolean.
"""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table

EVENING: Final = Column(
    "evening", pl.Date, "local date of the evening on which the night starts", is_key=True
)
CENTRE: Final = Column("centre_code", pl.String, "town centre, as in town_centres", is_key=True)
SOURCE: Final = Column("source", pl.String, "who reports: a source of the area file", is_key=True)
DEFINITION: Final = Column("definition", pl.String, "what is counted: a definition of the area", is_key=True)
DELIVERY: Final = Column(
    "delivery_id", pl.String, "file name and the first eight characters of its sha256", is_key=True
)

OUTSIDE: Final = "outside_any_centre"
"""Placed in the area, but in no town centre."""
UNPLACED: Final = "unplaced"
"""Counted in the area's totals, but where it happened is not known."""

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
        Column("known_at", INSTANT, "the morning from which its content counts as known"),
        Column("covers_from_at", INSTANT, "start of the span that it accounts for"),
        Column("covers_to_at", INSTANT, "end of that span"),
        Column("is_history", pl.Boolean, "a history load: fully known for training, no evidence of delay"),
        Column("n_declared", pl.Int64, "rows by its manifest; null without one", is_nullable=True),
        Column("is_conformed", pl.Boolean, "its accepted rows are in the records"),
    ),
    is_published=True,
)

VERDICTS: Final = Table(
    "verdicts",
    "May this delivery be believed? One row a file and answer; a file that was mended and came again has two.",
    (
        DELIVERY,
        Column("file_name", pl.String, "the name under which it came this time", is_key=True),
        Column(
            "verdict", pl.String, "accepted | accepted_with_quarantine | rejected | already_seen", is_key=True
        ),
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

RECORDS: Final = Table(
    "records",
    "Every version of every accepted record, minimised: no free text, no person, nothing that is not used.",
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
            "event | window_midpoint | fallback (a later instant, such as arrival) | time_uncertain",
        ),
        Column("night", pl.Date, "evening of its night; null by day or when uncertain", is_nullable=True),
        Column("place_code", pl.String, "a town centre, outside_any_centre or unplaced"),
        Column("place_basis", pl.String, "point | text | centre_column | none"),
        Column("place_confidence", pl.Float64, "0-1; 1 for a point", is_nullable=True),
        Column("district", pl.String, "district that the record states", is_nullable=True),
        Column("site_code", pl.String, "hospital, where the source has them", is_nullable=True),
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
            "withdrawn | superseded | quarantined | rejected",
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

NIGHTS: Final = Table(
    "nights",
    "Every night of the warehouse.",
    (
        EVENING,
        Column("opens_at", INSTANT, "18:00 local time, by the area file"),
        Column("closes_at", INSTANT, "06:00 local time of the next day: 11 to 13 hours later"),
        Column("is_monitored", pl.Boolean, "a night that is judged (Friday, Saturday, Sunday by default)"),
        Column("events", pl.String, "what is known ahead: bank holidays, matches, …", is_nullable=True),
    ),
    is_published=True,
)

TOWN_CENTRES: Final = Table(
    "town_centres",
    "The town centres, with the validity of each boundary.",
    (
        CENTRE,
        Column("name", pl.String, "as people call it"),
        Column("district", pl.String, "licensing authority"),
        Column("latitude", pl.Float64, "of its middle, WGS84 degrees"),
        Column("longitude", pl.Float64, "of its middle, WGS84 degrees"),
        Column(
            "radius_m",
            pl.Float64,
            "of the placeholder circle, metres; null with a surveyed polygon",
            is_nullable=True,
        ),
        Column("is_placeholder", pl.Boolean, "the boundary is a circle that waits for a surveyed one"),
        Column("valid_from", pl.Date, "first evening of this boundary", is_key=True),
        Column("valid_to", pl.Date, "last evening of this boundary; null while it stands", is_nullable=True),
        Column("sources", pl.String, "the sources that cover it; the others are silent here, not quiet"),
    ),
    is_published=True,
)

N_INCIDENTS: Final = Column(
    "n_incidents",
    pl.Int64,
    "incidents of the night; null where the night is not covered or the source never covers the centre",
    is_nullable=True,
)
IS_COVERED: Final = Column(
    "is_covered", pl.Boolean, "deliveries account for the whole night: a zero is a zero"
)

NIGHT_COUNT_REVISIONS: Final = Table(
    "night_count_revisions",
    "Every value that a night count has had. As known on a morning: the last row with known_at at or before it.",
    (
        EVENING,
        CENTRE,
        SOURCE,
        DEFINITION,
        N_INCIDENTS,
        IS_COVERED,
        Column("known_at", INSTANT, "the morning from which this value is known", is_key=True),
    ),
    is_published=True,
)

NIGHT_COUNTS: Final = Table(
    "night_counts",
    "Incidents of each night by centre, source and definition, as known now: zeros included, unknown is null. "
    "outside_any_centre and unplaced make the totals add up. The sources overlap little: never add them up.",
    (
        EVENING,
        CENTRE,
        SOURCE,
        DEFINITION,
        N_INCIDENTS,
        IS_COVERED,
        Column("known_at", INSTANT, "the morning from which this value is known"),
    ),
    is_published=True,
)

BANDS: Final = Table(
    "bands",
    "What was to be expected, said before the night: the distribution of the final count. Never re-issued.",
    (
        EVENING,
        CENTRE,
        SOURCE,
        DEFINITION,
        Column("expected", pl.Float64, "expected incidents of the night"),
        Column("lower", pl.Int64, "1 % quantile, incidents"),
        Column("upper", pl.Int64, "99 % quantile, incidents"),
        Column("alert_limit", pl.Int64, "a count above this is an exceedance; from the false-alarm budget"),
        Column("alert_level", pl.Float64, "tail probability behind alert_limit"),
        Column("dispersion", pl.Float64, "negative binomial size of the distribution; large is Poisson"),
        Column(
            "detectable_ratio",
            pl.Float64,
            "rise that would have been seen with probability 80 %",
            is_nullable=True,
        ),
        Column("n_training_nights", pl.Int64, "covered nights of this series behind the band"),
        Column("trained_from", pl.Date, "first evening of the history used"),
        Column("trained_to", pl.Date, "last evening of the history used"),
        Column("issued_as_of", INSTANT, "nothing known later than this was used"),
        Column(
            "is_retrospective", pl.Boolean, "made after the night had begun, from what was known before it"
        ),
        Column("made_at", INSTANT, "when it was computed, by the run's clock"),
        Column("model_version", pl.String, "version of the method"),
    ),
    is_published=True,
)

COMPLETENESS: Final = Table(
    "completeness",
    "Which share of a night's final count is usually known, by the age of the night. Learned from delivery dates.",
    (
        Column("as_of", INSTANT, "what was known when it was learned", is_key=True),
        SOURCE,
        Column("age_days", pl.Int64, "mornings since the evening: 1 is the morning it ended", is_key=True),
        Column("known_share", pl.Float64, "share of the final count usually known at that age, 0-1"),
        Column("n_evidence", pl.Float64, "incidents behind it, beside the area file's prior"),
    ),
    is_published=True,
)

JUDGEMENTS: Final = Table(
    "judgements",
    "Each night against its band as known on a morning; a row when something changed since the last.",
    (
        EVENING,
        CENTRE,
        SOURCE,
        DEFINITION,
        Column("as_of", INSTANT, "the morning of the judgement", is_key=True),
        N_INCIDENTS,
        IS_COVERED,
        Column("verdict", pl.String, "within | above | far_above | unknown"),
        Column("why_unknown", pl.String, "the reason why a night was not judged", is_nullable=True),
        Column("expected", pl.Float64, "expected final count; null without a band", is_nullable=True),
        Column("expected_so_far", pl.Float64, "share of it that should be known by now", is_nullable=True),
        Column("alert_limit", pl.Int64, "limit of the final count", is_nullable=True),
        Column("limit_so_far", pl.Int64, "limit of what is known by now", is_nullable=True),
        Column(
            "known_share", pl.Float64, "share of the final count usually known at this age", is_nullable=True
        ),
        Column(
            "p_value", pl.Float64, "probability of such a count or more on a normal night", is_nullable=True
        ),
    ),
    is_published=True,
)

WINDOW_SCORES: Final = Table(
    "window_scores",
    "The slower detectors: a weekend over all sources, and four weekends.",
    (
        CENTRE,
        Column("detector", pl.String, "weekend | four_weekends", is_key=True),
        Column("first_evening", pl.Date, "first night of the window", is_key=True),
        Column("last_evening", pl.Date, "last night of the window", is_key=True),
        Column("as_of", INSTANT, "the morning of the judgement", is_key=True),
        Column("score", pl.Float64, "summed log likelihood ratio of a rise against the bands"),
        Column("score_limit", pl.Float64, "a score above this is an exceedance; from the false-alarm budget"),
        Column("is_exceedance", pl.Boolean, "the score is above its limit"),
        Column("n_nights", pl.Int64, "covered source-nights behind it"),
    ),
    is_published=True,
)

BAND_SCORES: Final = Table(
    "band_scores",
    "Do the bands mean what they say? What the issued bands promised and what came, once nights are complete, as known "
    "on a Monday. Promised shares allow for whole numbers. Real surges are in it: their exceedances are no errors.",
    (
        Column("as_of", INSTANT, "the Monday morning whose knowledge was used", is_key=True),
        Column("source", pl.String, "who reports; empty for all of them together", is_key=True),
        Column("span", pl.String, "last 8 weekends | last 26 weekends | all weekends", is_key=True),
        Column("first_evening", pl.Date, "first night of it"),
        Column("last_evening", pl.Date, "last night of it: the latest that is complete"),
        Column("n_weekends", pl.Int64, "weekends with a complete night"),
        Column("n_nights", pl.Int64, "complete nights of a centre and source"),
        Column("within_80_share", pl.Float64, "share of counts within the middle 80 % of their bands, 0-1"),
        Column("within_80_promised_share", pl.Float64, "what it should be: over 0.8, counts being whole"),
        Column("within_95_share", pl.Float64, "share of counts within the middle 95 % of their bands, 0-1"),
        Column("within_95_promised_share", pl.Float64, "what it should be: over 0.95, counts being whole"),
        Column("above_upper_share", pl.Float64, "share of counts above `upper` of their bands, 0-1"),
        Column("above_upper_promised_share", pl.Float64, "what it should be: under 0.01, counts being whole"),
        Column("n_exceedances", pl.Int64, "counts above their alert_limit"),
        Column("n_exceedances_promised", pl.Float64, "of them, how many chance alone should bring"),
        Column(
            "n_exceedances_budget",
            pl.Float64,
            "false alarms that single nights of the whole area may raise in the span; null for one source",
            is_nullable=True,
        ),
        Column("crps", pl.Float64, "mean continuous ranked probability score, incidents; 0 is perfect"),
        Column(
            "crps_to_same_weekday_ratio",
            pl.Float64,
            "its ratio to that of the same night of the week in the year before; under 1 the bands are better",
            is_nullable=True,
        ),
        Column(
            "crps_to_last_year_ratio",
            pl.Float64,
            "its ratio to that of the same five nights around a year ago; under 1 the bands are better",
            is_nullable=True,
        ),
        Column("mean_pit", pl.Float64, "where counts lie in their bands: 0.5 is right, above it too high"),
        *(
            Column(f"pit_{tenth}_share", pl.Float64, f"share in tenth {tenth} of their bands; 0.1 is right")
            for tenth in range(1, 11)
        ),
        Column(
            "drift_p_value",
            pl.Float64,
            "probability of so large a drift of mean_pit or pit_10_share by chance; by source over 26 weekends only",
            is_nullable=True,
        ),
        Column(
            "is_out_of_bounds",
            pl.Boolean,
            "drift_p_value is so small that chance alone would bring it once in two years; null where not tested",
            is_nullable=True,
        ),
    ),
    is_published=True,
)

LEVEL_SHIFTS: Final = Table(
    "level_shifts",
    "Series that came out too high or too low for weeks on end, as known on a Monday: has a recording practice "
    "changed? Chance alone names at most one in about two years in the whole area.",
    (
        Column("as_of", INSTANT, "the Monday morning whose knowledge was used", is_key=True),
        SOURCE,
        Column("centre_code", pl.String, "town centre; empty for the whole area", is_key=True),
        Column("since_evening", pl.Date, "first night of the run; kept while the shift is named again"),
        Column(
            "ratio", pl.Float64, "seen over expected in the run; bands follow, so the shift is rather larger"
        ),
        Column("n_weekends", pl.Int64, "weekends of the run"),
        Column("p_value", pl.Float64, "probability of such a run by chance, however long it is"),
    ),
    is_published=True,
)

DECISIONS: Final = Table(
    "decisions",
    "What was decided about each alert on each morning, also to say nothing, with the reason and the facts.",
    (
        Column("decision_id", pl.String, "alert and morning", is_key=True),
        Column(
            "alert_id", pl.String, "centre, first and last evening, definition; empty for the morning itself"
        ),
        Column("decided_as_of", INSTANT, "the morning whose knowledge it used"),
        Column("reason", pl.String, "first | rose | fell | withdrawn | completed | unchanged | … by name"),
        Column("is_said", pl.Boolean, "it leads to a message"),
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
        Column("detectors", pl.String, "which detectors fired, comma-separated"),
        Column("state", pl.String, "open | withdrawn | completed | silenced | grouped | acknowledged"),
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
            "purpose", pl.String, "alert | overflow | feed | model | outlook | digest | heartbeat | answer"
        ),
        Column("kind", pl.String, "head: a new message | reply: in the head's thread | edit: of the head"),
        Column("head_id", pl.String, "message that a reply or an edit belongs to", is_nullable=True),
        Column("alert_id", pl.String, "alert that it belongs to; empty where there is none"),
        Column("decision_id", pl.String, "decision that it says", is_nullable=True),
        Column("channel", pl.String, "Slack channel by the area file"),
        Column("payload", pl.String, "Slack's JSON: text and blocks"),
        Column("chart", pl.String, "file name of the picture under reports/charts", is_nullable=True),
        Column("written_at", INSTANT, "when the intent was written, by the run's clock"),
        Column("status", pl.String, "pending | posted | held | not_posted"),
        Column("status_reason", pl.String, "why it is in that status", is_nullable=True),
        Column("posted_at", INSTANT, "when Slack answered", is_nullable=True),
        Column("slack_channel", pl.String, "channel id that Slack answered", is_nullable=True),
        Column("slack_ts", pl.String, "Slack's name of the message", is_nullable=True),
        Column("n_attempts", pl.Int64, "runs that set out to post it; above 0 it may be in Slack"),
    ),
)

SILENCES: Final = Table(
    "silences",
    "Times in which a centre's alerts are not said, and pauses of them all; each with who, when and why.",
    (
        Column("silence_id", pl.String, "names the silence", is_key=True),
        Column("kind", pl.String, "silence: decided but not said | pause: all alert messages wait"),
        Column("centre_code", pl.String, "town centre; everywhere for all of them"),
        Column("starts_at", INSTANT, "from when"),
        Column("ends_at", INSTANT, "until when; null until somebody lifts it", is_nullable=True),
        Column("why", pl.String, "as given by the person"),
        Column("made_by", pl.String, "who: Slack user or login"),
        Column("made_at", INSTANT, "when it was made"),
    ),
    is_published=True,
)

ACKNOWLEDGEMENTS: Final = Table(
    "acknowledgements",
    "What people said about an alert: used as labels when forecasts are scored.",
    (
        Column("acknowledgement_id", pl.String, "names the answer", is_key=True),
        Column("alert_id", pl.String, "alert that it answers"),
        Column("kind", pl.String, "acted_on | known_event | data_fault | note"),
        Column("note", pl.String, "as typed; empty without"),
        Column("made_by", pl.String, "Slack user"),
        Column("made_at", INSTANT, "when it was made"),
    ),
    is_published=True,
)

LABELLED_NIGHTS: Final = Table(
    "labelled_nights",
    "Counts that people have explained or put down to a fault in the data: left out where the bands learn, faults also "
    "where they are scored. A label counts from known_at on; of several the latest known holds. night_counts stay.",
    (
        EVENING,
        CENTRE,
        SOURCE,
        DEFINITION,
        Column("acknowledgement_id", pl.String, "the answer that says so", is_key=True),
        Column("alert_id", pl.String, "alert that it answers, in which this count was above"),
        Column(
            "label",
            pl.String,
            "explained: a known event, or being acted on; no training | data_fault: no training, no scoring",
        ),
        Column("known_at", INSTANT, "when it was said, or when the count was first above if that is later"),
    ),
    is_published=True,
)

WAREHOUSE_TABLES: Final = (
    DELIVERIES,
    VERDICTS,
    VERDICT_REASONS,
    QUARANTINE,
    EXPECTATION_RESULTS,
    RECORD_PRINTS,
    INBOX_STRAYS,
    RECORDS,
    DELIVERY_CHANGES,
    LEDGER,
    PURGES,
    PURGED_ROWS,
    NIGHTS,
    TOWN_CENTRES,
    NIGHT_COUNT_REVISIONS,
    NIGHT_COUNTS,
    BANDS,
    COMPLETENESS,
    JUDGEMENTS,
    WINDOW_SCORES,
    BAND_SCORES,
    LEVEL_SHIFTS,
    DECISIONS,
    ALERTS,
    OUTBOX,
    SILENCES,
    ACKNOWLEDGEMENTS,
    LABELLED_NIGHTS,
)
