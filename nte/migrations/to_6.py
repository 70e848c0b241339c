"""An answer says what is done about an alert: those that were given before do not."""

from typing import Final

from nte.migrations.migration import Migration

MIGRATION: Final = Migration(
    6,
    "an answer says which of the area's actions are taken",
    (
        "ALTER TABLE acknowledgements ADD COLUMN \"actions\" VARCHAR DEFAULT ''",
        'ALTER TABLE acknowledgements ALTER "actions" DROP DEFAULT',
    ),
)
