"""Wakes `take_deliveries` when a delivery lands in the inbox.

The event is only a wake-up: the run sweeps the whole inbox, so an event that is lost in a burst costs nothing.
Files that stay (dated later, or not accepted yet) wake it again, ever less often.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

NEAR_ENDINGS = (".csv", ".json")
"""A manifest that comes alone is used, and a file whose name is nearly right is read or told."""
Snapshot = tuple[tuple[str, int, int], ...]


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
        told: Snapshot = ()
        told_at, reminder = 0.0, self.first_reminder_seconds
        while True:
            seen = await asyncio.to_thread(self.snapshot)
            await asyncio.sleep(self.settle_seconds)
            is_still = seen == await asyncio.to_thread(self.snapshot)
            if not seen:
                told = ()
            elif is_still and (seen != told or time.monotonic() - told_at > reminder):
                reminder = self.first_reminder_seconds if seen != told else min(reminder * 2, 3600.0)
                told, told_at = seen, time.monotonic()
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
