"""The steps of this room: the only file in it that opens a door."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from forecasts.bands import issue_bands as bands_for
from forecasts.detectors import N_WEEKENDS, score_windows
from forecasts.history import counts_as_known, learned_completeness, of_centres, with_known_share
from forecasts.judging import judge_nights as judge_against_bands
from forecasts.settings import BandSettings
from forecasts.togetherness import learn_togetherness
from nte.area import Area
from nte.calendar import calendar_frame
from nte.settings import Settings
from nte.tables import BANDS, COMPLETENESS, JUDGEMENTS, NIGHT_COUNT_REVISIONS, WINDOW_SCORES
from nte.warehouse import Warehouse, open_warehouse

JUDGED_DAYS = 35
"""A night is judged anew on every morning until it is this old: reports are complete by then."""
LEARNED_DAYS = 182
"""Nights of the last half year show how sources and nights move together."""
SCORED_AGES = (1, 2, 3, 7)
"""Mornings after its last night on which a weekend, and the month that it ends, are scored."""
EVENTS_AHEAD_DAYS = 7


@dataclass(frozen=True)
class Record:
    """What the warehouse says, with the instant from which it was known."""

    area: Area
    revisions: pl.DataFrame
    """Every value of the night counts that alerts are about, in town centres."""
    live_from: dict[str, datetime]
    """By source, the morning from which deliveries came day by day."""

    @classmethod
    def read(cls, warehouse: Warehouse, area: Area) -> "Record":
        """Read what forecasts and judgements need."""
        revisions = of_centres(warehouse.read(NIGHT_COUNT_REVISIONS), area.alert_definition)
        return cls(area, revisions, first_live_mornings(warehouse))

    def completeness(self, at: datetime) -> pl.DataFrame:
        """Return how complete nights of each age are, as it could be learned at `at`."""
        return learned_completeness(self.revisions, self.area, self.live_from, at)

    def counts(
        self, at: datetime, completeness: pl.DataFrame, evenings: pl.Expr | None = None
    ) -> pl.DataFrame:
        """Return the night counts as known at `at`, each with the share that should be known by then."""
        chosen = self.revisions if evenings is None else self.revisions.filter(evenings)
        until = {source: self.area.clock.local_date(since) for source, since in self.live_from.items()}
        today = self.area.clock.local_date(at)
        return with_known_share(counts_as_known(chosen, at), completeness, today, until, "share_known")


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


def issue_bands(settings: Settings, area: Area, now: datetime) -> Issued:
    """Issue the bands of every weekend that has none yet, from the morning before its first night on.

    A weekend's bands are computed together from what was known on that morning, whenever that is done, and
    are never issued again. A band made after its night had begun is marked retrospective. Nights that opened
    before anything was known have no band.
    """
    with open_warehouse(settings.warehouse_file, wait_seconds=settings.warehouse_wait_seconds) as warehouse:
        record = Record.read(warehouse, area)
        issued: list[date] = []
        n_bands = 0
        for as_of, evenings in _without_band(warehouse, record, now).items():
            completeness = record.completeness(as_of)
            bands = _bands_of(evenings, record, completeness, as_of=as_of, now=now)
            with warehouse.transaction():
                warehouse.append(BANDS, bands)
                warehouse.replace(COMPLETENESS, _dated(completeness, as_of), "as_of = ?", [as_of])
            issued += evenings
            n_bands += bands.height
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


def issue_morning(area: Area, evening: date) -> datetime:
    """Return the morning before the first monitored night of an evening's week: Thursday for a weekend."""
    monday = evening - timedelta(days=evening.weekday())
    first = monday + timedelta(days=min(area.clock.monitored_weekdays))
    return area.clock.morning_of(first - timedelta(days=1))


def first_live_mornings(warehouse: Warehouse) -> dict[str, datetime]:
    """Return, by source, the morning from which deliveries came day by day: the day its history was known."""
    live = warehouse.query(
        "SELECT source, coalesce(max(known_at) FILTER (is_history), min(known_at)) AS live_from "
        "FROM deliveries WHERE is_conformed GROUP BY source"
    )
    return dict(live.iter_rows())


def _bands_of(
    evenings: list[date], record: Record, completeness: pl.DataFrame, *, as_of: datetime, now: datetime
) -> pl.DataFrame:
    area = record.area
    history = record.counts(as_of, completeness)
    bands = bands_for(
        history,
        evenings,
        _calendar(area, history, max(evenings)),
        centres_frame(area),
        _recording_changes(area),
        band_settings(area),
    )
    begun = [evening for evening in evenings if area.clock.opens_at(evening) <= now]
    return bands.with_columns(
        pl.lit(area.alert_definition).alias("definition"),
        pl.lit(as_of).alias("issued_as_of"),
        pl.col("evening").is_in(begun).alias("is_retrospective"),
        pl.lit(now).alias("made_at"),
    )


def _dated(completeness: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    return completeness.with_columns(pl.lit(as_of).alias("as_of"))


def _calendar(area: Area, history: pl.DataFrame, evening: date) -> pl.DataFrame:
    first = history["evening"].min()
    start = first if isinstance(first, date) else evening
    n_days = (evening - start).days + EVENTS_AHEAD_DAYS
    return calendar_frame(area, [start + timedelta(days=n) for n in range(n_days)])


def centres_frame(area: Area) -> pl.DataFrame:
    """Return centre_code, lat, lon (WGS84 degrees) and radius_m of each town centre."""
    rows = [(c.centre_code, c.latitude, c.longitude, c.radius_m) for c in area.current_centres]
    schema = {"centre_code": pl.String, "lat": pl.Float64, "lon": pl.Float64, "radius_m": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _recording_changes(area: Area) -> pl.DataFrame:
    rows = [(s.source, day) for s in area.sources.values() for day in s.recording_changes]
    return pl.DataFrame(rows, schema={"source": pl.String, "first_evening": pl.Date}, orient="row")


def band_settings(area: Area) -> BandSettings:
    """Return the settings of the bands with the area's budget and monitored nights."""
    return replace(
        BandSettings(),
        false_alarms_per_30_days=area.budget.false_alarms_per_30_days,
        night_budget_share=area.budget.night_share,
        weekend_budget_share=area.budget.weekend_share,
        four_weekends_budget_share=area.budget.four_weekends_share,
        judged_weekdays=tuple(sorted(day + 1 for day in area.clock.monitored_weekdays)),
    )


def judge_nights(settings: Settings, area: Area, now: datetime) -> Judged:
    """Judge every monitored night on every morning not judged yet, as known on that morning.

    A morning that was judged already is looked at once more as of `now`, so that a file that came late is
    heard at once. What did not change since the judgement before has no row. A run over eight weeks and 56
    daily runs leave the same judgements.
    """
    with open_warehouse(settings.warehouse_file, wait_seconds=settings.warehouse_wait_seconds) as warehouse:
        record, bands = Record.read(warehouse, area), warehouse.read(BANDS)
        n_rows = n_above = 0
        mornings = _mornings_to_judge(warehouse, bands, area, now)
        for morning in mornings:
            completeness = record.completeness(morning)
            judged = _judge_morning(morning, record, bands, completeness)
            is_recent = (
                pl.lit(area.clock.local_date(morning)) - pl.col("evening")
            ).dt.total_days() <= JUDGED_DAYS
            new = _changed(judged.filter(is_recent), warehouse.query(LATEST_JUDGEMENTS, [morning]))
            scores = _score_weekends(morning, judged, area)
            new_scores = _changed_scores(scores, warehouse.query(LATEST_SCORES, [morning]))
            with warehouse.transaction():
                warehouse.replace(JUDGEMENTS, new, "as_of = ?", [morning])
                warehouse.replace(WINDOW_SCORES, new_scores, "as_of = ?", [morning])
                warehouse.replace(COMPLETENESS, _dated(completeness, morning), "as_of = ?", [morning])
            n_rows += new.height
            n_above += new.filter(pl.col("verdict").is_in(["above", "far_above"])).height
    return Judged(len(mornings), n_rows, n_above)


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


def _judge_morning(
    morning: datetime, record: Record, bands: pl.DataFrame, completeness: pl.DataFrame
) -> pl.DataFrame:
    today = record.area.clock.local_date(morning)
    is_judged = (pl.lit(today) - pl.col("evening")).dt.total_days().is_between(1, LEARNED_DAYS)
    counts = record.counts(morning, completeness, is_judged)
    due = bands.filter(is_judged)
    judged = judge_against_bands(due, counts).rename({"share_known": "known_share"})
    return judged.with_columns(
        pl.lit(morning).alias("as_of"),
        pl.when(~pl.col("is_covered"))
        .then(pl.lit("not_covered"))
        .when(pl.col("verdict") == "unknown")
        .then(pl.lit("too_early"))
        .alias("why_unknown"),
    )


def _changed(judged: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    key = ["evening", "centre_code", "source", "definition"]
    compared = judged.join(before, on=key, how="left")
    return compared.filter(
        pl.col("verdict_before").is_null()
        | (pl.col("verdict_before") != pl.col("verdict"))
        | (pl.col("n_before") != pl.col("n_incidents").fill_null(-1))
    )


LATEST_SCORES = """
SELECT centre_code, detector, first_evening, last_evening, arg_max(score, as_of) AS score_before
FROM window_scores WHERE as_of < ? GROUP BY ALL
"""


def _score_weekends(morning: datetime, judged: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Score the weekends, and the four weekends, whose last night ended in the last days."""
    today = area.clock.local_date(morning)
    last_weekday = max(area.clock.monitored_weekdays)
    ends = [today - timedelta(days=n) for n in SCORED_AGES]
    frames = [WINDOW_SCORES.empty()]
    settled = judged.filter((pl.lit(today) - pl.col("evening")).dt.total_days() > max(SCORED_AGES))
    togetherness = learn_togetherness(settled.filter(pl.col("verdict") != "unknown"))
    for end in (day for day in ends if day.weekday() == last_weekday):
        monday = end - timedelta(days=end.weekday())
        span = judged.filter(pl.col("evening").is_between(monday - timedelta(weeks=N_WEEKENDS - 1), end))
        scores = score_windows(
            span, togetherness, band_settings(area), detectors=("weekend", "four_weekends")
        )
        n_nights = (
            span.filter((pl.col("verdict") != "unknown") & (pl.col("evening") >= monday))
            .group_by("centre_code")
            .len("n_nights")
        )
        frames.append(
            scores.filter(pl.col("last_evening") >= monday)
            .join(n_nights, on="centre_code")
            .rename({"limit": "score_limit"})
            .with_columns(pl.lit(morning).alias("as_of"))
            .select(WINDOW_SCORES.names)
        )
    return pl.concat([WINDOW_SCORES.conform(frame) for frame in frames])


def _changed_scores(scores: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    key = ["centre_code", "detector", "first_evening", "last_evening"]
    compared = scores.join(before, on=key, how="left")
    return compared.filter(
        pl.col("score_before").is_null() | ((pl.col("score_before") - pl.col("score")).abs() > 1e-9)  # noqa: PLR2004
    )
