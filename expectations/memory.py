"""What the warehouse remembers of deliveries: read and written through the open door that a step hands in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from expectations.judging import ACCEPTED, HELD, WITH_QUARANTINE, Judgement
from expectations.manifest import Manifest
from expectations.rows import (
    aside_rows,
    event_rows,
    point_row,
    print_rows,
    quarantine_rows,
    reason_rows,
    result_rows,
)
from expectations.volume import PastVolume
from nte.area import Area
from nte.deliveries.inbox import Arrival
from nte.nights import NightClock
from nte.tables.deliveries import (
    ACCEPTANCES,
    COMMON_POINTS,
    DELIVERIES,
    DELIVERY_ORDER,
    EARLIER_SPANS,
    EVENT_PRINTS,
    EXPECTATION_RESULTS,
    NIGHTS_ASIDE,
    QUARANTINE,
    RECORD_PRINTS,
    UNUSABLE_NIGHTS,
    USABILITY,
    VERDICT_REASONS,
    VERDICTS,
)

if TYPE_CHECKING:
    from nte.warehouse import Warehouse

BELIEVED: Final = f"verdict IN ('{ACCEPTED}', '{WITH_QUARANTINE}')"
NAMED: Final = (
    "(SELECT deliveries.*, coalesce(named_at, known_at) AS named_at "
    "FROM deliveries LEFT JOIN delivery_order USING (delivery_id))"
)
"""Deliveries, each with the morning that its name speaks of."""
WAS_BELIEVED: Final = f"delivery_id IN (SELECT delivery_id FROM verdicts WHERE {BELIEVED})"
ANSWERS_GIVEN_AGAIN: Final = f"({BELIEVED} OR verdict IN ('{HELD}', ?))"
"""One accepting answer a delivery, the latest; a rejection before it stays on record."""
MOST_ASKED_FOR: Final = 50_000
"""Of so many records it is cheaper to read all that is known than to ask for each."""
MOST_ASKED_OF, LEAST_ASKED_OF, USUAL_SHARE = 20, 5, 0.8
"""Of so many of a source's last deliveries, at least so many, this share had a manifest: then one is waited for."""
Delivery = dict[str, Any]


def accepted_before(warehouse: Warehouse, arrival: Arrival, sha256: str, claim: Manifest) -> Delivery | None:
    """Return the delivery with these bytes that was accepted, of the same name if there is one.

    A delivery without rows accounts for its own span alone: the same bytes of another day are another delivery. So are
    those of a history load whose name claims more than theirs did (`claim`: the span by its name).
    """
    sql = (
        f"SELECT d.* FROM {NAMED} d JOIN verdicts v USING (delivery_id) WHERE {BELIEVED} "
        "AND d.source = $1 AND d.sha256 = $2 AND (v.n_rows > 0 OR d.named_at = $3) AND (d.file_name = $4 OR NOT $5 "
        "OR (d.covers_from_at <= $6 AND d.covers_to_at >= $7)) "
        "ORDER BY d.file_name = $4 DESC, d.taken_at LIMIT 1"
    )
    span = [arrival.is_history, claim.covers_from_at, claim.covers_to_at]
    found = warehouse.query(sql, [arrival.source, sha256, arrival.known_at, arrival.file_name, *span])
    return found.row(0, named=True) if found.height else None


def waiting_deliveries(warehouse: Warehouse, source: str) -> list[Delivery]:
    """Return the accepted deliveries of a source whose rows are not in the records yet."""
    return warehouse.read(DELIVERIES, f"source = ? AND NOT is_conformed AND {WAS_BELIEVED}", [source]).rows(
        named=True
    )


def used_with_quarantine(warehouse: Warehouse, source: str) -> list[Delivery]:
    """Return the used deliveries of a source of which rows were set aside, oldest first."""
    aside = "delivery_id IN (SELECT delivery_id FROM quarantine)"
    found = warehouse.read(
        DELIVERIES, f"source = ? AND is_conformed AND {WAS_BELIEVED} AND {aside}", [source]
    )
    return found.sort("known_at", "file_name").rows(named=True)


def latest_named(warehouse: Warehouse, source: str, stem: str) -> Delivery | None:
    """Return the delivery that was taken last among those whose file has this name, whatever its ending."""
    sql = (
        "SELECT d.* FROM deliveries d LEFT JOIN delivery_order o USING (delivery_id) "
        "WHERE d.source = ? AND regexp_replace(d.file_name, '\\.[^.]*$', '') = ? "
        "ORDER BY coalesce(o.n_taken, 0) DESC, d.taken_at DESC LIMIT 1"
    )
    found = warehouse.query(sql, [source, stem])
    return found.row(0, named=True) if found.height else None


def has_usually_a_manifest(warehouse: Warehouse, source: str) -> bool:
    """Say whether most of the source's last daily deliveries came with a control total."""
    sql = (
        f"SELECT d.n_declared IS NOT NULL AS has_one FROM {NAMED} d WHERE source = ? AND NOT is_history "
        f"AND {WAS_BELIEVED} ORDER BY named_at DESC LIMIT {MOST_ASKED_OF}"
    )
    said = warehouse.query(sql, [source])["has_one"]
    return len(said) >= LEAST_ASKED_OF and said.sum() >= USUAL_SHARE * len(said)


def judge_anew(
    warehouse: Warehouse,
    delivery: Delivery,
    earlier: pl.DataFrame,
    verdict: pl.DataFrame,
    reasons: pl.DataFrame,
) -> None:
    """Write what a manifest that came later says of a delivery whose rows are used, whole or not at all.

    Whether its rows can be used for the nights of its span is looked at again.
    """
    delivery_id = delivery["delivery_id"]
    with warehouse.transaction():
        warehouse.merge(EARLIER_SPANS, earlier)
        warehouse.merge(DELIVERIES, pl.DataFrame([delivery], DELIVERIES.schema))
        warehouse.replace(VERDICTS, verdict, f"delivery_id = ? AND {BELIEVED}", [delivery_id])
        warehouse.replace(VERDICT_REASONS, reasons, "delivery_id = ?", [delivery_id])
        warehouse.remove(USABILITY, "delivery_id = ?", [delivery_id])


def past_volumes(warehouse: Warehouse, source: str, morning: datetime, area: Area) -> list[PastVolume]:
    """Return the volumes of the source's accepted daily deliveries before a morning, oldest first."""
    sql = (
        f"SELECT d.named_at, max(v.n_rows) AS n_rows FROM {NAMED} d JOIN verdicts v USING (delivery_id) "
        f"WHERE {BELIEVED} AND d.source = ? AND NOT d.is_history AND d.named_at < ? "
        "GROUP BY d.named_at ORDER BY d.named_at"
    )
    past = warehouse.query(sql, [source, morning])
    return [PastVolume(area.clock.local_date(named_at), int(n_rows)) for named_at, n_rows in past.iter_rows()]


def spans_before(warehouse: Warehouse, arrival: Arrival, delivery_id: str) -> list[tuple[datetime, datetime]]:
    """Return the spans that the believed deliveries before this one account for, by what their names say."""
    sql = (
        f"SELECT covers_from_at, covers_to_at FROM {NAMED} WHERE {WAS_BELIEVED} AND source = ? AND delivery_id <> ? "
        "AND (named_at < ? OR (named_at = ? AND is_history))"
    )
    return warehouse.query(sql, [arrival.source, delivery_id, arrival.known_at, arrival.known_at]).rows()


def earlier_prints(warehouse: Warehouse, delivery_id: str, source: str, prints: pl.DataFrame) -> pl.DataFrame:
    """Return the prints that other deliveries left of these records."""
    any_of_it = warehouse.query("SELECT 1 FROM record_prints WHERE source = ? LIMIT 1", [source])
    if any_of_it.is_empty():
        return RECORD_PRINTS.empty()
    condition = "source = ? AND delivery_id <> ? AND record_id IN (SELECT unnest(?::VARCHAR[]))"
    return warehouse.read(RECORD_PRINTS, condition, [source, delivery_id, prints["record_id"].to_list()])


def earlier_events(warehouse: Warehouse, delivery_id: str, source: str, events: pl.DataFrame) -> pl.DataFrame:
    """Return the events that other deliveries brought under these ids, or that are these events."""
    if not warehouse.n_rows(EVENT_PRINTS, "source = ?", [source]):
        return EVENT_PRINTS.empty()
    others = "source = ? AND delivery_id <> ?"
    if events.height > MOST_ASKED_FOR:
        return warehouse.read(EVENT_PRINTS, others, [source, delivery_id])
    condition = (
        f"{others} AND (record_id IN (SELECT unnest(?::VARCHAR[])) "
        "OR incident_id IN (SELECT unnest(?::VARCHAR[])) OR event_print IN (SELECT unnest(?::BIGINT[])))"
    )
    sought = [events[name].unique().to_list() for name in ("record_id", "incident_id", "event_print")]
    return warehouse.read(EVENT_PRINTS, condition, [source, delivery_id, *sought])


def held_deliveries(warehouse: Warehouse, source: str) -> list[Delivery]:
    """Return the deliveries of a source that wait for somebody to accept or to reject them."""
    held = f"delivery_id IN (SELECT delivery_id FROM verdicts WHERE verdict = '{HELD}')"
    return warehouse.read(DELIVERIES, f"source = ? AND {held}", [source]).rows(named=True)


def unusable_deliveries(warehouse: Warehouse, source: str) -> list[Delivery]:
    """Return the used deliveries of a source of which nights cannot be used, unless somebody says that they can."""
    unusable = "delivery_id IN (SELECT delivery_id FROM unusable_nights WHERE usable_at IS NULL)"
    found = warehouse.read(DELIVERIES, f"source = ? AND {unusable}", [source])
    return found.sort("taken_at", "delivery_id").rows(named=True)


def mended_by(warehouse: Warehouse, delivery: Delivery, clock: NightClock) -> str | None:
    """Return the file of a later delivery that accounts for all nights of this one that cannot be used, if one does."""
    own = warehouse.read(UNUSABLE_NIGHTS, "delivery_id = ? AND usable_at IS NULL", [delivery["delivery_id"]])
    order = "SELECT n_taken FROM delivery_order WHERE delivery_id = ?"
    later = warehouse.query(
        "SELECT d.delivery_id, d.file_name, d.covers_from_at, d.covers_to_at FROM deliveries d JOIN delivery_order o "
        f"USING (delivery_id) WHERE d.source = ? AND d.is_conformed AND {WAS_BELIEVED} AND o.n_taken > ({order}) "
        "ORDER BY o.n_taken",
        [delivery["source"], delivery["delivery_id"]],
    )
    open_nights = warehouse.read(UNUSABLE_NIGHTS, "usable_at IS NULL").select("delivery_id", "evening").rows()
    by = {
        evening: row["file_name"]
        for evening in own["evening"]
        for row in later.iter_rows(named=True)
        if row["covers_from_at"] <= clock.opens_at(evening)
        and clock.closes_at(evening) <= row["covers_to_at"]
        and (row["delivery_id"], evening) not in open_nights
    }
    return str(by[max(by)]) if by and len(by) == own.height else None


def highest_version(warehouse: Warehouse, delivery_id: str, source: str) -> int | None:
    """Return the highest version that other deliveries of a source brought."""
    sql = "SELECT max(record_version) AS highest FROM record_prints WHERE source = ? AND delivery_id <> ?"
    highest = warehouse.query(sql, [source, delivery_id])["highest"][0]
    return None if highest is None else int(highest)


def is_accepted(warehouse: Warehouse, delivery_id: str) -> bool:
    """Say whether somebody has accepted this delivery."""
    return warehouse.n_rows(ACCEPTANCES, "delivery_id = ? AND is_accepted", [delivery_id]) > 0


def remember(
    warehouse: Warehouse,
    delivery: pl.DataFrame,
    verdict: pl.DataFrame,
    arrival: Arrival,
    judgement: Judgement,
    *,
    order: pl.DataFrame,
) -> None:
    """Write a delivery, its verdict and everything behind it, whole or not at all."""
    delivery_id = str(delivery["delivery_id"][0])
    this = "delivery_id = ?", [delivery_id]
    with warehouse.transaction():
        warehouse.merge(DELIVERIES, delivery)
        warehouse.merge(DELIVERY_ORDER, order)
        warehouse.replace(
            VERDICTS, verdict, f"{this[0]} AND {ANSWERS_GIVEN_AGAIN}", [*this[1], *verdict["verdict"]]
        )
        warehouse.replace(VERDICT_REASONS, reason_rows(delivery_id, arrival, judgement), *this)
        warehouse.replace(QUARANTINE, quarantine_rows(delivery_id, arrival, judgement), *this)
        warehouse.replace(NIGHTS_ASIDE, aside_rows(delivery_id, judgement), *this)
        warehouse.merge(COMMON_POINTS, point_row(delivery_id, judgement))
        warehouse.replace(EXPECTATION_RESULTS, result_rows(delivery_id, arrival.source, judgement), *this)
        warehouse.merge(RECORD_PRINTS, print_rows(delivery_id, arrival, judgement.prints))
        if judgement.n_accepted:
            warehouse.merge(EVENT_PRINTS, event_rows(delivery_id, arrival, judgement.events))
