"""
# Keep house

Every day at 04:30: remove what may no longer be held.

Originals of deliveries go after the area's `keep_originals_days`, records after its `keep_records_days`. Night
counts, bands, judgements and decisions stay as they are: they hold no person. What was removed, and when, stands in
`purges`. The same by hand: `nte purge --before 2019-01-01`.

`clean_airflow` removes what Airflow itself keeps of runs that ended more than 30 days ago: its rows and its logs.

A purge cannot be undone, so it is bound three times: by the retention, by this machine's clock (a run as of a time that
has not come is refused), and by the newest delivery (a clock that is ahead of all deliveries takes nothing away).

The steps stand in `flows/keep_house.py`; `nte run` leaves them to Airflow.
"""

from dag_parts import nte_dag, wire

from flows.keep_house import KEEP_HOUSE


@nte_dag(KEEP_HOUSE, doc=__doc__)
def keep_house() -> None:
    """Wire the steps as they are declared."""
    wire(KEEP_HOUSE)


keep_house()
