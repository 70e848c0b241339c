"""What was counted by month and by what happened: kept when the records are gone."""

from typing import Final

import polars as pl

from nte.columns import Column, Table
from nte.tables.keys import DEFINITION, SOURCE
from nte.words import TimeClass, glossary

OUTSIDE_DISTRICT: Final = "outside_{}"
"""Place code of what lies in no town centre, by the district that its record states."""
ELSEWHERE: Final = "elsewhere"
"""Place code of what a text states to be in no town centre, such as a home: night_counts has it as unplaced."""
UNKNOWN, NOT_KEPT, NOT_STATED = "unknown", "not_kept", "not_stated"

MONTH: Final = Column(
    "month", pl.Date, "first day of the month of its day or of its night's evening; null where no day is known",
    is_key=True, is_nullable=True,
)  # fmt: skip
TIME_CLASS: Final = Column("time_class", pl.String, glossary(TimeClass), is_key=True)
CELL: Final = (
    MONTH,
    Column("district", pl.String, "of its town centre, else as the record states it; empty: not known", is_key=True),
    Column("place_code", pl.String, "where, as in places", is_key=True),
    SOURCE,
    DEFINITION,
    TIME_CLASS,
    Column(
        "offence_group", pl.String, "as in offence_groups; not_stated | not_kept. Of an incident the gravest",
        is_key=True,
    ),
    Column("knife", pl.String, "yes | no | unknown | not_kept", is_key=True),
    Column("alcohol", pl.String, "yes | no | unknown | not_kept", is_key=True),
    Column(
        "age_group", pl.String, "of the victim: under_18 | 18_24 | 25_and_over | unknown | not_kept", is_key=True
    ),
    Column(
        "location_group", pl.String,
        "licensed_premises | takeaway | public_place | transport | other | unknown | not_kept", is_key=True,
    ),
    Column(
        "method_group", pl.String,
        "sharp_object | glass_or_bottle | blunt_object | bodily_force | other | unknown | not_kept", is_key=True,
    ),
)  # fmt: skip
"""What a count is cut by. not_kept: records are gone, and the cell was small."""
COUNTS: Final = (
    Column("n_incidents", pl.Int64, "occurrences of the police, incidents of the ambulance, attendances"),
    Column(
        "n_offences", pl.Int64, "crimes, each in the cell of its own; null where a source records none",
        is_nullable=True,
    ),
    Column("n_victims", pl.Int64, "crimes with a victim, one each, or patients"),
)  # fmt: skip

SLICE_COUNTS: Final = Table(
    "slice_counts",
    "What incident_slices is made of: occurrences, offences and victims of each month by what happened.",
    (*CELL, *COUNTS),
)

MONTH_COVERAGE: Final = Table(
    "month_coverage",
    "How many nights, or days, of a month deliveries account for: a month without a row in incident_slices is quiet "
    "where all of it is covered, else unknown.",
    (
        Column("month", pl.Date, "first day of the month", is_key=True),
        SOURCE,
        TIME_CLASS,
        Column(
            "n_nights",
            pl.Int64,
            "nights of that class in the month so far, from its first on; of the class day: days",
        ),
        Column("n_nights_covered", pl.Int64, "of them, those that deliveries account for"),
    ),
    is_published=True,
)

HOUR_PROFILE: Final = Table(
    "hour_profile",
    "Incidents of a year by hour of the week, of records whose hour is known; a definition of nights has nights alone.",
    (
        Column("year", pl.Int64, "local year", is_key=True),
        Column("weekday", pl.Int64, "local day of the week, Monday 1", is_key=True),
        Column("hour", pl.Int64, "local hour in which it happened, 0-23", is_key=True),
        Column("district", pl.String, "as in incident_slices", is_key=True),
        SOURCE,
        DEFINITION,
        COUNTS[0],
    ),
    is_published=True,
)

SHARE_OF: Final = "0-1; null where its attendances were kept before this was"
ISTV_SCORECARD: Final = Table(
    "istv_scorecard",
    "What each hospital gets back on its assault attendances, by the elements of the ISTV minimum data set (ISB 1594).",
    (
        SOURCE,
        Column("site_code", pl.String, "hospital", is_key=True),
        Column("month", pl.Date, "first day of the month", is_key=True),
        Column("n_attendances", pl.Int64, "attendances that are not withdrawn"),
        *(
            Column(name, pl.Float64, f"{meaning}, {SHARE_OF}", is_nullable=True)
            for name, meaning in (
                ("time_stated_share", "attendances with a time of the assault, not of the arrival alone"),
                ("time_exact_share", "attendances whose time is stated as exact"),
                ("place_written_share", "attendances whose text says a place"),
                ("place_in_centre_share", "attendances placed in a town centre"),
                ("place_elsewhere_share", "attendances stated to be elsewhere, such as at home"),
                ("place_unknown_share", "attendances whose place is not written, or is none that we know"),
                ("method_stated_share", "attendances with a method"),
                ("method_specific_share", "attendances with a method that is not 'other'"),
                ("police_informed_known_share", "attendances that say whether the police were informed"),
            )
        ),
        Column(
            "median_lag_days", pl.Float64,
            "from the assault to the delivery that brought it; null where a history load did", is_nullable=True,
        ),
        Column("n_silent_nights", pl.Int64, "nights on which it fell silent while the source went on"),
    ),
    is_published=True,
)  # fmt: skip
