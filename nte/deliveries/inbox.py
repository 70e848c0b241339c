"""The inbox door: what has arrived, oldest morning first, and what is left alone and why.

A provider's folder is `<inbox>/<source>/`. How a file leaves the inbox stands in nte/deliveries/kept_files.py.
"""

import calendar
import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from nte.area import Area, Source
from nte.deliveries.kept_files import MANIFEST_SUFFIX
from nte.deliveries.near_names import likely_name, mended_name
from nte.errors import NteError

UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload", ".swp", "~")
YOUNG_SECONDS = 2.0
"""A file changed this recently is looked at twice: it may still be growing."""
SECOND_LOOK_SECONDS = 0.2
FOREIGN_STILL_SECONDS = 10.0
"""Whether another user still has a file open cannot be told: it has to stand still so long before it is taken."""
PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.(?!(?:csv|json|txt|xlsx|ods|zip)$)[\w-]+)*|(?<!\d)\d(?:[ ._-]?\d){8,}(?!\d)"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?![A-Z\d])",
    re.IGNORECASE,
)
"""An e-mail address, nine digits or more, or a full postcode: no delivery's name needs one …"""
DATES = re.compile(r"20\d\d[ ._-]?[01]\d[ ._-]?[0-3]\d|[0-3]\d[ ._-]?[01]\d[ ._-]?20\d\d")
MOST_DIGITS = 8
"""… but for its dates."""
LAST_YEAR = 2200
"""A date of this year or later, or of the area's oldest year or before, is none that a delivery can have."""
STILL_GROWING = "still being written; taken when it has stopped"
GROWING_BY_NAME = "still being written, by its name"
GROWING_UNSEEN = "another user's, and perhaps still being written; taken when it has stood still"
AHEAD = "dated ahead; taken when its morning has come"
NO_DELIVERY = "a manifest whose delivery is not here"
NO_FEED = "its name fits no feed; the provider must name it as agreed"
UNREADABLE = "this user may not read it, or it has just gone; taken when it can be read"
NO_MANIFEST_YET = "waits a little for its manifest, which this feed usually sends"
MUST_STAY = "judged, but this user may not remove it from here; let it write to this folder"
NOT_TAKEN_YET = (STILL_GROWING, GROWING_BY_NAME, GROWING_UNSEEN, AHEAD, UNREADABLE, NO_MANIFEST_YET)
"""Why a file waits that may be taken later."""
WRONG_NAME = (NO_FEED,)
"""How the reason begins why a file is left alone for ever, unless somebody renames it."""


@dataclass(frozen=True)
class Arrival:
    """A file that fits the name of a feed."""

    path: Path
    source: str
    file_name: str
    first_date: date
    last_date: date
    is_history: bool
    known_at: datetime
    """The morning from which its content counts as known (UTC)."""
    manifest: Path | None


@dataclass(frozen=True)
class LeftAlone:
    """Something in the inbox that was not touched, and why."""

    path: Path
    why: str


@dataclass(frozen=True)
class Scan:
    """What stands in the inbox, oldest first."""

    arrivals: tuple[Arrival, ...]
    later: tuple[Arrival, ...]
    """Deliveries of mornings after `now`: not touched yet."""
    left_alone: tuple[LeftAlone, ...]
    orphan_manifests: tuple[Path, ...]
    """Manifests whose delivery is not in the inbox."""


def scan_inbox(inbox: Path, area: Area, now: datetime) -> Scan:
    """Return what stands in the inbox as of `now`; the area says which names fit which feed."""
    found: list[Arrival | LeftAlone] = list(_strangers(inbox, area))
    for source in area.sources.values():
        found.extend(_scan_folder(inbox / source.source, source, area))
    arrivals, growing = _part_growing([f for f in found if isinstance(f, Arrival)])
    arrivals.sort(key=lambda a: (a.known_at, not a.is_history, a.source, a.file_name))
    left_alone = [f for f in found if isinstance(f, LeftAlone)]
    return Scan(
        arrivals=tuple(a for a in arrivals if a.known_at <= now),
        later=tuple(a for a in arrivals if a.known_at > now),
        left_alone=(*left_alone, *(LeftAlone(path, why) for path, why in sorted(growing.items()))),
        orphan_manifests=tuple(f.path for f in left_alone if f.why == NO_DELIVERY),
    )


def safe_name(name: str) -> str:
    """Return a file name that is harmless wherever it is shown, without what looks like a number of a person."""
    return re.sub(r"[^A-Za-z0-9 ()._-]", "_", PERSONAL.sub(_unless_date, name))[:80]


def _unless_date(found: re.Match[str]) -> str:
    """Return what was found if it is dates and no more than a short number, else a mark in its place."""
    digits = re.sub(r"\D", "", DATES.sub("", found[0]))
    is_date = DATES.search(found[0]) and "@" not in found[0] and len(digits) <= MOST_DIGITS
    return found[0] if is_date else "_"


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise NteError(f"{folder}: cannot be read ({problem.strerror}). Let this user read it.") from problem


def _strangers(inbox: Path, area: Area) -> Iterator[LeftAlone]:
    """Yield what lies beside the feeds' folders."""
    for entry in _entries(inbox):
        if entry.is_symlink():
            yield LeftAlone(entry, "a link, not a folder")
        elif entry.name not in area.sources or not entry.is_dir():
            feeds = ", ".join(f"{name}/" for name in area.sources)
            yield LeftAlone(entry, f"not the folder of a feed; files belong into {feeds}")


def _scan_folder(folder: Path, source: Source, area: Area) -> Iterator[Arrival | LeftAlone]:
    if folder.is_symlink() or not folder.is_dir():
        return
    try:
        entries = _entries(folder)
    except NteError:
        yield LeftAlone(folder, "this user may not read it; no file of this feed can be taken")
        return
    names = {entry.name for entry in entries}
    stems = {entry.stem for entry in entries if entry.suffix != MANIFEST_SUFFIX}
    for entry in entries:
        why = _why_not_a_file(entry)
        if why is None and entry.suffix == MANIFEST_SUFFIX:
            if entry.stem not in stems:
                yield LeftAlone(entry, NO_DELIVERY)
            continue
        arrival = None if why else _recognise(entry, source, area, names)
        yield arrival or LeftAlone(entry, why or _no_feed(entry.name, source, area))


def _no_feed(name: str, source: Source, area: Area) -> str:
    """Return why a name fits no feed, with the name that was probably meant."""
    likely = mended_name(name, source) or likely_name(name, source)
    is_possible = likely and (arrival_at(Path(likely), source, area) or likely.endswith(MANIFEST_SUFFIX))
    return f"{NO_FEED}: {likely}" if is_possible else NO_FEED


def nearly_named(folder: Path, source: Source, area: Area) -> dict[Path, str]:
    """Return the files of a feed that have to be renamed to be read, each with its right name.

    Only where that leaves no doubt: the right name is free, and no other file has a claim to it.
    """
    try:
        entries = [entry for entry in _entries(folder) if _why_not_a_file(entry) is None]
    except NteError:
        return {}
    taken = {entry.name for entry in entries}
    found = {e: r for e in entries if (r := mended_name(e.name, source)) and not arrival_at(e, source, area)}
    rights = list(found.values())
    return {e: r for e, r in found.items() if r not in taken and rights.count(r) == 1}


def put_names_right(inbox: Path, source: Source, area: Area) -> list[str]:
    """Rename the files of a feed whose right name is beyond doubt; return what was done, in words.

    A file that is still being written, or that this user may not rename, keeps its name and is left alone.
    """
    if (inbox / source.source).is_symlink():
        return []
    wanted, told = nearly_named(inbox / source.source, source, area), []
    growing = _growing(list(wanted))
    for path, right in wanted.items():
        if path not in growing:
            try:
                os.link(path, path.with_name(right))
                path.unlink()
            except OSError:
                continue
            said = f"{safe_name(path.name)}: read as {right}; ask the provider to name it so"
            told.append(area.ask(said, source.source))
    return told


def _why_not_a_file(entry: Path) -> str | None:
    if entry.is_symlink():
        return "a link, not a file"
    if not entry.is_file():
        return "not a file"
    if entry.name.startswith((".", "~$")):
        return "a hidden file"
    if entry.name.endswith(UNFINISHED_SUFFIXES):
        return GROWING_BY_NAME
    return None


def arrival_at(path: Path, source: Source, area: Area) -> Arrival | None:
    """Return what a file of this name is to its source, whether it is there or not; None when it fits no feed."""
    return _recognise(path, source, area, set())


def _recognise(path: Path, source: Source, area: Area, names: set[str]) -> Arrival | None:
    formats = (source.date_format, source.history_date_format or source.date_format)
    for pattern, date_format in zip((source.daily_pattern, source.history_pattern), formats, strict=True):
        match = re.fullmatch(pattern, path.name)
        dates = _dates(match, date_format) if match and path.name.isprintable() else None
        if dates is None or not area.oldest_year < dates[0].year <= dates[1].year < LAST_YEAR:
            continue
        first, last, is_history = dates
        manifest = path.with_suffix(MANIFEST_SUFFIX)
        return Arrival(
            path=path,
            source=source.source,
            file_name=path.name,
            first_date=first,
            last_date=last,
            is_history=is_history,
            known_at=area.clock.morning_of(last + timedelta(days=1) if is_history else last),
            manifest=manifest if manifest.name in names and not _why_not_a_file(manifest) else None,
        )
    return None


def _dates(match: re.Match[str], date_format: str) -> tuple[date, date, bool] | None:
    """Return first date, last date and whether it is a history load; None when they are no dates."""
    groups = match.groupdict()
    try:
        first = _day(groups.get("date") or groups["from"], date_format)
        last = _last_day(_day(groups.get("date") or groups["to"], date_format), date_format)
    except ValueError:
        return None
    return (first, last, "from" in groups) if first <= last else None


def _day(text: str, date_format: str) -> date:
    return datetime.strptime(text, date_format).date()  # noqa: DTZ007  a local date has no zone


def _last_day(day: date, date_format: str) -> date:
    """Return the last day of the period that the format can name: a day, a month or a year."""
    if any(code in date_format for code in ("%d", "%j", "%x", "%D", "%F")):
        return day
    month = day.month if any(code in date_format for code in ("%m", "%b", "%B")) else 12
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def _part_growing(arrivals: list[Arrival]) -> tuple[list[Arrival], dict[Path, str]]:
    """Return the arrivals that stand still, and the files that somebody may still be writing, with the reason."""
    growing = _growing([a.path for a in arrivals])
    return [a for a in arrivals if a.path not in growing and _size(a.path)], growing


def is_fresh(path: Path, now: datetime, seconds: float) -> bool:
    """Say whether a file was written within so many seconds before `now`, by its own time; never by the clock.

    A run as of another moment than the clock's finds no file fresh, so that it does the same whenever it is done.
    """
    size = _size(path)
    return size is not None and 0 <= now.timestamp() - size[1] < seconds


def _growing(paths: list[Path]) -> dict[Path, str]:
    """Return the files that are still being written, or may be; each is looked at twice when it is young."""
    sizes = {path: _size(path) for path in paths}
    is_open = {path: _is_open_for_writing(path) for path in paths}
    seconds = max((_seconds_to_wait(sizes[path], is_open[path]) for path in paths), default=0.0)
    time.sleep(seconds)
    moved = (
        {path for path in paths if sizes[path] and _size(path) not in (sizes[path], None)}
        if seconds
        else set()
    )
    growing = {path: STILL_GROWING for path in paths if is_open[path]}
    return growing | {path: STILL_GROWING if is_open[path] is False else GROWING_UNSEEN for path in moved}


def _seconds_to_wait(size: tuple[int, float] | None, is_open: bool | None) -> float:
    """Return after how long a file is to be looked at again: not at all where it has stood still for long."""
    if size is None:
        return 0.0
    age = abs(time.time() - size[1])
    if is_open is None:
        return max(0.0, FOREIGN_STILL_SECONDS - age)
    return SECOND_LOOK_SECONDS if age < YOUNG_SECONDS else 0.0


def _size(path: Path) -> tuple[int, float] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_size, stat.st_mtime


def _is_open_for_writing(path: Path) -> bool | None:
    """Say whether a process of this machine holds the file open to write.

    None where that cannot be told: of another user's file, and on some file systems.
    """
    try:
        with path.open("rb") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as problem:
        return True if problem.errno == errno.EAGAIN else None
    return False
