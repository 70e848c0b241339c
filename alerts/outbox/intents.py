"""The outbox: intents of messages, the threads they make, and which of them may go now. Pure, over rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

import polars as pl

from alerts.words.message import Message
from alerts.words.picture import Picture
from nte.area import Area
from nte.tables.alerts import OUTBOX
from nte.words import NAMED_IN_ONE_LINE, MessageStatus

PENDING, POSTED = str(MessageStatus.PENDING), str(MessageStatus.POSTED)
HELD, NOT_POSTED = str(MessageStatus.HELD), str(MessageStatus.NOT_POSTED)
IS_WAITING = pl.col("status").is_in([PENDING, HELD])
"""Rows of the outbox that are still to go."""
IS_TOLD = (pl.col("status") != NOT_POSTED) | (pl.col("status_reason") == NAMED_IN_ONE_LINE).fill_null(
    value=False
)
"""First messages of alerts of which their channel knows, or will."""
AGAIN = "|again"
"""Ends the id of a message that takes the place of one that somebody removed in Slack."""
OF_A_WEEKEND = ("outlook", "digest")
LONGEST_WAIT_OF_A_WEEKEND = timedelta(days=2)
"""After that what they say of a weekend is no longer so."""
FOR_OPS = ("feed", "model", "heartbeat", "undelivered")
"""Purposes that a pause of the alerts does not hold."""


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One message that is to be posted, or the reason why not."""

    message_id: str
    purpose: str
    kind: str
    channel: str
    message: Message
    head_id: str | None = None
    alert_id: str = ""
    decision_id: str | None = None
    status: str = PENDING
    status_reason: str | None = None
    picture: Picture | None = None
    """What is to be drawn for it, once the nights that it shows have been read."""
    drawn: bytes | None = None
    """A picture that is drawn already."""
    kept_chart: str | None = None
    """The file of a picture that an earlier form of the message has, and this one keeps."""

    @property
    def chart(self) -> str | None:
        """Return the file name of its picture, or None."""
        if self.picture is None and self.drawn is None:
            return self.kept_chart
        return f"{sha256(self.message_id.encode()).hexdigest()[:16]}.png"

    def row(self, sequence: int, now: datetime) -> dict[str, Any]:
        """Return the outbox row."""
        row: dict[str, Any] = dict.fromkeys(OUTBOX.names)
        own = {name: getattr(self, name) for name in OUTBOX.names if hasattr(self, name)}
        text = self.message.model_dump_json(exclude_defaults=True)
        return row | own | {"sequence": sequence, "written_at": now, "n_attempts": 0, "message": text}


@dataclass(frozen=True)
class Head:
    """The first message of a thread, and whether people see it."""

    message_id: str
    status: str
    status_reason: str | None


def alert_heads(outbox: pl.DataFrame) -> dict[tuple[str, str], Head]:
    """Return the latest head of each alert and channel."""
    heads = outbox.filter(pl.col("kind") == "head", pl.col("purpose") == "alert").sort("sequence")
    columns = ("alert_id", "channel", "message_id", "status", "status_reason")
    return {(alert, channel): Head(*rest) for alert, channel, *rest in heads.select(columns).iter_rows()}


def set_aside(
    waiting: pl.DataFrame,
    closed: dict[str, datetime],
    area: Area,
    *,
    pause: str,
    held: Mapping[str, tuple[str, str]],
    now: datetime,
) -> pl.DataFrame:
    """Return the waiting rows that may not go now, with status and reason.

    `closed` says when the last night of each alert ended, `held` what a silence makes of each message.
    """
    status: dict[str, tuple[str, str]] = {}
    for row in waiting.sort("sequence").iter_rows(named=True):
        quiet = quiet_until(area, row["channel"], now)
        of_head = status.get(row["head_id"], ("", ""))
        if of_head[0] == NOT_POSTED:
            status[row["message_id"]] = of_head
        elif _is_too_old(row, closed.get(row["alert_id"]), area, now):
            why = f"it waited more than {area.slack.most_days_late} days"
            status[row["message_id"]] = (NOT_POSTED, why)
        elif row["message_id"] in held:
            status[row["message_id"]] = held[row["message_id"]]
        elif row["purpose"] == "heartbeat" and _is_over(row["written_at"], area, now):
            status[row["message_id"]] = (NOT_POSTED, "its day is over; a later line says it")
        elif row["purpose"] in OF_A_WEEKEND and now - row["written_at"] > LONGEST_WAIT_OF_A_WEEKEND:
            status[row["message_id"]] = (
                NOT_POSTED,
                "it waited until its days were over; the next one says it",
            )
        elif pause and row["purpose"] not in FOR_OPS:
            status[row["message_id"]] = (HELD, pause)
        elif quiet:
            status[row["message_id"]] = (HELD, f"quiet hours until {quiet:%H:%M}")
    changed = pl.DataFrame(
        [(message_id, *said) for message_id, said in status.items()],
        schema={"message_id": pl.String, "status": pl.String, "status_reason": pl.String},
        orient="row",
    )
    return waiting.drop("status", "status_reason").join(changed, on="message_id", maintain_order="left")


def quiet_until(area: Area, channel: str, now: datetime) -> time | None:
    """Return the local time until which a channel is not to be disturbed, or None."""
    hours = area.slack.quiet_hours.get(channel)
    if hours is None:
        return None
    local = now.astimezone(area.clock.time_zone).time()
    if hours.starts <= hours.ends:
        is_quiet = hours.starts <= local < hours.ends
    else:
        is_quiet = local >= hours.starts or local < hours.ends
    return hours.ends if is_quiet else None


def _is_over(written_at: datetime, area: Area, now: datetime) -> bool:
    return area.clock.local_date(written_at) < area.clock.local_date(now)


def _is_too_old(row: dict[str, Any], closed_at: datetime | None, area: Area, now: datetime) -> bool:
    """Say whether a first message has waited so long that it would only confuse."""
    is_again = row["message_id"].endswith(AGAIN)
    since = row["written_at"] if is_again else closed_at or row["written_at"]
    return bool(row["kind"] == "head" and now - since > timedelta(days=area.slack.most_days_late))
