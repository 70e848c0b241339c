"""Fetches deliveries from where a provider leaves them: whole files only, each once; nothing there is changed.

A file is whole when its manifest stands beside it, or when its size and time have stood still for a while. What was
fetched is kept in a list, by name and what it was like: a file that is corrected under its name is fetched again. One
that breaks off goes on in the next run from the bytes that have come, unless it has changed.
"""

import fcntl
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep, time
from typing import Final

from nte.area import Area, Source
from nte.deliveries.inbox import UNFINISHED_SUFFIXES, Arrival, arrival_at, safe_name
from nte.deliveries.kept_files import MANIFEST_SUFFIX, FileChangedError, put_whole
from nte.errors import CannotWriteError, NteError
from nte.files import make_folder, write_text
from nte.pickup.parts import forget_others, gather, part_of
from nte.pickup.places import Place, Seen
from nte.settings import Settings

STANDS_STILL_SECONDS: Final = 30.0
"""A file that changed more recently may still be growing; a manifest beside it says that it is whole."""


@dataclass(frozen=True)
class Fetched:
    """What was fetched, and what was left where it is for now."""

    names: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()


def fetch_deliveries(
    settings: Settings, area: Area, source: str, place: Place, now: datetime, *, tell: Callable[[str], object]
) -> Fetched:
    """Copy what is new for a source as of `now` into its inbox, the oldest first; safe to repeat after a crash.

    `tell` hears how far a large file is. Raises NteError with the next action where the place cannot be read.
    """
    inbox, names, growing = settings.inbox_folder / source, list[str](), list[str]()
    with _only_fetcher(settings.pickup / source, tell) as parts:
        fetched = _read_list(settings, source)
        there = look_into(place, source)
        new = [
            arrival.file_name
            for arrival in _arrivals(there, area.sources[source], area, now)
            if fetched.get(arrival.file_name) != there[arrival.file_name]
            and not (inbox / arrival.file_name).exists()
        ]
        if new and place.looks_apart_seconds:
            sleep(place.looks_apart_seconds)
        again = look_into(place, source) if new else there
        forget_others(parts, again)
        for name in new:
            if not _is_whole(name, there, again) or not _copy(place, name, again, parts, inbox, tell=tell):
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


@contextmanager
def _only_fetcher(folder: Path, tell: Callable[[str], object]) -> Iterator[Path]:
    """Give the folder where parts gather, when no other process fetches there. A killed one lets go.

    `tell` hears that it waits. Raises CannotWriteError.
    """
    try:
        lock = (make_folder(folder) / "lock").open("w")
    except OSError as problem:
        raise CannotWriteError(folder, problem.strerror) from problem
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"{folder.name}: another run is fetching its deliveries; this one waits for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _arrivals(there: Iterable[str], source: Source, area: Area, now: datetime) -> list[Arrival]:
    """Return the deliveries among the files of a place that are due by `now`, the oldest first."""
    found = [
        arrival_at(Path(name), source, area)
        for name in there
        if Path(name).name == name and not name.endswith((MANIFEST_SUFFIX, *UNFINISHED_SUFFIXES))
    ]
    due = [arrival for arrival in found if arrival and arrival.known_at <= now]
    return sorted(due, key=lambda arrival: (arrival.known_at, arrival.file_name))


def _is_whole(name: str, there: Mapping[str, Seen], again: Mapping[str, Seen]) -> bool:
    """Say whether a file is as it was at the first look, and its manifest is there or it has stood still for long."""
    if again.get(name) != there[name]:
        return False
    return _manifest_of(name) in again or time() - there[name].changed_ns / 1e9 >= STANDS_STILL_SECONDS


def _manifest_of(name: str) -> str:
    return Path(name).with_suffix(MANIFEST_SUFFIX).name


def _copy(
    place: Place,
    name: str,
    seen: Mapping[str, Seen],
    folder: Path,
    inbox: Path,
    *,
    tell: Callable[[str], object],
) -> bool:
    """Copy a delivery and its manifest, the manifest first; say whether they stayed as they were meanwhile.

    Raises NteError where it cannot be read, CannotWriteError where the inbox cannot be written to.
    """
    try:
        make_folder(inbox)
    except OSError as problem:
        raise CannotWriteError(inbox, problem.strerror) from problem
    parts = {one: part_of(folder, one, seen[one]) for one in (_manifest_of(name), name) if one in seen}
    try:
        return _gather_all(place, seen, parts, tell) and _hand_on(parts, inbox)
    except OSError as problem:
        raise NteError(
            f"{safe_name(name)}: it could not be copied from {place} to {inbox} ({_why(problem)}). Look at the "
            "provider's folder and at the room here; the next run goes on from the bytes that have come."
        ) from problem


def _gather_all(
    place: Place, seen: Mapping[str, Seen], parts: Mapping[str, Path], tell: Callable[[str], object]
) -> bool:
    """Bring files together in their parts; say whether each is whole and stayed as it was. Raises OSError, NteError."""
    try:
        for one, part in parts.items():
            gather(place, one, seen[one], part, tell)
        now = place.look()
    except FileChangedError:
        return False
    if all(
        now.get(one) == seen[one] and part.stat().st_size == seen[one].size for one, part in parts.items()
    ):
        return True
    for part in parts.values():
        part.unlink()
    return False


def _hand_on(parts: Mapping[str, Path], inbox: Path) -> bool:
    """Put whole files into the inbox in their order; a manifest that stood there alone goes. Raises OSError."""
    for one, part in parts.items():
        (inbox / one).unlink(missing_ok=True)
        put_whole(part, inbox / one)
        part.unlink()
    return True


def _why(problem: OSError) -> str:
    return problem.strerror or str(problem)


def _list_file(settings: Settings, source: str) -> Path:
    return settings.pickup / f"{source}.json"


def _read_list(settings: Settings, source: str) -> dict[str, Seen]:
    """Return what was fetched; a list that is lost or damaged is empty: what comes again is already seen."""
    try:
        said = json.loads(_list_file(settings, source).read_text(encoding="utf-8"))
        return {str(name): Seen(*facts) for name, facts in said.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write_list(settings: Settings, source: str, fetched: dict[str, Seen]) -> None:
    write_text(_list_file(settings, source), json.dumps(fetched, indent=0, sort_keys=True))
