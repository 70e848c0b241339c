"""One line a day for ops that the service is alive: what was taken, what is late, whether alerts are paused."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from alerts.ops.feeds import PUNCTUAL
from alerts.outbox.held import held_back
from alerts.outbox.intents import IS_WAITING, POSTED, Intent
from alerts.words.message import Message, strong
from nte.area import Area
from nte.due import Deliveries, SourceState, due_evenings
from nte.english import listed, say_day

PURPOSE = "heartbeat"
USUAL_SPAN = timedelta(days=1)


def heartbeat_intents(
    area: Area,
    deliveries: pl.DataFrame,
    states: Sequence[SourceState],
    *,
    come: Deliveries,
    outbox: pl.DataFrame,
    stopped: str,
    now: datetime,
) -> list[Intent]:
    """Return the day's line when it is due and was not written yet.

    `deliveries`: all that were received; `come`: which nights they account for. `stopped`: whether alerts are on
    (`say_on`).
    """
    local = now.astimezone(area.clock.time_zone)
    message_id = line_of_day(area, now)
    told = outbox.filter(pl.col("purpose") == PURPOSE)
    is_due = area.slack.has_heartbeat and local.time() >= area.slack.heartbeat_from
    if not is_due or message_id in told["message_id"]:
        return []
    last = told["written_at"].max()
    since = last if isinstance(last, datetime) and last < now else now - USUAL_SPAN
    taken = deliveries.filter(pl.col("taken_at") > since, pl.col("taken_at") <= now)
    is_older = (pl.col("written_at") < now) & (pl.col("purpose") != PURPOSE)
    text = " ".join(
        part
        for part in (
            strong(f"{local:%A} {local.day} {local:%B}, {local:%H:%M}: the monitor is running."),
            _taken(area, taken),
            _not_here(area, states, _open_nights(area, come, states, now)),
            stopped,
            _waiting(area, outbox.filter(is_older)),
        )
        if part
    )
    return [
        Intent(
            message_id=message_id,
            purpose=PURPOSE,
            kind="head",
            channel=area.slack.ops_channel,
            message=Message.of(text, lead=text),
        )
    ]


def say_on(pause: str, silences: Sequence[str]) -> str:
    """Return whether alerts are on, and each pause and silence that stands."""
    if pause:
        return " ".join(f"{text}." for text in (pause, *silences))
    if not silences:
        return "Alerts are on."
    return f"Alerts are on, but: {'; '.join(silences)}. Far above goes through; `nte lift` ends a silence."


def _waiting(area: Area, older: pl.DataFrame) -> str:
    """Return how many messages wait, and of those that are held why; empty when none does."""
    n_waiting = older.filter(IS_WAITING).height
    if not n_waiting:
        return ""
    count = "1 older message waits" if n_waiting == 1 else f"{n_waiting} older messages wait"
    why = "; ".join(held.say(area) for held in held_back(older))
    return f"{count} to be posted{f': {why}' if why else ''}."


def line_of_day(area: Area, now: datetime) -> str:
    """Return the id of the line of the day."""
    return f"heartbeat@{now.astimezone(area.clock.time_zone):%Y-%m-%d}"


def why_not_healthy(
    area: Area, outbox: pl.DataFrame, failed: Sequence[str], not_running: Sequence[str], now: datetime
) -> str:
    """Return why the morning is not a healthy one, or '' when it is.

    It is when the day's line has reached Slack (where the area has one: else its hour has come), no task has failed
    without working since, and every part of the service answers.
    """
    if failed or not_running:
        return f"not called: {[*failed, *not_running][0]}"
    if not area.slack.has_heartbeat:
        is_time = now.astimezone(area.clock.time_zone).time() >= area.slack.heartbeat_from
        return "" if is_time else "not called: the morning is not over"
    line = outbox.filter(pl.col("message_id") == line_of_day(area, now), pl.col("status") == POSTED)
    return "" if line.height else "not called: the line of the day has not reached Slack"


def _taken(area: Area, taken: pl.DataFrame) -> str:
    counts = {name: taken.filter(pl.col("source") == name).height for name in area.sources}
    said = ", ".join(f"{area.source_title(name)} {n or 'none'}" for name, n in counts.items())
    return f"Deliveries taken since the last line: {said}."


def _open_nights(
    area: Area, come: Deliveries, states: Sequence[SourceState], now: datetime
) -> dict[date, list[str]]:
    """Return the nights of the last fortnight that are not known though later or earlier ones are, and of whom."""
    found: dict[date, list[str]] = {}
    for state in states:
        known = [evening for source, evening in come.covered if source == state.source]
        for evening in due_evenings(area, state.source, now):
            is_open = evening not in known and evening not in state.missing
            if is_open and min(known, default=evening) < evening:
                found.setdefault(evening, []).append(area.source_title(state.source))
    return dict(sorted(found.items()))


def _not_here(area: Area, states: Sequence[SourceState], open_nights: dict[date, list[str]]) -> str:
    wrong = [state for state in states if state.state not in PUNCTUAL]
    nights = "; ".join(f"{say_day(evening)} ({listed(names)})" for evening, names in open_nights.items())
    still = f" Still not known: {nights}." if nights else ""
    if not wrong:
        return f"Nothing is late.{still}"
    said = ", ".join(
        f"{area.source_title(state.source)} ({str(state.state).replace('_', ' ')}, "
        f"since {say_day(state.missing[0])})"
        for state in wrong
    )
    return f"Not here: {said}.{still}"
