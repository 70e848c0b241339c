"""The steps of this room: the only file in it that opens a door."""

import logging
from collections.abc import Iterator, Sequence
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
from nte.deliveries.kept_files import is_still, kept_copies, read_bytes, settle, sha256_of
from nte.deliveries.local_times import says_dates_only
from nte.deliveries.text import read_delivery
from nte.errors import MisuseError
from nte.knowledge import records_in_parts
from nte.refusals import REPLACED, NotUsed, not_used, take_back
from nte.settings import CHECKOUT, Settings
from nte.tables import COUNTED_FROM
from nte.tables.counts import (
    CENTRE_STARTS,
    COUNTED,
    COUNTED_DELIVERIES,
    COUNTED_NIGHTS,
    COUNTED_ROWS,
    DELIVERY_FAULTS,
    DELIVERY_PLACES,
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
from transforms.changed_days import (
    OF_DAYS,
    OF_DELIVERIES,
    OF_INCIDENTS,
    OF_RECORDS,
    Coverage,
    changed_nights,
    connected,
    counted_nights,
    day_sql,
    days_of,
    deliveries_of_records,
    in_years,
    is_as_counted,
    read_records,
    years_of,
)
from transforms.coverage import accounts_of, coverage_gaps, covered_since, only_usable, with_earlier_spans
from transforms.day_rows import day_rows, delivery_changes, fates_of_deliveries
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
    purged_before,
    remove_purged,
    write_what_is_missing,
)
from transforms.ledger import fates_of_records, ledger
from transforms.month_coverage import month_coverage
from transforms.night_counts import count_changes, night_count_revisions
from transforms.reach import reaches
from transforms.records import conform_records
from transforms.said import Seen, look_over, without_faulty
from transforms.site_coverage import site_exceptions
from transforms.slices import coarsened, sliced
from transforms.usability_memory import judge_usability
from transforms.versions import ranked

PART_ROWS = 100_000
"""Of a very large delivery so many rows are turned into records at a time, so that it needs little memory."""
LEFT = (NIGHT_COUNT_REVISIONS, NIGHT_COUNTS, CENTRE_STARTS, UNUSABLE_NIGHTS, HOUR_PROFILE, COUNTED_NIGHTS)
"""Where one of these is not as the last count left it, everything is counted anew."""
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


def count_nights(settings: Settings, area: Area, now: datetime) -> Counted:
    """Bring night counts, their revisions and the changes of each delivery up to what is known at `now`.

    A pure function of the believed deliveries: files in any order, or a run twice, leave the same tables. Where
    neither they nor the area, the nights or the code have changed since the last count, nothing is written; where
    deliveries came or nights closed, the days that this touches are counted anew, which leaves the same. Raises
    NteError when a definition counts otherwise than it did before: the past would be counted anew.
    """
    with open_warehouse(settings) as warehouse:
        n_new = _count(warehouse, area, now)
        unknown = warehouse.query("SELECT DISTINCT source, evening FROM night_counts WHERE NOT is_covered")
        return Counted(warehouse.n_rows(RECORDS), n_new, unknown.height)


def _count(warehouse: Warehouse, area: Area, now: datetime) -> int:
    """Count what has changed; return how many values are new."""
    definitions = definitions_frame(area)
    refuse_changed(warehouse.read(DEFINITIONS), definitions)
    believed = warehouse.read(DELIVERIES, f"is_conformed AND {BELIEVED}")
    starts = _centre_starts(warehouse, area)
    spans = with_earlier_spans(believed, warehouse.read(EARLIER_SPANS))
    evenings = _evenings(spans, area, max(now, _last_count(warehouse) or now))
    ordered = deliveries_in_order(warehouse)
    deliveries = deliveries_of_records(warehouse, ordered)
    noted = warehouse.read(COUNTED)["print"]
    if _print_of_count(warehouse, area, evenings, deliveries) in noted:
        return 0
    counted = warehouse.read(COUNTED_DELIVERIES)
    is_anew = _print_of_left(warehouse, area) not in noted or not is_as_counted(counted, deliveries)
    new = deliveries if is_anew else deliveries.join(counted, on="delivery_id", how="anti")
    records = _Records(warehouse, area, ordered, starts, is_all=is_anew)
    seen = _seen(warehouse, records, deliveries, new, is_anew=is_anew)
    usability, unusable = judge_usability(warehouse, believed, records.of_deliveries, area, now, seen=seen)
    touched = sorted({*new["delivery_id"], *_changed_since(warehouse, unusable)})
    ids = [] if is_anew else connected(warehouse, OF_DELIVERIES, [touched])
    usable_spans, parts = (only_usable(rows, unusable, area.clock) for rows in (spans, believed))
    of_sites = records.of_sites()
    coverage = _coverage(usable_spans, parts, _usable_of_sites(of_sites, unusable, records), evenings, area)
    nights = counted_nights(coverage, evenings, area.clock)
    days = None if is_anew else _days(warehouse, area, ids, nights)
    chosen = records.of_days(days)
    revisions = _revisions(
        without_faulty(chosen, unusable, area), coverage, evenings, area, starts=starts, days=days
    )
    with warehouse.transaction():
        n_new = _write_counts(warehouse, revisions, days)
        _write_rows(warehouse, chosen, area, days)
        _merge_new(warehouse, USABILITY, usability)
        _merge_new(warehouse, UNUSABLE_NIGHTS, unusable)
        _write_slices(warehouse, records, unusable, ids, area, is_anew=is_anew)
        current = warehouse.read(NIGHT_COUNTS)
        warehouse.replace(ISTV_SCORECARD, _scorecard(warehouse, ordered, believed, current, area))
        warehouse.replace(MONTH_COVERAGE, month_coverage(current, accounts_of(usable_spans), area))
        warehouse.replace(REACHES, reaches(believed, of_sites, area))
        rows = warehouse.read(COUNTED_ROWS)
        warehouse.replace(DELIVERY_CHANGES, delivery_changes(rows))
        fates = pl.concat([fates_of_deliveries(rows), warehouse.read(PURGED_ROWS)])
        warehouse.replace(LEDGER, ledger(fates, warehouse.read(VERDICTS)))
        warehouse.replace(NIGHTS, _nights(area, evenings))
        warehouse.replace(TOWN_CENTRES, town_centres_frame(area))
        said = ((CENTRE_STARTS, starts), (DEFINITIONS, definitions), (SOURCES, sources_frame(area)))
        known = ((COUNTED_DELIVERIES, deliveries), (COUNTED_NIGHTS, nights))
        of_rows = ((DELIVERY_FAULTS, seen.faults), (DELIVERY_PLACES, seen.places))
        for table, frame in (*said, *word_frames(area), *known, *of_rows):
            warehouse.replace(table, frame)
        prints = [_print_of_count(warehouse, area, evenings, deliveries), _print_of_left(warehouse, area)]
        warehouse.replace(COUNTED, pl.DataFrame({"print": prints}))
    return n_new


class _Records:
    """The records, placed as they are counted: some of them, or all that were read at once."""

    def __init__(
        self, warehouse: Warehouse, area: Area, ordered: pl.DataFrame, starts: pl.DataFrame, *, is_all: bool
    ) -> None:
        self._warehouse, self.area, self.deliveries, self._starts = warehouse, area, ordered, starts
        self._all = self._read("true", []) if is_all else None

    def of_deliveries(self, ids: Sequence[str]) -> pl.DataFrame:
        """Return the records that some deliveries brought."""
        if self._all is None:
            return self._read(OF_DELIVERIES, [list(ids)])
        return self._all.filter(pl.col("delivery_id").is_in(list(ids)))

    def of_days(self, days: set[date] | None) -> pl.DataFrame:
        """Return the records of some days and all that are connected with them; of all days where None."""
        if days is None and self._all is not None:
            return self._all
        return self.connected_with(*_of_days(day_sql(self.area), days))

    def connected_with(self, where: str, parameters: Sequence[object]) -> pl.DataFrame:
        """Return records and all that are connected with them."""
        return self._read(OF_RECORDS, [connected(self._warehouse, where, parameters)])

    def of_sites(self) -> pl.DataFrame:
        """Return of the records of sources that name sites what says when a site was heard."""
        sources = [s.source for s in self.area.sources.values() if s.columns.site_code]
        columns = "source, record_id, delivery_id, known_at, occurred_at, site_code"
        where = "source IN (SELECT unnest(?::VARCHAR[]))"
        return self._warehouse.query(f"SELECT {columns} FROM records WHERE {where}", [sources])

    def _read(self, where: str, parameters: Sequence[object]) -> pl.DataFrame:
        records = ranked(read_records(self._warehouse, self.area, where, parameters), self.deliveries)
        return placed_as_counted(records, self.area, self._starts)


def _seen(
    warehouse: Warehouse, records: _Records, deliveries: pl.DataFrame, new: pl.DataFrame, *, is_anew: bool
) -> Seen:
    """Return how the rows of all deliveries are: new ones are looked over, and those of which a part was purged."""
    if is_anew:
        return look_over(
            records.of_deliveries(new["delivery_id"].to_list()), records.deliveries, records.area
        )
    faults, places = warehouse.read(DELIVERY_FAULTS), warehouse.read(DELIVERY_PLACES)
    forgotten = deliveries.join(faults, on="delivery_id", how="anti")
    names = [*new["delivery_id"], *forgotten["delivery_id"]]
    around = records.connected_with(OF_DELIVERIES, [names])
    found, is_own = look_over(around, records.deliveries, records.area), pl.col("delivery_id").is_in(names)
    return Seen(
        pl.concat([faults.filter(~is_own), found.faults.filter(is_own)]),
        pl.concat([places.filter(~is_own), found.places.filter(is_own)]),
    )


def _changed_since(warehouse: Warehouse, unusable: pl.DataFrame) -> set[str]:
    """Return the deliveries of which other nights cannot be used than when they were counted."""
    before = warehouse.read(UNUSABLE_NIGHTS)
    sides = ((unusable, before), (before, unusable))
    return {
        name
        for one, other in sides
        for name in one.join(other, on=UNUSABLE_NIGHTS.names, how="anti", nulls_equal=True)["delivery_id"]
    }


def _days(warehouse: Warehouse, area: Area, ids: Sequence[str], nights: pl.DataFrame) -> set[date]:
    """Return the days that must be counted anew: those of records that came or are connected with one (`ids`), and
    nights of which something else is known."""
    of_records = days_of(warehouse, area, OF_RECORDS, [ids])
    return of_records | changed_nights(warehouse.read(COUNTED_NIGHTS), nights)


def _usable_of_sites(of_sites: pl.DataFrame, unusable: pl.DataFrame, records: _Records) -> pl.DataFrame:
    """Return the same without the faulty ones of deliveries that cannot be used."""
    names = unusable["delivery_id"].unique().to_list()
    if not of_sites["delivery_id"].is_in(names).any():
        return of_sites
    around = without_faulty(records.connected_with(OF_DELIVERIES, [names]), unusable, records.area)
    changed = around.filter(
        pl.col("delivery_id").is_in(names), pl.col("source").is_in(of_sites["source"].unique())
    )
    return pl.concat([of_sites.filter(~pl.col("delivery_id").is_in(names)), changed.select(of_sites.columns)])


def _write_counts(warehouse: Warehouse, revisions: pl.DataFrame, days: set[date] | None) -> int:
    """Write the values of some nights, of all where None; return how many are new. Those of purged records stay."""
    frozen = purged_before(warehouse) or date.min
    of_days, chosen = _of_days("evening", days)
    where, parameters = f"{of_days} AND evening >= ?", [*chosen, frozen]
    revisions = revisions.filter(pl.col("evening") >= frozen)
    before = warehouse.read(NIGHT_COUNT_REVISIONS, where, parameters)
    n_new = revisions.join(before, on=revisions.columns, how="anti", nulls_equal=True).height
    if n_new or before.height != revisions.height:
        warehouse.replace(NIGHT_COUNT_REVISIONS, revisions, where, parameters)
    if days is None:
        current = current_counts(warehouse.read(NIGHT_COUNT_REVISIONS))
        if not current.equals(warehouse.read(NIGHT_COUNTS).sort(NIGHT_COUNTS.keys)):
            warehouse.replace(NIGHT_COUNTS, current)
    elif n_new or before.height != revisions.height:
        warehouse.replace(NIGHT_COUNTS, current_counts(revisions), where, parameters)
    return n_new


def _write_rows(warehouse: Warehouse, records: pl.DataFrame, area: Area, days: set[date] | None) -> None:
    """Write what became of the rows of some days, of all where None, by the counts that were written."""
    rows = day_rows(records, warehouse.read(NIGHT_COUNTS, *_of_days("evening", days)), area)
    if days is not None:
        rows = rows.filter(pl.col("day").is_in(list(days)))
    warehouse.replace(COUNTED_ROWS, rows, *_of_days("day", days))


def _of_days(column: str, days: set[date] | None) -> tuple[str, list[object]]:
    """Return an SQL condition for some days, and its parameters; for all where None."""
    return ("true", []) if days is None else (f"{column} {OF_DAYS}", [sorted(days)])


def _print_of_count(warehouse: Warehouse, area: Area, evenings: list[date], deliveries: pl.DataFrame) -> str:
    """Return a print of all that a count depends on and of all that it leaves."""
    nights = [str(evening) for evening in (*evenings[:1], *evenings[-1:])]
    tables = [warehouse.print_of(table) for table in COUNTED_FROM]
    records = ["|".join(map(str, row)) for row in deliveries.iter_rows()]
    said = "\n".join([_print_of_code(), area.model_dump_json(), *nights, *tables, *records])
    return sha256(said.encode()).hexdigest()


def _print_of_left(warehouse: Warehouse, area: Area) -> str:
    """Return a print of the code, the area and the tables that nothing but a count writes."""
    tables = [warehouse.print_of(table) for table in LEFT]
    return sha256("\n".join(["left", _print_of_code(), area.model_dump_json(), *tables]).encode()).hexdigest()


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


def _write_slices(
    warehouse: Warehouse,
    records: _Records,
    unusable: pl.DataFrame,
    ids: Sequence[str],
    area: Area,
    *,
    is_anew: bool,
) -> None:
    """Write the counts by month and by hour of the years that changed records (`ids`) speak of, or of all years.

    Of records without a day all are counted each time: they are few.
    """
    if is_anew:
        cells, hours = _slices(warehouse, without_faulty(records.of_days(None), unusable, area), area)
        warehouse.replace(SLICE_COUNTS, cells)
        warehouse.replace(HOUR_PROFILE, hours)
        return
    years = years_of(warehouse, area, OF_RECORDS, [ids])
    chosen = records.connected_with(in_years(area), [years, years])
    cells, hours = sliced(without_faulty(chosen, unusable, area), area)
    frozen = purged_before(warehouse) or date.min
    last_year = (frozen - timedelta(days=1)).year if frozen > date.min else 0
    month = pl.col("month")
    of_years = month.is_null() | (month.dt.year().is_in(years) & (month >= frozen))
    where = "month IS NULL OR (year(month) IN (SELECT unnest(?::BIGINT[])) AND month >= ?)"
    warehouse.replace(SLICE_COUNTS, cells.filter(of_years), where, [years, frozen])
    later = [year for year in years if year > last_year]
    of_later = hours.filter(pl.col("year").is_in(later))
    warehouse.replace(HOUR_PROFILE, of_later, "year IN (SELECT unnest(?::BIGINT[]))", [later])


def _slices(warehouse: Warehouse, records: pl.DataFrame, area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `slice_counts` and `hour_profile`: of months and years with records that were purged as they were."""
    cells, hours = sliced(records, area)
    frozen = purged_before(warehouse)
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
    warehouse: Warehouse, ordered: pl.DataFrame, believed: pl.DataFrame, counts: pl.DataFrame, area: Area
) -> pl.DataFrame:
    """Return `istv_scorecard`: of months with records that were purged as it was."""
    hospitals = [name for name, source in area.sources.items() if source.kind == "hospital"]
    records = warehouse.read(RECORDS, "list_contains(?, source)", [hospitals])
    scorecard = istv_scorecard(ranked(records, ordered), believed, counts, area)
    frozen = purged_before(warehouse)
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
        ordered = deliveries_in_order(warehouse)
        was = deliveries_of_records(warehouse, ordered)
        records = ranked(warehouse.read(RECORDS), ordered)
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
            _forget(warehouse, gone, before, was, deliveries_of_records(warehouse, ordered))
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


def _forget(
    warehouse: Warehouse, gone: pl.DataFrame, before: date, was: pl.DataFrame, now: pl.DataFrame
) -> None:
    """Let the next count take the records as they are after a purge; deliveries with a record or an incident that is
    partly gone are counted anew, and those that it had not counted yet too.

    `was` and `now`: `counted_deliveries` as the records were and are.
    """
    counted = warehouse.read(COUNTED_DELIVERIES)
    is_counted = pl.col("delivery_id").is_in(
        counted.join(was, on=["delivery_id", "print"], how="semi")["delivery_id"]
    )
    shared = [gone[name].unique().to_list() for name in ("record_id", "incident_id")]
    torn = warehouse.query(
        f"SELECT DISTINCT delivery_id FROM records WHERE {OF_RECORDS} OR {OF_INCIDENTS}", shared
    )
    changed = counted.filter(~is_counted)
    kept = now.filter(is_counted, ~pl.col("delivery_id").is_in(torn["delivery_id"]))
    warehouse.replace(COUNTED_DELIVERIES, pl.concat([kept, changed]))
    warehouse.remove(COUNTED_ROWS, "day < ?", [before])
    for table in (DELIVERY_FAULTS, DELIVERY_PLACES):
        warehouse.remove(table, OF_DELIVERIES, [gone["delivery_id"].unique().to_list()])


def purge_originals(settings: Settings, area: Area, now: datetime) -> list[str]:
    """Remove originals whose time is over, of accepted, rejected and half fetched deliveries; return their names.

    Their time runs from the day on which they were put there, not from the date that the provider gave them. It ends by
    `now`, but not more than a week after the newest delivery: a clock that is ahead takes nothing away.
    """
    with open_warehouse(settings) as warehouse:
        newest = _newest_delivery(warehouse)
    until = min(now, newest + MOST_SILENCE) if newest else now
    oldest = until.timestamp() - area.retention.keep_originals_days * 86_400
    settled = [
        path for folder in (settings.accepted, settings.rejected) for path in sorted(folder.glob("*/*"))
    ]
    removed = []
    for path in [*settled, *sorted(settings.pickup.glob("*/*.part"))]:
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


def _coverage(
    spans: pl.DataFrame, believed: pl.DataFrame, of_sites: pl.DataFrame, evenings: list[date], area: Area
) -> Coverage:
    accounts = accounts_of(spans)
    covered = {
        source: covered_since(of_source, evenings, area.clock) for source, of_source in accounts.items()
    }
    gaps = {source: coverage_gaps(accounts[source], since, area.clock) for source, since in covered.items()}
    first_known = dict(spans.group_by("source").agg(pl.col("known_at").min()).iter_rows())
    return Coverage(covered, gaps, first_known, site_exceptions(believed, of_sites, evenings, area))


def _revisions(
    records: pl.DataFrame,
    coverage: Coverage,
    evenings: list[date],
    area: Area,
    *,
    starts: pl.DataFrame,
    days: set[date] | None,
) -> pl.DataFrame:
    """Return `night_count_revisions` of some nights, of all where None."""
    chosen = [evening for evening in evenings if days is None or evening in days]
    nights, is_chosen = set(chosen), pl.col("evening").is_in(chosen)
    revisions = night_count_revisions(
        count_changes(records, area.definitions).filter(is_chosen),
        {source: dict(since) for source, since in coverage.covered.items()},
        chosen, area, dict(coverage.first_known), exceptions=coverage.exceptions.filter(is_chosen), starts=starts,
    )  # fmt: skip
    gaps = {source: [gap for gap in found if gap[0] in nights] for source, found in coverage.gaps.items()}
    return with_gaps(revisions, {source: found for source, found in gaps.items() if found})


def _merge_new(warehouse: Warehouse, table: Table, rows: pl.DataFrame) -> None:
    """Write the rows that are new or other: a run that finds nothing new writes nothing."""
    warehouse.merge(table, rows.join(warehouse.read(table), on=table.names, how="anti", nulls_equal=True))


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
