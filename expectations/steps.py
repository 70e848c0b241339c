"""The steps of this room: the only file in it that opens a door.

Each delivery is one transaction: verdict, reasons and quarantine are written whole, then its file is moved. A run
that was killed at any instant is completed by the next one. An accepted file stays in the inbox until its rows
are in the records.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from expectations.judging import ACCEPTED, ALREADY_SEEN, REJECTED, WITH_QUARANTINE, Judgement, judge_delivery
from expectations.ledger import (
    already_seen_row,
    delivery_id_of,
    delivery_row,
    quarantine_rows,
    reason_rows,
    replaced_row,
    result_rows,
    verdict_row,
)
from expectations.messages import safe_name
from expectations.receipt import write_receipt
from expectations.strays import stray_rows
from expectations.volume import PastVolume
from nte.area import Area
from nte.inbox import Arrival, Scan, scan_inbox
from nte.kept_files import read_bytes, remove_original, remove_settled_manifest, settle, sha256_of
from nte.settings import Settings
from nte.tables import (
    DELIVERIES,
    EXPECTATION_RESULTS,
    INBOX_STRAYS,
    QUARANTINE,
    VERDICT_REASONS,
    VERDICTS,
)
from nte.warehouse import Warehouse, open_warehouse

BELIEVED = f"verdict IN ('{ACCEPTED}', '{WITH_QUARANTINE}')"


@dataclass(frozen=True)
class Checked:
    """A delivery that this run decided about."""

    delivery_id: str
    file_name: str
    verdict: str
    n_rows: int | None
    n_accepted: int
    n_quarantined: int
    summary: str


@dataclass(frozen=True)
class CheckSummary:
    """What a run of `check_deliveries` did for one source."""

    source: str
    checked: tuple[Checked, ...]
    left_alone: tuple[str, ...]
    """What stands in its folder and was not touched, and why."""
    n_later: int
    """Deliveries of mornings after `now`."""

    def for_people(self) -> dict[str, object]:
        """Return counts and lines, small enough for XCom and free of any cell."""
        return {
            "source": self.source,
            "files": len(self.checked),
            "rows": sum(c.n_rows or 0 for c in self.checked),
            "rows_used": sum(c.n_accepted for c in self.checked),
            "rows_set_aside": sum(c.n_quarantined for c in self.checked),
            "accepted": sum(c.verdict in (ACCEPTED, WITH_QUARANTINE) for c in self.checked),
            "already_seen": [c.file_name for c in self.checked if c.verdict == ALREADY_SEEN],
            "rejected": [c.summary for c in self.checked if c.verdict == REJECTED],
            "left_alone": list(self.left_alone),
            "later": self.n_later,
        }


def check_deliveries(settings: Settings, area: Area, source: str, now: datetime) -> CheckSummary:
    """Decide about every delivery of a source that has arrived by `now`, oldest first.

    Rejected files move to rejected/, bytes that were accepted before to accepted/; accepted files stay in the
    inbox for `conform_deliveries`. Safe to repeat after a crash at any instant.
    """
    scan = scan_inbox(settings.inbox_folder, area, now)
    arrivals = [a for a in scan.arrivals if a.source == source]
    if arrivals:
        import expectations.suites  # noqa: F401, PLC0415  takes seconds: before the warehouse is held
    checked = []
    with open_warehouse(settings.warehouse_file, wait_seconds=settings.warehouse_wait_seconds) as warehouse:
        _forget_replaced(warehouse, settings, source, now)
        for arrival in arrivals:
            answer = _take(warehouse, settings, area, arrival, now)
            if answer is not None:
                checked.append(answer)
        _note_strays(warehouse, scan, settings, source, now)
    _remove_orphans(scan, settings, source)
    return CheckSummary(
        source=source,
        checked=tuple(checked),
        left_alone=tuple(
            f"{safe_name(s.path.name)}: {s.why}" for s in scan.left_alone if _is_of(s.path, settings, source)
        ),
        n_later=sum(a.source == source for a in scan.later),
    )


def _take(
    warehouse: Warehouse, settings: Settings, area: Area, arrival: Arrival, now: datetime
) -> Checked | None:
    """Decide about one file; None where an earlier run has decided and the file only waits to be used."""
    content = read_bytes(arrival.path)
    sha256 = sha256_of(content)
    for first in _accepted_before(warehouse, arrival, sha256):
        if first["file_name"] == arrival.file_name and not first["is_conformed"]:
            return None
        if _only_its_move_is_missing(first, arrival, settings, area, now):
            settle(arrival.path, settings.accepted / arrival.source)
            return None
        return _note_already_seen(warehouse, settings, first, arrival, now)
    return _judge(warehouse, settings, area, arrival, content, now)


def _accepted_before(warehouse: Warehouse, arrival: Arrival, sha256: str) -> list[dict[str, object]]:
    """Return the deliveries with these bytes that were accepted.

    A delivery without rows accounts for its own span alone: the same bytes of another day are another delivery.
    """
    sql = (
        f"SELECT d.*, v.n_rows FROM deliveries d JOIN verdicts v USING (delivery_id) WHERE {BELIEVED} "
        "AND d.source = ? AND d.sha256 = ? AND (v.n_rows > 0 OR d.known_at = ?) "
        "ORDER BY d.file_name = ? DESC, d.taken_at"
    )
    found = warehouse.query(sql, [arrival.source, sha256, arrival.known_at, arrival.file_name])
    return list(found.iter_rows(named=True))


def _only_its_move_is_missing(
    first: dict[str, object], arrival: Arrival, settings: Settings, area: Area, now: datetime
) -> bool:
    """Say whether this is the original of a used delivery that a crash kept from leaving the inbox."""
    taken_at = first["taken_at"]
    if not isinstance(taken_at, datetime) or first["file_name"] != arrival.file_name:
        return False
    is_kept_still = now < taken_at + timedelta(days=area.retention.keep_originals_days)
    return is_kept_still and not (settings.accepted / arrival.source / arrival.file_name).exists()


def _note_already_seen(
    warehouse: Warehouse, settings: Settings, first: dict[str, object], arrival: Arrival, now: datetime
) -> Checked:
    row = already_seen_row(str(first["delivery_id"]), str(first["file_name"]), arrival, now)
    warehouse.merge(VERDICTS, row)
    settle(arrival.path, settings.accepted / arrival.source)
    return _checked(row)


def _judge(
    warehouse: Warehouse, settings: Settings, area: Area, arrival: Arrival, content: bytes, now: datetime
) -> Checked:
    manifest = read_bytes(arrival.manifest) if arrival.manifest else None
    judgement = judge_delivery(content, manifest, arrival, area, _past_volumes(warehouse, arrival, area))
    delivery_id = delivery_id_of(arrival, content)
    row = verdict_row(delivery_id, arrival, judgement, now)
    with warehouse.transaction():
        warehouse.merge(DELIVERIES, delivery_row(arrival, content, judgement, now))
        warehouse.merge(VERDICTS, row)
        _replace_findings(warehouse, delivery_id, arrival, judgement)
    if judgement.findings:
        write_receipt(settings.rejected / arrival.source, arrival, content, judgement, now)
        remove_original(arrival.path)
    elif judgement.verdict == REJECTED:
        settle(arrival.path, settings.rejected / arrival.source)
    return _checked(row)


def _replace_findings(warehouse: Warehouse, delivery_id: str, arrival: Arrival, judgement: Judgement) -> None:
    this = "delivery_id = ?", [delivery_id]
    warehouse.replace(VERDICT_REASONS, reason_rows(delivery_id, arrival, judgement), *this)
    warehouse.replace(QUARANTINE, quarantine_rows(delivery_id, arrival, judgement), *this)
    warehouse.replace(EXPECTATION_RESULTS, result_rows(delivery_id, arrival.source, judgement), *this)


def _past_volumes(warehouse: Warehouse, arrival: Arrival, area: Area) -> list[PastVolume]:
    """Return the volumes of the source's earlier daily deliveries, oldest first."""
    sql = (
        f"SELECT d.known_at, max(v.n_rows) AS n_rows FROM deliveries d JOIN verdicts v USING (delivery_id) "
        f"WHERE {BELIEVED} AND d.source = ? AND NOT d.is_history AND d.known_at < ? "
        "GROUP BY d.known_at ORDER BY d.known_at"
    )
    past = warehouse.query(sql, [arrival.source, arrival.known_at])
    return [PastVolume(area.clock.local_date(known_at), int(n_rows)) for known_at, n_rows in past.iter_rows()]


def _forget_replaced(warehouse: Warehouse, settings: Settings, source: str, now: datetime) -> None:
    """Take back the verdict on accepted files that changed or went before their rows were used."""
    waiting = warehouse.read(
        DELIVERIES,
        f"source = ? AND NOT is_conformed AND delivery_id IN (SELECT delivery_id FROM verdicts WHERE {BELIEVED})",
        [source],
    )
    for delivery in waiting.iter_rows(named=True):
        path = settings.inbox_folder / source / delivery["file_name"]
        if path.is_file() and sha256_of(read_bytes(path)) == delivery["sha256"]:
            continue
        this = "delivery_id = ?", [delivery["delivery_id"]]
        with warehouse.transaction():
            warehouse.replace(VERDICTS, replaced_row(delivery, now), *this)
            warehouse.replace(QUARANTINE, QUARANTINE.empty(), *this)


def _note_strays(warehouse: Warehouse, scan: Scan, settings: Settings, source: str, now: datetime) -> None:
    before = warehouse.read(INBOX_STRAYS)
    places = (settings.inbox_folder, settings.inbox_folder / source)
    mine = [s for s in scan.left_alone if s.path.parent in places]
    rows = stray_rows(mine, settings.inbox_folder, before, now)
    if rows.height or before.filter(pl.col("folder").is_in([source, ""])).height:
        with warehouse.transaction():
            warehouse.replace(INBOX_STRAYS, rows, "folder IN (?, '')", [source])


def _remove_orphans(scan: Scan, settings: Settings, source: str) -> None:
    """Remove manifests that a crash left behind when their delivery was moved."""
    for manifest in scan.orphan_manifests:
        if _is_of(manifest, settings, source):
            remove_settled_manifest(manifest, [settings.accepted / source, settings.rejected / source])


def _is_of(path: Path, settings: Settings, source: str) -> bool:
    return path.parent == settings.inbox_folder / source


def _checked(row: pl.DataFrame) -> Checked:
    facts = row.row(0, named=True)
    return Checked(**{name: facts[name] for name in Checked.__dataclass_fields__})
