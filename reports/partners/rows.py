"""An edition as rows of its tables, each with its status and note in words. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from nte.area import Area, RecordingChange
from nte.columns import Table
from nte.english import listed
from nte.tables.counts import OUTSIDE as NOWHERE
from nte.tables.partners import PARTNER_CENTRE_YEAR, PARTNER_COUNTS, PARTNER_QUARTER
from reports.board.kpis import quarter_of
from reports.partners.cells import (
    NIGHTS,
    NOT_KNOWN_WHERE,
    OUTSIDE,
    QUARTERS_OF_YEAR,
    SERIOUS,
    WHOLE_AREA,
    Atom,
    Cell,
    Status,
)
from reports.partners.editions import Edition
from reports.partners.known import measured_by
from reports.partners.saying import limits_of, say_change, say_redrawn, say_small

Row = dict[str, Any]


@dataclass(frozen=True)
class Notes:
    """What must be said beside a number."""

    area: Area
    least: Mapping[str, int]
    counted_from: Mapping[str, date] = field(default_factory=dict)
    """First evening on which each town centre was counted."""

    def of(
        self, cell: Cell, status: Status, *, is_corrected: bool = False, quarters: Collection[str] = ()
    ) -> str:
        """Return what is said with a cell. `quarters`: in which a place of a year was counted, where not in all."""
        said = {
            Status.SMALL: say_small(self.least[cell.source]),
            Status.PROTECTING: "not shown: it would tell a small number beside it",
            Status.NOT_KNOWN: "not known: no deliveries account for it",
        }.get(status, "")
        corrected = "corrected since the edition before" if is_corrected else ""
        in_part = f"counted in {listed(sorted(quarters))} alone" if quarters else ""
        limits = [] if cell.place else limits_of(self.area, cell.source, cell.district)
        about = [] if status is Status.NOT_KNOWN else [*limits, *self._changes(cell)]
        return "; ".join(word for word in (said, corrected, in_part, *about, *self._redrawn(cell)) if word)

    def _redrawn(self, cell: Cell) -> list[str]:
        """Return what a town centre, or one beside what lies outside, became or ceased to be in the year of a cell."""
        if not cell.place:
            return []
        own = [c for c in self.area.town_centres if c.district == cell.district]
        codes = dict.fromkeys(c.centre_code for c in own if cell.place in {OUTSIDE, c.centre_code})
        return [
            f"{self.area.centre_name(code)}: {said}" if cell.place == OUTSIDE else said
            for code in codes
            for said in say_redrawn(
                [c for c in own if c.centre_code == code], int(cell.period), self.counted_from.get(code)
            )
        ]

    def _changes(self, cell: Cell) -> list[str]:
        return [
            say_change(self.area, change)
            for change in self.area.recording_changes
            if change.source == cell.source
            and cell.period in {quarter_of(change.first_day), str(change.first_day.year)}
            and self._is_counted(change, cell.measure)
        ]

    def _is_counted(self, change: RecordingChange, measure: str) -> bool:
        """Say whether what is recorded otherwise is in a measure."""
        name = measured_by(self.area)[NIGHTS if measure == NIGHTS else SERIOUS]
        codes = {
            code
            for rule in self.area.definition(name).counts
            for code in rule.offence_codes or ()
            if rule.source == change.source
        }
        groups = [g for g in self.area.offence_groups if g.offence_group == change.offence_group]
        return change.offence_group is None or any(codes & {*group.offence_codes} for group in groups)


def edition_rows(edition: Edition, day: date, notes: Notes) -> dict[Table, pl.DataFrame]:
    """Return `partner_quarter` and `partner_centre_year` of an edition."""
    quarters, years = list[Row](), list[Row]()
    parts = _counted_in_part(edition.atoms)
    for cell, n in sorted(edition.counts.items()):
        status = edition.status[cell]
        note = notes.of(
            cell, status, is_corrected=cell in edition.corrected, quarters=parts.get(cell[:4], ())
        )
        row = _row(cell, day, status, note)
        row["shown"] = n if status is Status.SHOWN else None
        (years if cell.place else quarters).append(row)
    quarters += [
        _row(cell, day, Status.NOT_KNOWN, notes.of(cell, Status.NOT_KNOWN))
        for cell in _gaps(edition.atoms, notes.area.districts)
    ]
    return {
        table: table.conform(pl.DataFrame(rows, table.schema)).sort(table.keys)
        for table, rows in ((PARTNER_QUARTER, quarters), (PARTNER_CENTRE_YEAR, years))
    }


def _row(cell: Cell, day: date, status: Status, note: str) -> Row:
    when = {"year": int(cell.period), "place_code": cell.place} if cell.place else {"quarter": cell.period}
    return when | {
        "edition": day, "district": cell.district, "source": cell.source, "measure": cell.measure, "shown": None,
        "status": str(status), "note": note,
    }  # fmt: skip


def _counted_in_part(atoms: Iterable[Atom]) -> dict[tuple[str, ...], set[str]]:
    """Return by year, district, place and source the quarters of those that were not counted in all four."""
    found: dict[tuple[str, ...], set[str]] = {}
    for atom in atoms:
        found.setdefault((atom.quarter[:4], *atom[1:4]), set()).add(atom.quarter)
    return {key: quarters for key, quarters in found.items() if len(quarters) < QUARTERS_OF_YEAR}


def _gaps(atoms: Iterable[Atom], districts: Iterable[str]) -> list[Cell]:
    """Return the quarters and districts between the first and the last of an edition that nobody accounts for."""
    there = {(atom.quarter, atom.district, atom.source) for atom in atoms}
    there |= {(quarter, WHOLE_AREA, source) for quarter, _, source in there}
    series = {(atom.source, atom.measure) for atom in atoms}
    quarters = quarters_between(min(q for q, _, _ in there), max(q for q, _, _ in there)) if there else []
    return [
        Cell(quarter, district, "", source, measure)
        for quarter in quarters
        for district in (WHOLE_AREA, NOT_KNOWN_WHERE, *districts)
        for source, measure in sorted(series)
        if (quarter, district, source) not in there
    ]


def quarters_between(first: str, last: str) -> list[str]:
    """Return '2025Q4', '2026Q1', … from the first to the last."""
    n_first, n_last = (4 * int(name[:4]) + int(name[5]) - 1 for name in (first, last))
    return [f"{n // 4}Q{n % 4 + 1}" for n in range(n_first, n_last + 1)]


def atom_rows(atoms: Mapping[Atom, int]) -> pl.DataFrame:
    """Return `partner_counts`."""
    rows = [(*atom, n) for atom, n in sorted(atoms.items())]
    return PARTNER_COUNTS.conform(pl.DataFrame(rows, PARTNER_COUNTS.schema, orient="row"))


def edition_of(
    atoms: pl.DataFrame, quarters: pl.DataFrame, years: pl.DataFrame, *, renamed: Mapping[str, str]
) -> Edition:
    """Return an edition as its rows say it, its town centres by the codes that they have now.

    `renamed`: codes that town centres had before. One that is no town centre any more, or has become one with another,
    keeps its code: what was given of it was of it alone.
    """
    there = set(atoms["place_code"]) | set(years["place_code"])
    now = Counter(renamed.values())
    names = {old: new for old, new in renamed.items() if now[new] == 1 and new not in {*there, NOWHERE}}
    status = {
        Cell(r["quarter"], r["district"], "", r["source"], r["measure"]): Status(r["status"])
        for r in quarters.iter_rows(named=True)
        if r["status"] != Status.NOT_KNOWN
    }
    for r in years.iter_rows(named=True):
        place = names.get(r["place_code"], r["place_code"])
        status[Cell(str(r["year"]), r["district"], place, r["source"], r["measure"])] = Status(r["status"])
    counts = {
        Atom(quarter, district, names.get(place, place), source, measure): n
        for quarter, district, place, source, measure, n in atoms.select(PARTNER_COUNTS.names).iter_rows()
    }
    return Edition(counts, status)
