"""The tables of the warehouse, each declared once, by subject.

From here come the DDL, the comments in DuckDB, the checks before a write and the data dictionary.
Suffixes: `_at` instant (UTC), `evening` night (local date), `n_` count, `_code` coded value, `_share` 0-1,
`is_` / `has_` boolean.
"""

from typing import Final

from nte.columns import Table
from nte.tables import (
    alerts,
    bands,
    counts,
    definitions,
    deliveries,
    judgements,
    progress,
    records,
    scores,
    versions,
)

SUBJECTS: Final = (
    deliveries,
    records,
    counts,
    definitions,
    bands,
    judgements,
    alerts,
    scores,
    progress,
    versions,
)
WAREHOUSE_TABLES: Final = tuple(
    table for subject in SUBJECTS for table in vars(subject).values() if isinstance(table, Table)
)
"""Every table that a subject declares, in the order of its pages."""
