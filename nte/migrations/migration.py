"""What one migration is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Migration:
    """The step from the version before to `version`."""

    version: int
    what: str
    """What it brings, as a sentence."""
    statements: tuple[str, ...]
    """SQL, run in order in one transaction with all other migrations that are due."""
