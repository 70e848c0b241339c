"""The attacker reads everything that one channel was told, in order, and writes down what it says of each count."""

import re

from alerts.words.message import Message, Part
from nte.words import Detector
from tests.attacker.context import Context, UnreadError
from tests.attacker.counts import Counts
from tests.attacker.patterns import Found, said_in
from tests.attacker.statements import MOST, Beside, Cell
from tests.attacker.telling import Told

LINK = re.compile(r"https://nte\.example/[\w/-]*(?:#[\w-]*)?$|[A-Za-z ]+ [\w-]+/[\d.-]+/nte-violence$")
"""Where links lead, and what buttons carry: places, nights, and no number more."""


class Reader(Counts):
    """Reads everything that one channel was told, in order."""

    def read(self, told: Told) -> None:
        """Take in a message: its texts, where it leads, what its buttons carry, and what its picture draws."""
        self.told, self.now = told, Context()
        for text in texts_of(told.message):
            self._scan(text.replace("\u00a0", " "))
        for text in links_of(told.message):
            if not LINK.match(text):
                raise UnreadError(f"where does this lead, and what does it carry? {text!r}")
        for key, values in told.drawn:
            self._look(key, values)
        self._conclude()

    def _scan(self, text: str) -> None:
        """Read a line from left to right; a number that no sentence knows is an end."""
        self.now.line, self.now.sign, self.now.is_noted = [], "", False
        self._open(self.told.alert_id)
        for name, found in said_in(text, tuple(self.places), tuple(self.sources)):
            getattr(self, f"_{name}")(found)
            self.now.said.add(name)
        self._conclude_line()

    def _sign(self, found: Found) -> None:
        self._conclude_line()
        self.now.line, self.now.sign = [], found[0]

    def _limit(self, found: Found) -> None:
        cell = self.now.cell or self._must(found, self.area.lead_source)
        self.known.limits.setdefault(cell.key, set()).add(int(found["n"]))
        self.known.stands_beside(cell, Beside.LIMIT)

    def _filling(self, found: Found) -> None:
        if found["n"]:
            self._limit(found)
        self._beside_cell(self.now.cell, Beside.CHANCE)

    def _may_yet(self, found: Found) -> None:
        self._beside_cell(self._must(found, self.sources[found["title"]]), Beside.CHANCE)

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

    def _noted_one(self, _: Found) -> None:
        self._beside_cell(self.now.cell, Beside.NOTED)

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
        """Return the counts of this alert that were last told as hidden and above: what moved without a number is one.

        Left out is what is told by its number now: that is more than any hidden count, so which way it went is no news.
        """
        shown = {cell.key for cell in self.now.cells if cell in self.known.exact}
        last = [cell for (alert_id, _), cell in self.last.items() if alert_id == self.told.alert_id]
        hidden = (cell for cell in last if cell in self.known.under and cell in self.known.above)
        return [cell for cell in hidden if cell.key not in shown]


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
