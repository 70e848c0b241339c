"""The steps of this room: the only file in it that opens a door."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from forecasts.issuing.shards import as_issued, weekend_as_known
from forecasts.issuing.weekend_files import (
    Shard,
    fit_weekend,
    forecast_shard,
    forget_before,
    read_bands,
    read_weekend,
    write_weekend,
)
from forecasts.judging.again import differences
from forecasts.judging.mornings import changed_judgements, changed_scores, judge_morning, score_weekends
from forecasts.judging.nights import judge_nights as judge_against_bands
from forecasts.known.area_inputs import EVENTS_AHEAD_DAYS, band_settings, issue_morning, recording_changes
from forecasts.known.history import of_centres
from forecasts.known.labels import without_labelled
from forecasts.known.record import Record
from forecasts.scoring.scores import LOOKED_BACK, complete_nights
from forecasts.scoring.scores import score_bands as scores_of
from forecasts.scoring.shifts import LEARNED_WEEKENDS, N_LOOKED_BACK, REMEMBERED, name_shifts
from nte.area import Area
from nte.settings import Settings
from nte.shared_files import SharedFolder
from nte.tables.bands import BAND_SCORES, BANDS, COMPLETENESS, LEVEL_SHIFTS
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.judgements import JUDGEMENTS, LABELLED_NIGHTS, WINDOW_SCORES
from nte.warehouse import Warehouse, open_warehouse

MOST_WEEKENDS = 500
"""Weekends issued in one run, so that Airflow can map over them; the next run takes the rest."""
KEPT_FILES = timedelta(days=28)
"""The files behind the bands of older weekends are removed: the bands themselves are in the warehouse."""
JUDGED_DAYS = 35
"""A night is judged anew on every morning until it is this old: reports are complete by then."""


@dataclass(frozen=True)
class Issued:
    """What a run of `issue_bands` did."""

    evenings: tuple[date, ...]
    n_bands: int


@dataclass(frozen=True)
class Judged:
    """What a run of `judge_nights` did."""

    n_mornings: int
    n_judgements: int
    n_above: int


@dataclass(frozen=True)
class Scored:
    """What a run of `score_bands` did."""

    n_mondays: int
    n_out_of_bounds: int
    """Sources whose bands are out of bounds on the latest Monday scored."""
    n_shifts: int
    """Shifts named on it."""


@dataclass(frozen=True)
class CheckedAgain:
    """What came of judging nights again."""

    n_compared: int
    differences: tuple[str, ...]


def issue_bands(settings: Settings, area: Area, now: datetime) -> Issued:
    """Issue the bands of every weekend that has none yet: all steps, one after the other, on this disk."""
    shared = settings.bands_folder
    weekends = plan_bands(settings, area, now, shared)
    fitted = (fit_weekend(shared, weekend, settings.centres_per_shard) for weekend in weekends)
    shards = [shard for of_weekend in fitted for shard in of_weekend]
    for shard in shards:
        forecast_shard(shared, shard)
    return load_bands(settings, area, now, shared, weekends, shards)


def plan_bands(settings: Settings, area: Area, now: datetime, shared: SharedFolder) -> list[str]:
    """Write the inputs of every weekend that is due and has no bands, each into a folder; return their names.

    A weekend is due from the morning before its first night on. Its bands are computed together from what was
    known on that morning, whenever that is done, and are never issued again. Nights that opened before anything
    was known have none.
    """
    with open_warehouse(settings) as warehouse:
        record = _read_record(warehouse, area)
        due = _without_band(warehouse, record, now)
    return [
        write_weekend(shared, weekend_as_known(record, *one)) for one in list(due.items())[:MOST_WEEKENDS]
    ]


def load_bands(  # noqa: PLR0917 - where, when and what
    settings: Settings,
    area: Area,
    now: datetime,
    shared: SharedFolder,
    weekends: list[str],
    shards: list[Shard],
) -> Issued:
    """Load each weekend's shards into the warehouse, whole or not at all; then remove the files of past weekends.

    A band made after its night had begun is marked retrospective. Evenings that have bands are left alone.
    """
    issued: list[date] = []
    n_bands = 0
    made = [
        (read_weekend(shared / name, ["completeness"]), read_bands(shared, name, shards)) for name in weekends
    ]
    with open_warehouse(settings) as warehouse:
        done = set(warehouse.query("SELECT DISTINCT evening FROM bands")["evening"].to_list())
        for weekend, bands in made:
            evenings = [evening for evening in weekend.evenings if evening not in done]
            new = as_issued(weekend, bands, area, now).filter(pl.col("evening").is_in(evenings))
            completeness = _dated(weekend.completeness, weekend.as_of)
            with warehouse.transaction():
                warehouse.append(BANDS, new)
                warehouse.replace(COMPLETENESS, completeness, "as_of = ?", [weekend.as_of])
            issued += evenings
            n_bands += new.height
    forget_before(shared, area.clock.local_date(now) - KEPT_FILES)
    return Issued(tuple(issued), n_bands)


def _without_band(warehouse: Warehouse, record: Record, now: datetime) -> dict[datetime, list[date]]:
    """Return the monitored evenings without a band whose issue is due, by the morning of the issue."""
    area = record.area
    first = record.revisions["known_at"].min()
    if not isinstance(first, datetime):
        return {}
    done = set(warehouse.query("SELECT DISTINCT evening FROM bands")["evening"].to_list())
    start, end = area.clock.local_date(first), area.clock.local_date(now) + timedelta(days=EVENTS_AHEAD_DAYS)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    due: dict[datetime, list[date]] = {}
    for evening in (day for day in days if area.clock.is_monitored(day) and day not in done):
        as_of = max(issue_morning(area, evening), first)
        if as_of <= min(now, area.clock.opens_at(evening)):
            due.setdefault(as_of, []).append(evening)
    return due


def _read_record(warehouse: Warehouse, area: Area) -> Record:
    revisions = of_centres(warehouse.read(NIGHT_COUNT_REVISIONS), area.alert_definition)
    return Record(area, revisions, first_live_mornings(warehouse), warehouse.read(LABELLED_NIGHTS))


def first_live_mornings(warehouse: Warehouse) -> dict[str, datetime]:
    """Return, by source, the morning from which deliveries came day by day: the day its history was known."""
    live = warehouse.query(
        "SELECT source, coalesce(max(known_at) FILTER (is_history), min(known_at)) AS live_from "
        "FROM deliveries WHERE is_conformed GROUP BY source"
    )
    return dict(live.iter_rows())


def _dated(frame: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    return frame.with_columns(pl.lit(as_of).alias("as_of"))


def judge_nights(settings: Settings, area: Area, now: datetime) -> Judged:
    """Judge every monitored night on every morning not judged yet, as known on that morning.

    A morning that was judged already is looked at once more as of `now`, so that a file that came late is
    heard at once. What did not change since the judgement before has no row. A run over eight weeks and 56
    daily runs leave the same judgements.
    """
    with open_warehouse(settings) as warehouse:
        record, bands = _read_record(warehouse, area), warehouse.read(BANDS)
        n_rows = n_above = 0
        mornings = _mornings_to_judge(warehouse, bands, area, now)
        for morning in mornings:
            completeness = record.completeness(morning)
            judged = judge_morning(morning, record, bands, completeness)
            is_recent = (
                pl.lit(area.clock.local_date(morning)) - pl.col("evening")
            ).dt.total_days() <= JUDGED_DAYS
            new = changed_judgements(judged.filter(is_recent), warehouse.query(LATEST_JUDGEMENTS, [morning]))
            scores = score_weekends(morning, judged, area)
            new_scores = changed_scores(scores, warehouse.query(LATEST_SCORES, [morning]))
            with warehouse.transaction():
                warehouse.replace(JUDGEMENTS, new, "as_of = ?", [morning])
                warehouse.replace(WINDOW_SCORES, new_scores, "as_of = ?", [morning])
                warehouse.replace(COMPLETENESS, _dated(completeness, morning), "as_of = ?", [morning])
            n_rows += new.height
            n_above += new.filter(pl.col("verdict").is_in(["above", "far_above"])).height
    return Judged(len(mornings), n_rows, n_above)


def check_judgements(
    settings: Settings, area: Area, evenings: list[date], centre_code: str | None = None
) -> CheckedAgain:
    """Judge these evenings again, on every morning that has a judgement of them, from what was known then.

    Nothing is written. With `centre_code`, only that town centre's judgements are compared.
    """
    with open_warehouse(settings) as warehouse:
        record, bands = _read_record(warehouse, area), warehouse.read(BANDS)
        stored = warehouse.read(JUDGEMENTS, "list_contains(?, evening)", [evenings])
    if centre_code is not None:
        stored = stored.filter(pl.col("centre_code") == centre_code)
    lines: list[str] = []
    for morning in stored["as_of"].unique().sort():
        then = stored.filter(pl.col("as_of") == morning)
        again = judge_morning(morning, record, bands, record.completeness(morning))
        when = f"{morning.astimezone(area.clock.time_zone):%Y-%m-%d %H:%M}"
        lines += [f"as known {when}, {line}" for line in differences(then, again)]
    return CheckedAgain(stored.height, tuple(lines))


LATEST_JUDGEMENTS = """
SELECT evening, centre_code, source, definition,
       arg_max(coalesce(n_incidents, -1), as_of) AS n_before, arg_max(verdict, as_of) AS verdict_before
FROM judgements WHERE as_of < ? GROUP BY ALL
"""


def _mornings_to_judge(
    warehouse: Warehouse, bands: pl.DataFrame, area: Area, now: datetime
) -> list[datetime]:
    first_band = bands["evening"].min()
    if not isinstance(first_band, date):
        return []
    last_done = warehouse.query("SELECT max(as_of) AS last FROM judgements")["last"][0]
    start, end = first_band + timedelta(days=1), area.clock.local_date(now)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    mornings = [
        m for m in map(area.clock.morning_of, days) if m <= now and (last_done is None or m > last_done)
    ]
    return mornings or ([now] if last_done is not None and last_done < now else [])


LATEST_SCORES = """
SELECT centre_code, detector, first_evening, last_evening, arg_max(score, as_of) AS score_before
FROM window_scores WHERE as_of < ? GROUP BY ALL
"""


def score_bands(settings: Settings, area: Area, now: datetime) -> Scored:
    """Score the issued bands, and name the shifts that nobody announced, on every Monday not done yet.

    Each Monday sees what was known on its morning, whenever that is done, so one run over eight weeks and 56 daily
    runs leave the same. A Monday on which no night was complete yet has no scores.
    """
    with open_warehouse(settings) as warehouse:
        mondays = _mondays_to_score(warehouse, area, now)
        if not mondays:
            return Scored(0, 0, 0)
        record, bands = _read_record(warehouse, area), warehouse.read(BANDS)
        for monday in mondays:
            completeness = record.completeness(monday)
            due = bands.filter(pl.col("evening") < area.clock.local_date(monday))
            scores = _scores_on(monday, record, due, completeness)
            before = warehouse.read(LEVEL_SHIFTS, "as_of >= ? AND as_of < ?", [monday - REMEMBERED, monday])
            shifts = _shifts_on(monday, record, due, completeness, before.sort("as_of"))
            with warehouse.transaction():
                warehouse.replace(BAND_SCORES, scores, "as_of = ?", [monday])
                warehouse.replace(LEVEL_SHIFTS, shifts, "as_of = ?", [monday])
    return Scored(len(mondays), int(scores["is_out_of_bounds"].sum()), shifts.height)


def _mondays_to_score(warehouse: Warehouse, area: Area, now: datetime) -> list[datetime]:
    first_band = warehouse.query("SELECT min(evening) AS first FROM bands")["first"][0]
    if first_band is None:
        return []
    last_done = warehouse.query("SELECT max(as_of) AS last FROM band_scores")["last"][0]
    start = first_band + timedelta(days=7 - first_band.weekday())
    n_weeks = (area.clock.local_date(now) - start).days // 7 + 1
    mornings = [area.clock.morning_of(start + timedelta(weeks=n)) for n in range(n_weeks)]
    return [m for m in mornings if m <= now and (last_done is None or m > last_done)]


def _scores_on(
    monday: datetime, record: Record, bands: pl.DataFrame, completeness: pl.DataFrame
) -> pl.DataFrame:
    area = record.area
    counts = record.counts(
        monday, completeness, pl.col("evening") >= pl.lit(bands["evening"].min()) - LOOKED_BACK
    )
    counts = without_labelled(counts, record.labelled, monday, only_faults=True)
    nights = complete_nights(bands, counts, area.slack.complete_share)
    if nights.is_empty():
        return BAND_SCORES.empty()
    budget = band_settings(area).night_budget(7.0)
    return _dated(_reproducible(scores_of(nights, counts, budget)), monday)


def _shifts_on(
    monday: datetime, record: Record, bands: pl.DataFrame, completeness: pl.DataFrame, before: pl.DataFrame
) -> pl.DataFrame:
    first = record.area.clock.local_date(monday) - timedelta(weeks=LEARNED_WEEKENDS + N_LOOKED_BACK)
    counts = record.counts(monday, completeness, pl.col("evening") >= first)
    counts = without_labelled(counts, record.labelled, monday, only_faults=True)
    judged = judge_against_bands(bands.filter(pl.col("evening") >= first), counts)
    return _dated(_reproducible(name_shifts(judged, recording_changes(record.area), before)), monday)


def _reproducible(frame: pl.DataFrame) -> pl.DataFrame:
    # The last digits of a sum depend on how it was split over threads.
    return frame.with_columns(pl.col(pl.Float64).round_sig_figs(9))
