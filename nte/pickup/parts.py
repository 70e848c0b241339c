"""The bytes of a file gather in a part until it is whole, however often the way breaks off.

A part is of one file in one state: of a file that has changed another one is begun.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Final

from nte.deliveries.inbox import safe_name
from nte.deliveries.kept_files import sha256_of
from nte.files import SECRET
from nte.pickup.places import Place, Seen

if TYPE_CHECKING:
    from _typeshed import SupportsRead

BLOCK_BYTES: Final = 1 << 18
SAYS_EVERY_SECONDS: Final = 5.0


def part_of(folder: Path, name: str, seen: Seen) -> Path:
    """Return where the bytes of a file gather that was seen so."""
    return folder / f"{sha256_of(repr((name, *seen)).encode())[:32]}.part"


def forget_others(folder: Path, there: Mapping[str, Seen]) -> None:
    """Remove the parts of files that are not there any more, or not as they were. Raises OSError."""
    wanted = {part_of(folder, name, seen) for name, seen in there.items()}
    for part in folder.glob("*.part"):
        if part not in wanted:
            part.unlink(missing_ok=True)


def gather(place: Place, name: str, seen: Seen, part: Path, tell: Callable[[str], object]) -> None:
    """Bring the bytes of a file together, going on from those that its part has; `tell` hears how far it is.

    Raises OSError, also before it would fill the disk, and what `Place.open_at` raises; what has come by then stays.
    """
    with part.open("ab") as file:
        part.chmod(SECRET)
        at = file.tell()
        if shutil.disk_usage(part.parent).free < seen.size - at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if at:
            tell(f"{_how_far(name, at, seen)} had come before; it goes on from there")
        if at < seen.size:
            with place.open_at(name, seen, at) as original:
                _pour(original, file, lambda come: tell(f"{_how_far(name, come, seen)} have come"))
        file.flush()
        os.fsync(file.fileno())


def _pour(original: SupportsRead[bytes], file: IO[bytes], say: Callable[[int], object]) -> None:
    """Copy what is left to read; `say` hears every few seconds how many bytes the file has."""
    said_at = monotonic()
    while block := original.read(BLOCK_BYTES):
        file.write(block)
        if monotonic() - said_at >= SAYS_EVERY_SECONDS:
            say(file.tell())
            said_at = monotonic()


def _how_far(name: str, come: int, seen: Seen) -> str:
    return f"{safe_name(name)}: {come / 1e6:,.1f} of {seen.size / 1e6:,.1f} MB"
