"""What ops hear of a task that failed or a run that is slow: once, and once when it works again.

Kept in a file of its own, because the warehouse may be what failed.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from alerts.outbox.answers import Answer
from alerts.outbox.posting import Posting
from alerts.words.links import Links
from alerts.words.message import Link, Message, outside, strong
from nte.errors import NteError
from nte.files import write_text

MOST_REASON = 900
SERVICE = "service"
"""In place of a DAG: the running service itself, whose parts are its tasks."""


@dataclass(frozen=True)
class Trouble:
    """One task that failed (or, without a task, one DAG that is slow) and whether ops have been told."""

    dag_id: str
    task_id: str | None
    what: str
    since: str
    """Local time at which it was first seen."""
    n_attempts: int = 0
    slack_channel: str | None = None
    slack_ts: str | None = None

    @property
    def message_id(self) -> str:
        """What the head is recognised by."""
        return f"trouble|{self.dag_id}|{self.task_id or 'slow'}|{self.since}"

    @property
    def head(self) -> Answer | None:
        """Where Slack has put the head, or None when ops have not been told."""
        return Answer(self.slack_channel, self.slack_ts) if self.slack_channel and self.slack_ts else None

    @property
    def line(self) -> str:
        """One line for the terminal."""
        if self.dag_id == SERVICE:
            return f"{self.task_id}, since {self.since}. {self.what}"
        place = f"{self.dag_id}: {self.task_id} failed" if self.task_id else f"{self.dag_id} is slow"
        return f"{place} since {self.since}. {self.what}"

    def failure_message(self, channel: str, base_url: str) -> Posting:
        """Return the head."""
        where = "" if base_url else f" docs/runbook.md says what to do, under {self.dag_id}."
        text = f"{self._title} {outside(self.what, MOST_REASON)}{where}"
        small = "Nothing is lost: deliveries wait, and a run that works takes up what is due."
        links = Links(base_url).runbook(self.dag_id)
        return self._message("head", self.message_id, channel, text, small, links)

    @property
    def _title(self) -> str:
        if self.dag_id == SERVICE:
            return strong(f"The service: {self.task_id} does not run as it should.")
        if self.task_id:
            return strong(f"Airflow: {self.task_id} of {self.dag_id} failed.")
        return strong(f"Airflow: {self.dag_id} is slow.")

    def mended_message(self, channel: str) -> Posting:
        """Return the reply that ends it."""
        text = f"{strong('Works again:')} {self.dag_id}" + (f", {self.task_id}." if self.task_id else ".")
        return self._message("reply", f"{self.message_id}|mended", channel, text)

    def _message(  # noqa: PLR0917  the parts of a message
        self,
        kind: str,
        message_id: str,
        channel: str,
        text: str,
        small: str = "",
        links: Sequence[Link] = (),
    ) -> Posting:
        message = Message.of(
            f"{text} {small}".strip(), lead=text, small=[small] if small else (), links=links
        )
        is_reply = kind == "reply"
        return Posting(
            message_id=message_id,
            kind=kind,
            channel=channel,
            message=message,
            n_attempts=self.n_attempts,
            chart=None,
            head_id=self.message_id if is_reply else None,
            head=self.head if is_reply else None,
        )


def read_trouble(path: Path) -> Trouble | None:
    """Return what stands in a trouble file, or None without one."""
    if not path.exists():
        return None
    try:
        return Trouble(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as problem:
        raise NteError(f"{path}: cannot be read ({problem}). Delete it; ops are then told anew.") from problem


def write_trouble(path: Path, trouble: Trouble) -> None:
    """Keep a trouble until it is mended."""
    write_text(path, json.dumps(asdict(trouble), indent=1))
