"""
# Keep house

Every day at 04:30: remove what may no longer be held.

Originals of deliveries go after the area's `keep_originals_days`, records after its `keep_records_days`. Night
counts, bands, judgements and decisions stay as they are: they hold no person. What was removed, and when, stands in
`purges`. The same by hand: `nte purge --before 2019-01-01`.

`clean_airflow` removes what Airflow itself keeps of runs that ended more than 30 days ago: its rows and its logs.

A purge cannot be undone, so it is bound three times: by the retention, by this machine's clock (a run as of a time that
has not come is refused), and by the newest delivery (a clock that is ahead of all deliveries takes nothing away).
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable
from airflow.sdk.exceptions import AirflowSkipException
from dag_parts import AREA, SETTINGS, is_rehearsal, nte_dag, nte_task, run_as_of

KEPT = timedelta(days=30)
"""So long what Airflow keeps of a run stays: ops look back over a few weeks."""


@nte_dag(schedule=CronTriggerTimetable("30 4 * * *", timezone=AREA.time_zone), doc=__doc__, tag="retention")
def keep_house() -> None:
    """Wire the three steps."""

    @nte_task
    def purge_originals() -> int:
        """Remove originals whose time is over."""
        from transforms.steps import purge_originals as step

        skip_in_rehearsal()
        return len(step(SETTINGS, AREA, run_as_of()))

    @nte_task
    def purge_records() -> int:
        """Remove records whose time is over; counts stay."""
        from transforms.steps import plan_purge
        from transforms.steps import purge_records as step

        skip_in_rehearsal()
        now = run_as_of()
        return step(SETTINGS, AREA, plan_purge(SETTINGS, AREA, None, now).before, now)

    @nte_task
    def clean_airflow() -> int:
        """Remove rows and logs of Airflow's own that are old; return how many logs."""
        from airflow_traces import remove_logs, remove_rows

        skip_in_rehearsal()
        before = run_as_of() - KEPT
        remove_rows(SETTINGS, before)
        return remove_logs(SETTINGS, before)

    purge_originals() >> purge_records() >> clean_airflow()


def skip_in_rehearsal() -> None:
    """End the task where the run is a rehearsal."""
    if is_rehearsal():
        raise AirflowSkipException("A rehearsal purges nothing.")


keep_house()
