"""Which deliveries were looked at and what was found: read through the open door that a step hands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from nte.area import Area, Source
from nte.knowledge import in_order, with_order
from nte.tables.deliveries import (
    ACCEPTANCES,
    COMMON_POINTS,
    DELIVERY_ORDER,
    NIGHTS_ASIDE,
    UNUSABLE_NIGHTS,
    USABILITY,
)
from nte.tables.records import PURGED_ROWS
from nte.words import Fault
from transforms.said import Said, Seen, Share, at_one_point, describe
from transforms.usability import MOST_PAST, WITHOUT_ROWS, Finding, Past, sparse_nights, unusable_nights

if TYPE_CHECKING:
    from nte.warehouse import Warehouse

ASIDE: Final = "SELECT delivery_id, count(*) AS n FROM quarantine GROUP BY delivery_id"
COUNTED_BEFORE: Final = "SELECT delivery_id FROM delivery_changes"
Row = dict[str, Any]
Records = Callable[[Sequence[str]], pl.DataFrame]


def judge_usability(
    warehouse: Warehouse, believed: pl.DataFrame, records: Records, area: Area, now: datetime, *, seen: Seen
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `usability` and `unusable_nights` as they stand when all that is believed was looked at.

    `records` gives the records of some deliveries; `seen` is how the rows of all are.
    A delivery is looked at once, against those before it, so that what was known of its nights stays as it was; one
    that was counted before deliveries were looked at is believed. A night that cannot be used becomes usable at `now`
    when rows of its delivery were released and it now would be, or when somebody has accepted the delivery since.
    """
    memory = _read(warehouse, now)
    new = set(believed["delivery_id"]) - memory.looks.keys() - memory.believed_before
    waiting = new | memory.released | (memory.believed_before - memory.looks.keys())
    memory.unread = _unread(memory, believed)
    waiting |= memory.unread
    if waiting & set(believed["delivery_id"]):
        ordered = in_order(with_order(believed, warehouse.read(DELIVERY_ORDER)))
        aside = warehouse.read(NIGHTS_ASIDE)
        points = {name: (n, m) for name, n, m in warehouse.read(COMMON_POINTS).iter_rows()}
        for source in area.sources.values():
            own = ordered.filter(pl.col("source") == source.source)
            if waiting & set(own["delivery_id"]):
                mine = records(_whose_rows_matter(own, waiting, memory))
                said = describe(own, seen, mine, aside, memory.quarantined, source=source, area=area)
                for one in said:
                    one.whole[Fault.ONE_POINT] = at_one_point(*points.get(one.delivery_id, (0, 0)))
                _look_at(said, memory, source, area)
    return memory.usability(), memory.unusable()


def _unread(memory: _Memory, believed: pl.DataFrame) -> set[str]:
    """Return the history loads whose own volume was never looked at, of those whose rows are all kept still."""
    loads = set(believed.filter(pl.col("is_history"))["delivery_id"]) - memory.purged
    was_read = {load for load, looks in memory.looks.items() if Fault.SPARSE in looks}
    return loads & (memory.looks.keys() | memory.believed_before) - was_read


def _whose_rows_matter(ordered: pl.DataFrame, waiting: set[str], memory: _Memory) -> list[str]:
    """Return the deliveries that are looked at, and the daily ones before each whose last hours it is held against."""
    found, n_due = [], 0
    for delivery_id, is_history in reversed(ordered.select("delivery_id", "is_history").rows()):
        if delivery_id in waiting:
            found.append(delivery_id)
            n_due = MOST_PAST
        elif n_due and not is_history:
            found.append(delivery_id)
            n_due -= all(look["is_teaching"] for look in memory.looks.get(delivery_id, {}).values())
    return found


@dataclass
class _Memory:
    """What is known of deliveries that were looked at."""

    looks: dict[str, dict[Fault, Row]]
    nights: dict[str, dict[date, Row]]
    quarantined: Mapping[str, int]
    believed_before: set[str]
    """Deliveries that were counted before any was looked at."""
    now: datetime
    released: set[str] = field(default_factory=set)
    """Deliveries with unusable nights of which rows were released since."""
    purged: set[str] = field(default_factory=set)
    """Deliveries of which rows are no longer kept."""
    unread: set[str] = field(default_factory=set)
    """History loads that were looked at before their own volume was."""

    def usability(self) -> pl.DataFrame:
        rows = [row for of_delivery in self.looks.values() for row in of_delivery.values()]
        return pl.DataFrame(rows, USABILITY.schema)

    def unusable(self) -> pl.DataFrame:
        rows = [row for of_delivery in self.nights.values() for row in of_delivery.values()]
        return pl.DataFrame(rows, UNUSABLE_NIGHTS.schema)


def _read(warehouse: Warehouse, now: datetime) -> _Memory:
    looks: dict[str, dict[Fault, Row]] = {}
    for row in warehouse.read(USABILITY).iter_rows(named=True):
        looks.setdefault(row["delivery_id"], {})[Fault(row["fault"])] = row
    nights: dict[str, dict[date, Row]] = {}
    for row in warehouse.read(UNUSABLE_NIGHTS).iter_rows(named=True):
        nights.setdefault(row["delivery_id"], {})[row["evening"]] = row
    before = set() if looks else set(warehouse.query(COUNTED_BEFORE)["delivery_id"])
    memory = _Memory(looks, nights, dict(warehouse.query(ASIDE).iter_rows()), before, now)
    memory.purged = set(warehouse.read(PURGED_ROWS)["delivery_id"])
    for accepted in warehouse.read(ACCEPTANCES, "is_accepted").iter_rows(named=True):
        _accept(memory, accepted["delivery_id"], accepted["decided_at"])
    for delivery_id, of_delivery in nights.items():
        n_aside = memory.quarantined.get(delivery_id, 0)
        is_open = any(row["usable_at"] is None for row in of_delivery.values())
        if is_open and delivery_id in looks and looks[delivery_id][Fault.ASIDE]["n_bad"] != n_aside:
            memory.released.add(delivery_id)
    return memory


def _accept(memory: _Memory, delivery_id: str, decided_at: datetime) -> None:
    """Note that somebody has said since that its unusable nights may be used: later deliveries are held against it."""
    for row in memory.nights.get(delivery_id, {}).values():
        if row["usable_at"] is None and row["found_at"] < decided_at:
            row["usable_at"] = decided_at
            for look in memory.looks.get(delivery_id, {}).values():
                look["is_teaching"] = True


def _look_at(said: Sequence[Said], memory: _Memory, source: Source, area: Area) -> None:
    """Look at the deliveries of a source, in order, that were not looked at; each learns from those before it."""
    past = Past()
    for one in said:
        looks = memory.looks.get(one.delivery_id)
        if looks is None or one.delivery_id in memory.released:
            is_believed = one.delivery_id in memory.believed_before
            found = [] if is_believed else unusable_nights(one, past, source, area.clock)
            is_cut = one.is_history and {f.look.fault for f in found} <= WITHOUT_ROWS
            looks = _look_rows(one, past, source, is_teaching=not found or is_cut)
            memory.looks[one.delivery_id] = looks
            _note(memory, one.delivery_id, found)
        if one.delivery_id in memory.unread:
            _note_more(memory, one.delivery_id, sparse_nights(one, area.clock))
            looks[Fault.SPARSE] = _volume_row(
                one, is_teaching=all(row["is_teaching"] for row in looks.values())
            )
        if all(look["is_teaching"] for look in looks.values()):
            shares = {fault: Share(row["n_bad"], row["n_rows"]) for fault, row in looks.items()}
            past.learn(replace(one, whole=one.whole | shares))
        past.pass_by(one)


def _look_rows(one: Said, past: Past, source: Source, *, is_teaching: bool) -> dict[Fault, Row]:
    rows = {
        fault: _look_row(one, fault, share, past.usual(fault, source), is_teaching=is_teaching)
        for fault, share in one.whole.items()
    }
    return rows | ({Fault.SPARSE: _volume_row(one, is_teaching=is_teaching)} if one.is_history else {})


def _look_row(one: Said, fault: Fault, share: Share, usual: float | None, *, is_teaching: bool) -> Row:
    return {
        "delivery_id": one.delivery_id,
        "fault": str(fault),
        "n_bad": int(share.n_bad),
        "n_rows": int(share.n_rows),
        "usual_share": usual,
        "is_teaching": is_teaching,
    }


def _volume_row(one: Said, *, is_teaching: bool) -> Row:
    """Return the row that says that a history load was looked at by its own volume."""
    return _look_row(one, Fault.SPARSE, Share(0, len(one.ages)), None, is_teaching=is_teaching)


def _note(memory: _Memory, delivery_id: str, found: Sequence[Finding]) -> None:
    """Note the nights that cannot be used; those that could not be used, and now can, are usable from now.

    What was found usable after all stays so.
    """
    nights = memory.nights.get(delivery_id, {})
    settled = {evening for evening, row in nights.items() if row["usable_at"]}
    for row in nights.values():
        row["usable_at"] = row["usable_at"] or memory.now
    for finding in found:
        if finding.evening in nights and finding.evening not in settled:
            nights[finding.evening]["usable_at"] = None
    _note_more(memory, delivery_id, found)


def _note_more(memory: _Memory, delivery_id: str, found: Sequence[Finding]) -> None:
    """Note the nights that cannot be used, but for those that were noted before."""
    nights = memory.nights.setdefault(delivery_id, {})
    for finding in (finding for finding in found if finding.evening not in nights):
        share = finding.look.share
        nights[finding.evening] = {
            "delivery_id": delivery_id,
            "evening": finding.evening,
            "fault": str(finding.look.fault),
            "n_bad": round(share.n_bad),
            "n_rows": round(share.n_rows),
            "usual_share": 0.0 if finding.look.fault in WITHOUT_ROWS else finding.look.usual,
            "found_at": memory.now,
            "usable_at": None,
        }
