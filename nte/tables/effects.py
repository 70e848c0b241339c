"""What interventions did: beside what would have come without them, and beside placebos."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.keys import DEFINITION, SOURCE
from nte.words import Method, glossary

ACTED_ON: Final = "acted-on-alerts"
"""Stands for an intervention where the nights after alerts are compared."""

INTERVENTION: Final = Column(
    "intervention_id",
    pl.String,
    f"an intervention of the area folder, as in interventions; {ACTED_ON}: what was done after alerts, all together",
    is_key=True,
)
METHOD: Final = Column("method", pl.String, glossary(Method), is_key=True)
EVALUATED: Final = Column("as_of", INSTANT, "the morning whose knowledge it is", is_key=True)
N_COUNTERFACTUAL: Final = Column(
    "n_counterfactual",
    pl.Float64,
    "incidents that would have come on the same nights; null where nothing can be said",
    is_nullable=True,
)

INTERVENTION_EFFECTS: Final = Table(
    "intervention_effects",
    "What an intervention did to the counts of each source, by each method. Never read a ratio without its interval, "
    "its place among the placebos, and what could have been seen. A ratio of 0.8 is a fall by a fifth. No ratio: "
    "why_not says why.",
    (
        INTERVENTION,
        SOURCE,
        DEFINITION,
        METHOD,
        EVALUATED,
        Column(
            "n_observed", pl.Int64, "incidents on the nights that are known, from the start to last_evening"
        ),
        N_COUNTERFACTUAL,
        Column(
            "ratio", pl.Float64, "n_observed / n_counterfactual; null without an effect", is_nullable=True
        ),
        Column(
            "lower", pl.Float64, "lower end of its 95 % interval, from chance and placebos", is_nullable=True
        ),
        Column("upper", pl.Float64, "upper end of it", is_nullable=True),
        Column(
            "placebo_rank",
            pl.Int64,
            "1: it strayed farther than every placebo; one of n_placebos + 1 would by chance",
            is_nullable=True,
        ),
        Column(
            "n_placebos",
            pl.Int64,
            "windows in which nothing was done: other centres at the same time, every centre before",
            is_nullable=True,
        ),
        Column(
            "pre_fit_error",
            pl.Float64,
            "root mean square of the relative error of four-week sums before the start",
            is_nullable=True,
        ),
        Column(
            "detectable_ratio",
            pl.Float64,
            "the mildest fall that would have been told from none four times in five; null where none would",
            is_nullable=True,
        ),
        Column("last_evening", pl.Date, "last evening that was compared", is_nullable=True),
        Column("n_nights", pl.Int64, "nights of the intervention up to it whose counts should be complete"),
        Column("n_nights_covered", pl.Int64, "of them, those that deliveries account for"),
        Column("is_post_hoc", pl.Boolean, "declared after its start, as the area folder had it then"),
        Column("why_not", pl.String, "why there is no effect to be read; empty where there is one"),
    ),
    is_published=True,
)

INTERVENTION_PERIODS: Final = Table(
    "intervention_periods",
    "The four-week sums behind intervention_effects: before the start, where the fit is judged, and after it.",
    (
        INTERVENTION,
        SOURCE,
        DEFINITION,
        METHOD,
        EVALUATED,
        Column("first_evening", pl.Date, "first evening of the four weeks", is_key=True),
        Column("is_after", pl.Boolean, "they lie after the start"),
        Column("n_observed", pl.Int64, "incidents on the nights of the intervention that are known"),
        N_COUNTERFACTUAL,
    ),
    is_published=True,
)

INTERVENTION_PLACEBOS: Final = Table(
    "intervention_placebos",
    "The windows beside which an effect is set: the same comparison where nothing was done.",
    (
        INTERVENTION,
        SOURCE,
        DEFINITION,
        METHOD,
        EVALUATED,
        Column("place_code", pl.String, "town centre, as in places", is_key=True),
        Column("first_evening", pl.Date, "first evening of the window", is_key=True),
        Column("n_observed", pl.Int64, "incidents on the nights that are known"),
        Column("n_counterfactual", pl.Float64, "incidents that the method says would have come"),
    ),
    is_published=True,
)
