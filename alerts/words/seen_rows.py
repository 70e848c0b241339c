"""Judgements as readers may know them who may not know small counts: the same as `seen`, for rows."""

import polars as pl

from alerts.words.seen import IN_PLACE_OF_ALL
from nte.area import Area
from nte.disclosure import least_shown_of, policy_of
from nte.words import Audience, Verdict

TELLING = ("p_value", "stands_chance", "alert_limit", "limit_so_far")
"""Beside a hidden count each of these would tell of it."""


def seen_rows(area: Area, judgements: pl.DataFrame, audience: Audience) -> pl.DataFrame:
    """Return the judgements as these readers may know them: of a hidden count only that it is hidden, or an alert."""
    policy = policy_of(area)
    least = _of_source(least_shown_of(area, audience), pl.Int64)
    may_alert = _of_source(
        {name: policy.may_alert_on_hidden(name, area, audience) for name in area.sources}, pl.Boolean
    )
    is_known = pl.col("verdict") != str(Verdict.UNKNOWN)
    is_hidden = is_known & (pl.col("n_incidents") < least).fill_null(value=False)
    is_told = may_alert & pl.col("verdict").is_in([str(Verdict.ABOVE), str(Verdict.FAR_ABOVE)])
    verdict = pl.when(is_told).then(pl.lit(str(Verdict.ABOVE))).otherwise(pl.lit(str(Verdict.WITHIN)))
    limits = [name for name in TELLING if name.startswith(("alert_limit", "limit"))]
    is_among_hidden = (pl.col("alert_limit") < least).fill_null(value=False)
    return judgements.with_columns(
        pl.when(is_hidden).then(verdict).otherwise("verdict").alias("verdict"),
        pl.when(is_hidden).then(IN_PLACE_OF_ALL).otherwise("n_incidents").alias("n_incidents"),
        *(
            pl.when(~(is_hidden | is_among_hidden if name in limits else is_hidden)).then(name).alias(name)
            for name in TELLING
            if name in judgements.columns
        ),
    )


def _of_source(values: dict[str, int] | dict[str, bool], dtype: type[pl.DataType]) -> pl.Expr:
    return pl.col("source").replace_strict(values, default=None, return_dtype=dtype)
