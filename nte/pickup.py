"""Fetches deliveries from where a provider leaves them: whole files only, each once; nothing there is changed.

A file is whole when its manifest stands beside it, or when its size and time have stood still for a while. What was
fetched is kept in a list, by name, size and time: a file that is corrected under its name is fetched again.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import time
from typing import Final
from urllib.parse import unquote, urlsplit

from nte.area import Area, Source
from nte.errors import CannotWriteError, NteError
from nte.files import SECRET, make_folder, write_text
from nte.inbox import UNFINISHED_SUFFIXES, Arrival, arrival_at, safe_name
from nte.kept_files import MANIFEST_SUFFIX
from nte.settings import Settings

STANDS_STILL_SECONDS: Final = 30.0
"""A file on a share that changed more recently may still be growing; a manifest beside it says that it is whole."""
Seen = tuple[int, int]
"""Size and time of the last change (ns): what a file was like when it was fetched."""


@dataclass(frozen=True)
class Fetched:
    """What was fetched, and what was left where it is for now."""

    names: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()


def folder_of(source: Source) -> Path | None:
    """Return the folder from which a source is fetched; None where its provider brings its files."""
    return Path(unquote(urlsplit(source.pickup).path)) if source.pickup else None


def fetch_deliveries(settings: Settings, area: Area, source: str, now: datetime) -> Fetched:
    """Copy what is new for a source as of `now` into its inbox, the oldest first; safe to repeat after a crash.

    Raises NteError with the next action where the folder cannot be read.
    """
    folder = folder_of(area.sources[source])
    if folder is None:
        return Fetched()
    fetched, names, growing = _read_list(settings, source), list[str](), list[str]()
    for arrival in sorted(
        _arrivals(folder, area.sources[source], area, now), key=lambda a: (a.known_at, a.file_name)
    ):
        seen, inbox = _seen(arrival.path), settings.inbox_folder / source
        if seen is None or fetched.get(arrival.file_name) == seen or (inbox / arrival.file_name).exists():
            continue
        if not _is_whole(arrival.path, seen) or not _copy(arrival.path, inbox, seen):
            growing.append(arrival.file_name)
            continue
        fetched[arrival.file_name] = seen
        _write_list(settings, source, fetched)
        names.append(arrival.file_name)
    return Fetched(tuple(names), tuple(growing))


def _arrivals(folder: Path, source: Source, area: Area, now: datetime) -> Iterator[Arrival]:
    """Yield the deliveries of a folder that are due by `now`. Raises NteError."""
    try:
        entries = [entry for entry in folder.iterdir() if entry.is_file() and not entry.is_symlink()]
    except OSError as problem:
        raise NteError(
            f"{folder}: deliveries of {source.source} cannot be fetched from it ({problem.strerror}). Mount the share, "
            "or let this user read it; nothing is lost, and the next run goes on."
        ) from problem
    for entry in entries:
        if entry.suffix == MANIFEST_SUFFIX or entry.name.endswith(UNFINISHED_SUFFIXES):
            continue
        arrival = arrival_at(entry, source, area)
        if arrival and arrival.known_at <= now:
            yield arrival


def _seen(path: Path) -> Seen | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _is_whole(path: Path, seen: Seen) -> bool:
    if path.with_suffix(MANIFEST_SUFFIX).is_file():
        return True
    return time() - seen[1] / 1e9 >= STANDS_STILL_SECONDS


def _copy(path: Path, inbox: Path, seen: Seen) -> bool:
    """Copy a delivery and its manifest, the manifest first; say whether it stayed as it was meanwhile.

    Raises NteError where it cannot be read, CannotWriteError where the inbox cannot be written to.
    """
    try:
        make_folder(inbox)
    except OSError as problem:
        raise CannotWriteError(inbox, problem.strerror) from problem
    parts = [
        (one, inbox / f".{one.name}.part")
        for one in (path.with_suffix(MANIFEST_SUFFIX), path)
        if one.is_file()
    ]
    try:
        for one, part in parts:
            shutil.copyfile(one, part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
        if _seen(path) != seen:
            return False
        for one, part in parts:
            part.chmod(SECRET)
            part.replace(inbox / one.name)
    except OSError as problem:
        raise NteError(
            f"{safe_name(path.name)}: it could not be copied from {path.parent} to {inbox} ({problem.strerror}). Look "
            "at the share and at the room here; the next run fetches it from its beginning."
        ) from problem
    finally:
        for _, part in parts:
            part.unlink(missing_ok=True)
    return True


def _list_file(settings: Settings, source: str) -> Path:
    return settings.home / "pickup" / f"{source}.json"


def _read_list(settings: Settings, source: str) -> dict[str, Seen]:
    """Return what was fetched; a list that is lost or damaged is empty: what comes again is already seen."""
    try:
        said = json.loads(_list_file(settings, source).read_text(encoding="utf-8"))
        return {str(name): (int(size), int(changed)) for name, (size, changed) in said.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write_list(settings: Settings, source: str, fetched: dict[str, Seen]) -> None:
    write_text(_list_file(settings, source), json.dumps(fetched, indent=0, sort_keys=True))
