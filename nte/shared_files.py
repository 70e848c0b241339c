"""Immutable files in a folder that all workers see: on this disk, or in an object store.

A file is written once and never changed, so that it may be read while others work. The folder is anything that
speaks like a path: `pathlib.Path`, or Airflow's ObjectStoragePath that a DAG hands down.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, Self

from nte.files import write_atomically


class SharedFolder(Protocol):
    """What a folder must be able to do; a file in it is one of these, too."""

    @property
    def name(self) -> str:
        """Last part of the address."""

    def __truediv__(self, name: str, /) -> Self:
        """Return what is called `name` in this folder."""

    def exists(self) -> bool:
        """Say whether it is there."""

    def iterdir(self) -> Iterator[Self]:
        """Return what is in the folder."""

    def read_bytes(self) -> bytes:
        """Return the content of a file."""

    def write_bytes(self, data: bytes, /) -> Any:
        """Write a file whole."""


def put_once(folder: SharedFolder, name: str, content: bytes) -> None:
    """Write a file, whole or not at all; one that is there already stays as it is."""
    path = folder / name
    if path.exists():
        return
    if isinstance(path, Path):
        write_atomically(path, lambda file: file.write(content))
    else:
        path.write_bytes(content)  # an object store shows an object when it is whole


def names_in(folder: SharedFolder) -> list[str]:
    """Return the names of what is in a folder, sorted; none when it is not there."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def remove_folder(folder: SharedFolder) -> None:
    """Remove a folder with all that is in it."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        remove: Any = folder
        remove.rmdir(recursive=True)  # as object stores understand it; a Path does not
