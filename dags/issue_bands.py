"""
# Issue bands

Every day at 15:00; on Thursdays it says what is to be expected of the coming Friday, Saturday and Sunday night.

Each town centre and source gets an expected count and a band (`bands`). The bands of a weekend are computed
together from what was known on Thursday morning, and are **never issued again**. One that is made late is
computed from the same knowledge; if its night has begun by then, it is marked `is_retrospective`. Run it again
at any time: nights that have a band are left alone.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, CronTriggerTimetable, Param, dag, task

from nte.area_files import load_area
from nte.settings import Settings

SETTINGS = Settings()
AREA = load_area(SETTINGS.area)
BANDS = Asset("bands", uri="nte://warehouse/bands")


@dag(
    schedule=CronTriggerTimetable("0 15 * * *", timezone=AREA.time_zone),
    start_date=pendulum.datetime(2026, 1, 1, tz=AREA.time_zone),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["nte", "forecast"],
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            description="Work as of this local time, such as 2026-03-30T09:00. Empty: now.",
        )
    },
    default_args={
        "owner": "nte-ops",
        "pool": "warehouse",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(hours=1),
    },
)
def issue_bands() -> None:
    """Wire the one step."""

    @task(outlets=[BANDS])
    def issue(params: dict[str, str | None] | None = None) -> dict[str, object]:
        """Issue the bands of every weekend that is due and has none."""
        from forecasts.steps import issue_bands as step  # noqa: PLC0415  Prophet takes seconds to import
        from nte.moment import moment  # noqa: PLC0415

        done = step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))
        return {"nights": [str(evening) for evening in done.evenings], "bands": done.n_bands}

    issue()


issue_bands()
