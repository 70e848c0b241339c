"""Nights for which far too few incidents came in the whole area: whoever reads of them is told that they are not known.

Applied to what readers see, never before: else a hidden count that is above would be the only one still told as known.
"""

from collections.abc import Collection
from datetime import date

import polars as pl

from alerts.deciding.facts import AlertFacts, NightFacts, SourceFacts
from alerts.words.other_nights import OtherNights
from nte.words import Verdict, WhyUnknown

Doubted = Collection[tuple[str, date]]
"""Source and evening of each such night."""


def without_doubted(judgements: pl.DataFrame, doubted: Doubted) -> pl.DataFrame:
    """Return judgements in which doubted nights are not known; what is above stays so."""
    keys = pl.DataFrame(list(doubted), {"source": pl.String, "evening": pl.Date}, orient="row")
    marked = judgements.join(
        keys.with_columns(is_doubted=True), on=["source", "evening"], how="left", maintain_order="left"
    )
    is_above = pl.col("verdict").is_in([str(Verdict.ABOVE), str(Verdict.FAR_ABOVE)])
    is_doubted = pl.col("is_doubted").fill_null(value=False) & ~is_above
    return marked.with_columns(
        pl.when(is_doubted).then(pl.lit(value)).otherwise(name).alias(name)
        for name, value in (("verdict", str(Verdict.UNKNOWN)), ("why_unknown", str(WhyUnknown.UNUSABLE)))
    ).drop("is_doubted")


def counts_without_doubted(counts: OtherNights, doubted: Doubted) -> OtherNights:
    """Return counts of nights without those of doubted ones."""
    kept = {series: n for series, n in counts.counts.items() if (series[2], series[0]) not in doubted}
    return OtherNights(kept, counts.expected)


def facts_without_doubted(facts: AlertFacts, doubted: Doubted) -> AlertFacts:
    """Return the facts in which doubted nights are not known; what is above stays so."""
    nights = tuple(_night_without_doubted(night, doubted) for night in facts.nights)
    return facts if nights == facts.nights else facts.model_copy(update={"nights": nights})


def _night_without_doubted(night: NightFacts, doubted: Doubted) -> NightFacts:
    def seen(view: SourceFacts) -> SourceFacts:
        if view.verdict.is_exceedance or (view.source, night.evening) not in doubted:
            return view
        gone = dict.fromkeys(("n_incidents", "p_value", "stands_chance", "is_noted"))
        return view.model_copy(
            update=gone | {"verdict": Verdict.UNKNOWN, "why_unknown": str(WhyUnknown.UNUSABLE)}
        )

    return night.model_copy(update={"sources": tuple(seen(view) for view in night.sources)})
