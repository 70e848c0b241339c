"""The sentences that tell a count, a sum of several, or how one has moved."""

import re
from datetime import timedelta
from typing import Final

from tests.attacker.context import Where
from tests.attacker.patterns import Found
from tests.attacker.statements import Beside, Cell, Key

LAST_YEAR: Final = timedelta(weeks=52)


class Counts(Where):
    """Writes down what is said of counts."""

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
            total = re.match(rf"({self.any_title.pattern}) (\d+)(?: so far)? \(", said)
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
            if not values["is_unknown"]:
                self.known.stands_beside(cell, Beside.LIMIT)

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
