"""Judge each night against its band, decide what must be said and to whom, and say it once."""

from datetime import date

from flows.declared import SAY_FIRST, Flow, Rule, Step
from flows.run import FoundError, Run, SkippedError
from nte.area import Area


def judge_nights(run: Run) -> dict[str, int]:
    """Compare what was observed so far with what was to be expected so far."""
    from forecasts.steps import judge_nights as step

    done = step(run.settings, run.area, run.now)
    return {"mornings": done.n_mornings, "judgements": done.n_judgements, "above": done.n_above}


def check_again(run: Run) -> int:
    """Judge nights again from what was known then; red where that is not what was judged then."""
    evenings = [date.fromisoformat(text) for text in run.wanted.get("check_nights") or ()]
    if not evenings:
        raise SkippedError("No nights were named.")
    from forecasts.steps import check_judgements

    done = check_judgements(run.settings, run.area, evenings)
    if done.differences:
        raise FoundError("\n".join(done.differences))
    return done.n_compared


def decide_alerts(run: Run) -> dict[str, object]:
    """Decide what must be said, and note why, also where nothing must be."""
    from alerts.steps import decide_alerts as step

    done = step(run.settings, run.area, run.now)
    return {"mornings": done.n_mornings, "said": done.n_said, "reasons": done.reasons}


def write_messages(run: Run) -> int:
    """Put what is to be said into the outbox."""
    from alerts.steps import write_messages as step

    run.see("messages")
    return step(run.settings, run.area, run.now)


def announce_feeds(run: Run) -> int:
    """Tell ops once which delivery is late or was refused, and once that it has come."""
    from alerts.steps import announce_feeds as step

    run.see("messages")
    return step(run.settings, run.area, run.now)


def write_bulletins(run: Run) -> int:
    """Write Thursday's outlook or Monday's digest when one is due."""
    from alerts.steps import write_bulletins as step

    run.see("messages")
    return step(run.settings, run.area, run.now)


def post_alerts(run: Run) -> dict[str, object]:
    """Post what was decided before anything else is looked at: somebody may be in danger tonight."""
    return _post(run)


def post_pending(run: Run) -> dict[str, object]:
    """Post what else waits in the outbox."""
    return _post(run)


def _post(run: Run) -> dict[str, object]:
    """Post the outbox to Slack, each message once."""
    from alerts.steps import has_waiting
    from alerts.steps import post_pending as step

    run.see("messages")
    if not run.is_to_post:
        raise SkippedError("Posting was not asked for: messages wait in the outbox.")
    access = run.slack() if has_waiting(run.settings) else None
    done = step(run.settings, run.area, run.now, access)
    return {"posted": done.n_posted, "waiting": done.n_waiting, "reasons": list(done.reasons)}


def call_heartbeat(run: Run) -> str:
    """Call the heartbeat address after a healthy morning, so that a machine that is silent alarms elsewhere."""
    from alerts.steps import call_heartbeat as step

    if not run.is_to_post or run.wanted.get("as_of"):
        raise SkippedError("This run is not of this morning.")
    return step(run.settings, run.area, run.now)


def render_messages(run: Run) -> str:
    """Render the messages as a page that looks like Slack."""
    from alerts.steps import render_messages as step

    run.see("messages")
    return str(step(run.settings, run.area, run.now).name)


def on_clock(area: Area) -> tuple[str, ...]:
    """Return when the outlook, the digest and the line for ops are due.

    Cron counts the days from Sunday: the outlook the day before the first night, the digest the day after the last.
    """
    first, last = min(area.clock.monitored_weekdays), max(area.clock.monitored_weekdays)
    ahead, behind, beat = area.slack.outlook_from, area.slack.digest_from, area.slack.heartbeat_from
    return (
        f"{ahead.minute} {ahead.hour} * * {first % 7}",
        f"{behind.minute} {behind.hour} * * {(last + 2) % 7}",
        f"{beat.minute} {beat.hour} * * *",
    )


RAISE_ALERTS = Flow(
    "raise_alerts",
    tag="alerts",
    on_clock=on_clock,
    on_assets=("night_counts", "bands"),
    weight=SAY_FIRST,
    steps=(
        Step(judge_nights),
        Step(check_again, after=("judge_nights",), retries=0),
        Step(decide_alerts, after=("judge_nights",), makes="decisions"),
        Step(write_messages, after=("decide_alerts",)),
        Step(post_alerts, after=("write_messages",), is_first=True),
        Step(announce_feeds, after=("write_messages",)),
        Step(write_bulletins, after=("announce_feeds",)),
        Step(post_pending, after=("post_alerts", "write_bulletins")),
        Step(call_heartbeat, after=("post_pending",)),
        Step(render_messages, after=("post_pending",), rule=Rule.NONE_FAILED),
    ),
)
