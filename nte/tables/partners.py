"""What partners were given: every edition as it stands, and the counts that it is made of."""

from dataclasses import replace
from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table

EDITION: Final = Column("edition", pl.Date, "day as of whose morning it was made", is_key=True)
DISTRICT: Final = Column(
    "district", pl.String, "licensing authority; area; or district_not_known", is_key=True
)
SOURCE: Final = Column("source", pl.String, "who reports; sources are never added up", is_key=True)
MEASURE: Final = Column(
    "measure", pl.String,
    "nights: incidents of nights; serious_violence: offences of all hours; of these knife and without_knife",
    is_key=True,
)  # fmt: skip
SHOWN: Final = Column(
    "shown", pl.Int64, "the count; null where it is not shown or not known", is_nullable=True
)
STATUS: Final = Column(
    "status", pl.String,
    "shown | small: from 1 to below the source's least_shown | protecting: any number, it would tell a small one | "
    "not_known: deliveries do not account for it",
)  # fmt: skip
NOTE: Final = Column("note", pl.String, "what must be said with it, in words; empty without")
IS_SIMULATED: Final = Column(
    "is_simulated", pl.Boolean, "the deliveries behind it are simulated: no number is about real incidents"
)

PARTNER_EDITIONS: Final = Table(
    "partner_editions",
    "Every edition of figures that partners were given. None is ever changed.",
    (
        EDITION,
        Column("as_of", INSTANT, "the morning whose knowledge it is"),
        Column("given_at", INSTANT, "when it was made, by the run's clock"),
        Column("first_quarter", pl.String, "the first quarter that it has"),
        Column("last_quarter", pl.String, "the last quarter that it has"),
        Column("definitions", pl.String, "by which definition each measure counts"),
    ),
)

PARTNER_COUNTS: Final = Table(
    "partner_counts",
    "What the partners' figures are sums of, as known when they were first given, or last corrected. Small numbers are "
    "in it: it never leaves the warehouse.",
    (
        Column("quarter", pl.String, "calendar quarter, like 2026Q1", is_key=True),
        DISTRICT,
        Column("place_code", pl.String, "town centre, or outside_centres; empty: not known", is_key=True),
        SOURCE,
        MEASURE,
        Column("n", pl.Int64, "the count"),
    ),
)

PARTNER_QUARTER: Final = Table(
    "partner_quarter",
    "Counts of each quarter by district, as partners were given them.",
    (
        EDITION,
        Column("quarter", pl.String, "calendar quarter, like 2026Q1", is_key=True),
        DISTRICT,
        SOURCE,
        MEASURE,
        SHOWN,
        STATUS,
        NOTE,
    ),
)

PARTNER_CENTRE_YEAR: Final = Table(
    "partner_centre_year",
    "Counts of each calendar year of which all quarters are known, by town centre and for what of its district lies in "
    "none, as partners were given them.",
    (
        EDITION,
        Column("year", pl.Int64, "calendar year", is_key=True),
        DISTRICT,
        Column("place_code", pl.String, "town centre, or outside_centres", is_key=True),
        SOURCE,
        MEASURE,
        SHOWN,
        STATUS,
        NOTE,
    ),
)


def as_given(table: Table) -> Table:
    """Return a table as the file of one edition has it: its numbers without the column that says which edition.

    The edition itself says whether it is of simulated deliveries.
    """
    if table is PARTNER_EDITIONS:
        return replace(table, columns=(*table.columns, IS_SIMULATED))
    return replace(table, columns=tuple(column for column in table.columns if column is not EDITION))
