"""The steps of this room: the only file in it that opens a door."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from forecasts.bands import issue_bands as bands_for
from forecasts.history import counts_as_known, learned_completeness, of_centres, with_known_share
from forecasts.judging import judge_nights as judge_against_bands
from forecasts.settings import BandSettings
from nte.area import Area
from nte.calendar import calendar_frame
from nte.settings import Settings
from nte.tables import BANDS, COMPLETENESS, JUDGEMENTS, NIGHT_COUNT_REVISIONS
from nte.warehouse import Warehouse, open_warehouse

JUDGED_DAYS = 35
"""A night is judged anew on every morning until it is this old: reports are complete by then."""
REJUDGED_DAYS = 14
"""Mornings that a run looks at again: a file that came late may have changed what was known then."""
EVENTS_AHEAD_DAYS = 7


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
    """Issue the bands of every monitored night that has none yet, up to tonight's.

    A band is computed from what was known when its night opened, whenever that is done, and is never issued
    again. One made after its night had begun is marked retrospective. Nights that opened before anything was
    known have no band.
    """
    with open_warehouse(settings.warehouse_file, wait_seconds=settings.warehouse_wait_seconds) as warehouse:
        revisions = of_centres(warehouse.read(NIGHT_COUNT_REVISIONS), area.alert_definition)
        live = first_live_mornings(warehouse)
        evenings = _without_band(warehouse, revisions, area, now)
        n_bands = 0
        for evening in evenings:
            as_of = area.clock.last_morning(area.clock.opens_at(evening))
            completeness = learned_completeness(revisions, area, live, as_of)
            bands = _bands_of(evening, revisions, completeness, live, area, as_of, now)
            with warehouse.transaction():
                warehouse.append(BANDS, bands)
                warehouse.replace(COMPLETENESS, _dated(completeness, as_of), "as_of = ?", [as_of])
            n_bands += bands.height
    return Issued(tuple(evenings), n_bands)


def _without_band(warehouse: Warehouse, revisions: pl.DataFrame, area: Area, now: datetime) -> list[date]:
    """Return the monitored evenings that opened after the first morning known, and have no band yet."""
    first = revisions["known_at"].min()
    if not isinstance(first, datetime):
        return []
    done = set(warehouse.query("SELECT DISTINCT evening FROM bands")["evening"].to_list())
    first_day, today = area.clock.local_date(first), area.clock.local_date(now)
    days = [first_day + timedelta(days=n) for n in range((today - first_day).days + 1)]
    is_known = area.clock.morning_of(today) <= now
    due = days if is_known else days[:-1]
    return [day for day in due if area.clock.is_monitored(day) and day not in done]


def first_live_mornings(warehouse: Warehouse) -> dict[str, datetime]:
    """Return, by source, the morning from which deliveries came day by day: the day its history was known."""
    live = warehouse.query(
        "SELECT source, coalesce(max(known_at) FILTER (is_history), min(known_at)) AS live_from "
        "FROM deliveries WHERE is_conformed GROUP BY source"
    )
    return dict(live.iter_rows())


def _bands_of(
    evening: date,
    revisions: pl.DataFrame,
    completeness: pl.DataFrame,
    live: dict[str, datetime],
    area: Area,
    as_of: datetime,
    now: datetime,
) -> pl.DataFrame:
    today = area.clock.local_date(as_of)
    until = {source: area.clock.local_date(since) for source, since in live.items()}
    known = counts_as_known(revisions, as_of).filter(pl.col("evening") < evening)
    history = with_known_share(known, completeness, today, until, "share_known")
    bands = bands_for(
        history,
        [evening],
        _calendar(area, history, evening),
        centres_frame(area),
        _recording_changes(area),
        band_settings(area),
    )
    return bands.with_columns(
        pl.lit(area.alert_definition).alias("definition"),
        pl.lit(as_of).alias("issued_as_of"),
        pl.lit(now >= area.clock.opens_at(evening)).alias("is_retrospective"),
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

    The last mornings are judged again, so that a file that came late is heard; what did not change since the
    judgement before has no row. A run over eight weeks and 56 daily runs leave the same judgements.
    """
    with open_warehouse(settings.warehouse_file, wait_seconds=settings.warehouse_wait_seconds) as warehouse:
        revisions = of_centres(warehouse.read(NIGHT_COUNT_REVISIONS), area.alert_definition)
        bands, live = warehouse.read(BANDS), first_live_mornings(warehouse)
        n_rows = n_above = 0
        mornings = _mornings_to_judge(warehouse, bands, area, now)
        for morning in mornings:
            completeness = learned_completeness(revisions, area, live, morning)
            judged = _judge_morning(morning, revisions, bands, completeness, live, area)
            before = warehouse.query(LATEST_JUDGEMENTS, [morning])
            new = _changed(judged, before)
            with warehouse.transaction():
                warehouse.replace(JUDGEMENTS, new, "as_of = ?", [morning])
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
    last = area.clock.local_date(area.clock.last_morning(now))
    start = first_band + timedelta(days=1)
    if last_done is not None:
        start = max(start, area.clock.local_date(last_done) - timedelta(days=REJUDGED_DAYS))
    return [area.clock.morning_of(start + timedelta(days=n)) for n in range((last - start).days + 1)]


def _judge_morning(
    morning: datetime,
    revisions: pl.DataFrame,
    bands: pl.DataFrame,
    completeness: pl.DataFrame,
    live: dict[str, datetime],
    area: Area,
) -> pl.DataFrame:
    today = area.clock.local_date(morning)
    until = {source: area.clock.local_date(since) for source, since in live.items()}
    is_judged = (pl.lit(today) - pl.col("evening")).dt.total_days().is_between(1, JUDGED_DAYS)
    counts = with_known_share(
        counts_as_known(revisions.filter(is_judged), morning), completeness, today, until, "share_known"
    )
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
