"""The steps of this room: the only file in it that opens a door.

Each delivery is one transaction: verdict, reasons and quarantine are written whole, then its file is moved. A run
that was killed at any instant is completed by the next one. An accepted file stays in the inbox until its rows
are in the records.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from expectations.cell_checks import is_personal
from expectations.judging import (
    ACCEPTED,
    ALREADY_SEEN,
    HELD,
    REJECTED,
    WITH_QUARANTINE,
    Judgement,
    held_if_unknown,
    judge_delivery,
    with_contradictions,
    with_unlikely_version,
)
from expectations.late_manifests import as_used, earlier_span, said_of, says_otherwise, with_span_of
from expectations.manifest import usual_span
from expectations.memory import (
    Delivery,
    accepted_before,
    earlier_events,
    earlier_prints,
    has_usually_a_manifest,
    held_deliveries,
    highest_version,
    is_accepted,
    judge_anew,
    latest_named,
    mended_by,
    past_volumes,
    remember,
    spans_before,
    unusable_deliveries,
    used_with_quarantine,
    waiting_deliveries,
)
from expectations.page import render_page
from expectations.receipt import receipt_of
from expectations.rows import (
    acceptance_row,
    already_seen_row,
    delivery_id_of,
    delivery_row,
    order_row,
    reason_rows,
    verdict_row,
)
from expectations.strays import far_ahead, stray_rows
from nte.area import Area
from nte.deliveries.inbox import (
    AHEAD,
    MUST_STAY,
    NO_MANIFEST_YET,
    STILL_GROWING,
    UNREADABLE,
    Arrival,
    LeftAlone,
    Scan,
    arrival_at,
    is_fresh,
    nearly_named,
    put_names_right,
    safe_name,
    scan_inbox,
)
from nte.deliveries.kept_files import (
    MANIFEST_SUFFIX,
    FileChangedError,
    Received,
    is_settled_manifest,
    is_still,
    kept_copies,
    must_stay,
    read_bytes,
    receive,
    remove_original,
    remove_settled_manifest,
    settle,
    sha256_of,
    write_whole,
)
from nte.errors import MisuseError, NteError
from nte.knowledge import Taken, is_done, kept_facts, taken_now
from nte.refusals import REPLACED, rejected_by_ops, take_back
from nte.settings import Settings
from nte.tables.deliveries import (
    ACCEPTANCES,
    DELIVERIES,
    DELIVERY_ORDER,
    EXPECTATION_RESULTS,
    INBOX_STRAYS,
    QUARANTINE,
    VERDICT_REASONS,
    VERDICTS,
)
from nte.warehouse import Warehouse, open_warehouse


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
    renamed: tuple[str, ...] = ()
    """Files whose names were nearly right, and how they are read."""

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
            "held": [c.summary for c in self.checked if c.verdict == HELD],
            "left_alone": list(self.left_alone),
            "later": self.n_later,
        } | ({"renamed": list(self.renamed)} if self.renamed else {})

    def rejected(self) -> list[dict[str, str]]:
        """Return file, delivery_id and summary of each file that was rejected, the summary for people."""
        found = (c for c in self.checked if c.verdict == REJECTED)
        return [{"file": c.file_name, "delivery_id": c.delivery_id, "summary": c.summary} for c in found]


@dataclass(frozen=True)
class Tried:
    """What would be decided about a file, and each reason: how grave it is, and the sentence that people would read."""

    checked: Checked
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Retried:
    """What a run of `retry_quarantine` did for one source."""

    source: str
    delivery_ids: tuple[str, ...]
    """Deliveries that were judged anew and stand in the inbox again, for `conform_deliveries`."""
    n_released: int
    n_still_aside: int
    not_kept: tuple[str, ...]
    """Files whose originals are no longer kept: only the provider can send them again."""


@dataclass(frozen=True)
class Desk:
    """What a step works with: the open warehouse, the settings, the area and the run's clock."""

    warehouse: Warehouse
    settings: Settings
    area: Area
    now: datetime


def check_deliveries(settings: Settings, area: Area, source: str, now: datetime) -> CheckSummary:
    """Decide about every delivery of a source that has arrived by `now`, oldest first.

    Rejected files move to rejected/, bytes that were accepted before to accepted/; accepted files stay in the
    inbox for `conform_deliveries`. Safe to repeat after a crash at any instant.
    """
    renamed = put_names_right(settings.inbox_folder, area.sources[source], area)
    scan = scan_inbox(settings.inbox_folder, area, now)
    arrivals = [a for a in scan.arrivals if a.source == source]
    if arrivals:
        import expectations.suites  # noqa: F401  takes seconds: before the warehouse is held
    with open_warehouse(settings) as warehouse:
        desk = Desk(warehouse, settings, area, now)
        _forget_replaced(desk, source)
        if _bring_back(desk, scan, source):
            scan = scan_inbox(settings.inbox_folder, area, now)
            arrivals = [a for a in scan.arrivals if a.source == source]
        answers = [_take(desk, arrival) for arrival in arrivals]
        unread = [answer for answer in answers if isinstance(answer, LeftAlone)]
        staying = [LeftAlone(a.path, MUST_STAY) for a in arrivals if must_stay(a.path)]
        scan = replace(scan, left_alone=(*scan.left_alone, *unread, *staying))
        _write_missing_pages(desk, source)
        _note_strays(desk, scan, source)
    _remove_orphans(scan, settings, source)
    folder = settings.inbox_folder / source
    return CheckSummary(
        source=source,
        checked=tuple(answer for answer in answers if isinstance(answer, Checked)),
        left_alone=tuple(
            f"{safe_name(s.path.name)}: {s.why}" for s in scan.left_alone if s.path.parent == folder
        ),
        n_later=sum(a.source == source for a in scan.later),
        renamed=tuple(renamed),
    )


def try_delivery(settings: Settings, area: Area, arrival: Arrival, now: datetime) -> Tried:
    """Say what `check_deliveries` would decide about a file, wherever it stands; nothing is taken, kept or written.

    Raises NteError when it cannot be read.
    """
    received = receive(arrival.path)
    manifest = read_bytes(arrival.manifest) if arrival.manifest else None
    import expectations.suites  # noqa: F401  takes seconds: before the warehouse is held

    with open_warehouse(settings) as warehouse:
        desk = Desk(warehouse, settings, area, now)
        if first := accepted_before(warehouse, arrival, received.sha256, usual_span(arrival, area)):
            seen = already_seen_row(str(first["delivery_id"]), str(first["file_name"]), arrival, now)
            return Tried(_checked(seen), ())
        judgement = _decide(desk, arrival, received, manifest)
    delivery_id = delivery_id_of(arrival, received)
    reasons = reason_rows(delivery_id, arrival, judgement)
    told = tuple(reasons.select("severity", "message").iter_rows())
    return Tried(_checked(verdict_row(delivery_id, arrival, judgement, now)), told)


def waiting_files(settings: Settings, area: Area, source: str, now: datetime) -> list[str]:
    """Return the names of a source's files that `check_deliveries` would look at, oldest first."""
    names = [a.path.name for a in scan_inbox(settings.inbox_folder, area, now).arrivals if a.source == source]
    nearly = nearly_named(settings.inbox_folder / source, area.sources[source], area)
    return names + [safe_name(path.name) for path in nearly]


def retry_quarantine(settings: Settings, area: Area, source: str, now: datetime) -> Retried:
    """Judge the rows that were set aside anew, after a mapping in the area file was corrected.

    A delivery whose rows now fare better goes back to the inbox with its new verdict; `conform_deliveries` then
    puts its rows into the records. Works while the originals are kept. Safe to repeat.
    """
    released, still_aside, again, not_kept = 0, 0, [], []
    import expectations.suites  # noqa: F401  takes seconds: before the warehouse is held

    with open_warehouse(settings) as warehouse:
        desk = Desk(warehouse, settings, area, now)
        for delivery in used_with_quarantine(warehouse, source):
            before = warehouse.read(QUARANTINE, "delivery_id = ?", [delivery["delivery_id"]]).height
            after = _retry(desk, delivery, before)
            if after is None:
                not_kept.append(str(delivery["file_name"]))
                after = before
            released, still_aside = released + before - after, still_aside + after
            if after != before:
                again.append(str(delivery["delivery_id"]))
        _write_missing_pages(desk, source)
    return Retried(source, tuple(again), released, still_aside, tuple(not_kept))


def accept_held(settings: Settings, area: Area, file_name: str, why: str, now: datetime) -> Delivery:
    """Say that the rows of a held delivery may be used, or that the nights of a used one are right; return it.

    The next check uses it, the next count knows its nights. Raises MisuseError when no delivery of this name is held or
    has such nights, when a later delivery has mended them, or the reason holds personal data.
    """
    _refuse_personal(why, area)
    with open_warehouse(settings) as warehouse:
        unusable = [d for s in area.sources for d in unusable_deliveries(warehouse, s)]
        same = [d for d in unusable if d["file_name"] == Path(file_name).name]
        delivery = same[-1] if same else _held(warehouse, area, file_name)
        if same and (later := mended_by(warehouse, delivery, area.clock)):
            raise MisuseError(
                f"{delivery['file_name']}: already mended by a later delivery ({later}): its own rows would take the "
                "place of good ones. Nothing was accepted, and nothing is to be done."
            )
        warehouse.merge(ACCEPTANCES, acceptance_row(delivery, now, why, is_accepted=True))
    return delivery


def reject_held(settings: Settings, area: Area, file_name: str, why: str, now: datetime) -> str:
    """Refuse a held delivery for good, with the reason given, and move it to rejected/; return its source.

    Raises MisuseError when no delivery of this name is held, or the reason holds personal data.
    """
    _refuse_personal(why, area)
    with open_warehouse(settings) as warehouse:
        delivery = _held(warehouse, area, file_name)
        source = str(delivery["source"])
        with warehouse.transaction():
            warehouse.merge(ACCEPTANCES, acceptance_row(delivery, now, why, is_accepted=False))
            take_back(warehouse, delivery | {"taken_at": now}, rejected_by_ops(why, source))
        settings.delivery_page(str(delivery["delivery_id"])).unlink(missing_ok=True)
        path = settings.inbox_folder / source / str(delivery["file_name"])
        if is_still(path, str(delivery["sha256"])):
            settle(path, settings.rejected / source)
        _write_missing_pages(Desk(warehouse, settings, area, now), source)
    return source


def _held(warehouse: Warehouse, area: Area, file_name: str) -> Delivery:
    held = [delivery for source in area.sources for delivery in held_deliveries(warehouse, source)]
    name = Path(file_name).name
    found = next((d for d in held if d["file_name"] == name), None)
    if found is None:
        names = ", ".join(str(d["file_name"]) for d in held) or "none"
        raise MisuseError(f"{name}: no delivery of this name is held. Held: {names}.")
    return found


def _refuse_personal(why: str, area: Area) -> None:
    if any(is_personal(kind, why) for kind in area.personal_cells):
        raise MisuseError("The reason holds something that identifies a person. Give it without.")


def _take(desk: Desk, arrival: Arrival) -> Checked | LeftAlone | None:
    """Decide about one file; None where an earlier run has decided and the file only waits to be used.

    A file that cannot be read is left alone.
    """
    try:
        received = receive(arrival.path)
        manifest = read_bytes(arrival.manifest) if arrival.manifest else None
    except NteError:
        return LeftAlone(arrival.path, UNREADABLE)
    first = accepted_before(desk.warehouse, arrival, received.sha256, usual_span(arrival, desk.area))
    if first is None:
        is_waiting = arrival.manifest is None and _waits_for_manifest(desk, arrival)
        return (
            LeftAlone(arrival.path, NO_MANIFEST_YET)
            if is_waiting
            else _look_at(desk, arrival, received, manifest)
        )
    if first["file_name"] == arrival.file_name:
        if says_otherwise(manifest, first, arrival, desk.area):
            again = _look_at if not first["is_conformed"] else partial(_judge_used, first)
            if answer := again(desk, arrival, received, manifest):
                return answer
        if not first["is_conformed"]:
            return None
    kept = desk.settings.accepted / arrival.source
    if _only_its_move_is_missing(desk, first, arrival) or (
        first["file_name"] == arrival.file_name and must_stay(arrival.path)
    ):
        settle(arrival.path, kept)
        return None
    row = already_seen_row(str(first["delivery_id"]), str(first["file_name"]), arrival, desk.now)
    desk.warehouse.merge(VERDICTS, row)
    settle(arrival.path, kept)
    return _checked(row)


def _waits_for_manifest(desk: Desk, arrival: Arrival) -> bool:
    """Say whether a file has only just come, and its feed usually sends a manifest with it."""
    seconds = desk.settings.manifest_wait_minutes * 60
    is_new = not arrival.is_history and is_fresh(arrival.path, desk.now, seconds)
    return is_new and has_usually_a_manifest(desk.warehouse, arrival.source)


def _bring_back(desk: Desk, scan: Scan, source: str) -> bool:
    """Put the deliveries whose manifests came alone beside them again, to be judged with them; say whether any was.

    A manifest that has only just come may be ahead of a file of its own.
    """
    seconds, is_any = desk.settings.manifest_wait_minutes * 60, False
    folders = [folder / source for folder in (desk.settings.accepted, desk.settings.rejected)]
    for manifest in scan.orphan_manifests:
        is_mine = manifest.parent == desk.settings.inbox_folder / source
        if not is_mine or is_fresh(manifest, desk.now, seconds) or is_settled_manifest(manifest, folders):
            continue
        delivery = latest_named(desk.warehouse, source, manifest.stem)
        copies = [c for f in folders for c in kept_copies(f, str(delivery["file_name"]))] if delivery else []
        original = next((c for c in copies if delivery and is_still(c, str(delivery["sha256"]))), None)
        if original and delivery:
            with suppress(
                NteError
            ):  # a folder that nobody may write to: it is named among what was left alone
                write_whole(manifest.with_name(str(delivery["file_name"])), read_bytes(original))
                is_any = True
    return is_any


def _judge_used(
    delivery: Delivery, desk: Desk, arrival: Arrival, received: Received, manifest: bytes | None
) -> Checked | None:
    """Judge a delivery whose rows are used by a manifest that came later; None where that says nothing new.

    What it accounted for stays known for the mornings that are done.
    """
    verdict = desk.warehouse.read(VERDICTS, "delivery_id = ?", [delivery["delivery_id"]])
    verdict = verdict.filter(pl.col("verdict").is_in([ACCEPTED, WITH_QUARANTINE])).sort("decided_at")
    judgement = _judgement(desk, arrival, received, manifest, has_usual_volume=False)
    judgement = as_used(judgement, delivery, str(verdict["verdict"][-1]))
    after = with_span_of(delivery, judgement.manifest)
    if said_of(after) == said_of(delivery):
        return None
    until = desk.now if is_done(desk.warehouse, delivery["known_at"], desk.now) else None
    row = verdict_row(str(delivery["delivery_id"]), arrival, judgement, desk.now)
    counts = verdict.tail(1).select("verdict", "n_rows", "n_accepted", "n_quarantined")
    row = pl.concat([row.drop(counts.columns), counts], how="horizontal").select(VERDICTS.names)
    reasons = reason_rows(str(delivery["delivery_id"]), arrival, judgement)
    judge_anew(desk.warehouse, after, earlier_span(delivery, until), row, reasons)
    desk.settings.delivery_page(str(delivery["delivery_id"])).unlink(missing_ok=True)
    settle(arrival.path, desk.settings.accepted / arrival.source)
    return _checked(row)


def _look_at(
    desk: Desk, arrival: Arrival, received: Received, manifest: bytes | None
) -> Checked | LeftAlone | None:
    if _is_waiting(desk, arrival, received):
        return None
    try:
        return _judge(desk, arrival, received, manifest)
    except FileChangedError:
        return LeftAlone(arrival.path, STILL_GROWING)


def _is_waiting(desk: Desk, arrival: Arrival, received: Received) -> bool:
    """Say whether this file is held and nobody has accepted it yet."""
    delivery_id = delivery_id_of(arrival, received)
    held = (d["delivery_id"] for d in held_deliveries(desk.warehouse, arrival.source))
    return delivery_id in held and not is_accepted(desk.warehouse, delivery_id)


def _only_its_move_is_missing(desk: Desk, first: Delivery, arrival: Arrival) -> bool:
    """Say whether this is the original of a used delivery that a crash kept from leaving the inbox."""
    if first["file_name"] != arrival.file_name:
        return False
    is_kept_still = desk.now < first["taken_at"] + timedelta(days=desk.area.retention.keep_originals_days)
    return is_kept_still and not (desk.settings.accepted / arrival.source / arrival.file_name).exists()


def _decide(desk: Desk, arrival: Arrival, received: Received, manifest: bytes | None) -> Judgement:
    """Return what is decided about a delivery that nobody has judged."""
    delivery_id = delivery_id_of(arrival, received)
    is_vouched_for = _is_vouched_for(desk, arrival, delivery_id)
    judgement = _judgement(desk, arrival, received, manifest, has_usual_volume=not is_vouched_for)
    if judgement.events.is_empty() or is_vouched_for:
        return judgement
    before = earlier_events(desk.warehouse, delivery_id, arrival.source, judgement.events)
    return held_if_unknown(judgement, before)


def _judge(desk: Desk, arrival: Arrival, received: Received, manifest: bytes | None) -> Checked:
    delivery_id = delivery_id_of(arrival, received)
    judgement = _decide(desk, arrival, received, manifest)
    verdict = verdict_row(delivery_id, arrival, judgement, desk.now)
    desk.settings.delivery_page(delivery_id).unlink(missing_ok=True)
    taken = _taken(desk, arrival, delivery_id)
    remember(
        desk.warehouse,
        delivery_row(arrival, received, judgement, taken),
        verdict,
        arrival,
        judgement,
        order=order_row(delivery_id, arrival, taken),
    )
    folder = desk.settings.rejected / arrival.source
    if judgement.verdict == REJECTED and not judgement.may_be_kept:
        receipt = receipt_of(arrival, received, judgement, desk.now)
        write_whole(folder / f"{delivery_id}.receipt.json", receipt)
        remove_original(arrival.path)
    elif judgement.verdict == REJECTED:
        settle(arrival.path, folder)
    return _checked(verdict)


def _is_vouched_for(desk: Desk, arrival: Arrival, delivery_id: str) -> bool:
    """Say whether somebody has accepted this delivery, or its records were used before the warehouse was lost."""
    kept = desk.settings.records_file(arrival.source, delivery_id)
    return kept.is_file() or is_accepted(desk.warehouse, delivery_id)


def _taken(desk: Desk, arrival: Arrival, delivery_id: str) -> Taken:
    """Return how a delivery is known: as its kept records say, where a lost warehouse is filled anew, else from now."""
    facts = kept_facts(desk.settings.records_file(arrival.source, delivery_id))
    if facts is not None:
        return Taken(facts["taken_at"][0], facts["known_at"][0], facts["n_taken"][0])
    return taken_now(desk.warehouse, arrival, delivery_id, desk.area.clock, desk.now)


def _judgement(
    desk: Desk, arrival: Arrival, received: Received, manifest: bytes | None, *, has_usual_volume: bool = True
) -> Judgement:
    """Return the judgement; what somebody has accepted by name need not have the volume of its weekday."""
    past = past_volumes(desk.warehouse, arrival.source, arrival.known_at, desk.area)
    past = past if has_usual_volume else []
    delivery_id = delivery_id_of(arrival, received)
    spans = spans_before(desk.warehouse, arrival, delivery_id)
    judgement = judge_delivery(received.read, manifest, arrival, desk.area, past, before=spans)
    if judgement.prints.is_empty():
        return judgement
    before = earlier_prints(desk.warehouse, delivery_id, arrival.source, judgement.prints)
    highest = highest_version(desk.warehouse, delivery_id, arrival.source)
    return with_unlikely_version(with_contradictions(judgement, before), highest)


def _retry(desk: Desk, delivery: Delivery, n_before: int) -> int | None:
    """Judge a used delivery anew and return how many rows are set aside now; None without its original.

    Where that has changed, the delivery goes back to the inbox to be used again.
    """
    source, name = str(delivery["source"]), str(delivery["file_name"])
    path = desk.settings.inbox_folder / source / name
    copies = kept_copies(desk.settings.accepted / source, name)
    original = next((copy for copy in copies if sha256_of(read_bytes(copy)) == delivery["sha256"]), None)
    arrival = arrival_at(path, desk.area.sources[source], desk.area)
    if original is None or arrival is None:
        return None
    received, beside = receive(original), original.with_suffix(MANIFEST_SUFFIX)
    judgement = _judgement(desk, arrival, received, read_bytes(beside) if beside.is_file() else None)
    if judgement.verdict == REJECTED or judgement.quarantine.height == n_before:
        return n_before
    if path.exists() and not is_still(path, str(delivery["sha256"])):
        return n_before  # another delivery of its name; its own bytes are of a retry that was killed here
    write_whole(path, received.read())
    desk.settings.delivery_page(str(delivery["delivery_id"])).unlink(missing_ok=True)
    again = pl.DataFrame([delivery | {"is_conformed": False}], DELIVERIES.schema)
    verdict = verdict_row(str(delivery["delivery_id"]), arrival, judgement, desk.now)
    order = desk.warehouse.read(DELIVERY_ORDER, "delivery_id = ?", [delivery["delivery_id"]])
    remember(desk.warehouse, again, verdict, arrival, judgement, order=order)
    return judgement.quarantine.height


def _forget_replaced(desk: Desk, source: str) -> None:
    """Take back the verdict on accepted and held files that changed or went before their rows were used."""
    for delivery in (
        *waiting_deliveries(desk.warehouse, source),
        *held_deliveries(desk.warehouse, source),
    ):
        path = desk.settings.inbox_folder / source / str(delivery["file_name"])
        if not is_still(path, str(delivery["sha256"])):
            desk.settings.delivery_page(str(delivery["delivery_id"])).unlink(missing_ok=True)
            take_back(desk.warehouse, delivery | {"taken_at": desk.now}, REPLACED)


def _write_missing_pages(desk: Desk, source: str) -> None:
    """Write the page of every delivery of a source that has none: new ones, and those that a crash prevented."""
    for delivery in desk.warehouse.read(DELIVERIES, "source = ?", [source]).iter_rows(named=True):
        path = desk.settings.delivery_page(delivery["delivery_id"])
        if not path.exists():
            write_whole(path, _page(desk, delivery).encode())


def _page(desk: Desk, delivery: Delivery) -> str:
    this = "delivery_id = ?", [delivery["delivery_id"]]
    verdicts = (
        desk.warehouse.read(VERDICTS, *this).filter(pl.col("verdict") != ALREADY_SEEN).sort("decided_at")
    )
    reasons = desk.warehouse.read(VERDICT_REASONS, *this).rows(named=True)
    results = desk.warehouse.read(EXPECTATION_RESULTS, *this).rows(named=True)
    return render_page(delivery, verdicts.row(-1, named=True), reasons, results, desk.area)


def _note_strays(desk: Desk, scan: Scan, source: str) -> None:
    before, inbox = desk.warehouse.read(INBOX_STRAYS), desk.settings.inbox_folder
    mine = [s for s in scan.left_alone if s.path.parent in (inbox, inbox / source)]
    mine += [
        LeftAlone(a.path, AHEAD) for a in far_ahead([a for a in scan.later if a.source == source], desk.now)
    ]
    rows = stray_rows(mine, inbox, before, desk.now)
    if rows.height or before.filter(pl.col("folder").is_in([source, ""])).height:
        with desk.warehouse.transaction():
            desk.warehouse.replace(INBOX_STRAYS, rows, "folder IN (?, '')", [source])


def _remove_orphans(scan: Scan, settings: Settings, source: str) -> None:
    """Remove manifests that a crash left behind when their delivery was moved."""
    for manifest in scan.orphan_manifests:
        if manifest.parent == settings.inbox_folder / source:
            with suppress(NteError):  # one that cannot be read is named among what was left alone
                remove_settled_manifest(manifest, [settings.accepted / source, settings.rejected / source])


def _checked(row: pl.DataFrame) -> Checked:
    facts = row.row(0, named=True)
    return Checked(**{name: facts[name] for name in Checked.__dataclass_fields__})
