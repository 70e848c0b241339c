"""How a file leaves the inbox: into its new place first, then out of the old one; nothing is overwritten."""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nte.errors import NteError
from nte.files import SECRET, is_ours, make_folder, write_atomically

MANIFEST_SUFFIX = ".json"


def sha256_of(content: bytes) -> str:
    """Return the name of these bytes."""
    return hashlib.sha256(content).hexdigest()


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes. Raises NteError with the next action when this user may not."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise NteError(
            f"{path}: cannot be read ({problem.strerror}). Let this user read it, then run again."
        ) from problem


def is_still(path: Path, sha256: str) -> bool:
    """Say whether a file stands there, can be read, and has these bytes."""
    try:
        return sha256_of(path.read_bytes()) == sha256
    except OSError:
        return False


class FileChangedError(NteError):
    """A file is no longer what it was when it was looked at."""


@dataclass(frozen=True)
class Received:
    """A file as it was when it was looked at: its content is read where it is used, and not held."""

    path: Path
    sha256: str
    n_bytes: int

    def read(self) -> bytes:
        """Return its content. Raises FileChangedError when it is another one by now."""
        content = read_bytes(self.path)
        if sha256_of(content) != self.sha256:
            raise FileChangedError(
                f"{self.path}: changed while it was looked at. It is taken when it stands still."
            )
        return content


def receive(path: Path) -> Received:
    """Look at a file. Raises NteError with the next action when this user may not read it."""
    content = read_bytes(path)
    return Received(path, sha256_of(content), len(content))


def settle(path: Path, folder: Path) -> Path:
    """Move a delivery and its manifest into `folder`; return where the delivery stands now.

    Safe to repeat after a crash, across file systems too. What stands there is never overwritten: other
    content under the same name gets a number, the same content is kept once. From a folder that this user may not
    write to it is copied; see `must_stay`.
    """
    manifest = path.with_suffix(MANIFEST_SUFFIX)
    pair = [p for p in (manifest, path) if p.is_file()]
    with _explained(folder):
        make_folder(folder)
        target = next(t for t in _numbered(folder / path.name) if _has_room(path, manifest, t))
        for original in pair:
            put_whole(original, target.with_suffix(original.suffix))
        _sync(folder)
    if not must_stay(path):
        with _left_where_it_must_stay(path.parent):
            for original in reversed(pair):
                original.unlink(missing_ok=True)
    return target


def must_stay(path: Path) -> bool:
    """Say whether a file stands in a folder from which this user may not remove it."""
    return path.exists() and not may_empty(path.parent)


def may_empty(folder: Path) -> bool:
    """Say whether this user may remove files from a folder; one that nobody may write to is left alone by root too."""
    return os.access(folder, os.W_OK) and bool(folder.stat().st_mode & 0o222)


@contextlib.contextmanager
def _left_where_it_must_stay(folder: Path) -> Iterator[None]:
    """Let a file stay in a folder that this user may not write to: the next look at it says so."""
    try:
        with _explained(folder):
            yield
    except NteError:
        if may_empty(folder):
            raise


def remove_original(path: Path) -> None:
    """Remove a delivery that may not be kept, and its manifest, from where this user may remove it."""
    if must_stay(path):
        return
    with _left_where_it_must_stay(path.parent):
        path.with_suffix(MANIFEST_SUFFIX).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        _sync(path.parent)


def kept_copies(folder: Path, name: str) -> list[Path]:
    """Return the files of a folder that were settled under this name, numbered or not."""
    stem, suffix = Path(name).stem, Path(name).suffix
    return sorted(p for p in folder.glob(f"{glob_quoted(stem)}*{suffix}") if p.name.startswith(stem))


def remove_settled_manifest(manifest: Path, folders: list[Path]) -> bool:
    """Remove a manifest that a crash left behind, when a copy already stands in one of `folders`."""
    is_settled = is_settled_manifest(manifest, folders)
    if is_settled and not must_stay(manifest):
        manifest.unlink(missing_ok=True)
    return is_settled


def is_settled_manifest(manifest: Path, folders: list[Path]) -> bool:
    """Say whether a copy of a manifest already stands in one of `folders`."""
    content = read_bytes(manifest)
    names = f"{glob_quoted(manifest.stem)}*{MANIFEST_SUFFIX}"
    return any(copy.read_bytes() == content for folder in folders for copy in folder.glob(names))


def glob_quoted(name: str) -> str:
    """Return the name with the signs that a pattern would read otherwise made literal."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all. Raises NteError with the next action when it cannot."""
    with _explained(path.parent):
        write_atomically(path, lambda file: file.write(content))


def _numbered(target: Path) -> Iterator[Path]:
    yield target
    number = 2
    while True:
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")
        number += 1


def _has_room(path: Path, manifest: Path, target: Path) -> bool:
    beside = target.with_suffix(MANIFEST_SUFFIX)
    return _is_free_or_same(path, target) and (not manifest.is_file() or _is_free_or_same(manifest, beside))


def _is_free_or_same(original: Path, target: Path) -> bool:
    if not target.exists():
        return True
    if original.stat().st_size != target.stat().st_size:
        return False
    return original.read_bytes() == target.read_bytes()


def put_whole(original: Path, target: Path) -> None:
    """Let a file stand in another place too, whole or not at all, across file systems; what stands there stays.

    Raises OSError.
    """
    if target.exists():
        return
    fresh = target.with_name(f".{target.name}.{os.getpid()}.part")
    fresh.unlink(missing_ok=True)
    try:
        os.link(original, fresh)
    except OSError:
        shutil.copyfile(original, fresh)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
    if is_ours(fresh):
        fresh.chmod(SECRET)
    fresh.rename(target)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise NteError(
            f"{folder}: a delivery cannot be moved or written ({problem.strerror}). Make room or let this "
            "user write there, then run again: nothing is lost."
        ) from problem
