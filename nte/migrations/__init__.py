"""How an older warehouse comes to have today's shape: one file a version, each applied once, in order.

A file is never changed once it was released. It says its columns itself, not by `nte/tables`, which may go on changing.
"""

from typing import Final

from nte.migrations import to_2, to_3, to_4, to_5, to_6, to_7, to_8
from nte.migrations.migration import Migration

FIRST_VERSION: Final = 1
"""The shape of warehouses that have no version yet."""
MIGRATIONS: Final[tuple[Migration, ...]] = (
    to_2.MIGRATION,
    to_3.MIGRATION,
    to_4.MIGRATION,
    to_5.MIGRATION,
    to_6.MIGRATION,
    to_7.MIGRATION,
    to_8.MIGRATION,
)
NEWEST: Final = MIGRATIONS[-1].version


def due_after(version: int) -> tuple[Migration, ...]:
    """Return the migrations that a warehouse of this version needs, in order."""
    return tuple(migration for migration in MIGRATIONS if migration.version > version)
