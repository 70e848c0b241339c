"""`nte check`: what the check would say of a file, without taking it."""

import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from rich.console import Console

from cli.terminal import harmless, say_line
from expectations.steps import Tried, try_delivery
from nte.area import Area, Source
from nte.deliveries.inbox import Arrival, arrival_at, safe_name
from nte.deliveries.kept_files import MANIFEST_SUFFIX
from nte.deliveries.near_names import agreed_name, likely_name, mended_name
from nte.errors import MisuseError
from nte.settings import Settings
from nte.words import DeliveryVerdict

GOOD = (DeliveryVerdict.ACCEPTED, DeliveryVerdict.WITH_QUARANTINE, DeliveryVerdict.ALREADY_SEEN)
LABELS = {"critical": ("refused", "red"), "error": ("set aside", "yellow"), "warning": ("look", "yellow")}


def check_file(  # noqa: PLR0917  each is said on the command line
    console: Console,
    settings: Settings,
    area: Area,
    file: Path,
    source: str | None,
    day: date | None,
    now: datetime,
) -> bool:
    """Print what would be decided about a file, and why; say whether its rows would be used.

    Raises MisuseError when there is no such file, or nothing says of which source it is.
    """
    known = source_of(file, source, area)
    arrival = arrival_of(file, known, area, day or area.clock.local_date(now))
    if arrival.file_name != file.name:
        said = f"its name fits no delivery of {known.source}; checked as {arrival.file_name}, and it must be named so"
        say_line(console, "name", "yellow", f"{safe_name(file.name)}: {said}")
    tried = _tried(settings, area, arrival, now)
    _show(console, area, tried, known.source)
    return tried.checked.verdict in GOOD


def source_of(file: Path, name: str | None, area: Area) -> Source:
    """Return the source that is named, or that a file's name or folder speaks of. Raises MisuseError."""
    if not file.is_file():
        raise MisuseError(f"{file}: no such file.")
    if name is not None:
        return named_source(name, area)
    fit = [s for s in area.sources.values() if arrival_at(file, s, area) or mended_name(file.name, s)]
    if len(fit) == 1:
        return fit[0]
    if file.resolve().parent.name in area.sources:
        return area.sources[file.resolve().parent.name]
    raise MisuseError(
        f"{safe_name(file.name)}: nothing says of which source it is. Say --source, of: {', '.join(area.sources)}."
    )


def named_source(name: str, area: Area) -> Source:
    """Return the source of this name. Raises MisuseError when the area has none."""
    if name not in area.sources:
        raise MisuseError(f"{name!r} is no source of this area. It has: {', '.join(area.sources)}.")
    return area.sources[name]


def arrival_of(file: Path, source: Source, area: Area, day: date) -> Arrival:
    """Return what a file is to its source: by its name, by the name that was meant, else as the delivery of a day."""
    names = (
        file.name,
        mended_name(file.name, source),
        likely_name(file.name, source),
        agreed_name(source, day),
    )
    found = (arrival_at(file.with_name(name), source, area) for name in names if name)
    arrival = next(filter(None, found), None)
    if arrival is None:
        raise MisuseError(
            f"{safe_name(file.name)}: its name fits no delivery of {source.source}, and its daily_pattern is none "
            "that a name can be made of. Give it the agreed name."
        )
    manifest = file.with_suffix(MANIFEST_SUFFIX)
    return replace(arrival, path=file, manifest=manifest if manifest.is_file() else None)


def _tried(settings: Settings, area: Area, arrival: Arrival, now: datetime) -> Tried:
    """Return what would be decided, beside what the warehouse knows; where there is none, by the file alone."""
    if settings.warehouse_file.exists():
        return try_delivery(settings, area, arrival, now)
    with tempfile.TemporaryDirectory() as folder:
        return try_delivery(Settings(home=Path(folder)), area, arrival, now)


def _show(console: Console, area: Area, tried: Tried, source: str) -> None:
    checked = tried.checked
    colour = "green" if checked.verdict in GOOD else "red"
    meaning = DeliveryVerdict(checked.verdict).meaning
    console.print(f"[bold {colour}]{checked.verdict}[/]: {meaning}", highlight=False, soft_wrap=True)
    console.print(harmless(area.ask(checked.summary, source)), highlight=False, soft_wrap=True)
    for severity, message in (told for told in tried.reasons if told[1] != checked.summary):
        say_line(console, *LABELS[severity], area.ask(message, source))
    console.print(
        "Only tested: these are the words of a real check, and nothing was taken, kept or written.",
        style="dim",
    )
