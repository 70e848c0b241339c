"""
# Take deliveries

Every morning at 06:00, and whenever a file lands in the inbox: take what the providers sent, decide whether it
can be believed, and count the incidents of every night anew.

| step | what it does | if it fails |
|---|---|---|
| `check` | reads each new file of the source, oldest first; its verdict and reasons go to `verdicts` and `verdict_reasons` | the message names the file and what to do; run it again |
| `refused` | one red square for each file that was refused in this run, named after the file; its link shows why | nothing to repair here: ask for a clean file, which heals the nights |
| `conform` | turns believed files into records and moves them to `accepted/` | safe to run again: a file counts once |
| `count_nights` | night counts by centre, source and definition, with every value they have had | run it again |

`refused` is skipped when nothing was refused. A refused or missing file makes its nights *unknown*, never quiet,
and does not stop the other sources. Nothing is counted twice, whatever is run again. A backfill takes what had
arrived by the time of each run, in any order.
"""

from textwrap import fill
from typing import Any

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronTriggerTimetable,
    Param,
    get_current_context,
    task_group,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from dag_parts import AREA, NIGHT_COUNTS, SETTINGS, TAKE_FIRST, nte_dag, nte_task, run_as_of, see
from inbox_watch import InboxTrigger

PATTERNS = [p for source in AREA.sources.values() for p in (source.daily_pattern, source.history_pattern)]
INBOX = Asset(
    "inbox",
    uri="nte://inbox",
    watchers=[AssetWatcher(name="inbox_watch", trigger=InboxTrigger(str(SETTINGS.inbox_folder), PATTERNS))],
)


@nte_dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 6 * * *", timezone=AREA.time_zone), assets=[INBOX]
    ),
    doc=__doc__,
    tag="ingest",
    weight=TAKE_FIRST,
    params={
        "source": Param(
            None,
            type=["null", "string"],
            enum=[None, *AREA.sources],
            title="Only this source",
            description="Take the deliveries of this source and leave the others. Empty: all.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Only say in the log of `check` which files would be taken.",
        ),
    },
)
def take_deliveries() -> None:
    """Wire the steps: each source on its own, then the counts of all."""

    @nte_task
    def check(source: str, params: dict[str, Any] | None = None) -> list[dict[str, str]]:
        """Decide which new files of a source may be believed; the counts are the XCom `taken`."""
        from expectations.steps import check_deliveries, waiting_files  # takes seconds

        only, now = (params or {})["source"], run_as_of()
        if only not in (None, source):
            raise AirflowSkipException(f"Only {only} was asked for.")
        if (params or {})["dry_run"]:
            names = waiting_files(SETTINGS, AREA, source, now)
            raise AirflowSkipException(f"A dry run: would take {', '.join(names) or 'nothing'}.")
        done = check_deliveries(SETTINGS, AREA, source, now)
        get_current_context()["ti"].xcom_push("taken", done.for_people())
        return done.rejected()

    @nte_task(retries=0, map_index_template="{{ file }}", on_failure_callback=None)
    def refused(delivery: dict[str, str]) -> None:
        """Turn red for a file that was refused, and say what to do."""
        get_current_context()["file"] = delivery["file"]  # type: ignore[typeddict-unknown-key]
        see(f"delivery/{delivery['delivery_id']}")
        print(fill(delivery["summary"], 100))  # noqa: T201  the log shows an exception in one endless line
        raise AirflowFailException(delivery["summary"])

    @nte_task
    def conform(source: str) -> dict[str, object]:
        """Turn the believed files of a source into records."""
        from transforms.steps import conform_deliveries

        done = conform_deliveries(SETTINGS, AREA, source)
        return {"deliveries": len(done.delivery_ids), "records": done.n_records}

    @nte_task(outlets=[NIGHT_COUNTS], trigger_rule="all_done")
    def count_nights(params: dict[str, Any] | None = None) -> dict[str, int]:
        """Bring the night counts of all sources up to what is known."""
        from transforms.steps import count_nights as step

        if (params or {})["dry_run"]:
            raise AirflowSkipException("A dry run counts nothing.")
        done = step(SETTINGS, AREA, run_as_of())
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
            checked >> conform(source) >> counted
            refused.expand(delivery=checked)

        one_source(name)


take_deliveries()
