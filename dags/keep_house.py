"""
# Keep house

Every day at 04:30: remove what may no longer be held.

Originals of deliveries go after the area's `keep_originals_days`, records after its `keep_records_days`. Night
counts, bands, judgements and decisions stay as they are: they hold no person. What was removed, and when, stands in
`purges`. The same by hand: `nte purge --before 2024-01-01`.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, Param, dag, task

from nte.area_files import load_area
from nte.settings import Settings

SETTINGS = Settings()
AREA = load_area(SETTINGS.area)


@dag(
    schedule=CronTriggerTimetable("30 4 * * *", timezone=AREA.time_zone),
    start_date=pendulum.datetime(2026, 1, 1, tz=AREA.time_zone),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["nte", "retention"],
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            description="Retention as of this local time, such as 2026-03-30T09:00. Empty: now.",
        )
    },
    default_args={
        "owner": "nte-ops",
        "pool": "warehouse",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=30),
    },
)
def keep_house() -> None:
    """Wire the two steps."""

    @task
    def purge_originals(params: dict[str, str | None] | None = None) -> int:
        """Remove originals whose time is over."""
        from nte.moment import moment  # noqa: PLC0415
        from transforms.steps import purge_originals as step  # noqa: PLC0415

        return len(step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA)))

    @task
    def purge_records(params: dict[str, str | None] | None = None) -> int:
        """Remove records whose time is over; counts stay."""
        from nte.moment import moment  # noqa: PLC0415
        from transforms.steps import purge_records as step  # noqa: PLC0415

        now = moment((params or {}).get("as_of"), AREA)
        return step(
            SETTINGS, AREA, AREA.clock.local_date(now) - timedelta(days=AREA.retention.keep_records_days), now
        )

    purge_originals() >> purge_records()


keep_house()
