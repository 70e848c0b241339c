"""Progress is said: which looks at which mornings a step has taken, and which are due."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from nte.tables.progress import PROGRESS

if TYPE_CHECKING:
    from nte.warehouse import Warehouse


class Step(StrEnum):
    """A step that works morning by morning."""

    ISSUE = "issue_bands"
    JUDGE = "judge_nights"
    SCORE = "score_bands"
    DECIDE = "decide_alerts"


@dataclass(frozen=True)
class Look:
    """One look at the nights of a morning."""

    morning: datetime
    """06:00 of its date."""
    as_of: datetime
    """From what was known at this instant: the morning itself, or a later run of the same day."""
    knowledge: str
    """Print of what was known of its nights."""


class Progress:
    """The looks that one step has taken."""

    def __init__(self, rows: pl.DataFrame) -> None:
        taken = rows.sort("as_of").select("morning", "as_of", "knowledge", "done_at").iter_rows()
        self._taken = {as_of: (Look(morning, as_of, known), done) for morning, as_of, known, done in taken}

    def stands(self, as_of: datetime, now: datetime, knowledge: Callable[[], str]) -> bool:
        """Say whether the look at `as_of` need not be taken in a run of `now`.

        One that was taken under a later clock than this run's stands only where it saw what would be seen now.
        """
        look, done_at = self._taken.get(as_of, (None, now))
        return look is not None and (done_at <= now or look.knowledge == knowledge())

    def knowledge_at(self, as_of: datetime) -> str | None:
        """Return what a look saw; None where it was not taken."""
        look, _ = self._taken.get(as_of, (None, None))
        return look.knowledge if look else None

    def latest(self, morning: datetime, now: datetime) -> Look | None:
        """Return the latest look at a morning up to `now`."""
        looks = [look for look, _ in self._taken.values() if look.morning == morning and look.as_of <= now]
        return looks[-1] if looks else None

    def looks(self, now: datetime) -> list[Look]:
        """Return every look up to `now`, in order."""
        return [look for look, _ in self._taken.values() if look.as_of <= now]


def looks_due(
    progress: Progress,
    mornings: Sequence[datetime],
    now: datetime,
    knowledge: Callable[[datetime, datetime], str],
) -> list[Look]:
    """Return the looks to take, in order: at each morning not done, and at the last again where more is known now.

    `knowledge` gives the print of what was known, at an instant, of the nights of a morning.
    """
    due = [
        Look(m, m, knowledge(m, m))
        for m in mornings
        if not progress.stands(m, now, lambda morning=m: knowledge(morning, morning))  # type: ignore[misc]
    ]
    if not mornings:
        return due
    last = mornings[-1]
    seen = due[-1] if due and due[-1].morning == last else progress.latest(last, now)
    again = Look(last, now, knowledge(last, now))
    has_changed = seen is None or (now > seen.as_of and again.knowledge != seen.knowledge)
    return [*due, again] if has_changed else due


def print_of(*frames: pl.DataFrame) -> str:
    """Return a print of the rows of some frames: the same rows in any order, the same print."""
    content = hashlib.sha256()
    for frame in frames:
        content.update(frame.sort(frame.columns).write_csv().encode())
    return content.hexdigest()[:16]


def read_progress(warehouse: Warehouse, step: Step) -> Progress:
    """Return what a step has done."""
    return Progress(warehouse.read(PROGRESS, "step = ?", [str(step)]))


def say_done(warehouse: Warehouse, step: Step, looks: Iterable[Look], now: datetime) -> None:
    """Note the looks that a step has taken; call it inside the transaction that writes what they found."""
    rows = [(str(step), look.morning, look.as_of, now, look.knowledge) for look in looks]
    warehouse.merge(PROGRESS, pl.DataFrame(rows, schema=PROGRESS.schema, orient="row"))
