"""
# Raise alerts

Whenever night counts or bands have changed, and for Thursday's outlook (16:00) and Monday's digest (07:00): judge each night against its band, decide what must be said and to
whom, and say it in Slack, once.

| step | what it does |
|---|---|
| `judge_nights` | each night as known each morning: within, above, far above or unknown, and why (`judgements`) |
| `decide_alerts` | first, rose, fell, withdrawn, completed, unchanged, …: every decision has a named reason (`decisions`) |
| `write_messages` | what is to be said goes to the outbox before Slack is called |
| `announce_feeds` | late and rejected deliveries go to the ops channel, once, and are resolved once |
| `write_bulletins` | Thursday: what the weekend is expected to bring; Monday: what it brought |
| `post_pending` | posts the outbox; a repeat after a crash recognises what was posted |
| `render_messages` | the same messages as a page, `reports/slack.html` |

Slack is reached by the Airflow connection `slack_nte`. Without it messages wait in the outbox and are rendered
only. Everything may be run again: nothing is said twice.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, AssetOrTimeSchedule, MultipleCronTriggerTimetable, Param, chain, dag, task

from nte.area_files import load_area
from nte.settings import Settings

SETTINGS = Settings()
AREA = load_area(SETTINGS.area)
NIGHT_COUNTS = Asset("night_counts", uri="nte://warehouse/night_counts")
BANDS = Asset("bands", uri="nte://warehouse/bands")
DECISIONS = Asset("decisions", uri="nte://warehouse/decisions")
Params = dict[str, str | None] | None


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=MultipleCronTriggerTimetable("0 16 * * 4", "0 7 * * 1", timezone=AREA.time_zone),
        assets=(NIGHT_COUNTS | BANDS),
    ),
    start_date=pendulum.datetime(2026, 1, 1, tz=AREA.time_zone),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["nte", "alerts"],
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
        "execution_timeout": timedelta(minutes=30),
    },
)
def raise_alerts() -> None:
    """Wire the steps, one after the other."""

    @task
    def judge_nights(params: Params = None) -> dict[str, int]:
        """Compare what was observed so far with what was to be expected so far."""
        from forecasts.steps import judge_nights as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        done = step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))
        return {"mornings": done.n_mornings, "judgements": done.n_judgements, "above": done.n_above}

    @task(outlets=[DECISIONS])
    def decide_alerts(params: Params = None) -> dict[str, object]:
        """Decide what must be said, and note why, also where nothing must be."""
        from alerts.steps import decide_alerts as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        done = step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))
        return {"mornings": done.n_mornings, "said": done.n_said, "reasons": done.reasons}

    @task
    def write_messages(params: Params = None) -> int:
        """Put what is to be said into the outbox."""
        from alerts.steps import write_messages as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        return step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))

    @task
    def announce_feeds(params: Params = None) -> int:
        """Tell ops once which delivery is late or was rejected, and once that it has come."""
        from alerts.steps import announce_feeds as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        return step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))

    @task
    def write_bulletins(params: Params = None) -> int:
        """Write Thursday's outlook or Monday's digest when one is due."""
        from alerts.steps import write_bulletins as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        return step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA))

    @task
    def post_pending(params: Params = None) -> dict[str, object]:
        """Post the outbox to Slack, each message once."""
        from slack_connection import slack_access  # noqa: PLC0415

        from alerts.steps import post_pending as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        access = slack_access(AREA.slack.connection)
        if access is None:
            print(f"No connection {AREA.slack.connection}: messages wait in the outbox.")  # noqa: T201
        done = step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA), access)
        return {"posted": done.n_posted, "waiting": done.n_waiting, "reasons": list(done.reasons)}

    @task
    def render_messages(params: Params = None) -> str:
        """Render the messages as a page that looks like Slack."""
        from alerts.steps import render_messages as step  # noqa: PLC0415
        from nte.moment import moment  # noqa: PLC0415

        return str(step(SETTINGS, AREA, moment((params or {}).get("as_of"), AREA)).name)

    steps = [judge_nights(), decide_alerts(), write_messages(), announce_feeds(), write_bulletins()]
    chain(*steps, post_pending(), render_messages())


raise_alerts()
