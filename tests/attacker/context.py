"""What a message has spoken of so far: which place, night and source its next words are about."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from nte.area import Area
from tests.attacker.patterns import MONTHS, TELLING, Found
from tests.attacker.statements import Cell, Key, Known
from tests.attacker.telling import Told


class UnreadError(AssertionError):
    """A sentence has a number, or a word about one, that the attacker does not know: teach it in `patterns.py`."""


@dataclass
class Context:
    """What a message has spoken of so far: which place, night, source and count its next words are about."""

    place: str | None = None
    evening: date | None = None
    last_evening: date | None = None
    weekend: list[date] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)
    source: str | None = None
    cell: Cell | None = None
    line: list[Cell] = field(default_factory=list)
    sign: str = ""
    is_noted: bool = False
    said: set[str] = field(default_factory=set)
    """By the names of the patterns."""
    totals: set[tuple[str, int, int]] = field(default_factory=set)
    """Source, sum, and of how many nights."""
    cells: dict[Cell, None] = field(default_factory=dict)
    """Of the alert itself, in order."""


class Where:
    """Follows which count the words of a message are about."""

    told: Told
    now: Context

    def __init__(self, area: Area, least_hidden: dict[str, int]) -> None:
        self.area, self.known = area, Known(least_hidden)
        self.places = {c.name: c.centre_code for c in area.current_centres}
        own = {area.source_title(name): name for name in area.sources}
        self.sources = own | {title.lower(): name for title, name in own.items()}
        self.any_title = re.compile("|".join(re.escape(title) for title in self.sources))
        self.last: dict[tuple[str, Key], Cell] = {}
        """Each count as this channel was last told of it in the thread of an alert."""

    def _open(self, alert_id: str) -> None:
        """Take place and night from the alert whose thread it stands in."""
        if alert_id:
            place, span, _ = alert_id.split("/")
            self.now.place = place if place in self.places.values() else None
            self.now.last_evening = date.fromisoformat(span.rpartition("..")[2])
            self.now.evening = None if ".." in span else self.now.last_evening

    def _unread(self, found: Found) -> UnreadError:
        around = found.string[max(found.start() - 80, 0) : found.end() + 60]
        return UnreadError(f"{self.told.purpose} {self.told.kind}, {found[0]!r} in …{around}…")

    def _word(self, found: Found) -> None:
        if re.search(r"\d", found[0]) or found[0] in TELLING:
            raise self._unread(found)

    def _nothing(self, _: Found) -> None:
        """It tells nothing of a count."""

    def _place(self, found: Found) -> None:
        self.now.place, self.now.cell = self.places[found[0]], None

    def _day(self, found: Found) -> None:
        self.now.evening, self.now.cell = self._date(found[0]), None

    def _date(self, said: str) -> date:
        _, day, month = said.split()
        number = next(n for n, name in enumerate(MONTHS, 1) if name.startswith(month))
        latest = self.told.as_of.date() + timedelta(days=8)
        days = (date(year, number, int(day)) for year in (latest.year, latest.year - 1))
        return next(d for d in days if d <= latest)

    def _span(self, found: Found) -> None:
        """Note of which weekend it is."""
        first = self._date(f"- {found['day']} {found['first'] or found['last']}")
        self.now.weekend, self.now.evening = [first + timedelta(days=n) for n in range(3)], None

    def _title(self, found: Found) -> None:
        self.now.source = self.sources[found["title"]]

    _beside = _title

    def _ahead(self, _: Found) -> None:
        self.now.cell = self._cell(self.area.lead_source)

    def _cell(self, source: str | None = None, evening: date | None = None) -> Cell | None:
        source, evening = source or self.now.source, evening or self.now.evening
        if self.now.place is None or evening is None or source is None:
            return None
        return Cell((self.now.place, evening, source), self.told.as_of)

    def _must(self, found: Found, source: str | None = None) -> Cell:
        """Return the count that the words are about; a number of which that is not clear is an end."""
        cell = self._cell(source)
        if cell is None:
            raise self._unread(found)
        return cell

    def _note(self, cell: Cell, said: str) -> None:
        if said.startswith("fewer"):
            self.known.under[cell] = int(said.rsplit(maxsplit=1)[-1])
        else:
            self.known.exact.setdefault(cell, set()).add(int(said))

    def _before(self, cell: Cell) -> Cell | None:
        before = self.last.get((self.told.alert_id, cell.key))
        return before if before and before.as_of < cell.as_of else None
