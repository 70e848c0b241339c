"""What was observed so far against what was to be expected so far, night by night."""

import numpy as np
import polars as pl

from forecasts.curve.panel import Floats
from nte import negative_binomial as nb
from nte.words import Verdict

FAR_ABOVE_FACTOR = 0.1
"""A tail probability under a tenth of the alert level is far above."""
MIN_SHARE_KNOWN = 0.05
"""Below this completeness a night cannot be told from an uncovered one: it stays unknown."""
KEYS = ("evening", "centre_code", "source")


def judge_nights(bands: pl.DataFrame, counts_now: pl.DataFrame) -> pl.DataFrame:
    """Return every band with its verdict, as far as the night is known.

    `counts_now`: evening, centre_code, source, n_incidents (null where unknown), is_covered, known_share (the
    part of the final count that should be known by now). Adds expected_so_far, limit_so_far, p_value =
    P(Y >= n_incidents), verdict. The numbers are
    null, and the verdict is `unknown`, where the night is not covered or nothing can be known of it yet.
    """
    rows = bands.join(
        counts_now.select(*KEYS, "n_incidents", "is_covered", "known_share"), on=list(KEYS), how="left"
    ).with_columns(pl.col("is_covered").fill_null(value=False), pl.col("known_share").fill_null(0.0))
    is_known = (
        rows["is_covered"] & rows["n_incidents"].is_not_null() & (rows["known_share"] >= MIN_SHARE_KNOWN)
    ).to_numpy()
    seen = rows["n_incidents"].fill_null(0).cast(pl.Float64).to_numpy()
    so_far = nb.thin(rows["expected"].to_numpy(), rows["known_share"].clip(0.0, 1.0).to_numpy())
    size, level = rows["dispersion"].to_numpy(), rows["alert_level"].to_numpy()
    limit = nb.limit(level, so_far, size)
    p_value = nb.tail_probability(seen, so_far, size)
    verdicts = _verdicts(is_known, seen > limit, p_value < FAR_ABOVE_FACTOR * level)
    return rows.with_columns(
        _where_known("expected_so_far", so_far, is_known),
        _where_known("limit_so_far", limit, is_known).cast(pl.Int64),
        _where_known("p_value", p_value, is_known),
        pl.Series("verdict", verdicts, dtype=pl.String),
    )


def _verdicts(is_known: np.ndarray, is_above: np.ndarray, is_extreme: np.ndarray) -> list[str]:
    verdicts = np.where(
        is_above & is_extreme, Verdict.FAR_ABOVE, np.where(is_above, Verdict.ABOVE, Verdict.WITHIN)
    )
    return [str(verdict) for verdict in np.where(is_known, verdicts, Verdict.UNKNOWN)]


def _where_known(name: str, values: Floats, is_known: np.ndarray) -> pl.Series:
    return pl.Series(name, np.where(is_known, values, np.nan)).fill_nan(None)
