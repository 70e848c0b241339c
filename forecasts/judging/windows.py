"""More ways to see too much than the single night: windows of weekends over all sources.

A weekend that is somewhat high in all three sources, or a month that is a little high throughout, exceeds no
single night's limit. Both are seen by the log likelihood ratio of a rise, summed over nights and sources; its
limit comes from clean draws in which sources and nights move together as much as they really do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import ndtri

from forecasts.curve.panel import Floats, Ints
from forecasts.judging.togetherness import Togetherness
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.detectors import WINDOWS, WITH_A_BUDGET
from nte.words import Detector

N_DRAWS = 10_000
"""Clean draws per window: a level of one in a thousand still rests on ten of them."""
MAX_LEVEL = 0.05
"""However few the centres, a window that happens one time in twenty is not an alert."""

SCORE_SCHEMA = {
    "centre_code": pl.String,
    "first_evening": pl.Date,
    "last_evening": pl.Date,
    "detector": pl.String,
    "score": pl.Float64,
    "limit": pl.Float64,
    "is_exceedance": pl.Boolean,
}


@dataclass(frozen=True)
class Window:
    """Known nights of one centre, one row per night and source."""

    centre_code: str
    first_evening: date
    last_evening: date
    detector: str
    rise: float
    rows: pl.DataFrame


def score_windows(
    judged: pl.DataFrame,
    togetherness: Togetherness,
    settings: BandSettings,
    *,
    detectors: tuple[str, ...] = WITH_A_BUDGET,
    seed: int = 20_260_329,
) -> pl.DataFrame:
    """Return every centre's nights and windows with score, limit and exceedance.

    `judged` is what `judging.judge_nights` returns, for the judged evenings only. A night's score is minus the
    decimal logarithm of the smallest tail probability over its sources. Unknown nights are left out of a
    window; a window without a known night has no row. A weekend is the judged evenings of one Monday-to-Sunday
    week, and a run of weekends is scored only where bands of all of them exist.
    """
    known = judged.filter(pl.col("verdict") != "unknown")
    if known.is_empty():
        return pl.DataFrame(schema=SCORE_SCHEMA)
    frames = [_score_nights(known)] if Detector.NIGHT in detectors else []
    draws = _Draws(togetherness, np.random.default_rng(seed))
    n_centres = known["centre_code"].n_unique()
    rows = [
        _score_window(window, draws, window_level(settings, window.detector, n_centres))
        for window in _windows(known)
        if window.detector in detectors
    ]
    frames.append(pl.DataFrame(rows, schema=SCORE_SCHEMA, orient="row"))
    return pl.concat(frames).sort("detector", "first_evening", "centre_code")


def window_level(settings: BandSettings, detector: str, n_centres: int) -> float:
    """Return the false alarm probability of one centre's window under the area's budget."""
    level = (
        settings.false_alarms_per_30_days * settings.budget_shares[detector] * 7.0 / 30.0 / max(n_centres, 1)
    )
    return min(level, MAX_LEVEL)


def _score_nights(known: pl.DataFrame) -> pl.DataFrame:
    # An exceedance is a count above its limit, which is the same as a tail probability of at most the level.
    return (
        known.group_by("centre_code", "evening")
        .agg(
            score=-pl.col("p_value").min().log10(),
            limit=-pl.col("alert_level").max().log10(),
            is_exceedance=pl.col("verdict").is_in(["above", "far_above"]).any(),
        )
        .select(
            "centre_code",
            pl.col("evening").alias("first_evening"),
            pl.col("evening").alias("last_evening"),
            pl.lit(str(Detector.NIGHT)).alias("detector"),
            "score",
            "limit",
            "is_exceedance",
        )
    )


def _windows(known: pl.DataFrame) -> Iterator[Window]:
    weeks = known.with_columns(week=pl.col("evening").dt.truncate("1w").cast(pl.Date))
    for (centre,), rows in weeks.group_by("centre_code", maintain_order=True):
        by_week = {week: part for (week,), part in rows.sort("week").group_by("week", maintain_order=True)}
        mondays = sorted(by_week)
        for place, monday in enumerate(mondays):
            for window in WINDOWS:
                run = mondays[max(place - window.n_weekends + 1, 0) : place + 1]
                if len(run) == window.n_weekends and monday - run[0] == timedelta(weeks=len(run) - 1):
                    rows_of_run = pl.concat([by_week[day] for day in run])
                    yield _window(str(centre), str(window.detector), window.rise, rows_of_run)


def _window(centre: str, detector: str, rise: float, rows: pl.DataFrame) -> Window:
    evenings = rows["evening"].sort()
    return Window(centre, evenings[0], evenings[-1], detector, rise, rows)


def _score_window(
    window: Window, draws: "_Draws", level: float
) -> tuple[str, date, date, str, float, float, bool]:
    rows = window.rows
    mean, size = rows["expected_so_far"].to_numpy(), rows["dispersion"].to_numpy()
    weight = log_ratio_per_incident(mean, size, window.rise)
    score = float((weight * rows["n_incidents"].to_numpy()).sum())
    limit = _limit(draws.weighted_counts(rows, mean, size, weight), level)
    span = window.first_evening, window.last_evening
    return window.centre_code, *span, window.detector, score, limit, score > limit


def log_ratio_per_incident(mean: Floats, size: Floats, rise: float) -> Floats:
    """Return by how much one more incident raises the log likelihood ratio of a rise.

    The ratio is linear in the count; what does not depend on the count is the same for score and limit.
    """
    return np.asarray(np.log(rise) - np.log((size + rise * mean) / (size + mean)))


def _limit(clean_scores: Floats, level: float) -> float:
    """Return the score that at most a share `level` of the clean draws lies above."""
    n_above = int(np.floor(level * len(clean_scores)))
    return float(np.partition(clean_scores, -n_above - 1)[-n_above - 1])


class _Draws:
    """Clean draws of whole windows; windows of the same layout share their random numbers."""

    def __init__(self, togetherness: Togetherness, random: np.random.Generator) -> None:
        self._togetherness = togetherness
        self._random = random
        self._scores: dict[tuple[int, ...], list[tuple[Floats, Ints]]] = {}

    def weighted_counts(self, rows: pl.DataFrame, mean: Floats, size: Floats, weight: Floats) -> Floats:
        """Return one weighted sum of counts per draw."""
        scores = self._hidden_scores(_numbers(rows["evening"]), _numbers(rows["source"]))
        total = np.zeros(N_DRAWS)
        steps = _steps(mean, size)
        for cell, (ordered, rank) in enumerate(scores):
            # Among ordered scores each step is looked up once, and counts are runs between the steps.
            reached = np.searchsorted(ordered, steps[cell], side="right")
            counts = np.repeat(np.arange(len(reached) + 1), np.diff(reached, prepend=0, append=N_DRAWS))
            total += np.take(weight[cell] * counts, rank)
        return total

    def _hidden_scores(self, night: Ints, source: Ints) -> list[tuple[Floats, Ints]]:
        """Return the scores of each cell in order, and the place in that order of each draw."""
        layout = (*night.tolist(), -1, *source.tolist())
        if layout not in self._scores:
            factor = np.linalg.cholesky(self._togetherness.correlation(night, source))
            scores = factor @ self._random.standard_normal((len(night), N_DRAWS))
            self._scores[layout] = [_ordered(cell) for cell in scores]
        return self._scores[layout]


def _ordered(scores: Floats) -> tuple[Floats, Ints]:
    """Return the scores in order, and each one's place in that order."""
    order = np.argsort(scores)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return scores[order], place


def _steps(mean: Floats, size: Floats) -> Floats:
    """Return the hidden score from which on a cell counts 1, 2, …: cell × count, endless beyond all likely counts."""
    top = nb.quantile(1 - 1e-7, mean, size)[:, None] + 1
    ladder = np.arange(1, int(top.max()) + 1)
    return np.where(ladder <= top, -ndtri(nb.tail_probability(ladder, mean[:, None], size[:, None])), np.inf)


def _numbers(values: pl.Series) -> Ints:
    return values.rank("dense").cast(pl.Int64).to_numpy()
