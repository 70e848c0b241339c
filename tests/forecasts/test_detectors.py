"""Weekends and months that are high without any single night being so."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtri
from scipy.stats import betabinom, binom, multivariate_normal, norm

from forecasts.judging.joint import Cells, draw_finals
from forecasts.judging.nights import judge_nights
from forecasts.judging.togetherness import Togetherness, hidden_scores, learn_togetherness
from forecasts.judging.windows import (
    N_DRAWS,
    _Draws,
    _windows,
    log_ratio_per_incident,
    score_windows,
    window_level,
)
from forecasts.known.coming import INDEPENDENT
from forecasts.known.completeness import Filling
from forecasts.known.paths import Paths
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.detectors import WINDOWS

WEEKEND_RISE = WINDOWS[0].rise
FRIDAY = date(2026, 1, 2)
SOURCES = ("ae", "ambulance", "police")
SIZE = 20.0
LOOSE = BandSettings(false_alarms_per_30_days=1.0)
"""For one centre alone this is a large budget: false alarms can be counted in a short test."""


def judged(
    n_weeks: int, rise: float = 1.0, seed: int = 5, together: float = 0.25, share: float = 1.0
) -> pl.DataFrame:
    """Return judged nights of one centre whose sources share good and bad nights."""
    random = np.random.default_rng(seed)
    evenings = [FRIDAY + timedelta(days=7 * week + day) for week in range(n_weeks) for day in range(3)]
    rows = []
    for evening in evenings:
        shared = random.standard_normal()
        for source, mean in zip(SOURCES, (1.0, 0.8, 2.0), strict=True):
            score = np.sqrt(together) * shared + np.sqrt(1 - together) * random.standard_normal()
            count = int(nb.quantile(norm.cdf(score), mean * rise, SIZE))
            rows.append(("ashford", source, evening, count, mean))
    frame = pl.DataFrame(
        rows, schema=["centre_code", "source", "evening", "n_incidents", "expected"], orient="row"
    )
    limit = nb.limit(0.002, frame["expected"].to_numpy(), SIZE).astype(np.int64)
    bands = frame.drop("n_incidents").with_columns(
        dispersion=pl.lit(SIZE),
        alert_level=pl.lit(0.002),
        alert_limit=pl.Series(limit),
        rule=pl.lit("stands"),
    )
    return judge_nights(bands, as_counts(frame, share), LOOSE.gamma)


def as_counts(frame: pl.DataFrame, share: float = 1.0) -> pl.DataFrame:
    return frame.select(
        "centre_code", "source", "evening", "n_incidents",
        is_covered=pl.lit(value=True), known_share=pl.lit(share), survival_share=pl.lit(1.0),
    )  # fmt: skip


def test_sources_that_move_together_are_recognised() -> None:
    learned = learn_togetherness(judged(300))
    assert learned.same_night == pytest.approx(0.25, abs=0.06)
    assert learned.same_source < 0.06
    assert learned.other < 0.06


def test_without_past_nights_the_prior_stands() -> None:
    assert learn_togetherness(judged(1).clear()) == Togetherness()


def test_hidden_scores_average_to_nought() -> None:
    counts = np.arange(60.0)
    probability = nb.probability(counts, 2.0, SIZE)
    scores, variance = hidden_scores(counts, np.full(60, 2.0), np.full(60, SIZE))
    assert float((probability * scores).sum()) == pytest.approx(0.0, abs=1e-4)
    assert float((probability * scores**2).sum()) == pytest.approx(variance[0], rel=1e-3)


def test_the_weight_of_an_incident_is_the_log_likelihood_ratio() -> None:
    mean, size = np.array([1.5]), np.array([SIZE])
    ratio = [
        nb.log_probability(count, WEEKEND_RISE * mean, size) - nb.log_probability(count, mean, size)
        for count in (3, 4)
    ]
    assert log_ratio_per_incident(mean, size, WEEKEND_RISE) == pytest.approx(ratio[1] - ratio[0])


@pytest.mark.parametrize(("detector", "n_weeks"), [("weekend", 200), ("four_weekends", 60)])
def test_clean_windows_exceed_their_limit_as_rarely_as_the_budget_says(detector: str, n_weeks: int) -> None:
    level = window_level(LOOSE, detector, 1)
    windows = score_windows(judged(n_weeks), Togetherness(same_night=0.25), LOOSE, detectors=(detector,))
    assert windows["is_exceedance"].to_numpy().mean() < level + 3.5 * np.sqrt(4 * level / windows.height)


def test_independence_would_have_cried_wolf() -> None:
    together, apart = (
        score_windows(judged(1), Togetherness(rho, 0.0, 0.0), LOOSE, detectors=("weekend",))["limit"][0]
        for rho in (0.25, 0.0)
    )
    assert together > apart


def test_clean_draws_count_what_their_hidden_scores_say() -> None:
    """A plain look-up: a hidden score stands for the count whose probability it exceeds."""
    window = next(w for w in _windows(judged(1)) if w.detector == "weekend")
    scores, sums = _Draws(Togetherness(), np.random.default_rng(4)).scores_and_sums(window)
    correlation = window.correlation(Togetherness())
    hidden = np.linalg.cholesky(correlation) @ np.random.default_rng(4).standard_normal(
        (window.rows.height, N_DRAWS)
    )
    counts = nb.quantile(norm.cdf(hidden), window.cells.mean[:, None], SIZE)
    assert scores == pytest.approx(window.weight @ counts)
    assert sums == pytest.approx(counts.sum(axis=0))


def test_a_doubled_weekend_is_seen_when_no_single_night_is() -> None:
    rows = judged(1).with_columns(n_incidents=pl.col("expected").round().cast(pl.Int64) * 2)
    bands = [
        "centre_code",
        "source",
        "evening",
        "expected",
        "dispersion",
        "alert_level",
        "alert_limit",
        "rule",
    ]
    rows = judge_nights(rows.select(bands), as_counts(rows), LOOSE.gamma)
    assert set(rows["verdict"]) == {"within"}
    windows = score_windows(rows, Togetherness(), LOOSE)
    assert windows.filter(detector="weekend")["is_exceedance"].to_list() == [True]
    assert windows.filter(detector="night")["is_exceedance"].to_list() == [False] * 3


def test_a_persistent_rise_is_seen_over_four_weekends() -> None:
    windows = score_windows(judged(12, rise=1.8), Togetherness(), BandSettings())
    assert windows.filter(detector="four_weekends")["is_exceedance"].to_numpy().mean() > 0.5


def test_a_night_exceeds_exactly_when_one_of_its_counts_is_above() -> None:
    rows = judged(40, rise=2.0)
    nights = score_windows(rows, Togetherness(), BandSettings(), detectors=("night",))
    assert (nights["is_exceedance"] == (nights["score"] >= nights["limit"])).all()
    assert nights["is_exceedance"].sum() > 0


def test_unknown_nights_leave_the_window_and_do_not_count_as_quiet() -> None:
    rows = judged(1)
    known = score_windows(rows, Togetherness(), LOOSE, detectors=("weekend",))
    is_gap = (pl.col("source") == "police") & (pl.col("evening") == FRIDAY)
    gap = rows.with_columns(verdict=pl.when(is_gap).then(pl.lit("unknown")).otherwise("verdict"))
    partly = score_windows(gap, Togetherness(), LOOSE, detectors=("weekend",))
    assert partly["limit"][0] < known["limit"][0]
    nothing = rows.with_columns(verdict=pl.lit("unknown"))
    assert score_windows(nothing, Togetherness(), LOOSE).is_empty()


def test_four_weekends_need_four_weekends_in_a_row() -> None:
    rows = judged(6).filter(pl.col("evening") != FRIDAY)
    missing = rows.filter(
        ~pl.col("evening").is_between(FRIDAY + timedelta(days=14), FRIDAY + timedelta(days=17))
    )
    assert score_windows(missing, Togetherness(), LOOSE, detectors=("four_weekends",)).is_empty()
    assert score_windows(rows, Togetherness(), LOOSE, detectors=("four_weekends",)).height == 3


def path_probability(path: Paths, final: np.ndarray) -> np.ndarray:
    """Return the probability of one night's path for each final count: one look after the other."""
    total, before, share_before = np.ones(len(final)), 0.0, 0.0
    for n, share in zip(path.seen[0], path.share[0], strict=True):
        hazard = (share - share_before) / (1 - share_before)
        if path.in_lots[0]:
            c = path.clumping[0]
            total = total * betabinom.pmf(n - before, final - before, hazard * c, (1 - hazard) * c)
        else:
            total = total * binom.pmf(n - before, final - before, hazard)
        before, share_before = n, share
    return np.nan_to_num(total)


def enumerated(cells: Cells, weight: np.ndarray, limit: float, rho: float) -> float:
    """Add up every pair of final counts: their probability together, and that of what is in of each."""
    top = 60
    step = [
        ndtri(np.clip(nb.tail_probability(np.arange(top + 1), m, r), 0, 1))
        for m, r in zip(cells.mean, cells.size, strict=True)
    ]
    corner = multivariate_normal(cov=[[1.0, rho], [rho, 1.0]])
    grid = np.stack(np.broadcast_arrays(step[0][:, None], step[1][None, :]), axis=-1).clip(-30, 30)
    beyond = np.array(corner.cdf(grid.reshape(-1, 2))).reshape(top + 1, top + 1)
    together = beyond[:-1, :-1] - beyond[1:, :-1] - beyond[:-1, 1:] + beyond[1:, 1:]
    final = np.arange(top)
    seen = [path_probability(cells.paths.at(np.array([cell])), final) for cell in range(2)]
    posterior = together * seen[0][:, None] * seen[1][None, :]
    is_above = weight[0] * final[:, None] + weight[1] * final[None, :] > limit
    return float(posterior[is_above].sum() / posterior.sum())


@pytest.mark.parametrize("clumping", [INDEPENDENT, 3.0])
@pytest.mark.parametrize("seen", [(2.0, 1.0), (5.0, 4.0), (7.0, 0.0)])
def test_the_chance_of_two_cells_is_that_of_adding_up_all_their_final_counts(
    seen: tuple[float, float], clumping: float
) -> None:
    """Where records come in lots, all that were in on the first of two looks were in at once."""
    paths = Paths(
        np.array([clumping, clumping]),
        np.array([[seen[0], seen[0]], [0.0, seen[1]]]),
        np.array([[0.4, 0.6], [0.5, 0.8]]),
    )
    cells = Cells(
        np.array(seen),
        np.array([2.0, 1.0]),
        np.array([6.0, 4.0]),
        Filling(np.array([0.6, 0.8]), np.ones(2)),
        paths,
    )
    weight, limit, rho = np.array([0.5, 0.6]), 4.0, 0.4
    final, likely = draw_finals(cells, np.array([[1.0, rho], [rho, 1.0]]), 200_000, np.random.default_rng(2))
    drawn = float(likely[final @ weight > limit].sum())
    assert drawn == pytest.approx(enumerated(cells, weight, limit, rho), abs=0.006)


def test_a_window_that_fills_is_judged_by_how_it_will_end() -> None:
    """The same counts: of half of the reports they are far too many, of all of them they are not."""
    rows = judged(1, rise=1.4, seed=11)
    half = rows.with_columns(known_share=pl.lit(0.5))
    chance = [
        score_windows(r, Togetherness(), LOOSE, detectors=("weekend",))["stands_chance"][0]
        for r in (rows, half)
    ]
    assert chance[0] == 0.0
    assert chance[1] > 0.3


def test_a_window_keeps_the_limit_of_its_first_look_while_as_many_nights_are_known() -> None:
    rows = judged(1)
    first = score_windows(rows, Togetherness(0.25, 0.1, 0.1), LOOSE, detectors=("weekend",))
    [(centre, evening, last, detector, _, limit, *_, n_nights)] = first.rows()
    limits = {(centre, detector, evening, last, n_nights): limit}
    moved = Togetherness(0.4, 0.3, 0.3)
    anew, again = (
        score_windows(rows, moved, LOOSE, detectors=("weekend",), limits=kept)["limit"][0]
        for kept in (None, limits)
    )
    assert anew != limit
    assert again == limit
    is_gap = (pl.col("source") == "police") & (pl.col("evening") == FRIDAY)
    gap = rows.with_columns(verdict=pl.when(is_gap).then(pl.lit("unknown")).otherwise("verdict"))
    fewer = score_windows(gap, moved, LOOSE, detectors=("weekend",), limits=limits)
    assert fewer["n_nights"][0] == n_nights - 1
    assert fewer["limit"][0] != limit


def test_a_weekend_is_above_from_its_own_gamma_on() -> None:
    half = judged(1, rise=1.4, seed=11).with_columns(known_share=pl.lit(0.5))
    chance = score_windows(half, Togetherness(), LOOSE, detectors=("weekend",))["stands_chance"][0]
    above = [
        score_windows(half, Togetherness(), replace(LOOSE, gamma_of_windows=gamma), detectors=("weekend",))[
            "is_exceedance"
        ][0]
        for gamma in (chance - 0.01, chance + 0.01)
    ]
    assert above == [True, False]


def test_a_window_with_few_incidents_is_no_alert_and_leaves_its_budget_to_others() -> None:
    rows = pl.concat([judged(1).with_columns(centre_code=pl.lit(c)) for c in ("ashford", "bexley")])
    small = pl.col("centre_code") == "bexley"
    rows = rows.with_columns(
        expected=pl.when(small).then(0.02).otherwise("expected"),
        n_incidents=pl.when(small).then(1).otherwise("n_incidents"),
    )
    least = replace(LOOSE, least_sum={"weekend": 10})
    plain, bounded = (
        score_windows(rows, Togetherness(), s, detectors=("weekend",)).sort("centre_code")
        for s in (LOOSE, least)
    )
    assert plain["is_exceedance"].to_list() == [False, True]
    assert bounded["is_exceedance"].to_list() == [False, False]
    assert bounded["limit"][0] < plain["limit"][0]
