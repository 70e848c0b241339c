"""Which nights deliveries account for, and since when that is known."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import polars as pl

from nte.nights import NightClock

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Account:
    """A span that a believed delivery accounts for, and the morning from which that is known."""

    covers_from_at: datetime
    covers_to_at: datetime
    known_at: datetime
    known_until: datetime | None = None
    """From then on something else is believed of it."""

    def is_believed_at(self, instant: datetime) -> bool:
        """Say whether it counts as known at an instant."""
        return self.known_at <= instant and (self.known_until is None or instant < self.known_until)


def covered_since(
    accounts: Iterable[Account], evenings: Sequence[date], clock: NightClock
) -> dict[date, datetime]:
    """Return for each covered evening the morning since which all of its night is accounted for.

    An evening that is missing from the answer is unknown, not quiet.
    """
    since: dict[date, datetime] = {}
    open_nights = {evening: (clock.opens_at(evening), clock.closes_at(evening)) for evening in evenings}
    spans: list[Span] = []
    accounts = sorted(accounts, key=lambda a: (a.known_at, a.covers_from_at))
    is_any_corrected = any(account.known_until for account in accounts)
    for known_at, of_morning in groupby(accounts, key=lambda a: a.known_at):
        spans = merge_spans([*spans, *((a.covers_from_at, a.covers_to_at) for a in of_morning)])
        if is_any_corrected:
            spans = _believed_spans(accounts, known_at)
        starts = [start for start, _ in spans]
        for evening, (opens_at, closes_at) in list(open_nights.items()):
            place = bisect_right(starts, opens_at) - 1
            if place >= 0 and closes_at <= spans[place][1]:
                since[evening] = known_at
                del open_nights[evening]
    return since


def _believed_spans(accounts: Iterable[Account], at: datetime) -> list[Span]:
    return merge_spans((a.covers_from_at, a.covers_to_at) for a in accounts if a.is_believed_at(at))


def coverage_gaps(
    accounts: Sequence[Account], since: dict[date, datetime], clock: NightClock
) -> list[tuple[date, datetime, datetime | None]]:
    """Return the times in which a night that had been covered was not: evening, from, and until when (None: still)."""
    corrected = [(a.covers_from_at, a.covers_to_at) for a in accounts if a.known_until]
    moments = sorted({a.known_at for a in accounts} | {a.known_until for a in accounts if a.known_until})
    gaps: list[tuple[date, datetime, datetime | None]] = []
    for evening, covered_at in sorted(since.items()) if corrected else ():
        opens_at, closes_at = clock.opens_at(evening), clock.closes_at(evening)
        if not any(start < closes_at and opens_at < end for start, end in corrected):
            continue
        lost_at = None
        for moment in (m for m in moments if m >= covered_at):
            spans = _believed_spans(accounts, moment)
            is_covered = any(start <= opens_at and closes_at <= end for start, end in spans)
            if not is_covered and lost_at is None:
                lost_at = moment
            elif is_covered and lost_at is not None:
                gaps.append((evening, lost_at, moment))
                lost_at = None
        if lost_at is not None:
            gaps.append((evening, lost_at, None))
    return gaps


def with_earlier_spans(believed: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Return rows of `deliveries` with `known_until`: one for each span that was believed of a delivery, and its time.

    `earlier`: rows of `earlier_spans`.
    """
    none = pl.lit(None, believed.schema["known_at"]).alias("known_until")
    if earlier.is_empty():
        return believed.with_columns(none)
    order = earlier.sort("delivery_id", "known_until").with_columns(
        since=pl.col("known_until").shift(1).over("delivery_id")
    )
    rows = believed.drop("covers_from_at", "covers_to_at").join(order, on="delivery_id")
    past = rows.with_columns(pl.coalesce("since", "known_at").alias("known_at"))
    last = earlier.group_by("delivery_id").agg(pl.col("known_until").max().alias("since"))
    now = believed.join(last, on="delivery_id", how="left").with_columns(
        pl.coalesce("since", "known_at").alias("known_at"), none
    )
    columns = [*believed.columns, "known_until"]
    return pl.concat([past.select(columns), now.select(columns)])


def days_covered(spans: Iterable[Span], days: Iterable[date], clock: NightClock) -> set[date]:
    """Return the days of which all hours between two nights are accounted for."""
    merged = merge_spans(spans)
    starts = [start for start, _ in merged]
    found = set()
    for day in days:
        place = bisect_right(starts, clock.closes_at(day - timedelta(days=1))) - 1
        if place >= 0 and clock.opens_at(day) <= merged[place][1]:
            found.add(day)
    return found


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the spans with those that touch or overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def only_usable(believed: pl.DataFrame, unusable: pl.DataFrame, clock: NightClock) -> pl.DataFrame:
    """Return rows of `deliveries` whose spans leave out nights that cannot be used: a row for each part that is left.

    `unusable`: rows of `unusable_nights`. A night that is usable after all is a row of its own, known since then.
    """
    nights: dict[str, dict[date, datetime | None]] = {}
    for delivery_id, evening, usable_at in unusable.select("delivery_id", "evening", "usable_at").iter_rows():
        nights.setdefault(delivery_id, {})[evening] = usable_at
    parts = []
    for row in believed.iter_rows(named=True):
        holes = nights.get(row["delivery_id"], {})
        for start, end in _without(row["covers_from_at"], row["covers_to_at"], holes, clock):
            parts.append(row | {"covers_from_at": start, "covers_to_at": end})
        for evening, usable_at in holes.items():
            if usable_at is not None:
                span = {"covers_from_at": clock.opens_at(evening), "covers_to_at": clock.closes_at(evening)}
                parts.append(row | span | {"known_at": max(usable_at, row["known_at"])})
    return pl.DataFrame(parts, believed.schema)


def _without(start: datetime, end: datetime, evenings: Iterable[date], clock: NightClock) -> Iterator[Span]:
    """Yield what is left of a span without some nights."""
    for evening in sorted(evenings):
        if start < clock.opens_at(evening):
            yield start, clock.opens_at(evening)
        start = clock.closes_at(evening)
    if start < end:
        yield start, end


def accounts_of(believed: pl.DataFrame) -> dict[str, list[Account]]:
    """Return the spans of each source from rows of `deliveries` that were accepted."""
    found: dict[str, list[Account]] = {}
    for row in believed.iter_rows(named=True):
        if row["covers_from_at"] == row["covers_to_at"]:
            continue
        span = Account(row["covers_from_at"], row["covers_to_at"], row["known_at"], row.get("known_until"))
        found.setdefault(row["source"], []).append(span)
    return found
