"""The steps of the alerts room: the only file here that opens doors. Each is safe to repeat."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock
from typing import Any

import polars as pl
from rich.console import RenderableType

from alerts.deciding.facts import EVERYWHERE
from alerts.deciding.knowledge import Knowledge
from alerts.deciding.mornings import LOOK_BACK, Wishes, read_decision, remember, walk_mornings
from alerts.nights.intents import IntentWriter, worth_drawing
from alerts.nights.picture import draw
from alerts.ops.announcements import due_announcements
from alerts.ops.heartbeat import line_of_day, why_not_healthy
from alerts.ops.trouble import Trouble, read_trouble, write_trouble
from alerts.ops.undelivered import undelivered_intents
from alerts.outbox import registry, rows
from alerts.outbox.answers import Answer, SlackRefusalError, SlackSilentError
from alerts.outbox.held import held_back
from alerts.outbox.intents import HELD, PENDING, POSTED, Intent, alert_heads
from alerts.outbox.posting import Outcome, Posting, Turn, send
from alerts.outbox.still_open import say_still_open
from alerts.outbox.summaries import DecideSummary, PostSummary
from alerts.page.render import Shown, render_page, threads_by_channel
from alerts.slack.door import SlackAccess, SlackDoor, listen
from alerts.slack.listen import (
    FormWanted,
    Reply,
    acknowledgement_row,
    channel_of,
    owner_edits,
    read_interaction,
    silence_intents,
    silence_row,
    thread_intents,
)
from alerts.slack.workspace import wanted_channels, workspace_problems
from alerts.terminal import panels as terminal
from alerts.weekends.bulletins import digest_intents, outlook_intents
from alerts.weekends.month import as_police_know, due_month, month_intent
from alerts.weekends.review import LONGEST_AFTER, due_reviews, review_intents
from alerts.weekends.weekend import due_digest, due_outlook
from alerts.words import pauses
from alerts.words.answers import say_answered, say_owner, say_owners
from alerts.words.doubted import counts_without_doubted
from nte import stops
from nte.area import Area
from nte.calendar import describe_evenings
from nte.columns import INSTANT
from nte.errors import CannotWriteError
from nte.few_nights import read_doubted
from nte.files import make_folder, write_atomically, write_text
from nte.outcomes import AFTER, OUTCOMES
from nte.picture_span import WEEKENDS_SHOWN
from nte.progress import Step, say_done
from nte.service import read_service, service_problems
from nte.settings import Settings
from nte.tables.alerts import ACKNOWLEDGEMENTS, ALERTS, DECISIONS, OUTBOX, SILENCES
from nte.tables.bands import BAND_SCORES, BANDS
from nte.tables.judgements import JUDGEMENTS
from nte.warehouse import Warehouse, open_warehouse
from nte.web import call
from nte.words import SETTLING

RECENT_MESSAGES = 600
"""As many of the latest rows of the outbox stand on the page."""
LONGEST_RUN_SECONDS = 900.0
BACKOFF_SECONDS = 2.0
_WAITING = f"status IN ('{PENDING}', '{HELD}')"


def decide_alerts(settings: Settings, area: Area, now: datetime) -> DecideSummary:
    """Decide every look at a morning up to `now` that was judged and not decided, in order."""
    with open_warehouse(settings) as warehouse:
        looks, anew = rows.undecided_looks(warehouse, now)
        judgements, windows = rows.what_they_need(warehouse, area, looks, now)
        knowledge = Knowledge(area, rows.completeness(warehouse, area, now))
        wishes = Wishes(warehouse.read(SILENCES), warehouse.read(ACKNOWLEDGEMENTS))
        with warehouse.transaction():
            if anew is not None:
                rows.take_back(warehouse, anew)
            memory = remember(rows.decisions_until(warehouse, now))
            names = rows.names_of(warehouse, area, looks, now)
            decisions = walk_mornings(knowledge, memory, judgements, windows, wishes=wishes, names=names)
            warehouse.merge(DECISIONS, decisions)
            warehouse.replace(ALERTS, registry.alert_rows(warehouse.read(DECISIONS), area))
            rows.label_nights(warehouse)
            say_done(warehouse, Step.DECIDE, looks, now)
    return DecideSummary.of(decisions)


def write_messages(settings: Settings, area: Area, now: datetime) -> int:
    """Write the intents of decisions that say something, and of silences that are over; return how many are new."""
    with open_warehouse(settings) as warehouse:
        n_again = rows.speak_again(warehouse, now)
        outbox = warehouse.read(OUTBOX)
        decisions = rows.decisions_until(warehouse, now).filter("is_said")
        fresh = decisions.filter(pl.col("sequence").is_null()).sort("decided_as_of")
        if fresh.is_empty():
            return n_again
        before = remember(decisions.filter(pl.col("sequence").is_not_null())).said
        doubted = read_doubted(warehouse.query, area, area.clock.local_date(now - LOOK_BACK), now)
        made = [(row["decision_id"], read_decision(row)) for row in fresh.iter_rows(named=True)]
        beside = rows.nights_beside(warehouse, area, [decision.facts for _, decision in made], now)
        silences = warehouse.read(SILENCES)
        writer = IntentWriter(
            area,
            now,
            settings.base_url,
            before,
            alert_heads(outbox),
            silences,
            answers=warehouse.read(ACKNOWLEDGEMENTS),
            nights=counts_without_doubted(beside, doubted),
            doubted=doubted,
            first_at={(alert, channel): at for alert, channel, at in rows.first_told(warehouse).iter_rows()},
        )
        intents = writer.write(made)
        rows.append_intents(warehouse, intents, now)
        nights = {
            i.chart: rows.nights_of(warehouse, area, i.picture) for i in worth_drawing(intents) if i.picture
        }
    for intent in worth_drawing(intents):
        _draw(settings, area, intent, nights[intent.chart])
    return n_again + len(intents)


def announce_feeds(settings: Settings, area: Area, now: datetime) -> int:
    """Write what ops have not been told: late or refused deliveries, bands that drift, the day's line of life.

    Return how many are new.
    """
    with open_warehouse(settings) as warehouse:
        intents = due_announcements(warehouse, area, now, settings.base_url)
        rows.append_intents(warehouse, intents, now)
    return len(intents)


def write_bulletins(settings: Settings, area: Area, now: datetime) -> int:
    """Write the outlook, the digest and what looks back on alerts when they are due; return how many are new."""
    n_back = _look_back(settings, area, now)
    ahead, behind = due_outlook(area, now), due_digest(area, now)
    if ahead is None and behind is None:
        return n_back
    with open_warehouse(settings) as warehouse:
        told = warehouse.read(OUTBOX, "purpose IN ('outlook', 'digest')")["message_id"].to_list()
        first = area.clock.local_date(now) - timedelta(weeks=WEEKENDS_SHOWN + 1)
        recent = [area.alert_definition, first]
        bands = warehouse.read(BANDS, "definition = ? AND evening >= ?", recent)
        judged = warehouse.read(JUDGEMENTS, "definition = ? AND evening >= ? AND as_of <= ?", [*recent, now])
        latest = judged.sort("as_of").unique(["evening", "centre_code", "source"], keep="last")
        latest = remember(rows.decisions_until(warehouse, now)).as_people_read(latest)
        # Also of the weekend before: it stands beside this one, and the outlook says what of it still fills.
        week_before = min(w.evenings[0] for w in (ahead, behind) if w) - timedelta(days=7)
        doubted = read_doubted(warehouse.query, area, week_before, now)
        intents: list[Intent] = []
        if ahead is not None:
            special = describe_evenings(area, ahead.evenings)
            intents += outlook_intents(area, ahead, bands, special, told, judgements=latest, doubted=doubted)
            for intent in intents:
                _keep_chart(settings, intent.chart, intent.drawn)
        if behind is not None:
            scores = warehouse.read(BAND_SCORES, "as_of <= ?", [now])
            learned = rows.completeness(warehouse, area, now)
            counts = counts_without_doubted(rows.nights_of_weekend(warehouse, area, behind.evenings), doubted)
            still_open = say_still_open(
                warehouse.read(OUTBOX, "purpose = 'alert'"),
                warehouse.read(ALERTS),
                say_owners(warehouse.read(ACKNOWLEDGEMENTS), rows.first_told(warehouse), area),
                since=area.clock.local_date(now - LOOK_BACK),
            )
            intents += digest_intents(
                area,
                behind,
                latest,
                bands,
                told,
                scores=scores,
                nights=counts,
                now=now,
                still_open=still_open,
                known_share=lambda source, evening: learned.known_share(source, evening, now),
                doubted=doubted,
                base_url=settings.base_url,
            )
        rows.append_intents(warehouse, intents, now)
    return n_back + len(intents)


def _look_back(settings: Settings, area: Area, now: datetime) -> int:
    """Write what followed on alerts of two weeks ago, and the line of a month; return how many are new."""
    month = due_month(area, now)
    with open_warehouse(settings) as warehouse:
        asked = [now - 2 * LONGEST_AFTER, now - AFTER]
        alerts = warehouse.read(ALERTS, "raised_as_of > ? AND raised_as_of <= ?", asked)
        if alerts.is_empty() and month is None:
            return 0
        told = warehouse.read(OUTBOX, "purpose IN ('review', 'month')")["message_id"].to_list()
        heads = warehouse.read(OUTBOX, "kind = 'head' AND purpose = 'alert'")
        heads = heads.join(rows.first_told(warehouse), on=["alert_id", "channel"])
        latest = rows.latest_judgements(warehouse, alerts["centre_code"].unique().to_list(), now)
        due = due_reviews(alerts, heads, warehouse.read(SILENCES), told, now)
        since = area.clock.local_date(now - LONGEST_AFTER) - AFTER
        doubted = read_doubted(warehouse.query, area, since, now) if due else set()
        intents = review_intents(area, due, latest, doubted)
        if month and month.message_id not in told and rows.decided_before(warehouse, area, month.ends_before):
            here = "channel = ? AND kind IN ('head', 'edit') AND alert_id <> ''"
            said = warehouse.read(OUTBOX, here, [area.slack.police_channel])
            known = as_police_know(warehouse.query(OUTCOMES), said)
            intents.append(month_intent(area, month, known, rows.first_judged(warehouse, area)))
        rows.append_intents(warehouse, intents, now)
    return len(intents)


def post_pending(
    settings: Settings,
    area: Area,
    now: datetime,
    slack: SlackAccess | None,
    *,
    pace_seconds: float = 1.05,
    timeout_seconds: int = 20,
    most_seconds: float = LONGEST_RUN_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> PostSummary:
    """Bring waiting messages to Slack, in order, each at most once; without `slack` they stay."""
    outcomes: list[Outcome] = []
    with _only_poster(settings):
        waiting, answers = _begin(settings, area, now, is_connected=slack is not None)
        if slack is not None:
            door = SlackDoor(slack, pace_seconds=pace_seconds, timeout_seconds=timeout_seconds, sleep=sleep)
            turn, deadline = Turn(answers), time.monotonic() + most_seconds
            while not waiting.is_empty():
                has_more = False
                for row in waiting.iter_rows(named=True):
                    message = turn.posting(row, settings.reports / "charts")
                    if message is None or time.monotonic() > deadline:
                        continue
                    outcome = send(door, message, lambda n_try: sleep(BACKOFF_SECONDS * 2**n_try))
                    turn.note(message, outcome)
                    if _record(settings, message.message_id, outcome, now):
                        has_more = True
                        if outcome.is_removed:
                            turn.note_replaced(message)
                    outcomes.append(outcome)
                if not (_tell_ops(settings, area, now) or has_more):
                    break
                waiting, _ = _begin(settings, area, now, is_connected=True)
    with open_warehouse(settings) as warehouse:
        n_waiting = warehouse.read(OUTBOX, _WAITING).height
    return PostSummary.of(outcomes, n_waiting)


def call_heartbeat(settings: Settings, area: Area, now: datetime) -> str:
    """Call the heartbeat address, once after a healthy morning; return what was done.

    Its silence alarms elsewhere: nobody notices a dead machine or a dead Slack from inside. Raises NteError when the
    address does not take the call.
    """
    day = line_of_day(area, now)
    if not settings.heartbeat_url:
        return "no address is set"
    if settings.heartbeat_file.exists() and settings.heartbeat_file.read_text("utf-8") == day:
        return "called before"
    service = read_service(settings.service_file)
    not_running = service_problems(service, area, now) if service else []
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "message_id = ?", [day])
    if why_not := why_not_healthy(area, outbox, [one.line for one in troubles(settings)], not_running, now):
        return why_not
    call(settings.heartbeat_url)
    write_text(settings.heartbeat_file, day)
    return "called"


def has_waiting(settings: Settings) -> bool:
    """Say whether any message waits to be posted."""
    with open_warehouse(settings) as warehouse:
        return not warehouse.query(f"SELECT 1 FROM outbox WHERE {_WAITING} LIMIT 1").is_empty()


def render_messages(settings: Settings, area: Area, now: datetime) -> Path:
    """Write every recent message to <home>/reports/slack.html, as Slack shows it; return the path.

    Each channel's own go to a page beside it, for those who read that channel alone.
    """
    (channels, stopped), simulated = _recent(settings, area, now), settings.is_simulated
    for channel in wanted_channels(area):
        own = {channel: channels[channel]} if channel in channels else {}
        said = [text for place, text in stopped if place in (channel, stops.EVERY_CHANNEL)]
        write_text(settings.messages_page(channel), render_page(own, area, now, said, is_simulated=simulated))
    path = settings.messages_page(None)
    said = [text for _, text in stopped]
    write_text(path, render_page(channels, area, now, said, is_simulated=simulated))
    return path


def terminal_messages(
    settings: Settings, area: Area, now: datetime, *, most: int = 20, about: str = ""
) -> list[RenderableType]:
    """Return the latest alerts and ops messages of each channel as panels for the terminal.

    `about`: only the latest alert that speaks of this town centre, as the police have it.
    """
    channels, _ = _recent(settings, area, now, "purpose NOT IN ('outlook', 'digest')")
    if about:
        heads = [
            m for m in channels.get(area.slack.police_channel, []) if m.message.headline.startswith(about)
        ]
        return terminal.panels({area.slack.police_channel: [replace(m, replies=()) for m in heads]}, most=1)
    return terminal.panels(channels, most=most)


def pause_alerts(settings: Settings, now: datetime, who: str, why: str) -> None:
    """Hold all alert messages until `resume_alerts`; decisions go on, ops messages too."""
    with open_warehouse(settings) as warehouse:
        if not pauses.standing_pause(warehouse.read(SILENCES), now).height:
            warehouse.merge(SILENCES, pauses.pause_row(now, who, why))


def resume_alerts(settings: Settings, now: datetime) -> None:
    """Let alert messages go again."""
    with open_warehouse(settings) as warehouse:
        standing = pauses.standing_pause(warehouse.read(SILENCES), now)
        warehouse.merge(SILENCES, standing.with_columns(ends_at=pl.lit(now, dtype=INSTANT)))


def standing_stops(settings: Settings, area: Area, now: datetime) -> list[tuple[str, str]]:
    """Return every pause and silence that stands, as a sentence, each with the command that lifts it."""
    with open_warehouse(settings) as warehouse:
        return pauses.say_stops(warehouse.read(SILENCES), area, now)


def answered_alerts(settings: Settings, area: Area, now: datetime) -> list[str]:
    """Return the open alerts of which small changes are not told, because somebody has answered: who, since when."""
    with open_warehouse(settings) as warehouse:
        return say_answered(warehouse.read(ACKNOWLEDGEMENTS), warehouse.read(ALERTS), area, now - LOOK_BACK)


def held_messages(settings: Settings, area: Area) -> list[str]:
    """Return which messages are held back, since when and why, with what to do about it."""
    with open_warehouse(settings) as warehouse:
        return [held.say(area) for held in held_back(warehouse.read(OUTBOX))]


def lift_silences(  # noqa: PLR0917
    settings: Settings, area: Area, now: datetime, centre_code: str, channel: str | None, who: str
) -> int:
    """End the silences of a town centre, in one channel or in all; return how many. What waited goes next.

    The last alert of that town centre in each of these channels is replied to, as by the button.
    """
    with open_warehouse(settings) as warehouse, warehouse.transaction():
        silent = stops.standing(warehouse.read(SILENCES), now, stops.SILENCE).filter(centre_code=centre_code)
        n_lifted = _lift(warehouse, now, centre_code, [channel] if channel else None, who)
        of_centre = (
            "kind = 'head' AND status = ? AND alert_id IN (SELECT alert_id FROM alerts WHERE centre_code = ?)"
        )
        heads = warehouse.read(OUTBOX, of_centre, [POSTED, centre_code]).sort("sequence")
        told = set(silent["channel"]) if channel is None else {channel} if n_lifted else set()
        is_told = pl.col("channel").is_in(list(told)) | pl.lit(value=stops.EVERY_CHANNEL in told)
        for row in (
            heads.filter(is_told).unique("channel", keep="last", maintain_order=True).iter_rows(named=True)
        ):
            reply = Reply(row["alert_id"], "lift", "", row["slack_channel"], who)
            own = heads.filter(message_id=row["message_id"])
            rows.append_intents(
                warehouse, silence_intents(reply, own, centre_code, area, now, n_lifted=n_lifted), now
            )
        rows.speak_again(warehouse, now)
        return n_lifted


def _lift(warehouse: Warehouse, now: datetime, centre_code: str, channels: list[str] | None, who: str) -> int:
    silent = stops.standing(warehouse.read(SILENCES), now, stops.SILENCE)
    own = silent.filter(
        pl.col("centre_code") == centre_code,
        pl.lit(channels is None) | pl.col("channel").is_in(channels or []),
    )
    warehouse.merge(SILENCES, pauses.lifted(own, now, who))
    return own.height


def answer_interaction(settings: Settings, area: Area, now: datetime, reply: Reply) -> bool:
    """Keep what somebody answered and say so in the alert's threads. False when there is no such alert."""
    with open_warehouse(settings) as warehouse:
        alerts = warehouse.read(ALERTS, "alert_id = ?", [reply.alert_id])
        if alerts.is_empty():
            return False
        said = warehouse.read(OUTBOX, "alert_id = ? AND kind IN ('head', 'edit')", [reply.alert_id])
        heads, edits = said.filter(pl.col("kind") == "head"), said.filter(pl.col("kind") == "edit")
        with warehouse.transaction():
            if reply.kind in ("silence", "lift"):
                intents = _silence_or_lift(warehouse, area, now, reply, heads, alerts["centre_code"][0])
            else:
                answer = acknowledgement_row(reply, channel_of(reply, heads), now)
                warehouse.merge(ACKNOWLEDGEMENTS, answer)
                rows.label_nights(warehouse)
                intents = thread_intents(reply, heads, area, now)
                if reply.kind in SETTLING:
                    intents += owner_edits(
                        reply, heads, edits, say_owner(answer.row(0, named=True), area), now
                    )
            rows.append_intents(warehouse, intents, now)
            rows.speak_again(warehouse, now)
    return True


def _silence_or_lift(  # noqa: PLR0917
    warehouse: Warehouse, area: Area, now: datetime, reply: Reply, heads: pl.DataFrame, centre_code: str
) -> list[Intent]:
    """Keep a silence of one town centre in the channel in which it was asked for, or end it there."""
    channel, n_lifted = channel_of(reply, heads), 0
    if channel and centre_code != EVERYWHERE:
        if reply.kind == "lift":
            n_lifted = _lift(warehouse, now, centre_code, [channel, stops.EVERY_CHANNEL], reply.who)
        else:
            warehouse.merge(SILENCES, silence_row(reply, centre_code, channel, now))
    return silence_intents(reply, heads, centre_code, area, now, n_lifted=n_lifted)


def listen_to_slack(
    settings: Settings,
    area: Area,
    slack: SlackAccess,
    stop: Event,
    clock: Callable[[], datetime],
    *,
    beat: Callable[[], object],
) -> None:
    """Answer buttons and forms until `stop` is set; what they lead to is posted at once. `beat`: Slack is connected."""
    door, one_at_a_time = SlackDoor(slack), Lock()

    def handle(payload: dict[str, Any]) -> None:
        asked = read_interaction(payload, area)
        if isinstance(asked, FormWanted):
            door.open_form(asked.trigger_id, asked.view)
        elif asked is not None:
            with one_at_a_time:
                if answer_interaction(settings, area, clock(), asked):
                    post_pending(settings, area, clock(), slack)

    listen(slack, handle, stop, beat=beat)


def report_trouble(
    settings: Settings,
    area: Area,
    *,
    dag_id: str,
    task_id: str | None,
    what: str,
    now: datetime,
    slack: SlackAccess | None,
) -> bool:
    """Tell ops that a task failed, or without a task that a DAG is slow: once until `report_mended`.

    Return whether they have been told. Uses no warehouse, which may be what failed, and tells also where the disk is
    too full to note it. What Slack did not take is tried again with the next failure.
    """
    path = settings.trouble_file(dag_id, task_id)
    since = f"{now.astimezone(area.clock.time_zone):%Y-%m-%d %H:%M}"
    known = read_trouble(path) or Trouble(dag_id, task_id, what, since)
    if known.head is not None:
        return True
    trouble = replace(known, n_attempts=known.n_attempts + (slack is not None))
    try:
        write_trouble(path, trouble)
    except CannotWriteError:
        if slack is not None:
            _send_patiently(slack, known.failure_message(area.slack.ops_channel, settings.base_url))
        raise
    if slack is not None:
        message = known.failure_message(area.slack.ops_channel, settings.base_url)
        outcome = _send_patiently(slack, message)
        if outcome.answer:
            put = outcome.answer
            trouble = replace(trouble, slack_channel=put.slack_channel, slack_ts=put.slack_ts)
            write_trouble(path, trouble)
    return trouble.head is not None


def report_mended(
    settings: Settings, area: Area, *, dag_id: str, task_id: str | None, slack: SlackAccess | None
) -> None:
    """Tell ops that a task works again, where they were told that it had failed; once."""
    path = settings.trouble_file(dag_id, task_id)
    trouble = read_trouble(path)
    if trouble is None:
        return
    if trouble.head is not None and slack is not None:
        message = trouble.mended_message(area.slack.ops_channel)
        outcome = _send_patiently(slack, message)
        if outcome.status == HELD:
            return
    path.unlink(missing_ok=True)


def _send_patiently(slack: SlackAccess, message: Posting) -> Outcome:
    return send(SlackDoor(slack), message, lambda n_try: time.sleep(BACKOFF_SECONDS * 2**n_try))


def troubles(settings: Settings) -> list[Trouble]:
    """Return what failed or is slow and has not worked since, oldest first."""
    folder = settings.home / "trouble"
    found = [read_trouble(path) for path in sorted(folder.glob("*.json"))]
    return sorted((t for t in found if t), key=lambda t: t.since)


def check_slack(area: Area, slack: SlackAccess) -> list[str]:
    """Return what is wrong with the workspace, each with the next action; nothing when all is well."""
    door = SlackDoor(slack)
    try:
        return workspace_problems(area, door.identity()["scopes"], door.channels())
    except SlackRefusalError as refusal:
        return [refusal.advice]
    except SlackSilentError as silence:
        return [f"{silence}: check the connection's base_url and the network"]


def _draw(settings: Settings, area: Area, intent: Intent, nights: pl.DataFrame) -> None:
    if intent.picture is None or intent.chart is None or nights.is_empty():
        return
    _keep_chart(settings, intent.chart, draw(intent.picture, nights, area))


def _keep_chart(settings: Settings, name: str | None, drawn: bytes | None) -> None:
    if name and drawn:
        write_atomically(settings.reports / "charts" / name, lambda file: file.write(drawn))


def _tell_ops(settings: Settings, area: Area, now: datetime) -> bool:
    """Write what ops have not been told of channels that Slack refuses; return whether anything is new."""
    with open_warehouse(settings) as warehouse:
        outbox, alerts = warehouse.read(OUTBOX), warehouse.read(ALERTS)
        intents = undelivered_intents(area, outbox, alerts, base_url=settings.base_url)
        rows.append_intents(warehouse, intents, now)
    return bool(intents)


@contextmanager
def _only_poster(settings: Settings) -> Iterator[None]:
    """Wait until no other process posts: two at once would each post the same. A killed one lets go."""
    make_folder(settings.warehouse_file.parent)
    with (settings.warehouse_file.parent / "posting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _begin(
    settings: Settings, area: Area, now: datetime, *, is_connected: bool
) -> tuple[pl.DataFrame, dict[str, Answer]]:
    with open_warehouse(settings) as warehouse:
        return rows.begin_posting(warehouse, area, now, is_connected=is_connected)


def _record(settings: Settings, message_id: str, outcome: Outcome, now: datetime) -> bool:
    with open_warehouse(settings) as warehouse:
        return rows.record_answer(warehouse, message_id, outcome, now)


def _recent(
    settings: Settings, area: Area, now: datetime, where: str = "true"
) -> tuple[dict[str, list[Shown]], list[tuple[str, str]]]:
    """Return the threads of each channel, and what stops messages: the channel in which it holds, and a sentence."""
    with open_warehouse(settings) as warehouse:
        last = warehouse.query("SELECT coalesce(max(sequence), 0) AS last FROM outbox")["last"][0]
        outbox = warehouse.read(OUTBOX, f"sequence > ? AND {where}", [last - RECENT_MESSAGES])
        stopped = pauses.stops_by_channel(warehouse.read(SILENCES), area, now)
        stopped += [(held.channel, held.say(area)) for held in held_back(warehouse.read(OUTBOX))]
    folder = settings.reports / "charts"
    names = [name for name in outbox["chart"].drop_nulls().unique() if (folder / name).exists()]
    return threads_by_channel(outbox, {name: (folder / name).read_bytes() for name in names}), stopped
