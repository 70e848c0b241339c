"""When a count of a span of days is final: the one rule of all papers. Pure."""

from collections.abc import Iterable
from statistics import fmean
from typing import Final

LEAST_COVERED: Final = 0.97
"""Of its days: a missed delivery is no missed quarter, and a month has to have all."""


def is_accounted_for(n_days_covered: int, n_days: int) -> bool:
    """Say whether deliveries account for as many of a span's days as a comparison needs."""
    return n_days_covered >= LEAST_COVERED * n_days


def known_share_of(months: Iterable[float | None]) -> float | None:
    """Return how much of a span is usually in by now: the mean over its months of which it is learned."""
    shares = [share for share in months if share is not None]
    return fmean(shares) if shares else None


def is_in(known_share: float | None, complete_share: float) -> bool:
    """Say whether as much is in as the area calls complete; what was never learned is not."""
    return known_share is not None and known_share >= complete_share
