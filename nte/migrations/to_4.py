"""A band names its rule: nights whose bands were issued before keep theirs, so that nothing flips at an upgrade."""

from typing import Final

from nte.migrations.migration import Migration

MIGRATION: Final = Migration(
    4,
    "bands, judgements and decisions say by which rule, and with which chance, an alert stands",
    (
        "ALTER TABLE bands ADD COLUMN rule VARCHAR DEFAULT 'so_far'",
        'ALTER TABLE bands ALTER "rule" DROP DEFAULT',
        'ALTER TABLE judgements ADD COLUMN "stands_chance" DOUBLE',
        'ALTER TABLE window_scores ADD COLUMN "stands_chance" DOUBLE',
        'ALTER TABLE decisions ADD COLUMN "stands_chance" DOUBLE',
        'ALTER TABLE completeness ADD COLUMN "survival_share" DOUBLE DEFAULT 1',
        'ALTER TABLE completeness ADD COLUMN "clumping" DOUBLE DEFAULT 1000000',
        'ALTER TABLE completeness ALTER "survival_share" DROP DEFAULT',
        'ALTER TABLE completeness ALTER "clumping" DROP DEFAULT',
    ),
)
