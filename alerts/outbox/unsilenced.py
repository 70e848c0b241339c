"""After a silence: heads that still say that their town centre is silent are edited. Pure, over rows."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from alerts.outbox.intents import NOT_POSTED, Intent
from alerts.outbox.removed import without_removed
from alerts.words.message import LIFT, SILENCE, Message
from nte.stops import IS_SILENT, silence_of


def unsilenced_edits(
    said: pl.DataFrame, silences: pl.DataFrame, centres: Mapping[str, str], now: datetime
) -> list[Intent]:
    """Return each head as it last was, without the silence that it speaks of, where none stands any more.

    `said`: the first messages of alerts and their edits. `centres`: the town centre of each alert.
    """
    threads = said.with_columns(thread=pl.coalesce("head_id", "message_id")).sort("sequence")
    seen = without_removed(said.filter(pl.col("kind") == "head", pl.col("status") != NOT_POSTED))
    last = threads.unique("thread", keep="last", maintain_order=True)
    intents = []
    for row in last.filter(pl.col("thread").is_in(seen["message_id"].implode())).iter_rows(named=True):
        was = Message.model_validate_json(row["message"])
        centre = centres.get(row["alert_id"], "")
        if _speaks_of_a_silence(was) and not silence_of(silences, centre, row["channel"], now):
            intents.append(
                Intent(
                    message_id=f"unsilenced|{row['thread']}|{now.isoformat()}",
                    purpose="answer",
                    kind="edit",
                    channel=row["channel"],
                    message=_without_silence(was),
                    head_id=row["thread"],
                    alert_id=row["alert_id"],
                    decision_id=row["decision_id"],
                    kept_chart=row["chart"],
                )
            )
    return intents


def _speaks_of_a_silence(message: Message) -> bool:
    return IS_SILENT in message.note or any(action.name in LIFT for action in message.actions)


def _without_silence(message: Message) -> Message:
    [(name, title)] = SILENCE.items()
    actions = tuple(
        action.model_copy(update={"name": name, "title": title}) if action.name in LIFT else action
        for action in message.actions
    )
    note = "" if IS_SILENT in message.note else message.note
    return message.model_copy(update={"note": note, "actions": actions})
