"""The attacker reads everything that one channel was told, in order, and writes down what it says of each count."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from alerts.words.message import Message, Part
from nte.area import Area
from nte.words import Detector
from tests.attacker.patterns import MONTHS, TELLING, Found, said_in
from tests.attacker.statements import MOST, Beside, Cell, Key, Known
from tests.attacker.telling import Told

LAST_YEAR: Final = timedelta(weeks=52)
LINK = re.compile(r"https://nte\.example/[\w/-]*(?:#[\w-]*)?$|[A-Za-z ]+ [\w-]+/[\d.-]+/nte-violence$")
"""Where links lead, and what buttons carry: places, nights, and no number more."""


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
    is_coming: bool = False
    said: set[str] = field(default_factory=set)
    """By the names of the patterns."""
    totals: set[tuple[str, int, int]] = field(default_factory=set)
    """Source, sum, and of how many nights."""
    cells: dict[Cell, None] = field(default_factory=dict)
    """Of the alert itself, in order."""


class Reader:
    """Reads everything that one channel was told, in order."""

    def __init__(self, area: Area, least_hidden: dict[str, int]) -> None:
        self.area, self.known = area, Known(least_hidden)
        self.places = {c.name: c.centre_code for c in area.current_centres}
        own = {area.source_title(name): name for name in area.sources}
        self.sources = own | {title.lower(): name for title, name in own.items()}
        self.any_title = re.compile("|".join(re.escape(title) for title in self.sources))
        self.last: dict[tuple[str, Key], Cell] = {}
        """Each count as this channel was last told of it in the thread of an alert."""

    def read(self, told: Told) -> None:
        """Take in a message: its texts, where it leads, what its buttons carry, and what its picture draws."""
        self.told, self.now = told, Context()
        self._open(told.alert_id)
        for text in texts_of(told.message):
            self._scan(text.replace("\u00a0", " "))
        for text in links_of(told.message):
            if not LINK.match(text):
                raise UnreadError(f"where does this lead, and what does it carry? {text!r}")
        for key, values in told.drawn:
            self._look(key, values)
        self._conclude()

    def _open(self, alert_id: str) -> None:
        """Take place and night from the alert whose thread it stands in."""
        if alert_id:
            place, span, _ = alert_id.split("/")
            self.now.place = place if place in self.places.values() else None
            self.now.last_evening = date.fromisoformat(span.rpartition("..")[2])
            self.now.evening = None if ".." in span else self.now.last_evening

    def _scan(self, text: str) -> None:
        """Read a line from left to right; a number that no sentence knows is an end."""
        self.now.line, self.now.sign, self.now.is_noted = [], "", False
        for name, found in said_in(text, tuple(self.places), tuple(self.sources)):
            getattr(self, f"_{name}")(found)
            self.now.said.add(name)
        self._conclude_line()

    def _unread(self, found: Found) -> UnreadError:
        around = found.string[max(found.start() - 80, 0) : found.end() + 60]
        return UnreadError(f"{self.told.purpose} {self.told.kind}, {found[0]!r} in …{around}…")

    # Which count the words are about --------------------------------------------------------------------------------

    def _word(self, found: Found) -> None:
        if re.search(r"\d", found[0]) or found[0] in TELLING:
            raise self._unread(found)

    def _nothing(self, _: Found) -> None:
        """It tells nothing of a count."""

    def _place(self, found: Found) -> None:
        self.now.place, self.now.cell = self.places[found[0]], None

    def _day(self, found: Found) -> None:
        if self.now.is_coming:
            self.now.is_coming = False
            return
        self.now.evening, self.now.cell = self._date(found[0]), None

    def _date(self, said: str) -> date:
        _, day, month = said.split()
        number = next(n for n, name in enumerate(MONTHS, 1) if name.startswith(month))
        latest = self.told.as_of.date() + timedelta(days=8)
        days = (date(year, number, int(day)) for year in (latest.year, latest.year - 1))
        return next(d for d in days if d <= latest)

    def _span(self, found: Found) -> None:
        """Note of which weekend it is; an outlook's own is none that has counts."""
        if not self.now.is_coming:
            first = self._date(f"- {found['day']} {found['first'] or found['last']}")
            self.now.weekend = [first + timedelta(days=n) for n in range(3)]
            self.now.evening = None
        self.now.is_coming = False

    def _coming(self, _: Found) -> None:
        self.now.is_coming = True

    def _title(self, found: Found) -> None:
        self.now.source = self.sources[found["title"]]

    _beside = _title

    def _sign(self, found: Found) -> None:
        self._conclude_line()
        self.now.line, self.now.sign = [], found[0]

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

    # Counts ---------------------------------------------------------------------------------------------------------

    def _count(self, found: Found) -> None:
        self._title(found)
        self.now.cell = None
        if found["n"] == "not known":
            return
        cell = self.now.cell = self._must(found)
        self._note(cell, found["n"])
        self.now.line.append(cell)
        self.now.cells[cell] = None
        if self.now.is_noted:
            self.known.stands_beside(cell, Beside.NOTED)

    def _note(self, cell: Cell, said: str) -> None:
        if said.startswith("fewer"):
            self.known.under[cell] = int(said.rsplit(maxsplit=1)[-1])
        else:
            self.known.exact.setdefault(cell, set()).add(int(said))

    def _other_night(self, found: Found) -> None:
        """Note a night of a week or a year before; of a whole weekend it is a sum of counts that all may be said."""
        if found["n"] == "not known" or "weekend" in found["label"]:
            return
        cell = self._must(found)
        by = LAST_YEAR if "last year" in found["label"] else timedelta(days=7)
        centre, evening, source = cell.key
        self._note(Cell((centre, evening - by, source), cell.as_of), found["n"])

    def _weekend(self, found: Found) -> None:
        """Note the counts of a weekend's nights."""
        self._title(found)
        self._nights(found, timedelta())

    def _other_weekend(self, found: Found) -> None:
        self._nights(found, LAST_YEAR if "year" in found["label"] else timedelta(days=7))

    def _same_weekend(self, found: Found) -> None:
        """Note that another weekend is in the same words as this one."""
        for label, by in (("the weekend before", timedelta(days=7)), ("a year before", LAST_YEAR)):
            if label in found["labels"]:
                self._note_nights(found, self.now.counts, by)

    def _nights(self, found: Found, by: timedelta) -> None:
        counts = re.findall(r"fewer than \d+|\d+|not known", found["counts"])
        counts = counts * len(self.now.weekend) if found["counts"].endswith("on each night") else counts
        self.now.counts = self.now.counts if by else counts
        self._note_nights(found, counts, by)

    def _note_nights(self, found: Found, counts: list[str], by: timedelta) -> None:
        if len(counts) != len(self.now.weekend) or self.now.place is None or self.now.source is None:
            raise self._unread(found)
        for evening, said in zip(self.now.weekend, counts, strict=True):
            if said != "not known":
                key = (self.now.place, evening - by, self.now.source)
                self._note(Cell(key, self.told.as_of), said)

    def _total(self, found: Found) -> None:
        """Note the sum of a source's nights: of those whose counts stand in this message, where it is of as many."""
        self._title(found)
        self.now.totals.add((self.sources[found["title"]], int(found["n"]), int(found["nights"])))

    def _since(self, found: Found) -> None:
        """Note the sum of the nights after an alert, where all of them are known and it is told."""
        if self.now.last_evening is None or self.now.place is None:
            raise self._unread(found)
        days = (self.now.last_evening + timedelta(days=n) for n in range(1, 15))
        nights = [day for day in days if self.area.clock.is_monitored(day)][: int(found["nights"] or 1)]
        for said in found["totals"].split("; "):
            total = re.match(rf"({self.any_title.pattern}) (\d+)(?: so far)?, usually", said)
            if total and "not known" not in said:
                source, n = self.sources[total[1]], int(total[2])
                cells = tuple(Cell((self.now.place, night, source), self.told.as_of) for night in nights)
                self.known.sums.append((cells, n, n))

    def _together(self, found: Found) -> None:
        evening, source = self.now.evening, self.now.source
        if evening is None or source is None:
            raise self._unread(found)
        served = [c.centre_code for c in self.area.current_centres if source in c.covered_by]
        n, is_small = int(found["n"].split()[-1]), found["n"].startswith("fewer")
        cells = tuple(Cell((code, evening, source), self.told.as_of) for code in served)
        self.known.sums.append((cells, 0 if is_small else n, n - 1 if is_small else n))

    def _look(self, key: Key, values: dict[str, object]) -> None:
        """Read a night off a picture."""
        cell, count, limit = Cell(key, self.told.as_of), values["count"], values["limit"]
        if isinstance(count, int | float):
            self._note(cell, str(int(count)))
        elif not values["is_unknown"]:
            self._note(cell, f"fewer than {self.known.least_hidden[key[2]]}")
        if isinstance(limit, int | float):
            self.known.limits.setdefault(key, set()).add(int(limit))
            self.known.stands_beside(cell, Beside.LIMIT)

    # What stands beside them ----------------------------------------------------------------------------------------

    def _limit(self, found: Found) -> None:
        cell = self.now.cell or self._must(found, self.area.lead_source)
        self.known.limits.setdefault(cell.key, set()).add(int(found["n"]))
        self.known.stands_beside(cell, Beside.LIMIT)

    def _filling(self, found: Found) -> None:
        self._limit(found)
        self._beside_cell(self.now.cell, Beside.CHANCE)

    def _rarity(self, found: Found) -> None:
        title = found.groupdict().get("title")
        self._beside_cell(self._must(found, self.sources[title]) if title else self.now.cell, Beside.RARITY)

    def _ratio(self, _: Found) -> None:
        self._beside_cell(self.now.cell, Beside.RATIO)

    def _beside_cell(self, cell: Cell | None, what: Beside) -> None:
        if cell is not None:
            self.known.stands_beside(cell, what)

    def _chance(self, _: Found) -> None:
        """It is of the alert: see `_conclude`."""

    _alone = _withdrawn = _complete = _turned = _none_gone = _chance

    # Verdicts -------------------------------------------------------------------------------------------------------

    def _see_it(self, found: Found) -> None:
        for title in self.any_title.findall(found["list"]):
            cell = self.now.cell = self._must(found, self.sources[title])
            self.known.above.add(cell)
            if f"{title} (" in found["list"]:
                self.known.stands_beside(cell, Beside.RATIO)

    def _not_above(self, found: Found) -> None:
        """Whoever is not named among those that see it does not see it, whether that is said or not."""
        for title in self.any_title.findall(found["list"]):
            cell = self._must(found, self.sources[title])
            self.known.within.add(cell)
            if found["verdict"] != "fewer than may be said":
                self.known.stands_beside(cell, Beside.WITHIN)

    def _above(self, _: Found) -> None:
        if self.now.cell:
            self.known.above.add(self.now.cell)

    def _far(self, found: Found) -> None:
        """Note it of a count; of a message's violence as a whole see `_conclude_standing`."""
        if "violence" not in found[0]:
            self._beside_cell(self.now.cell, Beside.FAR)

    def _noted(self, _: Found) -> None:
        self.now.is_noted = True

    # Moves ----------------------------------------------------------------------------------------------------------

    def _moved(self, found: Found) -> None:
        cell = self._must(found, self.sources[found["title"]])
        self._note(cell, found["new"])
        self.now.cells[cell] = None
        if before := self._before(cell):
            self._note(before, found["old"])

    def _arrived(self, found: Found) -> None:
        """Note what was known on the morning on which it was first said, and on the one before."""
        key, day = self._must(found, self.sources[found["title"]]).key, self._date(found["day"])
        now, before = (self.area.clock.morning_of(day - timedelta(days=n)) for n in (0, 1))
        self._note(Cell(key, now), found["new"])
        self._note(Cell(key, before), found.groupdict().get("old") or str(int(found["new"]) - 1))

    def _crossed(self, found: Found) -> None:
        """Note that a count moved by one at least, and which way."""
        self._title(found)
        cell = self._must(found)
        self._note(cell, found["n"])
        self.now.cells[cell] = None
        if before := self._before(cell):
            pair = (before, cell) if found["what"].startswith("late") else (cell, before)
            self.known.moves.append((*pair, 1))

    def _before(self, cell: Cell) -> Cell | None:
        before = self.last.get((self.told.alert_id, cell.key))
        return before if before and before.as_of < cell.as_of else None

    # What a line, and a message, say as a whole ---------------------------------------------------------------------

    def _conclude_line(self) -> None:
        line, sign = self.now.line, self.now.sign
        if sign in {"🟢", "🟡"}:
            for cell in line:
                self.known.stands_beside(cell, Beside.WITHIN)
        if sign == "🔴" and all(cell in self.known.under for cell in line):
            for cell in line:
                self.known.stands_beside(cell, Beside.FAR)
        if sign in {"🟠", "🔴"} and len(line) == 1:
            self.known.above.add(line[0])

    def _conclude(self) -> None:
        if self.told.purpose == "alert":
            self._conclude_alert()
        for cell in self.now.cells:
            if cell in self.known.exact and cell in self.known.above and cell.key not in self.known.limits:
                self.known.unnamed.add(cell.key)
            self.last[self.told.alert_id, cell.key] = cell

    def _conclude_alert(self) -> None:
        known, said, cells = self.known, self.now.said, list(self.now.cells)
        is_window = self.told.detector not in (Detector.NIGHT, Detector.MANY_CENTRES)
        if "complete" in said:
            known.complete |= set(cells)
        if "withdrawn" in said:
            known.within |= set() if is_window or self.told.kind == "reply" else set(cells)
        else:
            self._conclude_standing(cells, cells if is_window else [c for c in cells if c in known.above])
        has_moved = bool(said & {"moved", "crossed"})
        if "none_gone" in said or ("turned" in said and not has_moved):
            self._all_beside(self._hidden_before(), Beside.MOVED)

    def _conclude_standing(self, cells: list[Cell], behind: list[Cell]) -> None:
        """Write down what an alert that stands says of the counts `behind` it."""
        known, said = self.known, self.now.said
        if "far" in said and all(cell in known.under for cell in behind):
            self._all_beside(behind, Beside.FAR)
        if "chance" in said:
            self._all_beside(behind, Beside.CHANCE)
        if "alone" in said:
            self._all_beside(cells, Beside.WITHIN)
        if self.told.detector is Detector.WEEKEND and "complete" in said:
            known.sums.append((tuple(cells), self.area.alerts.least_sum[Detector.WEEKEND], MOST))
        for source, n, nights in self.now.totals:
            own = tuple(cell for cell in cells if cell.key[2] == source)
            known.sums += [(own, n, n)] if len(own) == nights else []

    def _all_beside(self, cells: list[Cell], what: Beside) -> None:
        for cell in cells:
            self.known.stands_beside(cell, what)

    def _hidden_before(self) -> list[Cell]:
        """Return the counts of this alert that were last told as hidden and above: what moved without a number is one."""
        last = [cell for (alert_id, _), cell in self.last.items() if alert_id == self.told.alert_id]
        return [cell for cell in last if cell in self.known.under and cell in self.known.above]


def texts_of(message: Message) -> list[str]:
    """Return every text of a message: what is spoken first, because it says place and night."""
    parts: list[Part] = [message.lead, *message.views, *message.small]
    lines = ["".join(span.text for span in line) for part in parts for line in part]
    return [
        text for text in (message.spoken, message.headline, *lines, message.note, message.picture) if text
    ]


def links_of(message: Message) -> list[str]:
    """Return where links lead and what buttons carry."""
    return [*(link.address for link in message.links), *(f"{a.title} {a.about}" for a in message.actions)]
