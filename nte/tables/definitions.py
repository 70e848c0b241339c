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
        Column("hours", pl.String, "night: the area's nights alone | all: the whole day"),
        Column("unit", pl.String, "what it is stated in: incident | offence; incident_slices has each"),
        Column("sources", pl.String, "the sources that it counts, each by its own rule", is_list=True),
        Column("print", pl.String, "fingerprint of what it counts; only a migration may change it"),
        Column("excludes_domestic", pl.Boolean, "what is flagged as domestic does not count; unknown does"),
    ),
    is_published=True,
    is_joined_to=True,
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
        Column(
            "recording_changes",
            pl.String,
            "first evenings under a changed way of recording, if any; table recording_changes says more",
            is_list=True,
        ),
        Column("least_shown", pl.Int64, "a smaller count is not shown outside the authorised analysts"),
        Column("contact", pl.String, "whom to ask", is_nullable=True),
    ),
    is_published=True,
    is_joined_to=True,
)

DEFINITION_RULES: Final = Table(
    "definition_rules",
    "Which records a definition counts: one row a source and offence code; a record that meets one of them counts.",
    (
        Column("definition", pl.String, "as in definitions", is_key=True),
        Column("source", pl.String, "as in sources", is_key=True),
        Column("offence_code", pl.String, "in the source's codes; empty: every one", is_key=True),
        Column(
            "needs_knife",
            pl.Boolean,
            "true: with a knife alone; false: without; null: either way",
            is_key=True,
            is_nullable=True,
        ),
        Column("states", pl.String, "states or outcomes that count; empty: all but withdrawn", is_list=True),
    ),
    is_published=True,
)

OFFENCE_GROUPS: Final = Table(
    "offence_groups",
    "Under which name an offence is reported.",
    (
        Column("offence_group", pl.String, "its code, as in incident_slices", is_key=True),
        Column("source", pl.String, "as in sources", is_key=True),
        Column("title", pl.String, "in words"),
        Column("gravity", pl.Int64, "1 is the gravest: an incident goes by the gravest of its offences"),
        Column("has_victim", pl.Boolean, "each of its offences has a victim of its own"),
        Column("offence_codes", pl.String, "in the source's codes", is_list=True),
    ),
    is_published=True,
    is_joined_to=True,
)

RECORDING_CHANGES: Final = Table(
    "recording_changes",
    "Days from which something is recorded otherwise: figures before and after say different things.",
    (
        Column("source", pl.String, "as in sources", is_key=True),
        Column("offence_group", pl.String, "as in offence_groups; empty: all of the source", is_key=True),
        Column("first_day", pl.Date, "first day under the new way", is_key=True),
        Column("expected_effect", pl.String, "what it does to the figures, as far as it is known"),
        Column("citation", pl.String, "who says so"),
    ),
    is_published=True,
)

PLACES: Final = Table(
    "places",
    "Every place that a count can be of: each place_code, and each centre_code of night_counts, stands here once.",
    (
        Column("place_code", pl.String, "its code", is_key=True),
        Column("name", pl.String, "as people call it"),
        Column("district", pl.String, "licensing authority; empty where it is not known"),
        Column("kind", pl.String, "centre | outside: in no town centre | unplaced: not known"),
    ),
    is_published=True,
    is_joined_to=True,
)

POPULATIONS: Final = Table(
    "populations",
    "Residents of a district: visitors of a night are not in them, so that a rate of nights is of residents alone.",
    (
        Column("district", pl.String, "as in places", is_key=True),
        Column("mid_year", pl.Int64, "year of the figure", is_key=True),
        Column("n", pl.Int64, "usual residents"),
        Column("citation", pl.String, "where the figure is from"),
    ),
    is_published=True,
    is_joined_to=True,
)

ADMISSIONS: Final = Table(
    "admissions",
    "Admissions to hospital for assault with a sharp object, as an analyst downloaded and entered them.",
    (
        Column("quarter", pl.String, "calendar quarter, like 2026Q1", is_key=True),
        Column("age", pl.String, "all | under_25", is_key=True),
        Column("n", pl.Int64, "admissions of residents of the area"),
        Column("population", pl.Int64, "residents of that age"),
        Column("citation", pl.String, "where the figure is from, and when it was downloaded"),
    ),
    is_published=True,
)
