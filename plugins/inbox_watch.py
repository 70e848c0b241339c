"""Wakes `take_deliveries` when a delivery lands in the inbox.

The event is only a wake-up: the run sweeps the whole inbox, so an event that is lost in a burst costs nothing.
Files that stay (dated later, or not accepted yet) wake it again, ever less often; files that go do not: one landing is
one run.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

NEAR_ENDINGS = (".csv", ".json", ".xlsx", ".ods", ".zip")
"""A manifest that comes alone is used, and a file whose name is nearly right is read or told."""
MOST_BETWEEN_REMINDERS = 3600.0
Snapshot = tuple[tuple[str, int, int], ...]


@dataclass
class Told:
    """Of which files a run was woken, and when it is woken again."""

    first_reminder_seconds: float
    files: Snapshot = ()
    at: float = 0.0
    reminder_seconds: float = 0.0

    def is_news(self, seen: Snapshot, now: float) -> bool:
        """Say whether what is seen must wake a run: a file is new or another, or some have stood for long.

        Files that only go are being taken by the run that was woken for them: it has as long again.
        """
        is_new, has_moved = bool(set(seen) - set(self.files)), seen != self.files
        is_due = is_new or (bool(seen) and not has_moved and now - self.at > self.reminder_seconds)
        if has_moved:
            self.reminder_seconds = self.first_reminder_seconds
        elif is_due:
            self.reminder_seconds = min(self.reminder_seconds * 2, MOST_BETWEEN_REMINDERS)
        if has_moved or is_due:
            self.files, self.at = seen, now
        return is_due


class InboxTrigger(BaseEventTrigger):
    """Fires once the delivery files in a folder have stood still for `settle_seconds`."""

    def __init__(
        self,
        folder: str,
        patterns: list[str],
        settle_seconds: float = 1.5,
        first_reminder_seconds: float = 60.0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        self.patterns = patterns
        self.settle_seconds = settle_seconds
        self.first_reminder_seconds = first_reminder_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow stores of this trigger."""
        return (
            "inbox_watch.InboxTrigger",
            {
                "folder": self.folder,
                "patterns": self.patterns,
                "settle_seconds": self.settle_seconds,
                "first_reminder_seconds": self.first_reminder_seconds,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event for each new state of the inbox, and reminders while files stay."""
        told = Told(self.first_reminder_seconds)
        while True:
            seen = await asyncio.to_thread(self.snapshot)
            await asyncio.sleep(self.settle_seconds)
            is_still = seen == await asyncio.to_thread(self.snapshot)
            if (is_still or not seen) and told.is_news(seen, time.monotonic()):
                yield TriggerEvent({"n_files": len(seen)})  # type: ignore[no-untyped-call]

    def snapshot(self) -> Snapshot:
        """Return name, size and time of change of every file that looks like a delivery."""
        found = []
        for path in Path(self.folder).glob("*/*"):
            is_near = path.name.casefold().strip().endswith(NEAR_ENDINGS) and not path.name.startswith(".")
            is_named = any(re.fullmatch(pattern, path.name) for pattern in self.patterns)
            if (is_near or is_named) and not path.is_symlink():
                try:
                    stat = path.stat()
                except FileNotFoundError:
                    continue
                found.append((f"{path.parent.name}/{path.name}", stat.st_size, stat.st_mtime_ns))
        return tuple(sorted(found))
