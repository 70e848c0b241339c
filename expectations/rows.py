"""What a judgement leaves in the warehouse: rows for the declared tables."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import polars as pl

from expectations.judging import ALREADY_SEEN, HELD, REJECTED, Judgement
from expectations.messages import MOST_EXAMPLES, explain, listed, rows, say
from expectations.rules import Outcome, Severity
from nte.deliveries.inbox import Arrival
from nte.deliveries.kept_files import Received
from nte.knowledge import Taken
from nte.tables.deliveries import (
    ACCEPTANCES,
    COMMON_POINTS,
    DELIVERIES,
    DELIVERY_ORDER,
    EVENT_PRINTS,
    EXPECTATION_RESULTS,
    QUARANTINE,
    RECORD_PRINTS,
    VERDICT_REASONS,
    VERDICTS,
)

LOUD: Final = (
    "manifest_contradicts",
    "source_gone_quiet",
    "span_leaves_open",
    "span_unlikely",
    "volume_unusual",
    "times_at_midnight",
    "version_contradicted",
    "code_unknown",
)
MOST_WARNINGS: Final = 2
STATE: Final = "state_unknown"


def delivery_id_of(arrival: Arrival, received: Received) -> str:
    """Return the name of a delivery: its file's name and the first eight characters of its sha256."""
    return f"{arrival.path.stem}-{received.sha256[:8]}"


def delivery_row(arrival: Arrival, received: Received, judgement: Judgement, taken: Taken) -> pl.DataFrame:
    """Return the row of `deliveries`."""
    row = {
        "delivery_id": delivery_id_of(arrival, received),
        "source": arrival.source,
        "file_name": arrival.file_name,
        "sha256": received.sha256,
        "n_bytes": received.n_bytes,
        "taken_at": taken.taken_at,
        "known_at": taken.known_at,
        "covers_from_at": judgement.manifest.covers_from_at,
        "covers_to_at": judgement.manifest.covers_to_at,
        "is_history": arrival.is_history,
        "n_declared": judgement.manifest.n_declared,
        "is_conformed": False,
    }
    return pl.DataFrame([row], DELIVERIES.schema)


def order_row(delivery_id: str, arrival: Arrival, taken: Taken) -> pl.DataFrame:
    """Return the row of `delivery_order`."""
    row = {"delivery_id": delivery_id, "named_at": arrival.known_at, "n_taken": taken.n_taken}
    return pl.DataFrame([row], DELIVERY_ORDER.schema)


def verdict_row(delivery_id: str, arrival: Arrival, judgement: Judgement, now: datetime) -> pl.DataFrame:
    """Return the row of `verdicts`, with the one line that ops read."""
    row = {
        "delivery_id": delivery_id,
        "file_name": arrival.file_name,
        "verdict": judgement.verdict,
        "decided_at": now,
        "n_rows": judgement.n_rows,
        "n_accepted": judgement.n_accepted,
        "n_quarantined": judgement.quarantine.height,
        "n_warnings": sum(o.rule.severity is Severity.WARNING for o in judgement.failed),
        "summary": summarise(arrival, judgement),
    }
    return pl.DataFrame([row], VERDICTS.schema)


def already_seen_row(delivery_id: str, first_name: str, arrival: Arrival, now: datetime) -> pl.DataFrame:
    """Return the row of `verdicts` for bytes that were accepted before."""
    again = "" if first_name == arrival.file_name else f" as {first_name}"
    row = {
        "delivery_id": delivery_id,
        "file_name": arrival.file_name,
        "verdict": ALREADY_SEEN,
        "decided_at": now,
        "n_rows": None,
        "n_accepted": 0,
        "n_quarantined": 0,
        "n_warnings": 0,
        "summary": f"{arrival.file_name}: the same bytes were accepted before{again}. Nothing has changed; "
        f"moved to accepted/{arrival.source}. If another day's delivery was meant, ask the provider for it.",
    }
    return pl.DataFrame([row], VERDICTS.schema)


def summarise(arrival: Arrival, judgement: Judgement) -> str:
    """Return one line: what, why, and the next action."""
    failed = judgement.failed
    if judgement.verdict in (REJECTED, HELD):
        critical = [o for o in failed if o.rule.severity is Severity.CRITICAL]
        return " ".join(explain(o, arrival.file_name, arrival.source) for o in critical[:1])
    parts = [
        f"{rows(judgement.n_accepted)} used"
        if judgement.n_rows
        else "no rows, as its manifest says: a quiet span"
    ]
    if judgement.quarantine.height:
        aside = f"{judgement.quarantine.height} set aside ({_reasons(judgement)})"
        parts.append(f"{aside}: {_cure_of_rows(failed, arrival.source)}")
    warnings = sorted((o for o in failed if o.rule.severity is Severity.WARNING), key=_loudness)
    parts += [say(o) for o in warnings[:MOST_WARNINGS]]
    if len(warnings) > MOST_WARNINGS:
        n_more = len(warnings) - MOST_WARNINGS
        parts.append("1 more warning" if n_more == 1 else f"{n_more} more warnings")
    return f"{arrival.file_name}: {'; '.join(parts)}."


def _cure_of_rows(failed: Sequence[Outcome], source: str) -> str:
    """Return what helps rows that are set aside: a state that is not known is the area file's to say."""
    faults = {o.rule.rule for o in failed if o.rule.severity is Severity.ERROR}
    cures = ["ask the provider for a corrected version"] if faults != {STATE} else []
    states = f"add the states to live_states or withdrawn_states of [sources.{source}] in area.toml"
    return ", and ".join([*cures, *([states] if STATE in faults else [])])


def _loudness(outcome: Outcome) -> int:
    """A feed that fails is said before everything else."""
    return LOUD.index(outcome.rule.rule) if outcome.rule.rule in LOUD else len(LOUD)


def _reasons(judgement: Judgement) -> str:
    counts = Counter(judgement.quarantine.select("rule", "column_name").iter_rows())
    said = [
        f"{rule.replace('_', ' ')}{f' in {column}' if column else ''}: {n}"
        for (rule, column), n in counts.most_common(3)
    ]
    return "; ".join(said)


def reason_rows(delivery_id: str, arrival: Arrival, judgement: Judgement) -> pl.DataFrame:
    """Return the rows of `verdict_reasons`: what was not met, by example row numbers."""
    n_rows = judgement.n_rows or 0
    found = [
        {
            "delivery_id": delivery_id,
            "rule": o.rule.rule,
            "column_name": o.rule.column,
            "severity": o.rule.severity.value,
            "n_affected": len(o.rows) or n_rows,
            "example_rows": listed(o.rows[:MOST_EXAMPLES]),
            "message": explain(o, arrival.file_name, arrival.source),
        }
        for o in judgement.failed
    ]
    return pl.DataFrame(found, VERDICT_REASONS.schema)


def quarantine_rows(delivery_id: str, arrival: Arrival, judgement: Judgement) -> pl.DataFrame:
    """Return the rows of `quarantine`: where they stand and why, never what they say."""
    return judgement.quarantine.with_columns(
        pl.lit(delivery_id).alias("delivery_id"), pl.lit(arrival.source).alias("source")
    ).select(QUARANTINE.names)


def aside_rows(delivery_id: str, judgement: Judgement) -> pl.DataFrame:
    """Return the rows of `nights_aside`."""
    return judgement.aside.select(pl.lit(delivery_id).alias("delivery_id"), *judgement.aside.columns)


def point_row(delivery_id: str, judgement: Judgement) -> pl.DataFrame:
    """Return the row of `common_points`."""
    n_most, n_placed = judgement.common_point
    row = {"delivery_id": delivery_id, "n_most": n_most, "n_placed": n_placed}
    return pl.DataFrame([row], COMMON_POINTS.schema)


def result_rows(delivery_id: str, suite: str, judgement: Judgement) -> pl.DataFrame:
    """Return the rows of `expectation_results`: every expectation, met or not."""
    found = [
        {
            "delivery_id": delivery_id,
            "suite": suite,
            "rule": o.rule.rule,
            "column_name": o.rule.column,
            "severity": o.rule.severity.value,
            "is_met": o.is_met,
            "n_affected": 0 if o.is_met else len(o.rows) or (judgement.n_rows or 0),
        }
        for o in judgement.outcomes
    ]
    return pl.DataFrame(found, EXPECTATION_RESULTS.schema)


def print_rows(delivery_id: str, arrival: Arrival, prints: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `record_prints`."""
    known = [pl.lit(arrival.source).alias("source"), pl.lit(delivery_id).alias("delivery_id")]
    return prints.with_columns(known).select(RECORD_PRINTS.names)


def event_rows(delivery_id: str, arrival: Arrival, events: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `event_prints`."""
    known = [pl.lit(arrival.source).alias("source"), pl.lit(delivery_id).alias("delivery_id")]
    return events.with_columns(known).select(EVENT_PRINTS.names)


def acceptance_row(
    delivery: dict[str, object], now: datetime, why: str, *, is_accepted: bool
) -> pl.DataFrame:
    """Return the row of `acceptances`."""
    said = {"is_accepted": is_accepted, "why": why, "decided_at": now}
    known = {name: delivery[name] for name in ("delivery_id", "file_name")}
    return pl.DataFrame([known | said], ACCEPTANCES.schema)
