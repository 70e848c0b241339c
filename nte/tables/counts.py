"""Nights, town centres, and how many incidents were counted."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.keys import CENTRE, DEFINITION, DELIVERY, EVENING, SOURCE
from nte.words import Fault, glossary

OUTSIDE: Final = "outside_any_centre"
"""Placed in the area, but in no town centre."""

UNPLACED: Final = "unplaced"
"""Counted in the area's totals, but where it happened is not known."""

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
    is_joined_to=True,
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
        Column(
            "sources",
            pl.String,
            "the sources that cover it; the others are silent here, not quiet",
            is_list=True,
        ),
    ),
    is_published=True,
)

CENTRE_STARTS: Final = Table(
    "centre_starts",
    "The first evening on which each town centre is counted. Records of earlier ones were placed without it: it has "
    "no past, and no band before enough of its nights are known.",
    (
        CENTRE,
        Column("counted_from", pl.Date, "first evening with a count"),
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

REACHES: Final = Table(
    "reaches",
    "How far what is known of a source, and of each of its sites, reaches: the age by which a night fills is counted "
    "to there, not to today. As known on a morning: the last row with known_at at or before it.",
    (
        SOURCE,
        Column("site_code", pl.String, "hospital site; empty for the source as a whole", is_key=True),
        Column("known_at", INSTANT, "the morning from which it is known", is_key=True),
        Column("reaches_at", INSTANT, "end of the latest span that its believed deliveries account for"),
        Column("n_rows", pl.Int64, "rows that came on that morning"),
    ),
    is_published=True,
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
    "outside_any_centre and unplaced make the totals add up. The sources overlap little: never add them up. Of a "
    "definition that counts all hours these are its nights alone: incident_slices has the whole day.",
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

COUNTED: Final = Table(
    "counted",
    "What the last count was made from and what it left, as prints: where all is the same, nothing is counted anew; "
    "where another hand has changed what it left, everything is.",
    (
        Column(
            "print",
            pl.String,
            "of deliveries, records, counts, the area and the code that counts; and of what only a count changes",
            is_key=True,
        ),
    ),
)

COUNTED_DELIVERIES: Final = Table(
    "counted_deliveries",
    "The deliveries whose records are counted. A new one is counted in; where one that was counted has gone or "
    "changed, everything is counted anew.",
    (
        DELIVERY,
        Column("print", pl.String, "of its records when they were counted"),
        Column("n_before", pl.Int64, "deliveries of its source and others that were the earlier ones"),
    ),
)

COUNTED_NIGHTS: Final = Table(
    "counted_nights",
    "What was known of the coverage of each night when it was counted: where that is another, it is counted anew.",
    (
        EVENING,
        SOURCE,
        Column("print", pl.String, "since when it is covered, by which hospitals, and when it was not"),
    ),
)

COUNTED_ROWS: Final = Table(
    "counted_rows",
    "What became of the rows of each delivery, day by day: the ledger and the changes of each delivery are sums of it.",
    (
        DELIVERY,
        Column("source", pl.String, "who sent it"),
        Column("day", pl.Date, "evening of the record's night, else the local date of its time", is_key=True),
        Column("fate", pl.String, "as in the ledger", is_key=True),
        Column("change", pl.String, "added | changed | superseded", is_key=True),
        Column("is_withdrawn", pl.Boolean, "the row withdraws a record", is_key=True),
        Column("known_at", INSTANT, "the earliest morning from which one of them is known"),
        Column("n_rows", pl.Int64, "rows"),
    ),
)

DELIVERY_FAULTS: Final = Table(
    "delivery_faults",
    "How many rows of each delivery have which fault: what later deliveries of its source are held against.",
    (
        DELIVERY,
        Column("fault", pl.String, glossary(Fault), is_key=True),
        Column("n_bad", pl.Int64, "rows with that fault"),
        Column("n_rows", pl.Int64, "rows that could have it"),
    ),
)

DELIVERY_PLACES: Final = Table(
    "delivery_places",
    "Where the rows of each delivery are.",
    (
        DELIVERY,
        Column("place_code", pl.String, "a town centre, outside_any_centre or unplaced", is_key=True),
        Column("n_rows", pl.Int64, "rows there"),
    ),
)
