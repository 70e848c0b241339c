"""Files that are whole or not there, and who may read them, whatever the umask."""

import os
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO

from nte.errors import CannotWriteError, StandsOtherwiseError

OPEN, GROUP, SECRET = 0o644, 0o640, 0o600
"""For everybody to read, for the owner's group too, or for the owner alone."""
PRIVATE_FOLDER, GROUP_FOLDER, PASSAGE = 0o700, 0o750, 0o010
INBOX_FOLDER = 0o770
"""Providers write there, as members of the service's group."""
OTHERS = 0o077
"""What of a mode is for anybody but the owner."""


def make_folder(path: Path, mode: int = PRIVATE_FOLDER) -> Path:
    """Make a folder and those above it where they are missing, for the owner alone; return it."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        one.chmod(mode)
    return path


def is_ours(path: Path) -> bool:
    """Say whether this user owns a file, and so may change who reads it."""
    return path.stat().st_uid == os.geteuid()


def open_to_group(folder: Path) -> None:
    """Let the owner's group read what is in a folder: into it, and through the one above."""
    for one, mode in ((folder, GROUP_FOLDER), (folder.parent, folder.parent.stat().st_mode | PASSAGE)):
        if is_ours(one):
            one.chmod(mode & 0o7777)


def close_to_others(folder: Path) -> None:
    """Take from everybody but the owner what they may do in a folder, with all that is in it; once."""
    if not folder.is_dir() or not is_ours(folder) or not folder.stat().st_mode & OTHERS:
        return
    for path in folder.rglob("*"):
        if not path.is_symlink() and is_ours(path):
            path.chmod(path.stat().st_mode & 0o7700)
    folder.chmod(PRIVATE_FOLDER)


def write_atomically(path: Path, write: Callable[[IO[bytes]], object], mode: int = SECRET) -> None:
    """Let `write` fill a file that takes the place of `path` at once, or not at all.

    Nobody but the owner can read it before it is whole, nor ever with the mode SECRET; folders that it makes are the
    owner's alone. Raises CannotWriteError.
    """
    try:
        _write(path, write, mode)
    except OSError as problem:
        raise CannotWriteError(path.parent, problem.strerror) from problem


def _write(path: Path, write: Callable[[IO[bytes]], object], mode: int) -> None:
    make_folder(path.parent)
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


def write_text(path: Path, text: str, mode: int = SECRET) -> None:
    """Write a text file at once, or not at all."""
    write_atomically(path, lambda file: file.write(text.encode("utf-8")), mode)


def write_once(contents: Mapping[Path, bytes], mode: int = SECRET) -> None:
    """Write files that are never written over: one that stands already with the same bytes stays.

    Raises StandsOtherwiseError, before anything is written, where one stands with other bytes; CannotWriteError.
    """
    missing = {path: content for path, content in contents.items() if not _stands(path, content)}
    for path, content in missing.items():
        write_atomically(path, partial(_put, content), mode)


def _stands(path: Path, content: bytes) -> bool:
    try:
        if path.read_bytes() != content:
            raise StandsOtherwiseError(path)
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise CannotWriteError(path, problem.strerror) from problem
    return True


def _put(content: bytes, file: IO[bytes]) -> None:
    file.write(content)
