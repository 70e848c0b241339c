"""A message that somebody removed in Slack: what is new about it goes into one more message, once."""

from datetime import datetime
from typing import Any

import polars as pl

from alerts.outbox.intents import AGAIN, HELD, NOT_POSTED, PENDING
from alerts.words.message import Message
from nte.tables.alerts import OUTBOX

NOTE = "The earlier message was removed from this channel; this one takes its place."
REMOVED = "somebody removed it in Slack; another took its place"
REPLACED = "the message that takes the place of the removed one says it"
REMOVED_TWICE = "removed in Slack twice: it is not posted a third time; the decision stays in the warehouse"
NOTHING_NEW = "the message was removed in Slack, and there is nothing new to say"
Row = dict[str, Any]


def take_its_place(outbox: pl.DataFrame, message_id: str, now: datetime) -> pl.DataFrame:
    """Return the rows that change when Slack has no longer the message that a reply or an edit belongs to.

    News (a revision, the end of a trouble) becomes a new message with the latest text, and waiting replies move
    under it. What tells nothing new, and what was removed a second time, is not posted, with its reason.
    """
    rows = {row["message_id"]: row for row in outbox.sort("sequence").iter_rows(named=True)}
    row = rows[message_id]
    head = rows[row["head_id"]]
    thread = [r for r in rows.values() if r["head_id"] == head["message_id"]]
    if head["message_id"].endswith(AGAIN):
        changed = [_closed(row, REMOVED_TWICE)]
    elif not _is_news(row, thread):
        changed = [_closed(row, NOTHING_NEW)]
    else:
        last = max(r["sequence"] for r in rows.values())
        changed = _moved(head, thread, row, last, now)
    return OUTBOX.conform(pl.DataFrame(changed, schema=OUTBOX.schema))


def without_removed(heads: pl.DataFrame) -> pl.DataFrame:
    """Return the heads of threads without those that another took the place of."""
    replaced = [m.removesuffix(AGAIN) for m in heads["message_id"] if m.endswith(AGAIN)]
    return heads.filter(~pl.col("message_id").is_in(replaced))


def _is_news(row: Row, thread: list[Row]) -> bool:
    """Say whether people have to hear of it: an answer is known to who gave it, an edit may only complete."""
    if row["purpose"] == "answer":
        return False
    same = [r for r in thread if r["purpose"] == row["purpose"] and r["decision_id"] == row["decision_id"]]
    return any(r["kind"] == "reply" for r in same)


def _moved(head: Row, thread: list[Row], row: Row, last: int, now: datetime) -> list[Row]:
    latest = next((r for r in reversed(thread) if r["kind"] == "edit"), head)
    again = head | {
        "message_id": f"{head['message_id']}{AGAIN}",
        "sequence": last + 1,
        "message": _with_note(latest["message"]),
        "payload": None,
        "chart": latest["chart"],
        "written_at": now,
        "status": PENDING,
        "status_reason": None,
        "posted_at": None,
        "slack_channel": None,
        "slack_ts": None,
        "n_attempts": 0,
    }
    waiting = [r for r in thread if r["status"] in (PENDING, HELD) or r is row]
    edits = [_closed(r, REPLACED) for r in waiting if r["kind"] == "edit"]
    replies = [
        r
        | {"head_id": again["message_id"], "sequence": last + 2 + n, "status": PENDING, "status_reason": None}
        for n, r in enumerate(r for r in waiting if r["kind"] == "reply")
    ]
    return [head | {"status_reason": REMOVED}, again, *edits, *replies]


def _closed(row: Row, why: str) -> Row:
    return row | {"status": NOT_POSTED, "status_reason": why}


def _with_note(text: str) -> str:
    message = Message.model_validate_json(text)
    noted = message.model_copy(update={"note": NOTE, "spoken": f"{NOTE} {message.spoken}"})
    return noted.model_dump_json(exclude_defaults=True)
