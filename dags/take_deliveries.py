"""
# Take deliveries

Every morning at 06:00, and whenever a file lands in the inbox: take what the providers sent, decide whether it
can be believed, and count the incidents of every night anew.

| step | what it does | if it fails |
|---|---|---|
| `check` | reads each new file of the source, oldest first; its verdict and reasons go to `verdicts` and `verdict_reasons` | the message names the file and what to do; run it again |
| `conform` | turns believed files into records and moves them to `accepted/` | safe to run again: a file counts once |
| `refused` | red when a file was rejected in this run; its log says what to ask the provider for | nothing to repair here: ask for a clean file, which heals the nights |
| `count_nights` | night counts by centre, source and definition, with every value they have had | run it again |

A rejected or missing file makes its nights *unknown*, never quiet, and does not stop the other sources.
Nothing is counted twice, whatever is run again.
"""

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronTriggerTimetable,
    Param,
    dag,
    task,
    task_group,
)
from inbox_watch import InboxTrigger

from nte.area_files import load_area
from nte.settings import Settings

SETTINGS = Settings()
AREA = load_area(SETTINGS.area)
PATTERNS = [p for source in AREA.sources.values() for p in (source.daily_pattern, source.history_pattern)]
INBOX = Asset(
    "inbox",
    uri="nte://inbox",
    watchers=[AssetWatcher(name="inbox_watch", trigger=InboxTrigger(str(SETTINGS.inbox_folder), PATTERNS))],
)
NIGHT_COUNTS = Asset("night_counts", uri="nte://warehouse/night_counts")


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 6 * * *", timezone=AREA.time_zone), assets=[INBOX]
    ),
    start_date=pendulum.datetime(2026, 1, 1, tz=AREA.time_zone),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["nte", "ingest"],
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            description="Work as of this local time, such as "
            "2026-03-30T09:00; later deliveries stay untouched. Empty: now.",
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
def take_deliveries() -> None:
    """Wire the steps: each source on its own, then the counts of all."""

    @task
    def check(source: str, params: dict[str, str | None] | None = None) -> dict[str, object]:
        """Decide which new files of a source may be believed."""
        from expectations.steps import check_deliveries  # noqa: PLC0415  Great Expectations takes seconds
        from nte.moment import moment  # noqa: PLC0415

        summary = check_deliveries(SETTINGS, AREA, source, moment((params or {}).get("as_of"), AREA))
        return summary.for_people()

    @task
    def conform(source: str) -> dict[str, object]:
        """Turn the believed files of a source into records."""
        from transforms.steps import conform_deliveries  # noqa: PLC0415

        done = conform_deliveries(SETTINGS, AREA, source)
        return {"deliveries": len(done.delivery_ids), "records": done.n_records}

    @task(retries=0)
    def refused(checked: dict[str, Any]) -> None:
        """Turn red when a file was rejected, and say what to do."""
        from airflow.sdk.exceptions import AirflowFailException  # noqa: PLC0415

        if lines := checked.get("rejected"):
            raise AirflowFailException("\n".join(map(str, lines)))

    @task(outlets=[NIGHT_COUNTS], trigger_rule="all_done")
    def count_nights(params: dict[str, str | None] | None = None) -> dict[str, int]:
        """Bring the night counts of all sources up to what is known."""
        from nte.moment import moment  # noqa: PLC0415
        from transforms.steps import count_nights as step  # noqa: PLC0415

        done = step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))
        return {
            "records": done.n_records,
            "new_values": done.n_revisions_new,
            "unknown": done.n_nights_unknown,
        }

    counted = count_nights()
    for name in AREA.sources:

        @task_group(group_id=name)
        def one_source(source: str) -> None:
            checked = check(source)
            conformed = conform(source)
            checked >> conformed >> counted
            refused(checked)  # type: ignore[arg-type]

        one_source(name)


take_deliveries()
