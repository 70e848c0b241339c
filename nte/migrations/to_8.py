"""An answer says in which channel it was made: of those that were made before, that is not known."""

from typing import Final

from nte.migrations.migration import Migration

MIGRATION: Final = Migration(
    8,
    "an answer says in which channel it was made",
    ('ALTER TABLE acknowledgements ADD COLUMN "channel" VARCHAR',),
)
