"""Posts one message of the outbox: look before repeating, and say what became of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alerts.outbox.answers import Answer, Scope, SlackRefusalError, SlackSilentError
from alerts.outbox.intents import HELD, NOT_POSTED, POSTED
from alerts.slack.blocks import Payload
from alerts.slack.door import SlackDoor

MOST_TRIES = 3
DELETED = {"message_not_found", "thread_not_found", "cannot_reply_to_message"}
PICTURE_REFUSED = {"invalid_blocks", "invalid_slack_file", "slack_file_not_found"}


@dataclass(frozen=True)
class Outcome:
    """What became of one message."""

    status: str
    status_reason: str | None = None
    answer: Answer | None = None
    stops: Scope | None = None
    """What else must wait: the whole workspace, the channel, or only this thread."""
    is_removed: bool = False
    """Slack has no longer the message that it belongs to."""


@dataclass(frozen=True)
class Message:
    """One message as the outbox keeps it, and the head that it belongs to."""

    message_id: str
    kind: str
    channel: str
    payload: Payload
    n_attempts: int
    chart: Path | None
    head_id: str | None
    head: Answer | None


@dataclass
class Turn:
    """One run over the waiting messages: where Slack has put the heads, and who must wait."""

    answers: dict[str, Answer]
    stopped: set[str] = field(default_factory=set)
    """Channels, and heads of threads."""
    is_over: bool = False

    def message(self, row: dict[str, Any], charts: Path) -> Message | None:
        """Return the message of an outbox row, or None when it must wait."""
        head_id = row["head_id"]
        if self.is_over or {row["channel"], head_id, row["message_id"]} & self.stopped:
            return None
        if head_id and head_id not in self.answers:
            return None
        return Message(
            message_id=row["message_id"],
            kind=row["kind"],
            channel=row["channel"],
            payload=json.loads(row["payload"]),
            n_attempts=row["n_attempts"],
            chart=charts / row["chart"] if row["chart"] else None,
            head_id=head_id,
            head=self.answers.get(head_id),
        )

    def note(self, message: Message, outcome: Outcome) -> None:
        """Remember what became of a message."""
        if outcome.answer and message.kind == "head":
            self.answers[message.message_id] = outcome.answer
        if outcome.stops is Scope.WORKSPACE:
            self.is_over = True
        elif outcome.stops is Scope.CHANNEL:
            self.stopped.add(message.channel)
        elif outcome.stops is Scope.MESSAGE:
            self.stopped.add(message.head_id or message.message_id)

    def note_replaced(self, message: Message) -> None:
        """Let the rest of a thread wait for the next round: it has moved under another head."""
        self.stopped.add(message.head_id or message.message_id)


def send(door: SlackDoor, message: Message, wait: Callable[[int], None]) -> Outcome:
    """Bring one message to Slack, at most once; `wait` is called between tries."""
    may_be_there = message.n_attempts > 0
    for n_try in range(MOST_TRIES):
        try:
            return Outcome(POSTED, answer=_send(door, message, may_be_there))
        except SlackRefusalError as refusal:
            return _refused(refusal)
        except SlackSilentError as silence:
            may_be_there, why = True, str(silence)
            if n_try < MOST_TRIES - 1:
                wait(n_try)
    return Outcome(HELD, f"{why}; the next run tries again", stops=Scope.WORKSPACE)


def _send(door: SlackDoor, message: Message, may_be_there: bool) -> Answer:
    if may_be_there and message.kind != "edit":
        thread = message.head if message.kind == "reply" else None
        found = door.find(message.channel, message.message_id, thread)
        if found:
            return found
    payload = door.with_chart(message.payload, message.chart)
    try:
        return _put(door, message, payload)
    except SlackRefusalError as refusal:
        if refusal.code not in PICTURE_REFUSED or payload == door.with_chart(message.payload, None):
            raise
    return _put(door, message, door.with_chart(message.payload, None))


def _put(door: SlackDoor, message: Message, payload: Payload) -> Answer:
    if message.kind == "head":
        return door.post(message.channel, payload, message.message_id)
    if message.head is None:
        raise SlackRefusalError("message_not_found")
    if message.kind == "edit":
        return door.edit(message.head, payload, message.head_id or message.message_id)
    return door.post(message.head.slack_channel, payload, message.message_id, message.head.slack_ts)


def _refused(refusal: SlackRefusalError) -> Outcome:
    if refusal.code in DELETED:
        return Outcome(NOT_POSTED, refusal.advice, is_removed=True)
    if refusal.scope is Scope.MESSAGE:
        return Outcome(HELD, refusal.advice, stops=Scope.MESSAGE)
    return Outcome(HELD, refusal.advice, stops=refusal.scope)
