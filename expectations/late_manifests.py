"""What becomes of a delivery whose rows are used when a manifest comes later, or another one: pure.

Its rows stay, as they were known. What it accounts for is corrected; by a manifest that it cannot meet it is nothing.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from expectations.judging import HELD, REJECTED, Judgement
from expectations.manifest import Manifest, UnreadableManifest, read_manifest
from expectations.messages import say
from expectations.rules import Outcome, Rule, Severity
from nte.area import Area
from nte.deliveries.inbox import Arrival
from nte.tables.deliveries import DELIVERIES, EARLIER_SPANS


def says_otherwise(content: bytes | None, delivery: dict[str, Any], arrival: Arrival, area: Area) -> bool:
    """Say whether a manifest says something else than what a delivery was judged with."""
    if content is None:
        return False
    try:
        said = read_manifest(content, arrival, area)
    except UnreadableManifest:
        return True
    return said_of(delivery) != (said.covers_from_at, said.covers_to_at, said.n_declared)


def said_of(delivery: dict[str, Any]) -> tuple[datetime, datetime, int | None]:
    """Return the span and the control total that a row of `deliveries` holds."""
    return delivery["covers_from_at"], delivery["covers_to_at"], delivery["n_declared"]


def as_used(judgement: Judgement, delivery: dict[str, Any], verdict: str) -> Judgement:
    """Return a judgement that keeps the rows of a used delivery and, where it was refused, the nights unknown."""
    if judgement.verdict not in (REJECTED, HELD):
        return judgement
    why = next(o for o in judgement.failed if o.rule.severity is Severity.CRITICAL)
    told = Outcome(Rule("manifest_contradicts", "", Severity.WARNING), is_met=False, detail=say(why))
    nothing = Manifest(delivery["covers_to_at"], delivery["covers_to_at"], judgement.manifest.n_declared)
    return replace(judgement, verdict=verdict, manifest=nothing, outcomes=(told,))


def with_span_of(delivery: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    """Return the row of `deliveries` with what it accounts for now."""
    span = {"covers_from_at": manifest.covers_from_at, "covers_to_at": manifest.covers_to_at}
    known = {name: delivery[name] for name in DELIVERIES.names}
    return known | span | {"n_declared": manifest.n_declared}


def earlier_span(delivery: dict[str, Any], until: datetime | None) -> pl.DataFrame:
    """Return the row of `earlier_spans`; none where no morning has seen the span."""
    if until is None:
        return EARLIER_SPANS.empty()
    span = {name: delivery[name] for name in ("delivery_id", "covers_from_at", "covers_to_at")}
    return pl.DataFrame([span | {"known_until": until}], EARLIER_SPANS.schema)
