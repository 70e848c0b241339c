"""Where a provider leaves deliveries: what is asked of such a place, and a folder of this machine as one."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from _typeshed import SupportsRead


class Seen(NamedTuple):
    """What a file was like when it was looked at: alike in all of it, it is the same."""

    size: int
    changed_ns: int
    etag: str = ""
    """The server's mark of its content, where there is one."""


class Place(Protocol):
    """Where a provider leaves deliveries."""

    @property
    def looks_apart_seconds(self) -> float:
        """After how long what is new there is looked at again; 0 where its clock is ours, or files come there whole."""

    def look(self) -> dict[str, Seen]:
        """Return the plain files that are there. Raises OSError, or NteError with the next action."""

    def open_at(self, name: str, seen: Seen, at: int) -> AbstractContextManager[SupportsRead[bytes]]:
        """Give what a file holds from byte `at` on.

        Raises OSError, also while it is read; FileChangedError where it is known to be another than was seen.
        """


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, such as a share."""

    path: Path
    looks_apart_seconds: float = 0.0

    def __str__(self) -> str:
        return str(self.path)

    def look(self) -> dict[str, Seen]:
        """Return the plain files that are there. Raises OSError."""
        return {one.name: seen for one in self.path.iterdir() if (seen := _seen(one))}

    @contextmanager
    def open_at(self, name: str, seen: Seen, at: int) -> Iterator[SupportsRead[bytes]]:
        """Give what a file holds from byte `at` on. Raises OSError, also while it is read."""
        with (self.path / name).open("rb") as file:
            file.seek(at)
            yield file


def _seen(path: Path) -> Seen | None:
    """Return what a plain file is like; None for anything else, or where it has just gone."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    return Seen(facts.st_size, facts.st_mtime_ns) if stat.S_ISREG(facts.st_mode) else None
