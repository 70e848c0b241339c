"""Which nights deliveries account for, and since when that is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from nte.nights import NightClock

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Account:
    """A span that a believed delivery accounts for, and the morning from which that is known."""

    covers_from_at: datetime
    covers_to_at: datetime
    known_at: datetime


def covered_since(
    accounts: Iterable[Account], evenings: Sequence[date], clock: NightClock
) -> dict[date, datetime]:
    """Return for each covered evening the morning since which all of its night is accounted for.

    An evening that is missing from the answer is unknown, not quiet.
    """
    since: dict[date, datetime] = {}
    open_nights = {evening: (clock.opens_at(evening), clock.closes_at(evening)) for evening in evenings}
    spans: list[Span] = []
    for account in sorted(accounts, key=lambda a: (a.known_at, a.covers_from_at)):
        spans = merge_spans([*spans, (account.covers_from_at, account.covers_to_at)])
        for evening, (opens_at, closes_at) in list(open_nights.items()):
            if any(start <= opens_at and closes_at <= end for start, end in spans):
                since[evening] = account.known_at
                del open_nights[evening]
    return since


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the spans with those that touch or overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def accounts_of(believed: pl.DataFrame) -> dict[str, list[Account]]:
    """Return the spans of each source from rows of `deliveries` that were accepted."""
    found: dict[str, list[Account]] = {}
    for row in believed.iter_rows(named=True):
        span = Account(row["covers_from_at"], row["covers_to_at"], row["known_at"])
        found.setdefault(row["source"], []).append(span)
    return found
