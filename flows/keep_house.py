"""Remove what may no longer be held."""

from datetime import timedelta

from flows.declared import Flow, Step
from flows.run import Run

KEPT = timedelta(days=30)
"""So long what Airflow keeps of a run stays: ops look back over a few weeks."""


def purge_originals(run: Run) -> int:
    """Remove originals whose time is over."""
    from transforms.steps import purge_originals as step

    run.skip_in_rehearsal()
    return len(step(run.settings, run.area, run.now))


def purge_records(run: Run) -> int:
    """Remove records whose time is over; counts stay."""
    from transforms.steps import plan_purge
    from transforms.steps import purge_records as step

    run.skip_in_rehearsal()
    return step(run.settings, run.area, plan_purge(run.settings, run.area, None, run.now).before, run.now)


def clean_airflow(run: Run) -> int:
    """Remove rows and logs of Airflow's own that are old; return how many logs."""
    from airflow_traces import remove_logs, remove_rows

    run.skip_in_rehearsal()
    before = run.now - KEPT
    remove_rows(run.settings, before)
    return remove_logs(run.settings, before)


KEEP_HOUSE = Flow(
    "keep_house",
    tag="retention",
    on_clock=lambda area: ("30 4 * * *",),
    steps=(
        Step(purge_originals),
        Step(purge_records, after=("purge_originals",)),
        Step(clean_airflow, after=("purge_records",)),
    ),
)
