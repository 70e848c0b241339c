"""Records keep codes that describe what happened: of those that came before, they are unknown.

The Board's measures count all hours and offences; before, their print said nights and incidents, though what they were
called said nothing of either.
"""

from typing import Final

from nte.migrations.migration import Connection, Migration

PRINTS: Final = {
    "sv-2021": ("8badd033204775f8", "3ef0a5bebff58855"),
    "sv-2025": ("33d5f35bb78f6a4f", "6922dc364d874a64"),
}
"""Of the definitions that were shipped: what each was, and what it is."""

WORDS: Final = (
    'ALTER TABLE definitions ADD COLUMN "excludes_domestic" BOOLEAN DEFAULT true',
    'ALTER TABLE definitions ALTER "excludes_domestic" DROP DEFAULT',
    'ALTER TABLE sources ADD COLUMN "least_shown" BIGINT DEFAULT 0',
    'ALTER TABLE sources ALTER "least_shown" DROP DEFAULT',
    'ALTER TABLE sources ADD COLUMN "contact" VARCHAR',
)
"""Written anew by the next count."""
HAS_DEFINITIONS: Final = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'definitions'"


def convert(connection: Connection) -> None:
    """Add what words say of themselves, and give the Board's definitions the print that they have now.

    A definition that somebody changed keeps its own. A home older than these tables gets them new.
    """
    if connection.execute(HAS_DEFINITIONS).fetchall():
        for statement in WORDS:
            connection.execute(statement)
        for name, (before, now) in PRINTS.items():
            connection.execute(
                "UPDATE definitions SET print = ? WHERE definition = ? AND print = ?", [now, name, before]
            )


MIGRATION: Final = Migration(
    7,
    "records keep codes that describe what happened, and the Board's measures count all hours",
    (
        'ALTER TABLE records ADD COLUMN "happened_on" DATE',
        'ALTER TABLE records ADD COLUMN "age_group" VARCHAR',
        'ALTER TABLE records ADD COLUMN "location_group" VARCHAR',
        'ALTER TABLE records ADD COLUMN "method_group" VARCHAR',
        'ALTER TABLE records ADD COLUMN "is_police_informed" BOOLEAN',
        'ALTER TABLE records ADD COLUMN "time_precision" VARCHAR',
        'ALTER TABLE records ADD COLUMN "hospital_code" VARCHAR',
        'ALTER TABLE records ADD COLUMN "triage_system" VARCHAR',
    ),
    convert,
)
