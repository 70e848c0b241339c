"""What a run of a step did, in numbers and reasons: for the log and for XCom."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from alerts.outbox.intents import HELD, NOT_POSTED, POSTED
from alerts.outbox.posting import Outcome


@dataclass(frozen=True)
class DecideSummary:
    """What a run decided."""

    n_mornings: int
    n_decisions: int
    n_said: int
    reasons: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, decisions: pl.DataFrame) -> "DecideSummary":
        """Count what a run has decided."""
        made = decisions.filter(pl.col("alert_id") != "")
        reasons = dict(made.group_by("reason").len().sort("reason").iter_rows())
        return cls(decisions.height - made.height, made.height, int(made["is_said"].sum()), reasons)


@dataclass(frozen=True)
class PostSummary:
    """What became of the messages that were waiting."""

    n_posted: int
    n_held: int
    n_not_posted: int
    n_waiting: int
    reasons: tuple[str, ...] = ()

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], n_waiting: int) -> "PostSummary":
        """Count what became of the messages."""
        by_status = [outcome.status for outcome in outcomes]
        reasons = tuple(dict.fromkeys(o.status_reason for o in outcomes if o.status_reason))
        n_posted, n_held, n_not_posted = (by_status.count(s) for s in (POSTED, HELD, NOT_POSTED))
        return cls(n_posted, n_held, n_not_posted, n_waiting, reasons)
