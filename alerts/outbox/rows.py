"""What this room reads from and adds to an open warehouse."""

from datetime import UTC, datetime, timedelta

import polars as pl

from alerts.deciding.labels import label_rows
from alerts.nights.chart import Picture
from alerts.outbox.answers import Answer
from alerts.outbox.intents import HELD, PENDING, POSTED, Intent, set_aside, supersede
from alerts.outbox.posting import Outcome
from alerts.outbox.removed import take_its_place
from alerts.words.pauses import say_pause
from nte.area import Area
from nte.columns import INSTANT
from nte.tables.alerts import ACKNOWLEDGEMENTS, ALERTS, DECISIONS, OUTBOX, SILENCES
from nte.tables.judgements import JUDGEMENTS, LABELLED_NIGHTS, WINDOW_SCORES
from nte.warehouse import Warehouse

NIGHTS_BEHIND_A_WINDOW = 70
"""Days before the first undecided morning whose judgements may still matter: look-back and four weekends."""


def last_decided(warehouse: Warehouse) -> datetime | None:
    """Return the latest morning that has been decided."""
    last = warehouse.query("SELECT max(decided_as_of) AS last FROM decisions WHERE alert_id = ''")["last"][0]
    return last if isinstance(last, datetime) else None


def undecided(
    warehouse: Warehouse, area: Area, decided: datetime | None, now: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the judgements and windows that the undecided mornings need: theirs, and what came before."""
    since = decided or datetime(1970, 1, 1, tzinfo=UTC)
    first = since.date() - timedelta(days=NIGHTS_BEHIND_A_WINDOW)
    fresh = "SELECT evening FROM judgements WHERE as_of > ?"
    judgements = warehouse.read(
        JUDGEMENTS,
        f"definition = ? AND as_of <= ? AND (evening >= ? OR evening IN ({fresh}))",
        [area.alert_definition, now, first, since],
    )
    windows = warehouse.read(
        WINDOW_SCORES, "as_of <= ? AND (last_evening >= ? OR as_of > ?)", [now, first, since]
    )
    return judgements, windows


def nights_of(warehouse: Warehouse, area: Area, picture: Picture) -> pl.DataFrame:
    """Return the bands of a picture's nights, with the counts as known on its morning."""
    sql = """
        SELECT b.evening, b.expected, b."lower", b."upper",
               arg_max(r.n_incidents, r.known_at) FILTER (r.known_at <= ?) AS n_incidents
        FROM bands b LEFT JOIN night_count_revisions r USING (evening, centre_code, source, definition)
        WHERE b.centre_code = ? AND b.source = ? AND b.definition = ? AND b.evening BETWEEN ? AND ?
        GROUP BY ALL
    """
    span = [picture.first_evening, picture.evening]
    of = [picture.morning, picture.centre_code, picture.source, area.alert_definition]
    nights = warehouse.query(sql, [*of, *span])
    return nights.filter(pl.col("evening").map_elements(area.clock.is_monitored, return_dtype=pl.Boolean))


def append_intents(warehouse: Warehouse, intents: list[Intent], now: datetime) -> None:
    """Add intents to the outbox, in order."""
    first = warehouse.query("SELECT coalesce(max(sequence), 0) AS last FROM outbox")["last"][0] + 1
    rows = [intent.row(first + n, now) for n, intent in enumerate(intents)]
    warehouse.append(OUTBOX, pl.DataFrame(rows, schema=OUTBOX.schema))


def label_nights(warehouse: Warehouse) -> None:
    """Bring the labelled counts up to what people have answered."""
    answers = warehouse.read(ACKNOWLEDGEMENTS)
    about = "alert_id IN (SELECT alert_id FROM acknowledgements)"
    warehouse.replace(LABELLED_NIGHTS, label_rows(answers, warehouse.read(DECISIONS, about)))


def begin_posting(
    warehouse: Warehouse, area: Area, now: datetime, *, is_connected: bool
) -> tuple[pl.DataFrame, dict[str, Answer]]:
    """Put aside what may not go now and note the attempt for the rest, before Slack is called.

    Return the rest, in order, and where Slack has put the heads that were posted before.
    """
    warehouse.merge(OUTBOX, supersede(warehouse.read(OUTBOX)))
    outbox = warehouse.read(OUTBOX).sort("sequence")
    waiting = outbox.filter(pl.col("status").is_in([PENDING, HELD]))
    alerts = warehouse.read(ALERTS).select("alert_id", "last_evening")
    closed = {alert_id: area.clock.closes_at(evening) for alert_id, evening in alerts.iter_rows()}
    pause = say_pause(warehouse.read(SILENCES), area, now)
    aside = set_aside(waiting, closed, area, pause=pause, now=now)
    rest = waiting.join(aside, on="message_id", how="anti", maintain_order="left")
    if is_connected:
        warehouse.merge(OUTBOX, rest.with_columns(n_attempts=pl.col("n_attempts") + 1))
    warehouse.merge(OUTBOX, aside)
    posted = outbox.filter(pl.col("status") == POSTED, pl.col("kind") == "head")
    columns = posted.select("message_id", "slack_channel", "slack_ts").iter_rows()
    return rest, {message_id: Answer(channel, ts) for message_id, channel, ts in columns}


def record_answer(warehouse: Warehouse, message_id: str, outcome: Outcome, now: datetime) -> bool:
    """Note what Slack answered, at once: a crash after this repeats nothing.

    Return whether another message takes the place of one that somebody removed, and is to be posted.
    """
    answer = outcome.answer
    answered = warehouse.read(OUTBOX, "message_id = ?", [message_id]).with_columns(
        status=pl.lit(outcome.status),
        status_reason=pl.lit(outcome.status_reason, dtype=pl.String),
        posted_at=pl.lit(now if answer else None, dtype=INSTANT),
        slack_channel=pl.lit(answer.slack_channel if answer else None, dtype=pl.String),
        slack_ts=pl.lit(answer.slack_ts if answer else None, dtype=pl.String),
    )
    if outcome.is_removed and answered["head_id"][0] is not None:
        answered = take_its_place(warehouse.read(OUTBOX), message_id, now)
    warehouse.merge(OUTBOX, answered)
    return bool((answered["kind"] == "head").any()) and outcome.is_removed
