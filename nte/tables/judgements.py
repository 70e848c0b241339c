"""What was observed against what was to be expected."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.counts import IS_COVERED, N_INCIDENTS
from nte.tables.keys import CENTRE, DEFINITION, EVENING, SOURCE
from nte.words import Detector, Verdict, WhyUnknown, glossary

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
        Column("verdict", pl.String, glossary(Verdict)),
        Column(
            "why_unknown", pl.String, f"why a night was not judged: {glossary(WhyUnknown)}", is_nullable=True
        ),
        Column("expected", pl.Float64, "expected final count; null without a band", is_nullable=True),
        Column("expected_so_far", pl.Float64, "share of it that should be known by now", is_nullable=True),
        Column("alert_limit", pl.Int64, "limit of the final count", is_nullable=True),
        Column(
            "limit_so_far",
            pl.Int64,
            "greatest count so far that is no exceedance yet; null where that depends on when its reports came",
            is_nullable=True,
        ),
        Column(
            "known_share", pl.Float64, "share of the final count usually known at this age", is_nullable=True
        ),
        Column(
            "p_value",
            pl.Float64,
            "probability that a normal night ends at such a count or more, or, where it is above, over alert_limit; by "
            "the rule so_far, that it has such a count by now",
            is_nullable=True,
        ),
        Column(
            "stands_chance",
            pl.Float64,
            "probability that the final count exceeds alert_limit, given what is in; null by the rule so_far",
            is_nullable=True,
        ),
    ),
    is_published=True,
)

WINDOW_SCORES: Final = Table(
    "window_scores",
    "The slower detectors: a weekend over all sources, and four weekends.",
    (
        CENTRE,
        Column("detector", pl.String, f"{Detector.WEEKEND} | {Detector.FOUR_WEEKENDS}", is_key=True),
        Column("first_evening", pl.Date, "first night of the window", is_key=True),
        Column("last_evening", pl.Date, "last night of the window", is_key=True),
        Column("as_of", INSTANT, "the morning of the judgement", is_key=True),
        Column(
            "score", pl.Float64, "log likelihood ratio of a rise against the bands, summed over what is in"
        ),
        Column(
            "score_limit",
            pl.Float64,
            "a final score above this is an exceedance where least_sum is reached; from the budget, at the first look "
            "at which as many nights were known",
        ),
        Column("is_exceedance", pl.Boolean, "stands_chance is at least gamma_of_windows"),
        Column(
            "stands_chance",
            pl.Float64,
            "probability that the final score exceeds its limit, given what is in; null before version 4",
            is_nullable=True,
        ),
        Column("n_nights", pl.Int64, "covered source-nights behind it"),
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
