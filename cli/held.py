"""`nte accept` and `nte reject`: what becomes of a delivery that was held."""

from datetime import datetime

from rich.console import Console

from cli.terminal import harmless
from expectations.steps import accept_held, check_deliveries, reject_held
from nte.area import Area
from nte.english import say_day
from nte.settings import Settings
from transforms.steps import conform_deliveries, count_nights


def accept(
    console: Console, settings: Settings, area: Area, file_name: str, *, why: str, now: datetime
) -> None:
    """Use the rows of a held delivery: check it again, count its nights, and say what came of it."""
    delivery = accept_held(settings, area, file_name, why, now)
    source, taken = delivery["source"], delivery["taken_at"].astimezone(area.clock.time_zone)
    said = f"{delivery['file_name']}, which came at {taken:%H:%M} on {say_day(taken.date())}, is accepted as it is."
    console.print(harmless(said), highlight=False, soft_wrap=True)
    done = check_deliveries(settings, area, source, now)
    conform_deliveries(settings, area, source)
    counted = count_nights(settings, area, now)
    for line in (c.summary for c in done.checked):
        console.print(harmless(line), highlight=False, soft_wrap=True)
    console.print(f"{counted.n_revisions_new:,} night counts are new. Next: `nte run` judges those nights.")


def reject(
    console: Console, settings: Settings, area: Area, file_name: str, *, why: str, now: datetime
) -> None:
    """Refuse a held delivery for good."""
    source = reject_held(settings, area, file_name, why, now)
    console.print(
        f"{harmless(file_name)}: rejected, and kept in rejected/{source}. None of its rows was used."
    )
