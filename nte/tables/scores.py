"""How well past alerts did: did they stand, were their chances true, and was what they were to see seen?"""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.words import AlertRule, Detector, glossary

FIFTHS: Final = tuple(range(1, 6))

ALERT_SCORES: Final = Table(
    "alert_scores",
    "Do alerts stand, and is the chance true that is stated? By detector, as known on a Monday. An alert is scored "
    "once the counts of all its nights are complete, or 35 days after its last night; until then it is n_open.",
    (
        Column("as_of", INSTANT, "the Monday morning whose knowledge was used", is_key=True),
        Column("rule", pl.String, f"rule that raised the alerts. {glossary(AlertRule)}", is_key=True),
        Column("detector", pl.String, f"empty for all of them together. {glossary(Detector)}", is_key=True),
        Column(
            "span", pl.String, "last 26 weekends | all weekends: weekends of the last nights", is_key=True
        ),
        Column("n_alerts", pl.Int64, "alerts that people were told of and that are scored"),
        Column("n_open", pl.Int64, "alerts that people were told of and whose counts are not complete yet"),
        Column("n_stood", pl.Int64, "of n_alerts, those that stood at the end, as people were told last"),
        Column(
            "n_withdrawn_for_nothing",
            pl.Int64,
            "of n_alerts, those withdrawn at the end though no count that people were told of had fallen",
        ),
        Column(
            "n_withdrawn_record_gone",
            pl.Int64,
            "of n_alerts, those withdrawn at the end after a count that people were told of had fallen",
        ),
        Column(
            "n_came_again",
            pl.Int64,
            "of n_alerts, those told again after a withdrawal, whatever came of them",
        ),
        Column(
            "mean_first_morning",
            pl.Float64,
            "mean mornings from the last night to the first alert; 1 is the next morning",
            is_nullable=True,
        ),
        Column(
            "first_stated_share",
            pl.Float64,
            "mean chance to stand that was stated with the first alerts; n_stood / n_alerts is what came",
            is_nullable=True,
        ),
        Column(
            "n_above_limit",
            pl.Int64,
            "nights of a centre that ended with a count above its alert_limit; of single nights only",
            is_nullable=True,
        ),
        Column(
            "n_told_by_10",
            pl.Int64,
            "of n_above_limit, those in an alert (night, weekend or many centres) that stood on the tenth morning",
            is_nullable=True,
        ),
        Column(
            "n_looks",
            pl.Int64,
            "complete nights of a source, and windows, with one look each in their first ten mornings: which one "
            "follows from a print of their names, never from what came",
        ),
        Column(
            "brier_score",
            pl.Float64,
            "mean square of the chance stated at that look less what came (1 ended above, 0 did not); 0 is perfect",
            is_nullable=True,
        ),
        *(
            column
            for fifth in FIFTHS
            for column in (
                Column(
                    f"fifth_{fifth}_n",
                    pl.Int64,
                    f"looks with a chance of {(fifth - 1) / 5:g} to {fifth / 5:g}",
                ),
                Column(
                    f"fifth_{fifth}_stated_share", pl.Float64, "mean chance stated at them", is_nullable=True
                ),
                Column(
                    f"fifth_{fifth}_realised_share", pl.Float64, "share that ended above", is_nullable=True
                ),
            )
        ),
        Column(
            "not_standing_bound_share",
            pl.Float64,
            "1 - gamma: the share of alerts that may not stand, by the rule; null where not tested",
            is_nullable=True,
        ),
        Column(
            "not_standing_p_value",
            pl.Float64,
            "probability of so many that did not stand where the share is the bound (binomial); null where not tested",
            is_nullable=True,
        ),
        Column(
            "is_out_of_bounds",
            pl.Boolean,
            "not_standing_p_value is under 1/104; of all detectors over 26 weekends by the rule stands, else null",
            is_nullable=True,
        ),
    ),
    is_published=True,
)
