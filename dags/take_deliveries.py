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
| `told`, `worked` | nothing: by them Airflow knows how the run ended. Refused files alone leave it green | look at what is red before it |

`refused` is skipped when nothing was refused. A refused or missing file makes its nights *unknown*, never quiet,
and does not stop the other sources. Nothing is counted twice, whatever is run again. A backfill takes what had
arrived by the time of each run, in any order.

The steps stand in `flows/take_deliveries.py`, for Airflow and for `nte run`.
"""

from airflow.sdk import Asset, AssetWatcher, Param
from dag_parts import AREA, SETTINGS, nte_dag, wire
from inbox_watch import InboxTrigger

from flows.take_deliveries import TAKE_DELIVERIES

PATTERNS = [p for source in AREA.sources.values() for p in (source.daily_pattern, source.history_pattern)]
INBOX = Asset(
    "inbox",
    uri="nte://inbox",
    watchers=[AssetWatcher(name="inbox_watch", trigger=InboxTrigger(str(SETTINGS.inbox_folder), PATTERNS))],
)


@nte_dag(
    TAKE_DELIVERIES,
    doc=__doc__,
    inbox=INBOX,
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
    """Wire the steps as they are declared."""
    wire(TAKE_DELIVERIES)


take_deliveries()
