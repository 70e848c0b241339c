"""
# Evaluate interventions

On the sixth of each month at 10:00: what did each intervention of the area folder (`interventions.csv`) do?

| step | what it does |
|---|---|
| `evaluate` | by two methods, source by source: effect, interval, placebos, and what could have been seen (`intervention_effects`) |
| `compare_actions` | nights after alerts that were acted on beside nights after others, with what that cannot show |
| `publish` | a fresh copy for analysts with it |
| `write_pages` | a page of each for the Board, in `reports/board` (with the extra `report`) |

Without an intervention in the area folder `evaluate` and `write_pages` are skipped. An evaluation stands with the morning whose knowledge it
is; run it again at any time. The same by hand, and as known on an earlier date: `nte evaluate --as-known 2026-03-02`.

The steps stand in `flows/evaluate_interventions.py`; `nte run` leaves them to Airflow.
"""

from dag_parts import nte_dag, wire

from flows.evaluate_interventions import EVALUATE_INTERVENTIONS


@nte_dag(EVALUATE_INTERVENTIONS, doc=__doc__)
def evaluate_interventions() -> None:
    """Wire the steps as they are declared."""
    wire(EVALUATE_INTERVENTIONS)


evaluate_interventions()
