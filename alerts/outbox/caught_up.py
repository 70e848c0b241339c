"""After an outage: a thread that nobody has seen yet begins with its newest facts, not with all its mornings."""

import polars as pl

from alerts.outbox.intents import IS_WAITING, NOT_POSTED, PENDING
from alerts.words.wording import WITHDRAWN
from nte.tables.alerts import OUTBOX

SUPERSEDED = "a later one of its thread says it all"
SAID_BY_HEAD = "its first message was not posted yet and says it"
WITHDRAWN_UNSEEN = "it was withdrawn before anybody was told of it"
SAYS_WITHDRAWN = pl.col("message").str.contains(f"(?i){WITHDRAWN}")
"""Of a row about an alert: whether its channel is told that it no longer holds; not all channels are."""


def catch_up(outbox: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that change where a head waits and its thread has gone on: of all that waits one head remains.

    The head says what the last edit says. An alert that was withdrawn in its channel meanwhile, and was never tried, is
    not posted at all.
    """
    waiting = outbox.filter(IS_WAITING)
    heads, thread = waiting.filter(pl.col("kind") == "head"), waiting.filter(pl.col("kind") != "head")
    last = (
        thread.filter(pl.col("kind") == "edit")
        .sort("sequence")
        .unique("head_id", keep="last", maintain_order=True)
        .select("head_id", is_withdrawn=SAYS_WITHDRAWN, newest="message", newest_chart="chart")
    )
    caught = heads.join(last, left_on="message_id", right_on="head_id")
    is_unseen = pl.col("is_withdrawn") & (pl.col("n_attempts") == 0)
    unseen, begun = caught.filter(is_unseen), caught.filter(~is_unseen)
    changed = [
        _closed(unseen, WITHDRAWN_UNSEEN),
        begun.with_columns(message="newest", chart="newest_chart"),
        _closed(thread.join(unseen, left_on="head_id", right_on="message_id", how="semi"), WITHDRAWN_UNSEEN),
        _closed(thread.join(begun, left_on="head_id", right_on="message_id", how="semi"), SAID_BY_HEAD),
    ]
    return pl.concat([OUTBOX.conform(frame) for frame in changed])


def said_after_all(outbox: pl.DataFrame, head_id: str) -> pl.DataFrame:
    """Return the rows of a thread that must go: its head was found in Slack, with the text of an earlier morning."""
    rows = outbox.filter(pl.col("head_id") == head_id, pl.col("status_reason") == SAID_BY_HEAD)
    return rows.with_columns(status=pl.lit(PENDING), status_reason=pl.lit(None, dtype=pl.String))


def supersede(outbox: pl.DataFrame) -> pl.DataFrame:
    """Return the waiting edits and replies that a later one of the same thread makes needless, as not posted.

    A withdrawal is always said, for what follows it speaks of it.
    """
    is_edit, is_revision = (
        pl.col("kind") == "edit",
        pl.col("kind").eq("reply") & pl.col("decision_id").is_not_null(),
    )
    thread = outbox.filter(IS_WAITING, is_edit | is_revision)
    is_last = pl.col("sequence") == pl.col("sequence").max().over("head_id", "kind")
    return _closed(thread.filter(~is_last & ~(is_revision & SAYS_WITHDRAWN)), SUPERSEDED)


def _closed(rows: pl.DataFrame, why: str) -> pl.DataFrame:
    return rows.with_columns(status=pl.lit(NOT_POSTED), status_reason=pl.lit(why, dtype=pl.String))
