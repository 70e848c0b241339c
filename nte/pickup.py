"""Fetches deliveries from where a provider leaves them: whole files only, each once; nothing there is changed.

A file is whole when its manifest stands beside it, or when its size and time have stood still for a while. What was
fetched is kept in a list, by name, size and time: a file that is corrected under its name is fetched again.
"""

import json
import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep, time
from typing import IO, Final, Protocol

from nte.area import Area, Source
from nte.errors import CannotWriteError, NteError
from nte.files import SECRET, make_folder, write_text
from nte.inbox import UNFINISHED_SUFFIXES, Arrival, arrival_at, safe_name
from nte.kept_files import MANIFEST_SUFFIX
from nte.settings import Settings

STANDS_STILL_SECONDS: Final = 30.0
"""A file that changed more recently may still be growing; a manifest beside it says that it is whole."""
Seen = tuple[int, int]
"""Size and time of the last change (ns): what a file was like when it was fetched."""


@dataclass(frozen=True)
class Fetched:
    """What was fetched, and what was left where it is for now."""

    names: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()


class Place(Protocol):
    """Where a provider leaves deliveries."""

    @property
    def looks_apart_seconds(self) -> float:
        """After how long what is new there is looked at again; 0 where its clock is ours."""

    def look(self) -> dict[str, Seen]:
        """Return the plain files that are there. Raises OSError."""

    def copy(self, name: str, file: IO[bytes]) -> None:
        """Write what a file holds; all of it. Raises OSError."""


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

    def copy(self, name: str, file: IO[bytes]) -> None:
        """Write what a file holds; all of it. Raises OSError."""
        with (self.path / name).open("rb") as original:
            shutil.copyfileobj(original, file)


def fetch_deliveries(settings: Settings, area: Area, source: str, place: Place, now: datetime) -> Fetched:
    """Copy what is new for a source as of `now` into its inbox, the oldest first; safe to repeat after a crash.

    Raises NteError with the next action where the place cannot be read.
    """
    fetched, names, growing = _read_list(settings, source), list[str](), list[str]()
    inbox = settings.inbox_folder / source
    there = look_into(place, source)
    new = [
        arrival.file_name
        for arrival in _arrivals(there, area.sources[source], area, now)
        if fetched.get(arrival.file_name) != there[arrival.file_name]
        and not (inbox / arrival.file_name).exists()
    ]
    if new and place.looks_apart_seconds:
        sleep(place.looks_apart_seconds)
    again = look_into(place, source) if new else {}
    for name in new:
        if not _is_whole(name, there, again) or not _copy(place, name, again, inbox):
            growing.append(name)
            continue
        fetched[name] = there[name]
        _write_list(settings, source, fetched)
        names.append(name)
    return Fetched(tuple(names), tuple(growing))


def look_into(place: Place, source: str) -> dict[str, Seen]:
    """Return the files of a place. Raises NteError with the next action."""
    try:
        return place.look()
    except OSError as problem:
        raise NteError(
            f"{place}: deliveries of {source} cannot be fetched from it ({_why(problem)}). Let this user read it, "
            "mount it where it is a share, or ask the provider; nothing is lost, and the next run goes on."
        ) from problem


def _arrivals(there: Iterable[str], source: Source, area: Area, now: datetime) -> list[Arrival]:
    """Return the deliveries among the files of a place that are due by `now`, the oldest first."""
    found = [
        arrival_at(Path(name), source, area)
        for name in there
        if Path(name).name == name and not name.endswith((MANIFEST_SUFFIX, *UNFINISHED_SUFFIXES))
    ]
    due = [arrival for arrival in found if arrival and arrival.known_at <= now]
    return sorted(due, key=lambda arrival: (arrival.known_at, arrival.file_name))


def _seen(path: Path) -> Seen | None:
    """Return what a plain file is like; None for anything else, or where it has just gone."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    return (facts.st_size, facts.st_mtime_ns) if stat.S_ISREG(facts.st_mode) else None


def _is_whole(name: str, there: Mapping[str, Seen], again: Mapping[str, Seen]) -> bool:
    """Say whether a file is as it was at the first look, and its manifest is there or it has stood still for long."""
    if again.get(name) != there[name]:
        return False
    return _manifest_of(name) in again or time() - there[name][1] / 1e9 >= STANDS_STILL_SECONDS


def _manifest_of(name: str) -> str:
    return Path(name).with_suffix(MANIFEST_SUFFIX).name


def _copy(place: Place, name: str, seen: Mapping[str, Seen], inbox: Path) -> bool:
    """Copy a delivery and its manifest, the manifest first; say whether they stayed as they were meanwhile.

    Raises NteError where it cannot be read, CannotWriteError where the inbox cannot be written to.
    """
    try:
        make_folder(inbox)
    except OSError as problem:
        raise CannotWriteError(inbox, problem.strerror) from problem
    parts = {one: inbox / f".{one}.part" for one in (_manifest_of(name), name) if one in seen}
    try:
        for one, part in parts.items():
            with part.open("wb") as file:
                part.chmod(SECRET)
                place.copy(one, file)
                file.flush()
                os.fsync(file.fileno())
        now = place.look()
        if any(now.get(one) != seen[one] for one in parts):
            return False
        for one, part in parts.items():
            part.replace(inbox / one)
    except OSError as problem:
        raise NteError(
            f"{safe_name(name)}: it could not be copied from {place} to {inbox} ({_why(problem)}). Look at the "
            "provider's folder and at the room here; the next run fetches it from its beginning."
        ) from problem
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return True


def _why(problem: OSError) -> str:
    return problem.strerror or str(problem)


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
