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
| `announce_feeds` | the ops channel: late and refused deliveries, shifts, bands out of bounds, alerts that do not stand, once, and resolved once; one line a day |
| `write_bulletins` | Thursday: what the weekend is expected to bring; Monday: what it brought |
| `post_pending` | posts the outbox; a repeat after a crash recognises what was posted |
| `call_heartbeat` | calls the address `NTE_HEARTBEAT_URL` once after a healthy morning: its silence alarms elsewhere |
| `render_messages` | the same messages as a page, `reports/slack.html` |

Slack is reached by the Airflow connection `slack_nte`. Without it messages wait in the outbox and are rendered
only. Everything may be run again: nothing is said twice. A backfill decides and writes, and posts only if asked:
what is still of use goes out with the next ordinary run, what is older than ten days never does.
"""

from typing import Any

from airflow.sdk import AssetOrTimeSchedule, MultipleCronTriggerTimetable, Param, chain
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from dag_parts import (
    AREA,
    BANDS,
    DECISIONS,
    NIGHT_COUNTS,
    SAY_FIRST,
    SETTINGS,
    is_to_post,
    nte_dag,
    nte_task,
    run_as_of,
    see,
)

BEAT = AREA.slack.heartbeat_from
HEARTBEAT = f"{BEAT.minute} {BEAT.hour} * * *"
FIRST, LAST = min(AREA.clock.monitored_weekdays), max(AREA.clock.monitored_weekdays)
AHEAD, BEHIND = AREA.slack.outlook_from, AREA.slack.digest_from
OUTLOOK = f"{AHEAD.minute} {AHEAD.hour} * * {FIRST % 7}"
DIGEST = f"{BEHIND.minute} {BEHIND.hour} * * {(LAST + 2) % 7}"
"""Cron counts the days from Sunday: the outlook the day before the first night, the digest the day after the last."""


@nte_task
def judge_nights() -> dict[str, int]:
    """Compare what was observed so far with what was to be expected so far."""
    from forecasts.steps import judge_nights as step

    done = step(SETTINGS, AREA, run_as_of())
    return {"mornings": done.n_mornings, "judgements": done.n_judgements, "above": done.n_above}


@nte_task(retries=0)
def check_again(params: dict[str, Any] | None = None) -> int:
    """Judge nights again from what was known then; red where that is not what was judged then."""
    from datetime import date

    from forecasts.steps import check_judgements

    evenings = [date.fromisoformat(text) for text in (params or {})["check_nights"]]
    if not evenings:
        raise AirflowSkipException("No nights were named.")
    done = check_judgements(SETTINGS, AREA, evenings)
    if done.differences:
        raise AirflowFailException("\n".join(done.differences))
    return done.n_compared


@nte_task(outlets=[DECISIONS])
def decide_alerts() -> dict[str, object]:
    """Decide what must be said, and note why, also where nothing must be."""
    from alerts.steps import decide_alerts as step

    done = step(SETTINGS, AREA, run_as_of())
    return {"mornings": done.n_mornings, "said": done.n_said, "reasons": done.reasons}


@nte_task
def write_messages() -> int:
    """Put what is to be said into the outbox."""
    from alerts.steps import write_messages as step

    see("messages")
    return step(SETTINGS, AREA, run_as_of())


@nte_task
def announce_feeds() -> int:
    """Tell ops once which delivery is late or was refused, and once that it has come."""
    from alerts.steps import announce_feeds as step

    see("messages")
    return step(SETTINGS, AREA, run_as_of())


@nte_task
def write_bulletins() -> int:
    """Write Thursday's outlook or Monday's digest when one is due."""
    from alerts.steps import write_bulletins as step

    see("messages")
    return step(SETTINGS, AREA, run_as_of())


@nte_task
def post_pending(params: dict[str, Any] | None = None) -> dict[str, object]:
    """Post the outbox to Slack, each message once."""
    from slack_connection import slack_access

    from alerts.steps import post_pending as step

    see("messages")
    if not is_to_post((params or {})["post"]):
        raise AirflowSkipException("Posting was not asked for: messages wait in the outbox.")
    access = slack_access(AREA.slack.connection)
    if access is None:
        print(f"No connection {AREA.slack.connection}: messages wait in the outbox.")  # noqa: T201
    done = step(SETTINGS, AREA, run_as_of(), access)
    return {"posted": done.n_posted, "waiting": done.n_waiting, "reasons": list(done.reasons)}


@nte_task
def call_heartbeat(params: dict[str, Any] | None = None) -> str:
    """Call the heartbeat address after a healthy morning, so that a machine that is silent alarms elsewhere."""
    from alerts.steps import call_heartbeat as step

    if not is_to_post((params or {})["post"]) or (params or {})["as_of"]:
        raise AirflowSkipException("This run is not of this morning.")
    return step(SETTINGS, AREA, run_as_of())


@nte_task(trigger_rule="none_failed")
def render_messages() -> str:
    """Render the messages as a page that looks like Slack."""
    from alerts.steps import render_messages as step

    see("messages")
    return str(step(SETTINGS, AREA, run_as_of()).name)


@nte_dag(
    schedule=AssetOrTimeSchedule(
        timetable=MultipleCronTriggerTimetable(OUTLOOK, DIGEST, HEARTBEAT, timezone=AREA.time_zone),
        assets=(NIGHT_COUNTS | BANDS),
    ),
    doc=__doc__,
    tag="alerts",
    weight=SAY_FIRST,
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
    """Wire the steps, one after the other."""
    judged = judge_nights()
    judged >> check_again()
    steps = [judged, decide_alerts(), write_messages(), announce_feeds(), write_bulletins()]
    posted = post_pending()
    chain(*steps, posted, render_messages())
    posted >> call_heartbeat()


raise_alerts()
