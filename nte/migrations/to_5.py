"""A silence holds for one channel: those that were made before hold, as they did, for all of them."""

from typing import Final

from nte.migrations.migration import Migration

MIGRATION: Final = Migration(
    5,
    "a silence says for which channel it holds, and who ended it early",
    (
        "ALTER TABLE silences ADD COLUMN \"channel\" VARCHAR DEFAULT 'everywhere'",
        'ALTER TABLE silences ALTER "channel" DROP DEFAULT',
        'ALTER TABLE silences ADD COLUMN "lifted_by" VARCHAR',
    ),
)
