"""
# Raise alerts

Whenever night counts or bands have changed, and for Thursday's outlook (16:00), Monday's digest (07:00) and the line for ops: judge
each night against its band, decide what must be said and to whom, and say it in Slack, once.

| step | what it does |
|---|---|
| `judge_nights` | each night as known each morning: within, above, far above or unknown, and why (`judgements`) |
| `check_again` | only when asked for: judges some nights again from what was known then, and is red if that differs |
| `decide_alerts` | first, rose, fell, withdrawn, completed, unchanged, …: every decision has a named reason (`decisions`) |
| `write_messages` | what is to be said goes to the outbox before Slack is called |
| `post_alerts` | posts the outbox at once, before anything else is looked at; a repeat after a crash recognises what was posted |
| `announce_feeds` | the ops channel: late and refused deliveries, shifts, bands out of bounds, alerts that do not stand, once, and resolved once; one line a day |
| `write_bulletins` | Thursday: what the weekend is expected to bring; Monday: what it brought |
| `post_pending` | posts what was written since, in the same way |
| `call_heartbeat` | calls the address `NTE_HEARTBEAT_URL` once after a healthy morning: its silence alarms elsewhere |
| `render_messages` | the same messages as a page, `reports/slack.html` |

Slack is reached by the Airflow connection `slack_nte`. Without it messages wait in the outbox and are rendered
only. Everything may be run again: nothing is said twice. A backfill decides and writes, and posts only if asked:
what is still of use goes out with the next ordinary run, what is older than ten days never does.

The steps stand in `flows/raise_alerts.py`, for Airflow and for `nte run`.
"""

from airflow.sdk import Param
from dag_parts import nte_dag, wire

from flows.raise_alerts import RAISE_ALERTS


@nte_dag(
    RAISE_ALERTS,
    doc=__doc__,
    params={
        "post": Param(
            None,
            type=["null", "boolean"],
            title="Post to Slack",
            description="No: decide and render, and post nothing now. Empty: yes, but no in a backfill.",
        ),
        "check_nights": Param(
            [],
            type="array",
            items={"type": "string", "format": "date"},
            title="Judge these nights again",
            description="Evenings, such as 2026-03-28, one a line: each is judged again from what was known on "
            "every morning, and compared with what stands.",
        ),
    },
)
def raise_alerts() -> None:
    """Wire the steps as they are declared."""
    wire(RAISE_ALERTS)


raise_alerts()
