"""The steps of this room: the only file in it that opens a door."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from nte.area import Area
from nte.calendar import describe_evenings
from nte.columns import INSTANT, Table
from nte.delivery_text import read_delivery
from nte.errors import MisuseError
from nte.kept_files import is_still, kept_copies, read_bytes, settle, sha256_of
from nte.knowledge import records_in_parts
from nte.local_times import says_dates_only
from nte.refusals import REPLACED, NotUsed, not_used, take_back
from nte.settings import CHECKOUT, Settings
from nte.tables import COUNTED_FROM
from nte.tables.counts import (
    CENTRE_STARTS,
    COUNTED,
    NIGHT_COUNT_REVISIONS,
    NIGHT_COUNTS,
    NIGHTS,
    REACHES,
    TOWN_CENTRES,
)
from nte.tables.definitions import DEFINITIONS, SOURCES
from nte.tables.deliveries import (
    DELIVERIES,
    EARLIER_SPANS,
    EVENT_PRINTS,
    QUARANTINE,
    RECORD_PRINTS,
    UNUSABLE_NIGHTS,
    USABILITY,
    VERDICTS,
)
from nte.tables.records import DELIVERY_CHANGES, LEDGER, PURGED_ROWS, PURGES, RECORDS
from nte.tables.slices import HOUR_PROFILE, ISTV_SCORECARD, MONTH_COVERAGE, SLICE_COUNTS
from nte.warehouse import Warehouse, open_warehouse
from transforms.area_tables import (
    definitions_frame,
    refuse_changed,
    sources_frame,
    town_centres_frame,
    word_frames,
)
from transforms.centres import centre_starts, placed_as_counted, refuse_lost
from transforms.coverage import accounts_of, coverage_gaps, covered_since, only_usable, with_earlier_spans
from transforms.gaps import with_gaps
from transforms.istv import istv_scorecard
from transforms.lake import (
    BELIEVED,
    Loaded,
    day_of,
    deliveries_in_order,
    is_before,
    keep,
    load,
    remove_purged,
    write_what_is_missing,
)
from transforms.ledger import fates_of_records, ledger
from transforms.month_coverage import month_coverage
from transforms.night_counts import count_changes, night_count_revisions
from transforms.reach import reaches
from transforms.records import conform_records
from transforms.said import without_faulty
from transforms.site_coverage import site_exceptions
from transforms.slices import coarsened, described, sliced
from transforms.usability_memory import judge_usability
from transforms.versions import delivery_changes, ranked

PART_ROWS = 100_000
"""Of a very large delivery so many rows are turned into records at a time, so that it needs little memory."""
NOT_COUNTED_BY = {
    "place_confidence",
    "hospital_code",
    "triage_system",
    "time_precision",
    "is_police_informed",
}
"""Columns of records that no count depends on."""
MOST_SILENCE = timedelta(days=7)
"""When nothing has come for longer, the clock is as likely to be wrong as the feeds."""


@dataclass(frozen=True)
class Purge:
    """What a purge would remove."""

    before: date
    """Records of earlier evenings go."""
    n_records: int
    n_deliveries: int
    first: date | None
    last: date | None
    """The evenings that they speak of."""


@dataclass(frozen=True)
class Conformed:
    """What a run of `conform_deliveries` did."""

    delivery_ids: tuple[str, ...]
    n_records: int


@dataclass(frozen=True)
class Counted:
    """What a run of `count_nights` did."""

    n_records: int
    n_revisions_new: int
    n_nights_unknown: int


def conform_deliveries(settings: Settings, area: Area, source: str) -> Conformed:
    """Turn every believed delivery of a source that is still in the inbox into records, oldest first.

    Each delivery is whole or not at all: its records and the mark that they are in are one transaction, then
    its file is moved to accepted/. Safe to repeat after a crash at any instant. A file that cannot be used after all
    is refused, and the others go on.
    """
    ids, n_records = [], 0
    with open_warehouse(settings) as warehouse:
        if n_missing := write_what_is_missing(settings, warehouse, source):
            logging.getLogger(__name__).warning(
                "%s: %d kept deliveries had gone and were written again from the warehouse: nothing is lost. "
                "Find out who removed them.", settings.lake / source, n_missing,
            )  # fmt: skip
        for delivery in deliveries_in_order(
            warehouse, f"source = ? AND NOT is_conformed AND {BELIEVED}", [source]
        ).iter_rows(named=True):
            path = settings.inbox_folder / source / str(delivery["file_name"])
            kept = _keep_records(settings, warehouse, path, delivery, area)
            if isinstance(kept, NotUsed):
                take_back(warehouse, delivery, kept)
                settings.delivery_page(str(delivery["delivery_id"])).unlink(missing_ok=True)
                if kept is not REPLACED:
                    settle(path, settings.rejected / source)
                continue
            with warehouse.transaction():
                warehouse.remove(RECORDS, "delivery_id = ?", [delivery["delivery_id"]])
                for part in records_in_parts(kept, PART_ROWS):
                    warehouse.append(RECORDS, part)
                    n_records += part.height
                warehouse.merge(DELIVERIES, pl.DataFrame([delivery | {"is_conformed": True}]))
            settle(path, settings.accepted / source)
            ids.append(str(delivery["delivery_id"]))
    return Conformed(tuple(ids), n_records)


class UnusableError(Exception):
    """Something in a file is not as this service knows files to be; it carries the kind of the error alone."""


def _keep_records(
    settings: Settings, warehouse: Warehouse, path: Path, delivery: dict[str, Any], area: Area
) -> Path | NotUsed:
    """Keep the records of a delivery in the lake; return where, or why it cannot be used."""
    if not is_still(path, delivery["sha256"]):
        return REPLACED
    try:
        return keep(settings, warehouse, _records_of(warehouse, path, delivery, area), delivery)
    except UnusableError as problem:
        return not_used(str(problem), delivery["source"])


def _records_of(
    warehouse: Warehouse, path: Path, delivery: dict[str, Any], area: Area
) -> Iterator[pl.DataFrame]:
    """Yield the records of a delivery in parts; what was used of it before stays as it was, as `nte retry` needs it.

    Raises UnusableError whatever is in the file: that is a verdict on that file.
    """
    source, content = area.sources[delivery["source"]], read_bytes(path)
    this = [delivery["delivery_id"]]
    aside = warehouse.read(QUARANTINE, "delivery_id = ?", this)
    used = warehouse.read(RECORDS, "delivery_id = ?", this)
    if used.height:
        yield used
    decided_at = warehouse.read(VERDICTS, f"delivery_id = ? AND {BELIEVED}", this)["decided_at"].max()
    known = {"delivery_id": delivery["delivery_id"], "known_at": delivery["known_at"]}
    try:
        text = read_delivery(content, source, without=source.unused_columns)
        del content
        has_dates_only = says_dates_only(text.frame, source)
        parts = list(text.parts(PART_ROWS if len(source.time_formats) == 1 else max(text.frame.height, 1)))
        del text  # each part goes when it was used
        while parts:
            rows = parts.pop(0).frame.join(aside, on="row_number", how="anti")
            records = conform_records(rows, source, area, known=known, has_dates_only=has_dates_only)
            yield _only_new(records, used, decided_at) if used.height else records
    except MemoryError:
        raise
    except Exception as problem:  # its text might quote a cell: its kind alone is told
        raise UnusableError(type(problem).__name__) from problem


def _only_new(records: pl.DataFrame, used: pl.DataFrame, decided_at: object) -> pl.DataFrame:
    """Return the rows that are released, known from then on, so that no morning that is done sees more than it saw."""
    later = pl.max_horizontal("known_at", pl.lit(decided_at, INSTANT)).alias("known_at")
    return records.join(used, on="row_number", how="anti").with_columns(later)


def load_lake(settings: Settings, area: Area, kept: Settings) -> Loaded:
    """Fill the records of a warehouse that is made again, from the lake of `kept`, else from the originals there."""
    with open_warehouse(settings) as warehouse:

        def read_original(delivery: dict[str, Any]) -> pl.DataFrame | None:
            copies = kept_copies(kept.accepted / delivery["source"], delivery["file_name"])
            same = next((c for c in copies if sha256_of(read_bytes(c)) == delivery["sha256"]), None)
            found = None if same is None else _keep_records(kept, warehouse, same, delivery, area)
            return pl.read_parquet(found) if isinstance(found, Path) else None

        return load(kept, warehouse, area, read_original)


def _read_ranked(warehouse: Warehouse) -> pl.DataFrame:
    return ranked(warehouse.read(RECORDS), deliveries_in_order(warehouse))


def _read_for_counting(warehouse: Warehouse) -> pl.DataFrame:
    """Return the records, ranked, with the columns that counts depend on."""
    columns = ", ".join(f'"{name}"' for name in RECORDS.names if name not in NOT_COUNTED_BY)
    return ranked(warehouse.query(f"SELECT {columns} FROM records"), deliveries_in_order(warehouse))


def count_nights(settings: Settings, area: Area, now: datetime) -> Counted:
    """Bring night counts, their revisions and the changes of each delivery up to what is known at `now`.

    A pure function of the believed deliveries: files in any order, or a run twice, leave the same tables. Where
    neither they nor the area, the nights or the code have changed since the last count, nothing is written. Raises
    NteError when a definition counts otherwise than it did before: the past would be counted anew.
    """
    with open_warehouse(settings) as warehouse:
        n_new = _count(warehouse, area, now)
        unknown = warehouse.query("SELECT DISTINCT source, evening FROM night_counts WHERE NOT is_covered")
        return Counted(warehouse.n_rows(RECORDS), n_new, unknown.height)


def _count(warehouse: Warehouse, area: Area, now: datetime) -> int:
    """Count, unless that would change nothing; return how many values are new."""
    definitions = definitions_frame(area)
    refuse_changed(warehouse.read(DEFINITIONS), definitions)
    believed = warehouse.read(DELIVERIES, f"is_conformed AND {BELIEVED}")
    starts = _centre_starts(warehouse, area)
    spans = with_earlier_spans(believed, warehouse.read(EARLIER_SPANS))
    evenings = _evenings(spans, area, max(now, _last_count(warehouse) or now))
    if _print_of_count(warehouse, area, evenings) in warehouse.read(COUNTED)["print"]:
        return 0
    records = placed_as_counted(_read_for_counting(warehouse), area, starts)
    usability, unusable = judge_usability(warehouse, believed, records, area, now)
    usable = without_faulty(records, unusable, area)
    spans, parts = (only_usable(rows, unusable, area.clock) for rows in (spans, believed))
    revisions = _with_frozen(warehouse, _revisions(usable, parts, evenings, area, starts=starts, spans=spans))
    n_new = _n_new(warehouse, revisions)
    current = current_counts(revisions)
    cells, hours = _slices(warehouse, usable, area)
    scorecard = _scorecard(warehouse, believed, current, area)
    with warehouse.transaction():
        if n_new or warehouse.n_rows(NIGHT_COUNT_REVISIONS) != revisions.height:
            warehouse.replace(NIGHT_COUNT_REVISIONS, revisions)
            warehouse.replace(NIGHT_COUNTS, current)
        _merge_new(warehouse, USABILITY, usability)
        _merge_new(warehouse, UNUSABLE_NIGHTS, unusable)
        warehouse.replace(SLICE_COUNTS, cells)
        warehouse.replace(HOUR_PROFILE, hours)
        warehouse.replace(ISTV_SCORECARD, scorecard)
        warehouse.replace(MONTH_COVERAGE, month_coverage(current, accounts_of(spans), area))
        warehouse.replace(REACHES, reaches(believed, records, area))
        warehouse.replace(DELIVERY_CHANGES, delivery_changes(records))
        fates = pl.concat([fates_of_records(records, current, area), warehouse.read(PURGED_ROWS)])
        warehouse.replace(LEDGER, ledger(fates, warehouse.read(VERDICTS)))
        warehouse.replace(NIGHTS, _nights(area, evenings))
        warehouse.replace(TOWN_CENTRES, town_centres_frame(area))
        warehouse.replace(CENTRE_STARTS, starts)
        warehouse.replace(DEFINITIONS, definitions)
        warehouse.replace(SOURCES, sources_frame(area))
        for table, rows in word_frames(area):
            warehouse.replace(table, rows)
        warehouse.replace(COUNTED, pl.DataFrame({"print": [_print_of_count(warehouse, area, evenings)]}))
    return n_new


def _print_of_count(warehouse: Warehouse, area: Area, evenings: list[date]) -> str:
    """Return a print of all that a count depends on and of all that it leaves."""
    nights = [str(evening) for evening in (*evenings[:1], *evenings[-1:])]
    tables = [warehouse.print_of(table) for table in COUNTED_FROM]
    said = "\n".join([_print_of_code(), area.model_dump_json(), *nights, *tables])
    return sha256(said.encode()).hexdigest()


@lru_cache(maxsize=1)
def _print_of_code() -> str:
    """Return a print of the code that counts: another version of it counts everything anew."""
    files = sorted(path for room in ("nte", "transforms") for path in (CHECKOUT / room).rglob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _centre_starts(warehouse: Warehouse, area: Area) -> pl.DataFrame:
    """Return since when each centre is counted. Raises NteError when the area has lost one that records carry."""
    refuse_lost(warehouse.query("SELECT DISTINCT place_code FROM records")["place_code"], area)
    counted = warehouse.query("SELECT DISTINCT centre_code FROM night_count_revisions")["centre_code"]
    last = warehouse.query("SELECT max(evening) AS last FROM night_count_revisions")["last"][0]
    return centre_starts(warehouse.read(CENTRE_STARTS), area, set(counted), last)


def _last_count(warehouse: Warehouse) -> datetime | None:
    """Return when the latest night counted so far had closed: a run as of an earlier time takes none away."""
    last = warehouse.query("SELECT max(closes_at) AS last FROM nights")["last"][0]
    return last if isinstance(last, datetime) else None


def _with_frozen(warehouse: Warehouse, revisions: pl.DataFrame) -> pl.DataFrame:
    """Keep the counts of nights whose records were purged as they were."""
    frozen = warehouse.query("SELECT max(purged_before) AS before FROM purges")["before"][0]
    if frozen is None:
        return revisions
    kept = warehouse.read(NIGHT_COUNT_REVISIONS, "evening < ?", [frozen])
    return pl.concat([kept, revisions.filter(pl.col("evening") >= frozen)])


def _slices(warehouse: Warehouse, records: pl.DataFrame, area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `slice_counts` and `hour_profile`: of months and years with records that were purged as they were."""
    cells, hours = sliced(described(records, area), area)
    frozen = warehouse.query("SELECT max(purged_before) AS before FROM purges")["before"][0]
    if frozen is None:
        return cells, hours
    last_year = (frozen - timedelta(days=1)).year
    kept = warehouse.read(SLICE_COUNTS, "month < ?", [frozen])
    kept_hours = warehouse.read(HOUR_PROFILE, "year <= ?", [last_year])
    is_later = pl.col("month").is_null() | (pl.col("month") >= frozen)
    return (
        pl.concat([kept, cells.filter(is_later)]),
        pl.concat([kept_hours, hours.filter(pl.col("year") > last_year)]),
    )


def _scorecard(
    warehouse: Warehouse, believed: pl.DataFrame, counts: pl.DataFrame, area: Area
) -> pl.DataFrame:
    """Return `istv_scorecard`: of months with records that were purged as it was."""
    hospitals = [name for name, source in area.sources.items() if source.kind == "hospital"]
    records = warehouse.read(RECORDS, "list_contains(?, source)", [hospitals])
    scorecard = istv_scorecard(ranked(records, deliveries_in_order(warehouse)), believed, counts, area)
    frozen = warehouse.query("SELECT max(purged_before) AS before FROM purges")["before"][0]
    if frozen is None:
        return scorecard
    kept = warehouse.read(ISTV_SCORECARD, "month < ?", [frozen])
    return pl.concat([kept, scorecard.filter(pl.col("month") >= frozen)])


def plan_purge(settings: Settings, area: Area, before: date | None, now: datetime) -> Purge:
    """Return what a purge of evenings before `before` would remove; None: of all whose retention has ended.

    Their retention is counted back from `now` or from the newest delivery, whichever is the earlier, so that no clock
    and no slip of the pen takes what may still be held. Raises MisuseError when `before` is later than that allows.
    """
    with open_warehouse(settings) as warehouse:
        newest = _newest_delivery(warehouse) or now
        records = warehouse.read(RECORDS)
    last = area.clock.local_date(min(now, newest)) - timedelta(days=area.retention.keep_records_days)
    if before is not None and before > last:
        raise MisuseError(
            f"{before}: records of evenings from {last} on may still be held. Name an earlier date. (keep_records_days "
            f"is {area.retention.keep_records_days}, and is counted back from the newest delivery.)"
        )
    gone = records.filter(is_before(before or last, area))
    evenings = gone.select(day_of(area).alias("day"))["day"].sort().to_list()
    first_and_last = (evenings[0], evenings[-1]) if evenings else (None, None)
    return Purge(before or last, gone.height, gone["delivery_id"].n_unique(), *first_and_last)


def _newest_delivery(warehouse: Warehouse) -> datetime | None:
    """Return the latest morning that the name of a believed delivery speaks of."""
    newest = deliveries_in_order(warehouse, BELIEVED)["named_at"].max()
    return newest if isinstance(newest, datetime) else None


def purge_records(settings: Settings, area: Area, before: date, now: datetime) -> int:
    """Remove the records of evenings before `before`, from warehouse and lake; return how many.

    Night counts, bands, judgements and decisions stay as they are, and so do the ledger and the sums by month; small
    counts by month are described less closely from now on. How far back `before` must
    lie, `plan_purge` says.
    """
    with open_warehouse(settings) as warehouse:
        records = _read_ranked(warehouse)
        is_old = is_before(before, area)
        gone = records.filter(is_old)
        counted = placed_as_counted(records, area, warehouse.read(CENTRE_STARTS))
        fates = fates_of_records(counted, warehouse.read(NIGHT_COUNTS), area, only=is_old)
        is_sliced = warehouse.n_rows(SLICE_COUNTS) > 0
        cells, hours = (None, None) if is_sliced else _slices(warehouse, counted, area)
        with warehouse.transaction():
            if cells is not None and hours is not None:  # a home of before, which has not counted since
                warehouse.replace(SLICE_COUNTS, cells)
                warehouse.replace(HOUR_PROFILE, hours)
            of_purged = warehouse.read(SLICE_COUNTS, "month < ?", [before])
            warehouse.replace(SLICE_COUNTS, coarsened(of_purged, area), "month < ?", [before])
            earlier = warehouse.read(PURGED_ROWS)
            both = pl.concat([earlier, fates]).group_by("delivery_id", "fate").agg(pl.col("n_rows").sum())
            warehouse.replace(PURGED_ROWS, both)
            warehouse.replace(RECORDS, records.filter(~is_old))
            prints = warehouse.read(RECORD_PRINTS)
            warehouse.replace(RECORD_PRINTS, prints.join(gone, on=RECORD_PRINTS.keys, how="anti"))
            events = warehouse.read(EVENT_PRINTS)
            warehouse.replace(EVENT_PRINTS, events.join(gone, on=EVENT_PRINTS.keys, how="anti"))
            done = warehouse.read(PURGES, "purged_before = ?", [before])
            if gone.height or done.is_empty():
                row = {
                    "purged_before": before,
                    "purged_at": now,
                    "n_records": gone.height + done["n_records"].sum(),
                }
                warehouse.merge(PURGES, pl.DataFrame([row], schema=PURGES.schema))
        remove_purged(settings, warehouse)
    return gone.height


def purge_originals(settings: Settings, area: Area, now: datetime) -> list[str]:
    """Remove originals of accepted and rejected deliveries whose time is over; return their names.

    Their time runs from the day on which they were put there, not from the date that the provider gave them. It ends by
    `now`, but not more than a week after the newest delivery: a clock that is ahead takes nothing away.
    """
    with open_warehouse(settings) as warehouse:
        newest = _newest_delivery(warehouse)
    until = min(now, newest + MOST_SILENCE) if newest else now
    oldest = until.timestamp() - area.retention.keep_originals_days * 86_400
    removed = []
    for folder in (settings.accepted, settings.rejected):
        for path in sorted(folder.glob("*/*")):
            if path.is_file() and path.stat().st_ctime < oldest:
                path.unlink()
                removed.append(path.name)
    return removed


def _evenings(believed: pl.DataFrame, area: Area, now: datetime) -> list[date]:
    if believed.is_empty():
        return []
    first = believed["covers_from_at"].min()
    if not isinstance(first, datetime):
        raise TypeError("covers_from_at holds no instants")
    return area.clock.evenings_closed(area.clock.local_date(first), now)


def _revisions(
    records: pl.DataFrame,
    believed: pl.DataFrame,
    evenings: list[date],
    area: Area,
    *,
    starts: pl.DataFrame,
    spans: pl.DataFrame,
) -> pl.DataFrame:
    accounts = accounts_of(spans)
    covered = {
        source: covered_since(of_source, evenings, area.clock) for source, of_source in accounts.items()
    }
    gaps = {source: coverage_gaps(accounts[source], since, area.clock) for source, since in covered.items()}
    first_known = dict(spans.group_by("source").agg(pl.col("known_at").min()).iter_rows())
    exceptions = site_exceptions(believed, records, evenings, area)
    changes = count_changes(records, area.definitions)
    revisions = night_count_revisions(
        changes, covered, evenings, area, first_known, exceptions=exceptions, starts=starts
    )
    return with_gaps(revisions, {source: found for source, found in gaps.items() if found})


def _merge_new(warehouse: Warehouse, table: Table, rows: pl.DataFrame) -> None:
    """Write the rows that are new or other: a run that finds nothing new writes nothing."""
    warehouse.merge(table, rows.join(warehouse.read(table), on=table.names, how="anti", nulls_equal=True))


def _n_new(warehouse: Warehouse, revisions: pl.DataFrame) -> int:
    before = warehouse.read(NIGHT_COUNT_REVISIONS)
    return revisions.join(before, on=revisions.columns, how="anti", nulls_equal=True).height


def current_counts(revisions: pl.DataFrame) -> pl.DataFrame:
    """Return `night_counts`: the latest value of each series and night."""
    return (
        revisions.sort("known_at")
        .unique(["evening", "centre_code", "source", "definition"], keep="last", maintain_order=True)
        .sort("evening", "centre_code", "source", "definition")
    )


def _nights(area: Area, evenings: list[date]) -> pl.DataFrame:
    special = describe_evenings(area, evenings) if evenings else {}
    nights = area.clock.nights_frame(evenings)
    return nights.with_columns(pl.Series("events", [special.get(e) for e in evenings], dtype=pl.String))
