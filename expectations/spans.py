"""Which of the time that a delivery claims to account for is believed: a slip of the pen makes no quiet nights.

What a claim opens beyond the deliveries before it must be likely. A start long before them is cut to where they end; a
lead of many days in which nothing happened, to the first event. What is cut is unknown, not quiet.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from expectations.manifest import Manifest, usual_span
from expectations.rules import Outcome, Rule, Severity
from nte.area import Area
from nte.deliveries.inbox import Arrival

Span = tuple[datetime, datetime]
LONG_BEFORE: Final = timedelta(days=7)
"""A daily delivery that reaches further back than so long before the one before it was made with a wrong date."""
MOST_SILENCE: Final = timedelta(days=7)
"""A daily delivery may open so long a time without an event; a history load half of its span, or …"""
MOST_SILENCE_OF_HISTORY: Final = timedelta(days=60)


def believed_span(
    claim: Manifest, arrival: Arrival, area: Area, happened: pl.Series | None, before: Sequence[Span]
) -> Manifest:
    """Return the claim with the start that is believed, never later than the delivery's last day.

    `happened` are the times of its events, None where no row is used; `before` the spans of the
    deliveries before it.
    """
    usual = usual_span(arrival, area)
    if arrival.is_history:
        starts = opens = max(claim.covers_from_at, usual.covers_from_at - timedelta(days=1))
    else:
        starts = _after_the_others(claim, usual, before)
        opens = max(starts, max((end for _, end in before), default=starts))
    if happened is not None:
        starts = max(starts, _end_of_silence(opens, claim, arrival, area, happened))
    return replace(claim, covers_from_at=max(starts, claim.covers_from_at))


def _after_the_others(claim: Manifest, usual: Manifest, before: Sequence[Span]) -> datetime:
    """Return the claim's start, or the end of the deliveries before it where that start is long before."""
    reached = max((end for _, end in before), default=None)
    if reached is None or claim.covers_from_at >= min(reached, usual.covers_from_at) - LONG_BEFORE:
        return claim.covers_from_at
    return min(reached, usual.covers_from_at)


def _most_silence(claim: Manifest, arrival: Arrival) -> timedelta:
    half = (claim.covers_to_at - claim.covers_from_at) / 2
    return max(half, MOST_SILENCE_OF_HISTORY) if arrival.is_history else MOST_SILENCE


def _end_of_silence(
    opens: datetime, claim: Manifest, arrival: Arrival, area: Area, happened: pl.Series
) -> datetime:
    """Return the morning before the first event, where that lies long after the span opens; else where it opens."""
    last_day = area.clock.last_morning(claim.covers_to_at - timedelta(seconds=1))
    found = happened.filter(happened >= opens).min()
    first = found if isinstance(found, datetime) else claim.covers_to_at
    if first - opens <= _most_silence(claim, arrival):
        return claim.covers_from_at
    return min(area.clock.last_morning(first), last_day)


def told_of_span(claim: Manifest, believed: Manifest, arrival: Arrival, area: Area) -> list[Outcome]:
    """Return warnings: a start or an end that is not believed, or a night that the span leaves open."""
    usual, outcomes = usual_span(arrival, area), []
    if believed.covers_from_at > claim.covers_from_at:
        claimed, start = (_say(area.clock.local_date(m.covers_from_at)) for m in (claim, believed))
        said = f"says that it accounts for the time from {claimed} on; only from {start} on is believed"
        outcomes.append(_warning("span_unlikely", f"its manifest {said}"))
    claimed_to = claim.claimed_to_at or claim.covers_to_at
    if area.clock.local_date(claimed_to) > area.clock.local_date(usual.covers_to_at):
        said = f"says that it accounts for the time to {_say(area.clock.local_date(claimed_to))}"
        outcomes.append(_warning("span_ends_late", f"its manifest {said}, after its own morning"))
    if claim.covers_to_at < usual.covers_to_at:
        ends = claim.covers_to_at.astimezone(area.clock.time_zone)
        said = f"its span ends at {ends:%H:%M} on {_say(ends.date())}, before its last night does"
        outcomes.append(_warning("span_leaves_open", said))
    return outcomes


def _say(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _warning(rule: str, detail: str) -> Outcome:
    return Outcome(Rule(rule, "", Severity.WARNING), is_met=False, detail=detail)
