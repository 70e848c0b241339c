"""`nte partners`: an edition of figures for partners, from what is known now or was known on a morning."""

from datetime import date, datetime
from pathlib import Path

from rich.console import Console

from cli.as_known import copy_as_known
from cli.terminal import harmless
from nte.area import Area
from nte.settings import Settings
from reports.partners.steps import Given, give_edition, write_site


def give_partners(
    console: Console, settings: Settings, area: Area, now: datetime, as_known: date | None
) -> None:
    """Give partners what is final, and say what they have."""
    if as_known is None:
        _give(console, settings, area, settings.published_file, now)
    else:
        with copy_as_known(settings, area, area.clock.morning_of(as_known)) as copy:
            _give(console, settings, area, copy, now)


def _give(console: Console, settings: Settings, area: Area, copy: Path, now: datetime) -> None:
    given = give_edition(settings, area, copy, now)
    page = write_site(settings, area, copy)
    _say(console, given, page)


def _say(console: Console, given: Given, page: Path) -> None:
    first, last = given.quarters
    what = "A new edition" if given.is_new else "No quarter has become final since: the edition stands"
    counts = ", ".join(f"{n:,} {status.replace('_', ' ')}" for status, n in given.n_by_status.items())
    console.print(f"{what}: {given.edition}, quarters {first} to {last}.", highlight=False, soft_wrap=True)
    console.print(f"Its numbers: {counts}.", highlight=False)
    for path in (given.file, page):
        console.print(harmless(path), highlight=False, soft_wrap=True)
