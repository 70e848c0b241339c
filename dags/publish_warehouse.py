"""
# Publish the warehouse

Whenever something was decided, and every morning at 07:30: a fresh read-only copy for analysts,
`published/nte.duckdb`, swapped in at once.

First bands and alerts of past weekends are held against what came (`band_scores`, `level_shifts`, `alert_scores`). The copy
holds night counts, bands, judgements, alerts and decisions, every table and column commented, and no record-level rows. Start
with the view `start_here`. Readers of the old copy keep it until they open it anew.

The steps stand in `flows/publish_warehouse.py`, for Airflow and for `nte run`.
"""

from dag_parts import nte_dag, wire

from flows.publish_warehouse import PUBLISH_WAREHOUSE


@nte_dag(PUBLISH_WAREHOUSE, doc=__doc__)
def publish_warehouse() -> None:
    """Wire the steps as they are declared."""
    wire(PUBLISH_WAREHOUSE)


publish_warehouse()
