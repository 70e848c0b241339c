"""`nte check`: what the check would say of a file, without taking it."""

import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from rich.console import Console

from cli.terminal import harmless, say_line
from cli.whole_nights import A_DAY, say_if_daily, whole_nights
from expectations.steps import Tried, try_delivery
from nte.area import Area, Source
from nte.deliveries.inbox import Arrival, arrival_at, safe_name
from nte.deliveries.kept_files import MANIFEST_SUFFIX
from nte.deliveries.near_names import agreed_name, likely_name, mended_name
from nte.deliveries.packed import UnreadableDelivery
from nte.errors import MisuseError
from nte.settings import Settings
from nte.words import DeliveryVerdict

GOOD = (DeliveryVerdict.ACCEPTED, DeliveryVerdict.WITH_QUARANTINE, DeliveryVerdict.ALREADY_SEEN)
ONLY_TESTED = "Only tested: these are the words of a real check, and nothing was taken, kept or written."
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
    arrival, by = arrival_of(file, known, area, day, now)
    if arrival.file_name != file.name:
        taken = f"checked as {arrival.file_name}{by}, and it must be named so"
        said = f"its name fits no delivery of {known.source}; {taken}"
        say_line(console, "name", "yellow", f"{safe_name(file.name)}: {said}")
    tried = _tried(settings, area, arrival, now)
    _show(console, area, tried, known.source)
    if tried.checked.verdict in GOOD and (left := say_if_daily(arrival, known, area, now)):
        say_line(console, "look", "yellow", f"{safe_name(file.name)}: {left}")
    console.print(ONLY_TESTED, style="dim", soft_wrap=True)
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


def arrival_of(
    file: Path, source: Source, area: Area, day: date | None, now: datetime
) -> tuple[Arrival, str]:
    """Return what a file is to its source, and how its day is known where its name does not say it.

    By its name, by the name that was meant, else as the delivery of a day, of the morning after its newest records, or
    of today. Raises MisuseError.
    """
    names = (file.name, mended_name(file.name, source), likely_name(file.name, source))
    found = (arrival_at(file.with_name(name), source, area) for name in names if name)
    arrival, by = next(filter(None, found), None), ""
    if arrival is None:
        of_day, by = (day, "") if day else _day_of(file, source, area, now)
        name = agreed_name(source, of_day)
        arrival = arrival_at(file.with_name(name), source, area) if name else None
    if arrival is None:
        raise MisuseError(
            f"{safe_name(file.name)}: its name fits no delivery of {source.source}, and its daily_pattern is none "
            "that a name can be made of. Give it the agreed name."
        )
    manifest = file.with_suffix(MANIFEST_SUFFIX)
    return replace(arrival, path=file, manifest=manifest if manifest.is_file() else None), by


def _day_of(file: Path, source: Source, area: Area, now: datetime) -> tuple[date, str]:
    """Return the day whose delivery a file probably is, and how that is known."""
    try:
        nights = whole_nights(file, source, area, now)
    except UnreadableDelivery:
        nights = None
    if nights is None:
        return area.clock.local_date(now), " (today, as nothing in it says another day; --date says which)"
    return nights[1] + A_DAY, " (the morning after its newest records; --date says another)"


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
