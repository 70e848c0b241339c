"""What the published copy has beside the warehouse: made anew each time from its tables."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.slices import CELL, COUNTS

KNOWN_SHARE: Final = Column(
    "known_share", pl.Float64, "share of the final count that is usually known by now, 0-1; null: not learned yet",
    is_nullable=True,
)  # fmt: skip
AS_OF: Final = Column("as_of", INSTANT, "the morning whose knowledge it is")

INCIDENT_SLICES: Final = Table(
    "incident_slices",
    "Occurrences, offences and victims of each month by place and by what happened, over all hours of a definition. "
    "Each count adds up on its own: an incident stands once, under its gravest offence; an offence under its own. "
    "Never add up sources or definitions. A count of one describes one person: not for publication.",
    (
        *CELL,
        *COUNTS,
        Column(
            "n_nights", pl.Int64, "nights (days) of that class in the month; null where the hour is unknown",
            is_nullable=True,
        ),
        Column("n_nights_covered", pl.Int64, "of them, those that deliveries account for", is_nullable=True),
        KNOWN_SHARE,
        AS_OF,
    ),
    is_published=True,
)  # fmt: skip

PUBLICATION: Final = Table(
    "publication",
    "Which copy this is.",
    (
        Column("published_at", INSTANT, "when it was made, by the run's clock", is_key=True),
        Column("as_of", INSTANT, "the latest morning whose knowledge it has", is_nullable=True),
        Column("as_known_from", INSTANT, "since when `as_known` can be asked", is_nullable=True),
        Column("schema_version", pl.Int64, "shape of the warehouse"),
        Column("area", pl.String, "the area's code"),
    ),
    is_published=True,
)

KPI_QUARTERLY: Final = Table(
    "kpi_quarterly",
    "What the Board is told each quarter, on each of its definitions. For the authorised analysts: small numbers are "
    "in it.",
    (
        Column("kpi_id", pl.String, "what is counted", is_key=True),
        Column("kpi_set", pl.String, "the Board's list that it is of: 2024 | 2026 (from 2026Q2)", is_key=True),
        Column("quarter", pl.String, "calendar quarter, like 2026Q1", is_key=True),
        Column("geography", pl.String, "area, or a district", is_key=True),
        Column("definition", pl.String, "as in definitions; empty for figures of others", is_key=True),
        Column(
            "unit", pl.String, "offence | victim | victim_under_25 | share_under_25 | per_million", is_key=True
        ),
        Column("age", pl.String, "all | under_25: of whom it is", is_key=True),
        Column(
            "numerator", pl.Int64, "the count on the days that are accounted for; null where none is", is_nullable=True
        ),
        Column("denominator", pl.Int64, "of a share: victims of known age; of a rate: residents", is_nullable=True),
        Column("value", pl.Float64, "the figure", is_nullable=True),
        Column("same_quarter_last_year", pl.Float64, "the same a year before", is_nullable=True),
        Column("ratio", pl.Float64, "of the two; null where one is not accounted for, or none", is_nullable=True),
        Column("ratio_lower", pl.Float64, "lower end of its 95 % interval", is_nullable=True),
        Column("ratio_upper", pl.Float64, "upper end of its 95 % interval", is_nullable=True),
        Column("interval_method", pl.String, "how the interval was found; empty without one"),
        Column("n_days", pl.Int64, "days of the quarter; null for figures of others", is_nullable=True),
        Column("n_days_covered", pl.Int64, "of them, those that deliveries account for", is_nullable=True),
        KNOWN_SHARE,
        Column("is_final", pl.Boolean, "the quarter is over, accounted for, and almost all of it is in"),
        Column("caveat", pl.String, "what must be said with it; empty without"),
        AS_OF,
    ),
    is_published=True,
)  # fmt: skip

UNIT_COSTS: Final = Table(
    "unit_costs",
    "What one offence costs society, as somebody entered it. A group without a row has no cost, not a cost of nought.",
    (
        Column("offence_group", pl.String, "as in offence_groups", is_key=True),
        Column("gbp", pl.Float64, "pounds an offence"),
        Column("price_year", pl.Int64, "year of its prices; of a financial year the first"),
        Column("citation", pl.String, "where the figure is from"),
    ),
    is_published=True,
)

COST_QUARTER: Final = Table(
    "cost_quarter",
    "What the offences of a quarter cost, of groups with a unit cost, on the Board's newest definition of all hours. "
    "Recorded offences alone: what nobody recorded costs too. Never without price year and citation (unit_costs).",
    (
        Column("quarter", pl.String, "calendar quarter, like 2026Q1, over and accounted for", is_key=True),
        Column("district", pl.String, "licensing authority, or area", is_key=True),
        Column("offence_group", pl.String, "as in offence_groups", is_key=True),
        Column("n_offences", pl.Int64, "offences; null where the count is not shown", is_nullable=True),
        Column("gbp", pl.Int64, "pounds; null where the count is not shown", is_nullable=True),
        Column(
            "gbp_lower", pl.Int64, "pounds, lower end of 95 % by the count's own scatter, not the unit cost's",
            is_nullable=True,
        ),
        Column("gbp_upper", pl.Int64, "pounds, upper end of the same", is_nullable=True),
        Column("price_year", pl.Int64, "year of the prices"),
    ),
    is_published=True,
)  # fmt: skip
