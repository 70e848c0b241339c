"""Files that are whole or not there."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from nte.errors import CannotWriteError

OPEN, SECRET = 0o644, 0o600
"""For everybody to read, or for the owner alone."""


def write_atomically(path: Path, write: Callable[[IO[bytes]], object], mode: int = OPEN) -> None:
    """Let `write` fill a file that takes the place of `path` at once, or not at all.

    Nobody but the owner can read it before it is whole, nor ever with the mode SECRET. Raises CannotWriteError.
    """
    try:
        _write(path, write, mode)
    except OSError as problem:
        raise CannotWriteError(path.parent, problem.strerror) from problem


def _write(path: Path, write: Callable[[IO[bytes]], object], mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        fresh = Path(file.name)
        try:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
    fresh.chmod(mode)
    fresh.replace(path)


def write_text(path: Path, text: str, mode: int = OPEN) -> None:
    """Write a text file at once, or not at all."""
    write_atomically(path, lambda file: file.write(text.encode("utf-8")), mode)
