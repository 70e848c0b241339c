"""The tables of the warehouse, each declared once, by subject.

From here come the DDL, the comments in DuckDB, the checks before a write and the data dictionary.
Suffixes: `_at` instant (UTC), `evening` night (local date), `n_` count, `_code` coded value, `_share` 0-1,
`is_` / `has_` boolean.
"""

from types import ModuleType
from typing import Final

from nte.columns import Table
from nte.tables import (
    alerts,
    bands,
    counts,
    definitions,
    deliveries,
    effects,
    judgements,
    partners,
    progress,
    records,
    scores,
    slices,
    versions,
)

SUBJECTS: Final = (
    deliveries,
    records,
    counts,
    slices,
    definitions,
    bands,
    judgements,
    alerts,
    scores,
    partners,
    effects,
    progress,
    versions,
)


def tables_of(*subjects: ModuleType) -> tuple[Table, ...]:
    """Return every table that some subjects declare, in the order of their pages."""
    return tuple(
        table for subject in subjects for table in vars(subject).values() if isinstance(table, Table)
    )


WAREHOUSE_TABLES: Final = tables_of(*SUBJECTS)
STATE_OF_COUNT: Final = (
    counts.COUNTED,
    counts.COUNTED_DELIVERIES,
    counts.COUNTED_NIGHTS,
    counts.COUNTED_ROWS,
    counts.DELIVERY_FAULTS,
    counts.DELIVERY_PLACES,
)
"""What a count remembers of itself: without it everything is counted anew."""
NOT_COUNTED_FROM: Final = (
    *STATE_OF_COUNT,
    deliveries.RECORD_PRINTS,
    deliveries.EVENT_PRINTS,
    records.RECORDS,
)
COUNTED_FROM: Final = tuple(
    table
    for table in tables_of(deliveries, records, counts, slices, definitions)
    if table not in NOT_COUNTED_FROM
)
"""Tables that a count reads or writes, beside the records, whose prints it takes delivery by delivery."""
