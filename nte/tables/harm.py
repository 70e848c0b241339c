"""Harm of offences by weights: in the copy for analysts where the area folder has `harm_weights.csv`."""

from typing import Final

import polars as pl

from nte.columns import Column, Table

OFFENCE_GROUP: Final = Column("offence_group", pl.String, "as in offence_groups", is_key=True)

HARM_WEIGHTS: Final = Table(
    "harm_weights",
    "How much harm an offence is, as somebody entered it: the Cambridge Crime Harm Index weighs by the days in prison "
    "of the starting point for a first offender.",
    (
        OFFENCE_GROUP,
        Column("days", pl.Float64, "days of an offence"),
        Column("edition", pl.String, "of the index"),
        Column("citation", pl.String, "where the weight is from"),
    ),
    is_published=True,
)

HARM_QUARTER: Final = Table(
    "harm_quarter",
    "Offences of a quarter times their weight, of groups that have one, on the Board's newest definition of all hours.",
    (
        Column("quarter", pl.String, "calendar quarter, like 2026Q1, over and accounted for", is_key=True),
        Column("district", pl.String, "licensing authority, or area", is_key=True),
        OFFENCE_GROUP,
        Column("n_offences", pl.Int64, "offences; null where the count is not shown", is_nullable=True),
        Column("harm_days", pl.Float64, "days of all of them; null where the count is not shown", is_nullable=True),
    ),
    is_published=True,
)  # fmt: skip
