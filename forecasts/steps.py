"""The steps of this room: the only file in it that opens a door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice

import polars as pl

from forecasts.effects.acted_on import alerts_told, compare_actions
from forecasts.effects.evaluating import Evaluated, Knowledge, evaluate
from forecasts.effects.planning import Plan, hours_shares, plan
from forecasts.issuing.shards import as_issued, weekend_as_known
from forecasts.issuing.weekend_files import (
    Shard,
    fit_weekend,
    folder_of,
    forecast_shard,
    forget_before,
    read_bands,
    read_weekend,
    write_weekend,
)
from forecasts.judging.again import differences
from forecasts.judging.mornings import changed_judgements, changed_scores, judge_morning, score_weekends
from forecasts.judging.nights import judge_nights as judge_against_bands
from forecasts.known.area_inputs import (
    EVENTS_AHEAD_DAYS,
    band_settings,
    calendar_of,
    issue_morning,
    recording_changes,
)
from forecasts.known.history import of_centres
from forecasts.known.labels import without_labelled
from forecasts.known.nights_known import NightsKnown, first_judged
from forecasts.known.record import Record
from forecasts.scoring.alert_looks import (
    CHANCES_OF_NIGHTS,
    CHANCES_OF_WINDOWS,
    looks_at_nights,
    looks_at_windows,
)
from forecasts.scoring.alert_scores import Monday, incomplete_nights, score_alerts
from forecasts.scoring.past_alerts import Saying, alerts_by, read_sayings
from forecasts.scoring.scores import LOOKED_BACK, complete_nights
from forecasts.scoring.scores import score_bands as scores_of
from forecasts.scoring.shifts import LEARNED_WEEKENDS, N_LOOKED_BACK, REMEMBERED, name_shifts
from nte.area import Area
from nte.interventions import Intervention
from nte.outcomes import OUTCOMES
from nte.progress import Look, Step, looks_due, read_progress, say_done
from nte.reach import Reach
from nte.settings import Settings
from nte.shared_files import SharedFolder
from nte.tables.alerts import DECISIONS
from nte.tables.bands import BAND_SCORES, BANDS, COMPLETENESS, LEVEL_SHIFTS
from nte.tables.counts import NIGHT_COUNT_REVISIONS, REACHES
from nte.tables.effects import ACTED_ON, INTERVENTION_EFFECTS, INTERVENTION_PERIODS, INTERVENTION_PLACEBOS
from nte.tables.judgements import JUDGEMENTS, LABELLED_NIGHTS, WINDOW_SCORES
from nte.tables.scores import ALERT_SCORES
from nte.tables.slices import HOUR_PROFILE
from nte.warehouse import Warehouse, open_warehouse

MOST_WEEKENDS = 500
"""Weekends issued in one run, so that Airflow can map over them; the next run takes the rest."""
KEPT_FILES = timedelta(days=28)
"""The files behind the bands of older weekends are removed: the bands themselves are in the warehouse."""


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
    known on that morning, whenever that is done, and are never issued again once its nights have begun. Nights that
    opened before anything was known have none.
    """
    with open_warehouse(settings) as warehouse:
        record, progress = _read_record(warehouse, area), read_progress(warehouse, Step.ISSUE)
        due = _without_band(warehouse, record, now)
    weekends = (weekend_as_known(record, *one) for one in due.items())
    new = (w for w in weekends if progress.knowledge_at(w.as_of) != folder_of(w))
    return [write_weekend(shared, weekend) for weekend in islice(new, MOST_WEEKENDS)]


def load_bands(  # noqa: PLR0917 - where, when and what
    settings: Settings,
    area: Area,
    now: datetime,
    shared: SharedFolder,
    weekends: list[str],
    shards: list[Shard],
) -> Issued:
    """Load each weekend's shards into the warehouse, whole or not at all; then remove the files of past weekends.

    A band made after its night had begun is marked retrospective. Evenings that have bands are left alone, except
    by a run whose clock is earlier than theirs: then the clock of that run was wrong.
    """
    issued: list[date] = []
    n_bands = 0
    made = [
        (read_weekend(shared / name, ["completeness"]), read_bands(shared, name, shards)) for name in weekends
    ]
    with open_warehouse(settings) as warehouse:
        done = _issued(warehouse, area, now)
        for name, (weekend, bands) in zip(weekends, made, strict=True):
            evenings = [evening for evening in weekend.evenings if evening not in done]
            new = as_issued(weekend, bands, area, now).filter(pl.col("evening").is_in(evenings))
            completeness = _dated(weekend.completeness, weekend.as_of)
            with warehouse.transaction():
                warehouse.replace(BANDS, new, "list_contains(?, evening)", [evenings])
                warehouse.replace(COMPLETENESS, completeness, "as_of = ?", [weekend.as_of])
                say_done(warehouse, Step.ISSUE, [Look(weekend.as_of, weekend.as_of, name)], now)
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
    done = _issued(warehouse, area, now)
    start, end = area.clock.local_date(first), area.clock.local_date(now) + timedelta(days=EVENTS_AHEAD_DAYS)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    due: dict[datetime, list[date]] = {}
    for evening in (day for day in days if area.clock.is_monitored(day) and day not in done):
        as_of = max(issue_morning(area, evening), first)
        if as_of <= min(now, area.clock.opens_at(evening)):
            due.setdefault(as_of, []).append(evening)
    return due


def _issued(warehouse: Warehouse, area: Area, now: datetime) -> set[date]:
    """Return the evenings that have bands, without those that a later clock made and that have not begun by `now`."""
    made = warehouse.query("SELECT evening, min(made_at) AS made_at FROM bands GROUP BY evening")
    return {e for e, made_at in made.iter_rows() if made_at <= now or area.clock.opens_at(e) <= now}


def _read_record(warehouse: Warehouse, area: Area, definition: str = "") -> Record:
    """Return what the warehouse says of one definition's nights; empty: of those that alerts are about."""
    revisions = of_centres(
        warehouse.read(NIGHT_COUNT_REVISIONS).sort(NIGHT_COUNT_REVISIONS.keys),
        definition or area.alert_definition,
    )
    reach = Reach(warehouse.read(REACHES), area.clock)
    return Record(area, revisions, first_live_mornings(warehouse), warehouse.read(LABELLED_NIGHTS), reach)


def _read_bands(warehouse: Warehouse, area: Area) -> pl.DataFrame:
    return _as_called_now(warehouse.read(BANDS), area)


def _as_called_now(frame: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return rows in which a town centre that was renamed has today's code, so that its past stays its own."""
    return (
        frame.with_columns(pl.col("centre_code").replace(area.places.renamed))
        if area.places.renamed
        else frame
    )


def first_live_mornings(warehouse: Warehouse) -> dict[str, datetime]:
    """Return, by source, the morning from which deliveries came day by day: the day its history was known.

    A history load over nights that were known already is a correction, and changes nothing of that.
    """
    live = warehouse.query(
        "SELECT source, coalesce(max(known_at) FILTER (is_history AND known_at = coalesce(named_at, known_at)), "
        "min(known_at)) AS live_from "
        "FROM deliveries LEFT JOIN delivery_order USING (delivery_id) WHERE is_conformed GROUP BY source"
    )
    return dict(live.iter_rows())


def _dated(frame: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    return frame.with_columns(pl.lit(as_of).alias("as_of"))


def judge_nights(settings: Settings, area: Area, now: datetime) -> Judged:
    """Judge every monitored night on every morning not judged yet, as known on that morning.

    The last of them is judged again as of `now` when more is known of its nights by then, so that a file that came
    late is heard at once. What did not change since the judgement before has no row. A run over eight weeks and 56
    daily runs leave the same judgements.
    """
    n_rows = n_above = 0
    with open_warehouse(settings) as warehouse:
        record, bands = _read_record(warehouse, area), _read_bands(warehouse, area)
        progress = read_progress(warehouse, Step.JUDGE)
        nights = NightsKnown(record.revisions, bands, area, record.reach, warehouse.query)
        looks = looks_due(progress, _mornings(bands, area, now), now, nights.known_at)
        for look in looks:
            new, scores, completeness = _judge(look, record, nights, warehouse)
            with warehouse.transaction():
                warehouse.replace(JUDGEMENTS, new, "as_of = ?", [look.as_of])
                warehouse.replace(WINDOW_SCORES, scores, "as_of = ?", [look.as_of])
                warehouse.replace(COMPLETENESS, completeness, "as_of = ?", [look.as_of])
                say_done(warehouse, Step.JUDGE, [look], now)
            n_rows += new.height
            n_above += new.filter(pl.col("verdict").is_in(["above", "far_above"])).height
    return Judged(len(looks), n_rows, n_above)


def _judge(
    look: Look, record: Record, nights: NightsKnown, warehouse: Warehouse
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return what one look changes of judgements and window scores, and the completeness that it was taken with."""
    completeness = record.completeness(look.as_of)
    why = nights.why_unknown(look.morning, look.as_of)
    judged = judge_morning(look.as_of, record, nights.bands, completeness, why)
    recent = judged.filter(pl.col("evening") >= first_judged(look.morning, record.area))
    limits = _as_called_now(warehouse.query(FIRST_LIMITS, [look.as_of]), record.area)
    scores = score_weekends(look.as_of, judged, record.area, limits)
    return (
        changed_judgements(
            recent, _as_called_now(warehouse.query(LATEST_JUDGEMENTS, [look.as_of]), record.area)
        ),
        changed_scores(scores, _as_called_now(warehouse.query(LATEST_SCORES, [look.as_of]), record.area)),
        _dated(completeness, look.as_of),
    )


def check_judgements(
    settings: Settings, area: Area, evenings: list[date], centre_code: str | None = None
) -> CheckedAgain:
    """Judge these evenings again, on every morning that has a judgement of them, from what was known then.

    Nothing is written. With `centre_code`, only that town centre's judgements are compared.
    """
    with open_warehouse(settings) as warehouse:
        record, bands = _read_record(warehouse, area), _read_bands(warehouse, area)
        stored = _as_called_now(warehouse.read(JUDGEMENTS, "list_contains(?, evening)", [evenings]), area)
        nights = NightsKnown(record.revisions, bands, area, record.reach, warehouse.query)
        whys = {at: nights.why_unknown(at, at) for at in stored["as_of"].unique()}
    if centre_code is not None:
        code = area.places.renamed.get(centre_code, centre_code)
        stored = stored.filter(pl.col("centre_code") == code)
    lines: list[str] = []
    for as_of in stored["as_of"].unique().sort():
        then = stored.filter(pl.col("as_of") == as_of)
        again = judge_morning(as_of, record, bands, record.completeness(as_of), whys[as_of])
        when = f"{as_of.astimezone(area.clock.time_zone):%Y-%m-%d %H:%M}"
        lines += [f"as known {when}, {line}" for line in differences(then, again)]
    return CheckedAgain(stored.height, tuple(lines))


LATEST_JUDGEMENTS = """
SELECT evening, centre_code, source, definition,
       arg_max(coalesce(n_incidents, -1), as_of) AS n_before, arg_max(verdict, as_of) AS verdict_before,
       nullif(arg_max(coalesce(why_unknown, ''), as_of), '') AS why_before,
       arg_max(coalesce(stands_chance, 0), as_of) AS chance_before,
       arg_max(coalesce(known_share, 0), as_of) AS share_before
FROM judgements WHERE as_of < ? GROUP BY ALL
"""


def _mornings(bands: pl.DataFrame, area: Area, now: datetime) -> list[datetime]:
    """Return the mornings up to `now` on which some night with a band had closed."""
    first_band = bands["evening"].min()
    if not isinstance(first_band, date):
        return []
    start, end = first_band + timedelta(days=1), area.clock.local_date(now)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [m for m in map(area.clock.morning_of, days) if m <= now]


LATEST_SCORES = """
SELECT centre_code, detector, first_evening, last_evening, arg_max(score, as_of) AS score_before,
       arg_max(coalesce(stands_chance, 0), as_of) AS chance_before
FROM window_scores WHERE as_of < ? GROUP BY ALL
"""


FIRST_LIMITS = """
SELECT centre_code, detector, first_evening, last_evening, n_nights, arg_min(score_limit, as_of) AS score_limit
FROM window_scores WHERE as_of < ? GROUP BY ALL
"""


def score_bands(settings: Settings, area: Area, now: datetime) -> Scored:
    """Score bands and alerts, and name the shifts that nobody announced, on every Monday not done yet.

    Each Monday sees what was known on its morning, whenever that is done, so one run over eight weeks and 56 daily
    runs leave the same. A Monday on which no night was complete yet has no scores.
    """
    with open_warehouse(settings) as warehouse:
        record, bands = _read_record(warehouse, area), _read_bands(warehouse, area)
        progress = read_progress(warehouse, Step.SCORE)
        known = NightsKnown(record.revisions, bands, area, record.reach, warehouse.query)
        mondays = [
            m
            for m in _mondays(bands, area, now)
            if not progress.stands(m, now, partial(known.known_at, m, m))
        ]
        if not mondays:
            return Scored(0, 0, 0)
        told = _Told.read(warehouse, area, _mornings(bands, area, now))
        for monday in mondays:
            completeness = record.completeness(monday)
            due = bands.filter(pl.col("evening") < area.clock.local_date(monday))
            counts = _counts_on(monday, record, due, completeness)
            nights = complete_nights(due, counts, area.slack.complete_share)
            scores = _scores_on(monday, nights, counts, area)
            of_alerts = told.scores_on(monday, nights, counts, area)
            before = warehouse.read(LEVEL_SHIFTS, "as_of >= ? AND as_of < ?", [monday - REMEMBERED, monday])
            shifts = _shifts_on(monday, record, due, completeness, before.sort("as_of"))
            with warehouse.transaction():
                warehouse.replace(BAND_SCORES, scores, "as_of = ?", [monday])
                warehouse.replace(LEVEL_SHIFTS, shifts, "as_of = ?", [monday])
                warehouse.replace(ALERT_SCORES, of_alerts, "as_of = ?", [monday])
                say_done(warehouse, Step.SCORE, [Look(monday, monday, known.known_at(monday, monday))], now)
    return Scored(len(mondays), int(scores["is_out_of_bounds"].sum()), shifts.height)


def _mondays(bands: pl.DataFrame, area: Area, now: datetime) -> list[datetime]:
    """Return the mornings of the Mondays after the first band, up to `now`."""
    return [m for m in _mornings(bands, area, now) if area.clock.local_date(m).weekday() == 0]


def _counts_on(
    monday: datetime, record: Record, bands: pl.DataFrame, completeness: pl.DataFrame
) -> pl.DataFrame:
    """Return the counts as known on a Monday, without those that somebody put down to a fault in the data."""
    since = pl.col("evening") >= pl.lit(bands["evening"].min()) - LOOKED_BACK
    return without_labelled(
        record.counts(monday, completeness, since), record.labelled, monday, only_faults=True
    )


def _scores_on(monday: datetime, nights: pl.DataFrame, counts: pl.DataFrame, area: Area) -> pl.DataFrame:
    if nights.is_empty():
        return BAND_SCORES.empty()
    budget = band_settings(area).night_budget(7.0)
    return _dated(_reproducible(scores_of(nights, counts, budget)), monday)


@dataclass(frozen=True)
class _Told:
    """What people were told about alerts, and with which chances, up to this run."""

    sayings: list[Saying]
    chances_of_nights: pl.DataFrame
    looks_at_windows: pl.DataFrame

    @classmethod
    def read(cls, warehouse: Warehouse, area: Area, mornings: list[datetime]) -> "_Told":
        """Read what was said, and the chance of every night and window at its one look."""
        days = [area.clock.local_date(morning) for morning in mornings]
        nights = warehouse.query(CHANCES_OF_NIGHTS, [days, mornings, area.alert_definition])
        windows = warehouse.query(CHANCES_OF_WINDOWS, [days, mornings])
        sayings = read_sayings(warehouse.read(DECISIONS, "is_said"))
        return cls(sayings, _as_called_now(nights, area), looks_at_windows(windows))

    def scores_on(
        self, monday: datetime, nights: pl.DataFrame, counts: pl.DataFrame, area: Area
    ) -> pl.DataFrame:
        """Return the scores of all alerts that people had been told of by a Monday."""
        if nights.is_empty():
            return ALERT_SCORES.empty()
        looks = pl.concat(
            [looks_at_nights(self.chances_of_nights, nights), self.looks_at_windows], how="diagonal"
        )
        known = Monday(monday, area.clock, incomplete_nights(counts, area.slack.complete_share))
        scores = score_alerts(alerts_by(self.sayings, monday), nights, looks, known, area.alerts.gamma)
        return _dated(_reproducible(scores), monday)


def _shifts_on(
    monday: datetime, record: Record, bands: pl.DataFrame, completeness: pl.DataFrame, before: pl.DataFrame
) -> pl.DataFrame:
    first = record.area.clock.local_date(monday) - timedelta(weeks=LEARNED_WEEKENDS + N_LOOKED_BACK)
    counts = record.counts(monday, completeness, pl.col("evening") >= first)
    counts = without_labelled(counts, record.labelled, monday, only_faults=True)
    judged = judge_against_bands(bands.filter(pl.col("evening") >= first), counts, record.area.alerts.gamma)
    return _dated(_reproducible(name_shifts(judged, recording_changes(record.area), before)), monday)


def _reproducible(frame: pl.DataFrame) -> pl.DataFrame:
    # The last digits of a sum depend on how it was split over threads.
    return frame.with_columns(pl.col(pl.Float64).round_sig_figs(9))


def evaluate_interventions(
    settings: Settings, area: Area, as_of: datetime, interventions: Sequence[Intervention]
) -> int:
    """Write what interventions did, as known on the morning `as_of`; return the number of effects.

    Those of an earlier evaluation stand beside them, each with the morning whose knowledge it is.
    """
    knowledge: dict[str, Knowledge] = {}
    for definition in {one.outcome_definition for one in interventions}:
        with open_warehouse(settings) as warehouse:
            record = _read_record(warehouse, area, definition)
        knowledge[definition] = _knowledge(record, as_of)
    found = {
        one.intervention_id: evaluate(area, one, knowledge[one.outcome_definition]) for one in interventions
    }
    with open_warehouse(settings) as warehouse, warehouse.transaction():
        for name, evaluated in found.items():
            _keep(warehouse, name, evaluated, as_of)
    return sum(evaluated.effects["ratio"].count() for evaluated in found.values())


def evaluate_actions(settings: Settings, area: Area, as_of: datetime) -> int:
    """Write how the nights after alerts that were acted on did beside those after others; return the alerts acted on.

    Counts are as known at `as_of`; whether an alert stands is as known now.
    """
    with open_warehouse(settings) as warehouse:
        record, bands = _read_record(warehouse, area), _read_bands(warehouse, area)
        alerts = alerts_told(_as_called_now(warehouse.query(OUTCOMES), area), area, as_of)
    counts = record.counts(as_of, record.completeness(as_of))
    counts = without_labelled(counts, record.labelled, as_of, only_faults=True)
    nights = complete_nights(bands, counts, area.slack.complete_share)
    rows = _reproducible(compare_actions(alerts, nights, area))
    with open_warehouse(settings) as warehouse:
        warehouse.replace(
            INTERVENTION_EFFECTS, _dated(rows, as_of), "intervention_id = ? AND as_of = ?", [ACTED_ON, as_of]
        )
    return int(alerts["is_acted_on"].sum())


def plan_intervention(
    settings: Settings, area: Area, as_of: datetime, intervention: Intervention, n_months: int
) -> tuple[Plan, dict[str, float]]:
    """Return what an intervention of so many months could show, and the share of its nights that is in its hours.

    Nothing is written.
    """
    definition = intervention.outcome_definition
    with open_warehouse(settings) as warehouse:
        record = _read_record(warehouse, area, definition)
        profile = warehouse.read(HOUR_PROFILE, "definition = ?", [definition])
    known = _knowledge(record, as_of)
    return plan(area, intervention, n_months, known), hours_shares(profile, area, intervention)


def _knowledge(record: Record, as_of: datetime) -> Knowledge:
    """Return what was known of the nights at `as_of`, without faults in the data.

    Nights that people have explained stay: only those that were above are asked about, so that leaving them out would
    pass for a fall.
    """
    area = record.area
    counts = record.counts(as_of, record.completeness(as_of))
    counts = without_labelled(counts, record.labelled, as_of, only_faults=True)
    return Knowledge(
        counts,
        calendar_of(area, counts, area.clock.local_date(as_of)),
        recording_changes(area),
        band_settings(area),
    )


def _keep(warehouse: Warehouse, intervention_id: str, evaluated: Evaluated, as_of: datetime) -> None:
    tables = {
        INTERVENTION_EFFECTS: evaluated.effects,
        INTERVENTION_PERIODS: evaluated.periods,
        INTERVENTION_PLACEBOS: evaluated.placebos,
    }
    for table, rows in tables.items():
        warehouse.replace(
            table, _dated(rows, as_of), "intervention_id = ? AND as_of = ?", [intervention_id, as_of]
        )
