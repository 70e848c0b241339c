"""Nights that were known and are not any more: from then on their counts say so, and what was known before stays."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import polars as pl

from nte.tables.counts import NIGHT_COUNT_REVISIONS
from transforms.night_counts import SERIES

Gap = tuple[date, datetime, datetime | None]
"""Evening, from when and until when it is not known; None: still."""


def with_gaps(revisions: pl.DataFrame, gaps: Mapping[str, Sequence[Gap]]) -> pl.DataFrame:
    """Return `night_count_revisions` in which nights of a source are unknown during their gaps."""
    for source, of_source in gaps.items():
        for evening, lost_at, known_again_at in of_source:
            is_night = (pl.col("source") == source) & (pl.col("evening") == evening)
            night = _with_gap(revisions.filter(is_night), lost_at, known_again_at)
            revisions = pl.concat([revisions.filter(~is_night), night])
    order = ["evening", "centre_code", "source", "definition", "known_at"]
    return NIGHT_COUNT_REVISIONS.conform(revisions.sort(order)) if gaps else revisions


def _with_gap(night: pl.DataFrame, lost_at: datetime, known_again_at: datetime | None) -> pl.DataFrame:
    """Return one night's revisions, of all its series, with one gap."""
    lost = _last(night.filter(pl.col("known_at") <= lost_at)).filter("is_covered")
    nothing = [pl.lit(None, pl.Int64).alias("n_incidents"), pl.lit(value=False).alias("is_covered")]
    parts = [
        night.filter(pl.col("known_at") < lost_at),
        lost.with_columns(pl.lit(lost_at).alias("known_at"), *nothing),
    ]
    if known_again_at is not None:
        known = _last(night.filter(pl.col("known_at") <= known_again_at)).join(lost, on=SERIES, how="semi")
        parts += [
            known.with_columns(pl.lit(known_again_at).alias("known_at")),
            night.filter(pl.col("known_at") > known_again_at),
        ]
    untouched = night.join(lost, on=SERIES, how="anti")
    touched = pl.concat([part.select(night.columns).cast(night.schema) for part in parts])
    return pl.concat([untouched, touched.join(lost, on=SERIES, how="semi")])


def _last(revisions: pl.DataFrame) -> pl.DataFrame:
    return revisions.sort("known_at").unique(SERIES, keep="last", maintain_order=True)
