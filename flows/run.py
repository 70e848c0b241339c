"""What a step is told about the run that it belongs to, and how it says that there was nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from nte.area import Area
from nte.errors import NteError
from nte.moment import may_post
from nte.settings import Settings
from nte.shared_files import SharedFolder

if TYPE_CHECKING:
    from alerts.slack.door import SlackAccess


class SkippedError(Exception):
    """The step had nothing to do in this run, and why."""


class FoundError(NteError):
    """The step did its work, and what it found must be seen in red."""


def unheard(*said: object) -> None:
    """Take what nobody listens to."""


@dataclass(frozen=True)
class Run:
    """One run of a flow: as of when, in which home, and what was asked of it."""

    settings: Settings
    area: Area
    now: datetime
    slack: Callable[[], SlackAccess | None]
    """Asks how Slack is reached; None where no connection is set up."""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    """What a person has asked for by name; anything else is as usual."""
    is_rehearsal: bool = False
    backfilled: datetime | None = None
    """The time that the run stands for in a backfill."""
    note: Callable[[str, object], object] = unheard
    """Keeps something small beside the result, for those who look at the run."""
    see: Callable[[str], object] = unheard
    """Names the page that shows what the step did."""
    tell: Callable[[str], object] = unheard
    """Says how far a step is whose work takes long."""

    @property
    def is_to_post(self) -> bool:
        """Whether this run posts to Slack."""
        return may_post(self.wanted.get("post"), self.backfilled, is_rehearsal=self.is_rehearsal)

    def skip_in_rehearsal(self, why: str = "A rehearsal purges nothing.") -> None:
        """End the step where the run is a rehearsal."""
        if self.is_rehearsal:
            raise SkippedError(why)

    @property
    def shared(self) -> SharedFolder:
        """The folder that all workers share; on a disk it is a path."""
        address = self.settings.shared
        if not address:
            return self.settings.bands_folder.resolve()
        if "://" not in address:
            return Path(address)
        if address.startswith("file://"):
            return Path(unquote(urlsplit(address).path))
        from airflow.sdk import ObjectStoragePath

        return ObjectStoragePath(address)
