"""The attacker opens the pages: what they show to a reader is written down like what a picture draws."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from nte.readers import Reader
from nte.words import Audience
from reports.night_state import Published, SourceNight, State, by_key
from reports.night_view import Known as Known_then
from reports.night_view import mornings, rarity_of
from reports.told import Told
from reports.weekend_view import view_weekend
from tests.alerts.scenes import AREA
from tests.attacker.scenes import Scene
from tests.attacker.statements import Beside, Cell, Known

Row = dict[str, Any]
OF_STATE = {State.WITHIN: Beside.WITHIN, State.FAR_ABOVE: Beside.FAR, State.FILLING_HIGH: Beside.CHANCE}
OF_VERDICT = {
    "as expected": Beside.WITHIN,
    "above": Beside.WITHIN,
    "far above": Beside.FAR,
    "filling high": Beside.CHANCE,
}


def reader_of(channel: str, audience: Audience) -> Reader:
    """Return who reads a channel, as the pages know them."""
    return Reader(
        audience, frozenset(d for d, name in AREA.slack.district_channels.items() if name == channel)
    )


def look_at_pages(scene: Scene, reader: Reader, known: Known) -> None:
    """Write down what the page of every weekend, and of each of its nights, shows two days and two weeks after it."""
    told = Told(AREA, reader)
    for friday in sorted({e for e in scene.bands["evening"] if e.weekday() == 4}):
        evenings = [friday + timedelta(days=n) for n in range(3)]
        for days in (3, 16):
            as_of = AREA.clock.morning_of(friday + timedelta(days=days))
            shown = told.published(_published(scene, evenings, as_of))
            page = view_weekend(AREA, evenings, shown, events={}, completeness=[], first=friday, last=friday,
                                places=reader.centres(AREA))  # fmt: skip
            for centre in page.centres:
                for night in centre.nights:
                    for view in night.sources:
                        _view(Cell((centre.centre_code, night.evening, view.source), as_of), view, known)
    for place in reader.centres(AREA):
        for evening in sorted(scene.bands["evening"].unique()):
            _mornings(scene, told, place.centre_code, evening, known)


def _published(scene: Scene, evenings: list[date], as_of: datetime) -> Published:
    is_in = pl.col("evening").is_in(evenings)
    judged = scene.judgements.filter(is_in, pl.col("as_of") <= as_of).sort("as_of")
    latest = judged.unique(["evening", "centre_code", "source"], keep="last").to_dicts()
    counts = [row | {"known_at": row["as_of"]} for row in latest]
    return Published(by_key(counts), by_key(scene.bands.filter(is_in).to_dicts()), by_key(latest), as_of)


def _view(cell: Cell, view: SourceNight, known: Known) -> None:
    """Write down a line of the page of a weekend, and what the page of the night adds to it."""
    if view.has_count:
        known.exact.setdefault(cell, set()).add(int(view.n_incidents or 0))
    if view.few:
        known.under[cell] = int(view.few.split()[-1])
    if view.state in OF_STATE:
        known.stands_beside(cell, OF_STATE[view.state])
    if rarity_of(view, AREA):
        known.stands_beside(cell, Beside.RARITY)
    band = view.band or {}
    if band.get("alert_limit") is not None:
        known.limits.setdefault(cell.key, set()).add(band["alert_limit"])
        known.stands_beside(cell, Beside.LIMIT)
    if band.get("detectable_ratio") is not None:
        known.stands_beside(cell, Beside.RISE)


def _mornings(scene: Scene, told: Told, centre: str, evening: date, known: Known) -> None:
    """Write down the table of a night's page: every count and verdict, from the morning on at which it was so."""
    own = scene.judgements.filter(centre_code=centre, evening=evening).sort("as_of").to_dicts()
    judged = [told.judged(row) for row in own]
    for morning in mornings(AREA, [told.count(row | {"known_at": row["as_of"]}) for row in own], judged):
        for source, then in zip(AREA.sources, morning.sources, strict=True):
            for cell, what in _then(Cell((centre, evening, source), morning.as_of), then, known):
                known.stands_beside(cell, what)


def _then(cell: Cell, then: Known_then, known: Known) -> Iterator[tuple[Cell, Beside]]:
    if then.count.startswith("fewer"):
        known.under[cell] = int(then.count.split()[-1])
    elif then.count != "not known":
        known.exact.setdefault(cell, set()).add(int(then.count))
    if then.verdict and then.verdict != "not judged":
        yield cell, OF_VERDICT[then.verdict.partition(" (")[0]]
