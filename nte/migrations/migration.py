"""What one migration is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Connection(Protocol):
    """An open DuckDB file."""

    def execute(self, query: str, parameters: Sequence[object] = ..., /) -> Any:
        """Run one statement."""


@dataclass(frozen=True)
class Migration:
    """The step from the version before to `version`."""

    version: int
    what: str
    """What it brings, as a sentence."""
    statements: tuple[str, ...]
    """SQL, run in order in one transaction with all other migrations that are due."""
    convert: Callable[[Connection], None] | None = None
    """What SQL cannot say, after the statements and in the same transaction."""
