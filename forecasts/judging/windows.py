"""More ways to see too much than the single night: windows of weekends over all sources.

A weekend that is somewhat high in all three sources, or a month that is a little high throughout, exceeds no
single night's limit. Both are seen by the log likelihood ratio of a rise, summed over nights and sources; its
limit comes from clean draws in which sources and nights move together as much as they really do. A window that is
still filling exceeds it when that is how its final counts, drawn together given what is in, will almost surely end.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from zlib import crc32

import numpy as np
import polars as pl
from scipy.special import ndtri

from forecasts.curve.panel import Floats, Ints
from forecasts.judging.joint import Cells, draw_finals
from forecasts.judging.standing import chance_to_stand
from forecasts.judging.togetherness import Togetherness
from forecasts.known.completeness import Filling
from forecasts.known.paths import Paths
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.detectors import WINDOWS, WITH_A_BUDGET
from nte.words import Detector

N_DRAWS = 10_000
"""Clean draws per window: a level of one in a thousand still rests on ten of them."""
N_FINALS = 4_000
"""Draws of a window's final counts: its chance is known within a hundredth."""
OUT_OF_REACH = 5.0
"""Standard deviations, cells apart, between a window's likely end and its limit from which no draw is needed."""
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
    "stands_chance": pl.Float64,
    "n_nights": pl.Int64,
}
Limits = Mapping[tuple[str, str, date, date, int], float]
"""By centre, detector, first and last evening and number of known nights of sources: limits that stand."""


@dataclass(frozen=True)
class Window:
    """Known nights of one centre, one row per night and source."""

    centre_code: str
    first_evening: date
    last_evening: date
    detector: str
    rise: float
    rows: pl.DataFrame

    @cached_property
    def cells(self) -> Cells:
        """Return its counts, bands and filling."""
        known, survival = (
            self.rows["known_share"].clip(0.0, 1.0).to_numpy(),
            self.rows["survival_share"].to_numpy(),
        )
        return Cells(
            self.rows["n_incidents"].to_numpy().astype(np.float64),
            self.rows["expected"].to_numpy(),
            self.rows["dispersion"].to_numpy(),
            Filling(known, survival),
            Paths.of(self.rows),
        )

    @cached_property
    def weight(self) -> Floats:
        """Return what one incident of each cell adds to the score."""
        return log_ratio_per_incident(self.cells.mean, self.cells.size, self.rise)

    def correlation(self, togetherness: Togetherness) -> Floats:
        """Return how its cells move together."""
        return togetherness.correlation(_numbers(self.rows["evening"]), _numbers(self.rows["source"]))

    @property
    def name(self) -> tuple[str, str, date, date, int]:
        """Return what it is known by: another number of known nights makes it another."""
        return self.centre_code, self.detector, self.first_evening, self.last_evening, self.rows.height

    def random(self, seed: int) -> np.random.Generator:
        """Return a generator of its own, so that no window's draws depend on which others are scored."""
        return np.random.default_rng([seed, crc32(self.centre_code.encode()), self.last_evening.toordinal()])


def score_windows(
    judged: pl.DataFrame,
    togetherness: Togetherness,
    settings: BandSettings,
    *,
    detectors: tuple[str, ...] = WITH_A_BUDGET,
    seed: int = 20_260_329,
    limits: Limits | None = None,
) -> pl.DataFrame:
    """Return every centre's nights and windows with score, limit, chance and exceedance.

    `judged` is what `judging.judge_nights` returns, for the judged evenings only. A window's score is the sum of what
    is in; its limit is that of the final score. Unknown nights are left out of a window; a window without a known night
    has no row. A weekend is the judged evenings of one Monday-to-Sunday week, and a run of weekends is scored only
    where bands of all of them exist. A window of as many nights as when it was first scored keeps the limit that it had
    (`limits`): an alert is held against one number.
    """
    known = judged.filter(pl.col("verdict") != "unknown")
    if known.is_empty():
        return pl.DataFrame(schema=SCORE_SCHEMA)
    frames = [_score_nights(known, settings)] if Detector.NIGHT in detectors else []
    n_centres, stand = known["centre_code"].n_unique(), limits or {}
    alike: dict[tuple[str, date], list[Window]] = defaultdict(list)
    for window in _windows(known):
        if window.detector in detectors:
            alike[window.detector, window.last_evening].append(window)
    for (detector, last), windows in alike.items():
        least, gamma = settings.least_sum.get(detector, 0), settings.gamma_of_windows
        own = {window.name: stand[window.name] for window in windows if window.name in stand}
        if len(own) < len(windows):
            # Other draws for every span, so that what they spend too much or too little evens out over the weekends.
            draws = _Draws(togetherness, np.random.default_rng([seed, last.toordinal()]))
            level = window_level(settings, detector, n_centres)
            drawn = _limits(windows, draws, level, least)
            own = {window.name: limit for window, limit in zip(windows, drawn, strict=True)} | own
        rows = [_score_window(w, own[w.name], least, togetherness, gamma, seed) for w in windows]
        frames.append(pl.DataFrame(rows, schema=SCORE_SCHEMA, orient="row"))
    return pl.concat([pl.DataFrame(schema=SCORE_SCHEMA), *frames]).sort(
        "detector", "first_evening", "centre_code"
    )


def window_level(settings: BandSettings, detector: str, n_centres: int) -> float:
    """Return the false alarm probability of one centre's window under the area's budget."""
    level = (
        settings.false_alarms_per_30_days * settings.budget_shares[detector] * 7.0 / 30.0 / max(n_centres, 1)
    )
    return min(level, MAX_LEVEL)


def _score_nights(known: pl.DataFrame, settings: BandSettings) -> pl.DataFrame:
    """Score nights by the rarest count that one of a centre's sources will reach with the chance gamma.

    That count is above its limit, and not under its least count, exactly when its night is above.
    """
    reached = _reached(known, settings.gamma)
    least = settings.least_limits(known["source"].to_list())
    tail = nb.tail_probability(reached, known["expected"].to_numpy(), known["dispersion"].to_numpy())
    rarest = known.with_columns(p_reached=pl.Series(np.where(reached > least, tail, 1.0)))
    return (
        rarest.group_by("centre_code", "evening")
        .agg(
            score=-pl.col("p_reached").min().log10(),
            limit=-pl.col("alert_level").max().log10(),
            is_exceedance=pl.col("verdict").is_in(["above", "far_above"]).any(),
            stands_chance=pl.col("stands_chance").max(),
            n_nights=pl.len().cast(pl.Int64),
        )
        .select(
            "centre_code",
            pl.col("evening").alias("first_evening"),
            pl.col("evening").alias("last_evening"),
            pl.lit(str(Detector.NIGHT)).alias("detector"),
            "score",
            "limit",
            "is_exceedance",
            "stands_chance",
            "n_nights",
        )
    )


def _reached(known: pl.DataFrame, gamma: float) -> Floats:
    """Return the greatest final count that each night will reach with the chance `gamma`."""
    seen, mean, size = (
        known[name].to_numpy().astype(float) for name in ("n_incidents", "expected", "dispersion")
    )
    filling = Filling(known["known_share"].clip(0.0, 1.0).to_numpy(), known["survival_share"].to_numpy())
    reached, paths = np.zeros(len(seen)), Paths.of(known)
    while (is_more := chance_to_stand(seen, reached, mean, size, filling, paths) >= gamma).any():
        reached = reached + is_more
    return reached


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


def _limits(windows: Sequence[Window], draws: "_Draws", level: float, least: int) -> list[float]:
    """Return each window's limit: one level for all, so that together they exceed as often as `level` says.

    Windows whose sum lies under `least` never alert; what they leave of the budget goes to the others.
    """
    drawn = [draws.scores_and_sums(window) for window in windows]
    ordered = [np.argsort(-scores) for scores, _ in drawn]
    counted = np.stack(
        [np.cumsum(sums[order] >= least) for order, (_, sums) in zip(ordered, drawn, strict=True)]
    )
    n_above = int(
        np.searchsorted(counted.sum(axis=0), np.floor(level * N_DRAWS * len(windows)), side="right")
    )
    n_above = min(n_above, int(MAX_LEVEL * N_DRAWS))
    return [float(scores[order[n_above]]) for order, (scores, _) in zip(ordered, drawn, strict=True)]


def _score_window(  # noqa: PLR0917 - a window, its limits, and how its cells are drawn
    window: Window, limit: float, least: int, togetherness: Togetherness, gamma: float, seed: int
) -> tuple[str, date, date, str, float, float, bool, float, int]:
    score = float((window.weight * window.cells.seen).sum())
    chance = chance_to_exceed(window, limit, least, togetherness, seed)
    span = window.first_evening, window.last_evening
    return (
        window.centre_code,
        *span,
        window.detector,
        score,
        limit,
        chance >= gamma,
        chance,
        window.rows.height,
    )


def chance_to_exceed(
    window: Window, limit: float, least: int, togetherness: Togetherness, seed: int
) -> float:
    """Return P(final score > limit and final sum >= least | what is in of every cell)."""
    cells, weight = window.cells, window.weight
    middle, spread = cells.moments(weight)
    if middle + OUT_OF_REACH * spread <= limit:
        return 0.0
    final, likely = draw_finals(cells, window.correlation(togetherness), N_FINALS, window.random(seed))
    is_above = (final @ weight > limit) & (final.sum(axis=1) >= least)
    return round(float(likely[is_above].sum()), 4)


def log_ratio_per_incident(mean: Floats, size: Floats, rise: float) -> Floats:
    """Return by how much one more incident raises the log likelihood ratio of a rise.

    The ratio is linear in the count; what does not depend on the count is the same for score and limit.
    """
    return np.asarray(np.log(rise) - np.log((size + rise * mean) / (size + mean)))


class _Draws:
    """Clean draws of whole windows; windows of the same layout share their random numbers."""

    def __init__(self, togetherness: Togetherness, random: np.random.Generator) -> None:
        self._togetherness = togetherness
        self._random = random
        self._scores: dict[tuple[int, ...], list[tuple[Floats, Ints]]] = {}

    def scores_and_sums(self, window: Window) -> tuple[Floats, Floats]:
        """Return the score of each draw of a window's final counts, and their sum."""
        rows, weight = window.rows, window.weight
        scores = self._hidden_scores(_numbers(rows["evening"]), _numbers(rows["source"]))
        total, plain = np.zeros(N_DRAWS), np.zeros(N_DRAWS)
        steps = _steps(window.cells.mean, window.cells.size)
        for cell, (ordered, rank) in enumerate(scores):
            # Among ordered scores each step is looked up once, and counts are runs between the steps.
            reached = np.searchsorted(ordered, steps[cell], side="right")
            counts = np.repeat(np.arange(len(reached) + 1), np.diff(reached, prepend=0, append=N_DRAWS))
            total += np.take(weight[cell] * counts, rank)
            plain += np.take(counts, rank)
        return total, plain

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
    """Return for each value its place among those that are there: 0, 1, …"""
    return np.unique(values.to_numpy(), return_inverse=True)[1]
