"""Whether what a delivery says of its nights can be used: a well-formed file whose rows say nothing is no quiet night.

Each delivery is held against what the deliveries of its source said before it. A share of rows with a fault is too many
when it has risen enough to move a count, and when chance would make it so great once in 20,000 looks: with three
sources and about seven looks at a delivery, that is one night of one source in three years.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from typing import Final

import numpy as np
from scipy.special import bdtrc

from nte.area import Source
from nte.negative_binomial import size_of_groups
from nte.nights import NightClock
from nte.sparse_lead import STRICT, n_lacking
from nte.tables.counts import UNPLACED
from nte.words import Fault
from transforms.said import NONE, Floats, Said, Share

MOST_SURPRISING: Final = 1 / 20_000
PRIOR_ROWS: Final = 200
"""What is known before a source's first rows is worth as many rows."""
RARE: Final = 1 / PRIOR_ROWS
"""Share of rows with a fault that should not be there, before any was seen."""
OFTEN: Final = 0.3
"""Share of rows without a time that says their night, before any was seen: some providers have many windows."""
SELDOM: Final = 0.05
"""Share of rows that are withdrawn when they come first, before any was seen: calls that were rung twice."""
SAID_LAST: Final = (Fault.OUTSIDE, Fault.HOURS, Fault.DEFAULT_TIMES)
"""Faults that another one often explains better."""
DEFINITE: Final = (Fault.ASIDE, Fault.CODES)
"""Faults of which each is a row that cannot count: where all rows of a night have one, its zero is none."""
WITHOUT_ROWS: Final = {Fault.CUT_SHORT, Fault.HOLE, Fault.SPARSE}
"""Faults of hours that have no row, or next to none."""
LEAST_RISE: Final[dict[Fault, float]] = {
    Fault.ASIDE: 0.2,
    Fault.CODES: 0.2,
    Fault.NOT_COUNTED: 0.4,
    Fault.FLAGS: 0.3,
    Fault.WITHDRAWN: 0.4,
    Fault.AGAIN: 0.5,
    Fault.TIMES: 0.3,
    Fault.PLACES: 0.3,
    Fault.ONE_PLACE: 0.3,
    Fault.ONE_POINT: 0.4,
    Fault.INCIDENTS: 0.5,
    Fault.OUTSIDE: 0.3,
    Fault.HOURS: 0.15,
    Fault.DEFAULT_TIMES: 0.4,
}
"""By how much a share must have risen to matter: a fifth of a night's incidents is seldom more than its scatter."""
FEW_CLEAN: Final = 5
"""A night with so many good rows of its own is not touched by what the rest of its delivery is like."""
FEWEST_IN_ONE_PLACE: Final = 10
"""A brawl in a small town may be all that a small file holds."""
MOST_OF_HISTORY: Final = 0.5
"""Years are not unknown for a part of their rows: those that count are a past to learn from."""
MOST_PAST: Final = 84
"""Twelve weeks: what came long ago was another season."""
FEWEST_SAME: Final = 3
FEWEST_PAST: Final = 8
LEAST_SIZE, MOST_SIZE = 1.0, 50.0
"""Negative binomial size of the rows of a delivery's last hours: large is Poisson."""
SIZE_OF_HISTORY: Final = 5.0
"""The same of a history load, from which it cannot be learned …"""
SIZE_AROUND_HOLE: Final = 20.0
"""… and of its rows against those of the month before and the month after."""
MOST_SURPRISING_CUT: Final = 1 / 3_000
"""A cut is looked for once in each delivery, and one hole in each night: so often chance makes one in three years."""
WITHOUT_TOTAL: Final = 0.05
"""Where the control total that always came is missing, half of the proof is: once in twenty looks will do."""
FAR_OLDER: Final = 2.0
NOT_QUIET: Final = 0.2
"""Chance of no row in the hours since the newest: on a quiet day a batch of old rows may be all that comes."""
A_MONTH: Final = timedelta(days=28) / timedelta(hours=1)
"""In hours."""
FEWEST_AROUND: Final = 30
"""From fewer rows than that on both sides of a hole it is not known how they come."""
LEAST_HOLE_OF_HISTORY: Final = 48.0
"""Hours: where years have dates alone, a day lies between one row and the next."""


@dataclass(frozen=True)
class Look:
    """A fault of a delivery, or of one of its nights, against what is usual."""

    fault: Fault
    share: Share
    usual: float
    before: Share = NONE
    """Rows of the deliveries just before: where all had the fault, few rows come together until they are enough."""

    @property
    def has_risen(self) -> bool:
        """Say whether so many more rows have it than usual that a count would be another."""
        n_rows = self.share.n_rows + self.before.n_rows
        is_enough = self.fault is not Fault.ONE_POINT or n_rows >= FEWEST_IN_ONE_PLACE
        is_enough &= self.fault is not Fault.HOURS or self.share.value == 1
        return (
            bool(self.share.n_bad) and is_enough and self.share.value >= self.usual + LEAST_RISE[self.fault]
        )

    @property
    def is_too_many(self) -> bool:
        """Say whether chance does not explain it."""
        if not self.has_risen:
            return False
        if self.fault is Fault.ASIDE or (self.fault in DEFINITE and self.share.value == 1):
            return True
        return too_many(self.share + self.before, self.usual)


@dataclass(frozen=True)
class Finding:
    """A night of a delivery that cannot be used, and why."""

    evening: date
    look: Look


@dataclass
class Past:
    """What the deliveries of a source said before one of them."""

    shares: dict[Fault, Share] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    daily: list[Said] = field(default_factory=list)
    all_bad: dict[Fault, Share] = field(default_factory=dict)
    """Rows of the last daily deliveries, as long as all of them had a fault."""

    def pass_by(self, said: Said) -> None:
        """Take in, of a daily delivery that may be believed or not, whether all of its rows have a fault."""
        for fault, share in said.whole.items():
            if share.n_rows and not said.is_history:
                is_all = share.n_bad == share.n_rows
                self.all_bad[fault] = self.all_bad.get(fault, NONE) + share if is_all else NONE

    def learn(self, said: Said) -> None:
        """Take in a delivery that may be believed."""
        for fault, share in said.whole.items():
            self.shares[fault] = self.shares.get(fault, NONE) + share
        for place, n in said.places.items():
            self.places[place] = self.places.get(place, 0) + n
        if not said.is_history:
            self.daily.append(said)

    def usual(self, fault: Fault, source: Source) -> float | None:
        """Return the share of rows that usually has a fault; None where too little was seen to say."""
        seen = self.shares.get(fault, NONE)
        if fault is Fault.PLACES and source.columns.x:
            prior = source.usual_unplaced_share
        elif fault is Fault.TIMES:
            prior = OFTEN
        elif fault is Fault.WITHDRAWN:
            prior = SELDOM
        elif fault in DEFINITE or fault in {Fault.AGAIN, Fault.DEFAULT_TIMES}:
            prior = RARE
        elif seen.n_rows < PRIOR_ROWS:
            return None
        else:
            return (seen.n_bad + 1) / (seen.n_rows + 2)
        return (seen.n_bad + prior * PRIOR_ROWS) / (seen.n_rows + PRIOR_ROWS)

    def usual_place(self, place: str) -> float | None:
        """Return which share of rows is usually in a place; None where too little was seen."""
        n_rows = sum(self.places.values())
        return (self.places.get(place, 0) + 1) / (n_rows + 2) if n_rows >= PRIOR_ROWS else None


def too_many(share: Share, usual: float) -> bool:
    """Say whether chance makes so many of so many rows bad less often than once in 20,000 looks."""
    return bool(bdtrc(ceil(share.n_bad) - 1, ceil(share.n_rows), usual) < MOST_SURPRISING)


def unusable_nights(said: Said, past: Past, source: Source, clock: NightClock) -> list[Finding]:
    """Return the nights of a delivery's span that it does not account for, each with the first fault found."""
    evenings = evenings_of(said, clock)
    found: dict[date, Look] = {}
    first = [fault for fault in said.whole if fault not in SAID_LAST]
    for look, evening in (
        *_looks(first, said, past, source, evenings), *_one_place(said, past, evenings),
        *_sparse(said, clock), *_cut_short(said, past, evenings, clock), *_holes(said, past, evenings, clock),
        *_looks(SAID_LAST, said, past, source, evenings),
    ):  # fmt: skip
        found.setdefault(evening, look)
    return [Finding(evening, found[evening]) for evening in sorted(found)]


def evenings_of(said: Said, clock: NightClock) -> list[date]:
    """Return the evenings whose nights a delivery accounts for as a whole."""
    first, last = clock.local_date(said.covers_from_at), clock.local_date(said.covers_to_at)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        day
        for day in days
        if said.covers_from_at <= clock.opens_at(day) and clock.closes_at(day) <= said.covers_to_at
    ]


def _looks(
    faults: Sequence[Fault], said: Said, past: Past, source: Source, evenings: Sequence[date]
) -> Iterable[tuple[Look, date]]:
    """Yield each night that a fault of its rows, or of the delivery, makes unknown."""
    for fault in faults:
        share = said.whole.get(fault, NONE)
        usual = past.usual(fault, source)
        if usual is None or (said.is_history and share.value < MOST_OF_HISTORY):
            continue
        is_all = share.n_bad == share.n_rows
        whole = Look(fault, share, usual, past.all_bad.get(fault, NONE) if is_all else NONE)
        for evening in evenings:
            of_night = said.nights.get(evening, {}).get(fault, NONE)
            own = Look(fault, of_night, usual)
            if not said.is_history and own.is_too_many:
                yield own, evening
            elif whole.is_too_many and not _is_clean(own):
                yield whole, evening


def _is_clean(own: Look) -> bool:
    return own.fault is not Fault.TIMES and own.share.n_rows >= FEW_CLEAN and not own.has_risen


def _one_place(said: Said, past: Past, evenings: Sequence[date]) -> Iterable[tuple[Look, date]]:
    """Yield the nights if all rows with a place are in one: a constant in the place of coordinates."""
    placed = {place: n for place, n in said.places.items() if place != UNPLACED}
    if not placed:
        return
    place, n_most = max(placed.items(), key=lambda pair: (pair[1], pair[0]))
    usual = past.usual_place(place)
    if usual is None or n_most < max(FEWEST_IN_ONE_PLACE, sum(placed.values())):
        return
    look = Look(Fault.ONE_PLACE, Share(n_most, sum(placed.values())), usual)
    if look.is_too_many:
        yield from ((look, evening) for evening in evenings)


def sparse_nights(said: Said, clock: NightClock) -> list[Finding]:
    """Return the nights at the beginning of a history load that it is not about: it holds next to nothing of them."""
    return [Finding(evening, look) for look, evening in _sparse(said, clock)]


def _sparse(said: Said, clock: NightClock) -> Iterable[tuple[Look, date]]:
    """Yield them by the file's own volume alone: a first load has no past to be held against."""
    evenings = evenings_of(said, clock)
    if not said.is_history or not len(said.ages) or not evenings:
        return
    starts = [_hours_before(clock.morning_of(evening), said.covers_to_at) for evening in evenings]
    days = np.histogram(said.ages, [0.0, *reversed(starts)])[0][::-1]
    n_first, usual = n_lacking(days, STRICT)
    for n_rows, evening in zip(days[:n_first], evenings, strict=False):
        yield Look(Fault.SPARSE, Share(float(n_rows), usual), usual), evening


def _cut_short(
    said: Said, past: Past, evenings: Sequence[date], clock: NightClock
) -> Iterable[tuple[Look, date]]:
    """Yield the nights whose end is missing: so many hours without a row, until the morning, do not come by chance."""
    if said.is_empty and said.has_total:
        return  # its manifest says that there is nothing
    newest = said.covers_from_at
    if len(said.ages):
        newest = said.covers_to_at - timedelta(hours=float(said.ages[0]))
    level = _level_of_cut(said, past)
    n_newer = _usually_newer(said, past)
    for evening in evenings:
        closes_at = clock.closes_at(evening)
        hours = _hours_before(newest, closes_at)
        if hours <= 0:
            continue
        expected, size = (
            _of_history(said, hours) if said.is_history else _of_days(past, (0.0, hours), closes_at)
        )
        chance = _chance_of_none(expected, size)
        if n_newer is not None and chance < NOT_QUIET:
            yield Look(Fault.CUT_SHORT, Share(0, n_newer), n_newer), evening
        elif chance < level:
            yield Look(Fault.CUT_SHORT, Share(0, expected), expected), evening


def _usually_newer(said: Said, past: Past) -> float | None:
    """Return how many of so many rows are usually newer than the newest of these, if chance leaves none so seldom.

    However few they are: the wrong month or year in all of them is no chance. As old rows come together, the newest
    must be far older than that of any file before, too.
    """
    recent = [d.ages for d in past.daily[-MOST_PAST:] if len(d.ages)]
    ages, n = np.concatenate([np.empty(0), *recent]), len(said.ages)
    if said.is_history or not n or len(ages) < PRIOR_ROWS:
        return None
    if said.ages[0] < FAR_OLDER * max(own[0] for own in recent):
        return None
    older = (int((ages >= said.ages[0]).sum()) + 1) / (len(ages) + 2)
    return n * (1 - older) if older**n < MOST_SURPRISING else None


def _holes(
    said: Said, past: Past, evenings: Sequence[date], clock: NightClock
) -> Iterable[tuple[Look, date]]:
    """Yield the nights with so many hours without a row, before the newest row, as do not come by chance."""
    start = _hours_before(said.covers_from_at, said.covers_to_at)
    edges = np.append(said.ages[said.ages < start], start)
    for evening in evenings:
        closes_at = clock.closes_at(evening)
        closes, opens = (_hours_before(at, said.covers_to_at) for at in (closes_at, clock.opens_at(evening)))
        first, last = np.searchsorted(edges, closes, "right"), np.searchsorted(edges, opens)
        own = edges[max(first - 1, 0) : last + 1]  # the night's stretches, and no other night's
        hours = np.minimum(own[1:], opens) - np.maximum(own[:-1], closes)
        n_stretches = int((hours > 0).sum())
        if not n_stretches:
            continue  # all its rows are older, so that it is cut short, or there are none
        longest = int(hours.argmax())
        newer, older = own[longest], own[longest + 1]
        if said.is_history:
            expected, size = _around_hole(said.ages, newer, older), SIZE_AROUND_HOLE
            level = MOST_SURPRISING_CUT / len(edges)
        else:
            of_night = (max(newer, closes) - closes, min(older, opens) - closes)
            expected, size = _of_days(past, of_night, closes_at)
            level = _level_of_cut(said, past) / n_stretches
        if _chance_of_none(expected, size) < level:
            yield Look(Fault.HOLE, Share(0, expected), expected), evening


def _around_hole(ages: Floats, newer: float, older: float) -> float:
    """Return how many rows a hole in a history load would have at the rate of the month on either side of it."""
    n_after = np.searchsorted(ages, newer, "right") - np.searchsorted(ages, newer - A_MONTH)
    n_before = np.searchsorted(ages, older + A_MONTH, "right") - np.searchsorted(ages, older)
    hours = min(newer, A_MONTH) + max(min(float(ages[-1]) - older, A_MONTH), 0.0)
    is_hole = older - newer >= LEAST_HOLE_OF_HISTORY and hours > 0 and n_after + n_before >= FEWEST_AROUND
    return float(n_after + n_before) / hours * (older - newer) if is_hole else 0.0


def _hours_before(at: datetime, end: datetime) -> float:
    return (end - at) / timedelta(hours=1)


def _of_days(past: Past, hours: tuple[float, float], until: datetime) -> tuple[float, float]:
    """Return how many rows bring the hours from this to that long before a morning, and their size.

    By the weekday of the morning; the scatter by all.
    """
    if len(past.daily) < FEWEST_PAST:
        return 0.0, LEAST_SIZE
    recent = past.daily[-MOST_PAST:]
    counts = np.array([np.diff(np.searchsorted(d.ages, hours))[0] for d in recent], dtype=float)
    weekdays = np.array([d.covers_to_at.weekday() for d in recent])
    enough = [w for w in range(7) if (weekdays == w).sum() >= FEWEST_SAME]
    groups = np.where(np.isin(weekdays, enough), weekdays, -1)
    today = groups == (until.weekday() if until.weekday() in enough else -1)
    chosen = counts[today] if today.any() else counts
    mean = (chosen.sum() + 0.5) / (len(chosen) + 1)
    size = size_of_groups(counts, groups, mean, least=LEAST_SIZE, most=MOST_SIZE)
    return float(mean), size


def _of_history(said: Said, hours: float) -> tuple[float, float]:
    """Return the same of a history load, by the month before its newest row, or all of its span before that."""
    first = float(said.ages[0]) if len(said.ages) else 0.0
    start = _hours_before(said.covers_from_at, said.covers_to_at)
    month = min(A_MONTH, start - first)
    if month <= 0:
        return 0.0, SIZE_OF_HISTORY
    return float(np.searchsorted(said.ages, first + month, "right")) * hours / month, SIZE_OF_HISTORY


def _chance_of_none(mean: float, size: float) -> float:
    """Return the chance that a negative binomial count is 0."""
    return float((size / (size + mean)) ** size)


def _level_of_cut(said: Said, past: Past) -> float:
    """Return how seldom chance may leave hours without a row; that the usual total is missing is half of the proof."""
    return WITHOUT_TOTAL if _lacks_total(said, past) else MOST_SURPRISING_CUT


def _lacks_total(said: Said, past: Past) -> bool:
    recent = past.daily[-FEWEST_PAST:]
    return not said.has_total and len(recent) == FEWEST_PAST and all(d.has_total for d in recent)
