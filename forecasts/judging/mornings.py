"""What is judged on one morning: nights against their bands, weekends and months; and what of it is news."""

from datetime import datetime, timedelta

import polars as pl

from forecasts.judging.nights import judge_nights
from forecasts.judging.togetherness import learn_togetherness
from forecasts.judging.windows import score_windows
from forecasts.known.area_inputs import band_settings
from forecasts.known.record import Record
from nte.area import Area
from nte.detectors import LONGEST_WEEKENDS, WINDOWS
from nte.tables.judgements import WINDOW_SCORES
from nte.words import Verdict, WhyUnknown

LEARNED_DAYS = 182
"""Nights of the last half year show how sources and nights move together."""
SCORED_AGES = (*range(1, 11), 14, 21, 28, 35)
"""Mornings after its last night on which a weekend, and the month that it ends, are scored."""
SETTLED_DAYS = 10
"""Older nights show how sources and nights move together."""
WINDOW = ("centre_code", "detector", "first_evening", "last_evening", "n_nights")
A_POINT = 0.01
"""A chance that moves by less is not told anew."""


def judge_morning(
    as_of: datetime,
    record: Record,
    bands: pl.DataFrame,
    completeness: pl.DataFrame,
    why: pl.DataFrame,
) -> pl.DataFrame:
    """Return every night of the last half year against its band, as known on a morning.

    `why` says of each source and evening why it is not covered: source, evening, why_unknown.
    """
    today = record.area.clock.local_date(as_of)
    is_judged = (pl.lit(today) - pl.col("evening")).dt.total_days().is_between(1, LEARNED_DAYS)
    counts = record.counts_with_paths(as_of, completeness, is_judged)
    due = bands.filter(is_judged)
    judged = judge_nights(due, counts, record.area.alerts.gamma)
    return judged.join(why, on=["source", "evening"], how="left").with_columns(
        pl.lit(as_of).alias("as_of"),
        pl.when(~pl.col("is_covered"))
        .then(pl.col("why_unknown").fill_null(str(WhyUnknown.SITE_SILENT)))
        .when(pl.col("verdict") == str(Verdict.UNKNOWN))
        .then(pl.lit(str(WhyUnknown.TOO_EARLY)))
        .alias("why_unknown"),
    )


def changed_judgements(judged: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the judgements that differ from the latest `before`."""
    key = ["evening", "centre_code", "source", "definition"]
    compared = judged.join(before, on=key, how="left")
    return compared.filter(
        pl.col("verdict_before").is_null()
        | (pl.col("verdict_before") != pl.col("verdict"))
        | (pl.col("n_before") != pl.col("n_incidents").fill_null(-1))
        | ~pl.col("why_before").eq_missing(pl.col("why_unknown"))
        | ((pl.col("chance_before") - pl.col("stands_chance")).abs() >= A_POINT)
        | (_is_watched() & ((pl.col("share_before") - pl.col("known_share")).abs() >= A_POINT))
    )


def _is_watched() -> pl.Expr:
    """Say of a night whether any of its sources has a chance to be an alert: its numbers stand in a message."""
    return pl.col("stands_chance").max().over("centre_code", "evening") >= A_POINT


def score_weekends(as_of: datetime, judged: pl.DataFrame, area: Area, limits: pl.DataFrame) -> pl.DataFrame:
    """Score the weekends, and the four weekends, whose last night ended in the last days.

    `limits`: the limits with which they were first scored; centre_code, detector, first_evening, last_evening, n_nights
    and score_limit.
    """
    today = area.clock.local_date(as_of)
    last_weekday = max(area.clock.monitored_weekdays)
    ends = [today - timedelta(days=n) for n in SCORED_AGES]
    frames = [WINDOW_SCORES.empty()]
    settled = judged.filter((pl.lit(today) - pl.col("evening")).dt.total_days() > SETTLED_DAYS)
    togetherness = learn_togetherness(settled.filter(pl.col("verdict") != str(Verdict.UNKNOWN)))
    stand = {row[:5]: row[5] for row in limits.select(*WINDOW, "score_limit").iter_rows()}
    for end in (day for day in ends if day.weekday() == last_weekday):
        monday = end - timedelta(days=end.weekday())
        span = judged.filter(
            pl.col("evening").is_between(monday - timedelta(weeks=LONGEST_WEEKENDS - 1), end)
        )
        scores = score_windows(
            span,
            togetherness,
            band_settings(area),
            detectors=tuple(w.detector for w in WINDOWS),
            limits=stand,
        )
        frames.append(
            scores.filter(pl.col("last_evening") >= monday)
            .rename({"limit": "score_limit"})
            .with_columns(pl.lit(as_of).alias("as_of"))
            .select(WINDOW_SCORES.names)
        )
    return pl.concat([WINDOW_SCORES.conform(frame) for frame in frames])


def changed_scores(scores: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the window scores that differ from the latest `before`."""
    key = ["centre_code", "detector", "first_evening", "last_evening"]
    compared = scores.join(before, on=key, how="left")
    return compared.filter(
        pl.col("score_before").is_null()
        | ((pl.col("score_before") - pl.col("score")).abs() > 1e-9)  # noqa: PLR2004
        | ((pl.col("chance_before") - pl.col("stands_chance")).abs() >= A_POINT)
    )
