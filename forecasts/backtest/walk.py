"""Walk forward over a panel of night counts: what would have been said, week by week, knowing no more than then."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from rich.progress import Progress

from forecasts.backtest.panel_files import PanelFiles, counts_as_known, read_panel, revisions_by, write_table
from forecasts.issuing import limits
from forecasts.issuing.bands import BAND_SCHEMA, issue_bands
from forecasts.judging.nights import judge_nights
from forecasts.judging.togetherness import learn_togetherness
from forecasts.judging.windows import SCORE_SCHEMA, score_windows
from forecasts.known.completeness import learn_completeness
from forecasts.known.history import with_coming
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.detectors import WINDOWS
from nte.words import Detector

DELAY_PRIOR = {1: 0.5, 2: 0.6, 3: 0.7, 7: 0.85, 14: 0.93, 28: 0.99, 35: 1.0}
"""Age in days → share known, before any delivery has been seen: deliberately vague."""
DELAY_PRIOR_NIGHTS = 3.0
EVIDENCE_DAYS = 365
TAIL_END = 1e-6
WEEKS_AT_ONCE = 4
"""Weeks sent to a process together, so that the panel is sent once for all of them."""
TOGETHERNESS_WEEKS = 52
"""Judged weeks that teach how sources move together."""


@dataclass(frozen=True)
class BacktestSummary:
    """What a backtest did."""

    n_forecasts: int
    n_alarms: int
    n_windows: int
    n_exceedances: int


def backtest_panel(
    folder: Path, settings: BandSettings, progress: Progress, *, n_workers: int = 1
) -> BacktestSummary:
    """Forecast and judge a panel folder; write forecasts.csv, tail.csv and detectors.csv beside its files.

    A week's bands use only nights before its Monday, as they were known on that Monday morning. Its nights are judged
    on the next Monday, as known then.
    """
    panel = read_panel(folder)
    mondays = sorted({_monday(evening) for evening in panel.evenings})
    weeks = _walk(panel, mondays, settings, progress, n_workers)
    judged, windows = _judge(panel, weeks, settings, progress)
    forecasts = _forecast_table(judged, settings)
    write_table(folder, "forecasts.csv", forecasts)
    write_table(folder, "tail.csv", _tail_table(judged))
    write_table(folder, "detectors.csv", _detector_table(windows))
    n_alarms = int((judged["n_incidents"] > forecasts["upper"]).sum())
    return BacktestSummary(forecasts.height, n_alarms, windows.height, int(windows["is_exceedance"].sum()))


@dataclass(frozen=True)
class Week:
    """What could be said on one Monday morning."""

    monday: date
    bands: pl.DataFrame
    completeness: pl.DataFrame | None
    """None where the panel has no delays."""


def issue_week(panel: PanelFiles, monday: date, settings: BandSettings) -> Week:
    """Return the bands of one week as they could be issued on its Monday morning."""
    evenings = [evening for evening in panel.evenings if _monday(evening) == monday]
    completeness = completeness_on(panel, monday)
    history = counts_as_known(panel, completeness, monday)
    ahead = panel.calendar, panel.centres, panel.recording_changes
    return Week(monday, issue_bands(history, evenings, *ahead, settings, completeness), completeness)


def completeness_on(panel: PanelFiles, as_of: date) -> pl.DataFrame | None:
    """Return the completeness that could be learned by a morning; None where the panel has no delays."""
    if panel.reports is None:
        return None
    sources = panel.counts["source"].unique().to_list()
    priors = pl.DataFrame(
        [
            (source, age, share, DELAY_PRIOR_NIGHTS)
            for source in sources
            for age, share in DELAY_PRIOR.items()
        ],
        schema=["source", "age_days", "known_share", "weight_nights"],
        orient="row",
    )
    revisions = revisions_by(panel.reports, as_of, EVIDENCE_DAYS)
    return with_coming(learn_completeness(revisions, priors, as_of), revisions)


def _monday(evening: date) -> date:
    return evening - timedelta(days=evening.weekday())


def _walk(
    panel: PanelFiles, mondays: Sequence[date], settings: BandSettings, progress: Progress, n_workers: int
) -> list[Week]:
    task = progress.add_task("bands, week by week", total=len(mondays))
    weeks = []
    if n_workers == 1:
        for monday in mondays:
            weeks.append(issue_week(panel, monday, settings))
            progress.advance(task)
    else:
        # Spawned, never forked: Prophet hangs in a child of a process that has fitted.
        with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as pool:
            n_weeks = len(mondays)
            issued = pool.map(
                issue_week, [panel] * n_weeks, mondays, [settings] * n_weeks, chunksize=WEEKS_AT_ONCE
            )
            for week in issued:
                weeks.append(week)
                progress.advance(task)
    return weeks


def _judge(
    panel: PanelFiles, weeks: Sequence[Week], settings: BandSettings, progress: Progress
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Judge each week on the Monday after it, with the detectors as they stood then."""
    task = progress.add_task("judging, week by week", total=len(weeks))
    bands = pl.concat([pl.DataFrame(schema=BAND_SCHEMA), *(week.bands for week in weeks)])
    completeness = {week.monday: week.completeness for week in weeks}
    judged: list[pl.DataFrame] = []
    windows: list[pl.DataFrame] = []
    for monday in completeness:
        as_of = monday + timedelta(days=7)
        known = completeness[as_of] if as_of in completeness else completeness_on(panel, as_of)
        is_in_month = pl.col("evening").is_between(monday - timedelta(days=21), as_of)
        month = judge_nights(
            bands.filter(is_in_month),
            counts_as_known(panel.of_nights(is_in_month), known, as_of),
            settings.gamma,
        )
        week = month.filter(pl.col("evening") >= monday)
        windows.append(_score(week, month, judged[-TOGETHERNESS_WEEKS:], settings))
        judged.append(week)
        progress.advance(task)
    return pl.concat(judged), pl.concat(windows)


def _score(
    week: pl.DataFrame, month: pl.DataFrame, past: Sequence[pl.DataFrame], settings: BandSettings
) -> pl.DataFrame:
    known = [part.filter(pl.col("verdict") != "unknown") for part in past]
    learned = learn_togetherness(
        pl.concat(known).with_columns(expected=pl.col("expected_so_far")) if known else pl.DataFrame()
    )
    is_judged = pl.col("evening").dt.weekday().is_in(settings.judged_weekdays)
    week, month = week.filter(is_judged), month.filter(is_judged)
    shortest = tuple(w.detector for w in WINDOWS if w.n_weekends == 1)
    longer = tuple(w.detector for w in WINDOWS if w.n_weekends > 1)
    return pl.concat(
        [
            score_windows(week, learned, settings, detectors=(Detector.NIGHT, *shortest)),
            score_windows(month, learned, settings, detectors=longer),
            pl.DataFrame(schema=SCORE_SCHEMA),
        ]
    )


def _forecast_table(judged: pl.DataFrame, settings: BandSettings) -> pl.DataFrame:
    mean, size = _so_far(judged), judged["dispersion"].to_numpy()
    lower, upper = limits.visible_band(mean, size, settings)
    return judged.select(
        centre="centre_code",
        source="source",
        night="evening",
        expected=pl.Series(mean),
        lower=pl.Series(lower.astype(np.int64)),
        upper=pl.Series(upper.astype(np.int64)),
        **{
            "upper_0.025": pl.Series(nb.limit(0.025, mean, size).astype(np.int64)),
            "upper_0.005": pl.Series(nb.limit(0.005, mean, size).astype(np.int64)),
        },
        p_value="p_value",
    )


def _tail_table(judged: pl.DataFrame) -> pl.DataFrame:
    mean, size = _so_far(judged), judged["dispersion"].to_numpy()
    n_steps = nb.limit(TAIL_END, mean, size).astype(np.int64)
    row = np.repeat(np.arange(len(mean)), n_steps)
    count = (
        np.concatenate([np.arange(1, n + 1) for n in n_steps]) if len(n_steps) else np.array([], dtype=int)
    )
    return judged.select(centre="centre_code", source="source", night="evening")[row].with_columns(
        k=pl.Series(count), p_ge_k=pl.Series(nb.tail_probability(count, mean[row], size[row]))
    )


def _so_far(judged: pl.DataFrame) -> np.ndarray:
    """Return what was to be expected by the morning of judging; of an unknown night, its whole expectation."""
    return judged["expected_so_far"].fill_null(judged["expected"]).to_numpy()


def _detector_table(windows: pl.DataFrame) -> pl.DataFrame:
    return windows.drop("stands_chance", "n_nights").rename(
        {"centre_code": "centre", "first_evening": "first_night", "last_evening": "last_night"}
    )
