"""What was to be expected, and how well past bands did."""

from typing import Final

import polars as pl

from nte.columns import INSTANT, Column, Table
from nte.tables.keys import CENTRE, DEFINITION, EVENING, SOURCE
from nte.words import AlertRule, glossary

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
        Column(
            "alert_limit",
            pl.Int64,
            "a final count above this is an exceedance; from the false-alarm budget, at least least_count - 1",
        ),
        Column("alert_level", pl.Float64, "tail probability behind alert_limit, before any least count"),
        Column("rule", pl.String, glossary(AlertRule)),
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
        Column(
            "age_days",
            pl.Int64,
            "mornings from the evening to the end of the latest believed delivery",
            is_key=True,
        ),
        Column("known_share", pl.Float64, "share of the final count usually known at that age, 0-1"),
        Column(
            "survival_share",
            pl.Float64,
            "share of the records known at that age that are not withdrawn later, 0-1",
        ),
        Column(
            "clumping",
            pl.Float64,
            "how alone records come: those still to come at an age arrive as if drawn in lots; large is independent",
        ),
        Column("n_evidence", pl.Float64, "nights behind it, beside the area file's prior"),
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
