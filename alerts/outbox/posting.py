"""Posts one message of the outbox: look before repeating, and say what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from alerts.outbox.answers import Answer, Scope, SlackRefusalError, SlackSilentError
from alerts.outbox.intents import HELD, NOT_POSTED, POSTED
from alerts.words.message import Message

MOST_TRIES = 3
DELETED = {"message_not_found", "thread_not_found", "cannot_reply_to_message"}
PICTURE_REFUSED = {"invalid_blocks", "invalid_slack_file", "slack_file_not_found"}


class Door(Protocol):
    """A channel that messages can be brought to."""

    def render(self, message: Message, chart: Path | None) -> dict[str, Any]:
        """Return what the channel makes of a message, with its picture in it when it takes one."""

    def has_picture(self, payload: dict[str, Any]) -> bool:
        """Say whether a picture stands in what `render` returned."""

    def find(self, channel: str, message_id: str, thread: Answer | None) -> Answer | None:
        """Return where a message stands that may have been posted before."""

    def post(
        self, channel: str, payload: dict[str, Any], message_id: str, thread_ts: str | None = None
    ) -> Answer:
        """Post a new message."""

    def edit(self, head: Answer, payload: dict[str, Any], head_id: str) -> Answer:
        """Put something else in the place of a message."""


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
    was_there: bool = False
    """It was posted before, by a run that did not live to note it."""
    payload: dict[str, Any] | None = None
    """What the channel made of it; None where it did not take it now."""


@dataclass(frozen=True)
class Posting:
    """One message as the outbox keeps it, and the head that it belongs to."""

    message_id: str
    kind: str
    channel: str
    message: Message
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

    def posting(self, row: dict[str, Any], charts: Path) -> Posting | None:
        """Return the message of an outbox row, or None when it must wait."""
        head_id = row["head_id"]
        if self.is_over or {row["channel"], head_id, row["message_id"]} & self.stopped:
            return None
        if head_id and head_id not in self.answers:
            return None
        return Posting(
            message_id=row["message_id"],
            kind=row["kind"],
            channel=row["channel"],
            message=Message.model_validate_json(row["message"]),
            n_attempts=row["n_attempts"],
            chart=charts / row["chart"] if row["chart"] else None,
            head_id=head_id,
            head=self.answers.get(head_id),
        )

    def note(self, message: Posting, outcome: Outcome) -> None:
        """Remember what became of a message."""
        if outcome.answer and message.kind == "head":
            self.answers[message.message_id] = outcome.answer
        if outcome.stops is Scope.WORKSPACE:
            self.is_over = True
        elif outcome.stops is Scope.CHANNEL:
            self.stopped.add(message.channel)
        elif outcome.stops is Scope.MESSAGE:
            self.stopped.add(message.head_id or message.message_id)

    def note_replaced(self, message: Posting) -> None:
        """Let the rest of a thread wait for the next round: it has moved under another head."""
        self.stopped.add(message.head_id or message.message_id)


def send(door: Door, posting: Posting, wait: Callable[[int], None]) -> Outcome:
    """Bring one message to its channel, at most once; `wait` is called between tries."""
    may_be_there = posting.n_attempts > 0
    for n_try in range(MOST_TRIES):
        try:
            answer, payload = _send(door, posting, may_be_there)
        except SlackRefusalError as refusal:
            return _refused(refusal)
        except SlackSilentError as silence:
            may_be_there, why = True, str(silence)
            if n_try < MOST_TRIES - 1:
                wait(n_try)
        else:
            return Outcome(POSTED, answer=answer, payload=payload, was_there=payload is None)
    return Outcome(HELD, f"{why}; the next run tries again", stops=Scope.WORKSPACE)


def _send(door: Door, posting: Posting, may_be_there: bool) -> tuple[Answer, dict[str, Any] | None]:
    if may_be_there and posting.kind != "edit":
        thread = posting.head if posting.kind == "reply" else None
        found = door.find(posting.channel, posting.message_id, thread)
        if found:
            return found, None
    payload = door.render(posting.message, posting.chart)
    try:
        return _put(door, posting, payload), payload
    except SlackRefusalError as refusal:
        if refusal.code not in PICTURE_REFUSED or not door.has_picture(payload):
            raise
    payload = door.render(posting.message, None)
    return _put(door, posting, payload), payload


def _put(door: Door, posting: Posting, payload: dict[str, Any]) -> Answer:
    if posting.kind == "head":
        return door.post(posting.channel, payload, posting.message_id)
    if posting.head is None:
        raise SlackRefusalError("message_not_found")
    if posting.kind == "edit":
        return door.edit(posting.head, payload, posting.head_id or posting.message_id)
    return door.post(posting.head.slack_channel, payload, posting.message_id, posting.head.slack_ts)


def _refused(refusal: SlackRefusalError) -> Outcome:
    if refusal.code in DELETED:
        return Outcome(NOT_POSTED, refusal.advice, is_removed=True)
    if refusal.scope is Scope.MESSAGE:
        return Outcome(HELD, refusal.advice, stops=Scope.MESSAGE)
    return Outcome(HELD, refusal.advice, stops=refusal.scope)
