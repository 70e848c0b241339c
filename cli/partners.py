"""`nte partners`: an edition of figures for partners, from what is known now or was known on a morning."""

from datetime import date, datetime

from rich.console import Console

from cli.as_known import copy_as_known
from cli.terminal import harmless
from nte.area import Area
from nte.settings import Settings
from reports.partners.steps import Given, give_edition


def give_partners(
    console: Console, settings: Settings, area: Area, now: datetime, as_known: date | None
) -> None:
    """Give partners what is final, and say what they have."""
    if as_known is None:
        given = give_edition(settings, area, settings.published_file, now)
    else:
        with copy_as_known(settings, area, area.clock.morning_of(as_known)) as copy:
            given = give_edition(settings, area, copy, now)
    _say(console, given)


def _say(console: Console, given: Given) -> None:
    first, last = given.quarters
    what = "A new edition" if given.is_new else "No quarter has become final since: the edition stands"
    counts = ", ".join(f"{n:,} {status.replace('_', ' ')}" for status, n in given.n_by_status.items())
    console.print(f"{what}: {given.edition}, quarters {first} to {last}.", highlight=False)
    console.print(f"Its numbers: {counts}.", highlight=False)
    console.print(harmless(given.file), highlight=False, soft_wrap=True)
