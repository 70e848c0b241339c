"""What can be said of counts: each a plain value, as the attacker writes it down."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

MOST = 999
"""More than any count."""
Key = tuple[str, date, str]
"""Town centre, evening, source."""


@dataclass(frozen=True, order=True)
class Cell:
    """A count as it was known at an instant."""

    key: Key
    as_of: datetime


class Beside(StrEnum):
    """What must not stand beside a hidden count."""

    LIMIT = "its limit"
    RARITY = "how rare it is"
    RATIO = "how many times the usual it is"
    RISE = "what rise would have been seen, which tells its limit"
    CHANCE = "the chance that it will stand"
    WITHIN = "that it is not above"
    FAR = "that it is far above"
    NOTED = "that it is noted"
    MOVED = "which way it moved"


@dataclass
class Known:
    """Everything that the readers of one channel know: the attacker's notebook."""

    least_hidden: dict[str, int]
    """By source: from which count on it may be said."""
    exact: dict[Cell, set[int]] = field(default_factory=dict)
    under: dict[Cell, int] = field(default_factory=dict)
    above: set[Cell] = field(default_factory=set)
    """Said to be more than expected."""
    within: set[Cell] = field(default_factory=set)
    """Said, or by saying of others that they are above, known not to be."""
    complete: set[Cell] = field(default_factory=set)
    limits: dict[Key, set[int]] = field(default_factory=dict)
    unnamed: set[Key] = field(default_factory=set)
    """Beside a count that may be said no limit was named, so that it lies among the hidden ones."""
    beside: list[tuple[Cell, Beside]] = field(default_factory=list)
    sums: list[tuple[tuple[Cell, ...], int, int]] = field(default_factory=list)
    """Counts that together are from so many to so many."""
    moves: list[tuple[Cell, Cell, int]] = field(default_factory=list)
    """The second is at least so much more than the first."""

    def stands_beside(self, cell: Cell, what: Beside) -> None:
        """Note what stands beside a count; whether that is hidden is known when all has been read."""
        self.beside.append((cell, what))
