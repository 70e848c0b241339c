"""How often any of several looks at a filling night alarms by chance, against clean draws that fill the same way."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import pytest

from forecasts.issuing import limits, looks
from forecasts.judging.mornings import SCORED_AGES, settings_of_a_look
from forecasts.judging.nights import MIN_SHARE_KNOWN
from forecasts.judging.windows import log_ratio_per_incident
from forecasts.known.area_inputs import band_settings
from nte import negative_binomial as nb
from nte.detectors import WINDOWS
from nte.words import Detector
from tests.areas import derbyshire
from tests.forecasts.small_area import SmallArea, weekend

AREA = derbyshire()
N_DRAWS = 200_000
BUDGET = 0.1
FILLING = pl.DataFrame(
    [("police", 1, 0.5), ("police", 3, 0.75), ("police", 14, 1.0), ("emas", 1, 0.8), ("emas", 7, 1.0)],
    schema=["source", "age_days", "known_share"],
    orient="row",
)


def alarms_of_draws(mean: float, size: float, shares: list[float], level: float) -> tuple[float, float]:
    """Draw nights that fill as `shares` say; return the share with an alarm at any look, and its standard error."""
    random = np.random.default_rng(4)
    rate = random.gamma(size, mean / size, N_DRAWS)
    known, before, alarmed = np.zeros(N_DRAWS), 0.0, np.zeros(N_DRAWS, dtype=bool)
    for share in shares:
        known += random.poisson(rate * (share - before))
        alarmed |= (known > nb.limit(level, mean * share, size)) & (share >= MIN_SHARE_KNOWN)
        before = share
    share = float(alarmed.mean())
    return share, float(np.sqrt(share * (1 - share) / N_DRAWS))


@pytest.mark.parametrize(("mean", "size"), [(0.2, 3.0), (1.5, 12.0), (8.0, 40.0)])
@pytest.mark.parametrize("shares", [[1.0], [0.5, 0.7, 0.9, 1.0], [0.02, 0.8, 0.8, 1.0]])
def test_the_probability_of_any_alarm_is_that_of_clean_draws(
    mean: float, size: float, shares: list[float]
) -> None:
    drawn, error = alarms_of_draws(mean, size, shares, level=0.02)
    exact = looks.any_look_probability(np.array([mean]), np.array([size]), np.array([shares]), 0.02)[0]
    assert exact == pytest.approx(drawn, abs=4 * error)


def test_one_look_at_complete_nights_costs_what_the_limit_says() -> None:
    mean, size = np.array([0.3, 2.0, 9.0]), np.array([10.0, 10.0, 50.0])
    any_look = looks.any_look_probability(mean, size, np.ones((3, 1)), 0.01)
    assert any_look == pytest.approx(nb.tail_probability(nb.limit(0.01, mean, size) + 1, mean, size))


@dataclass(frozen=True)
class Nights:
    """Judged nights of an area, every one seen at all looks."""

    mean: np.ndarray
    size: np.ndarray
    shares: np.ndarray

    def alarms(self, level: float) -> float:
        return float(looks.any_look_probability(self.mean, self.size, self.shares, level).sum())

    def level(self) -> float:
        is_judged = np.ones(len(self.mean), dtype=bool)
        return looks.alert_level(self.mean, self.size, self.shares, is_judged, BUDGET)


def nights(n: int) -> Nights:
    random = np.random.default_rng(8)
    at_looks = looks.shares_at_looks(FILLING, ["police", "emas"])
    mean = np.exp(random.normal(-0.5, 1.0, n))
    return Nights(
        mean, np.full(n, 12.0), np.stack([at_looks["police" if i % 2 else "emas"] for i in range(n)])
    )


def test_all_looks_at_all_nights_stay_within_the_budget() -> None:
    area = nights(150)
    whole = limits.alert_level(area.mean, area.size, np.ones(150, dtype=bool), BUDGET)
    assert area.alarms(whole) > 1.4 * BUDGET
    assert 0.9 * BUDGET < area.alarms(area.level()) <= BUDGET


def test_where_nights_are_many_a_part_of_them_stands_for_all() -> None:
    area = nights(3 * looks.MOST_NIGHTS)
    assert area.alarms(area.level()) == pytest.approx(BUDGET, rel=0.15)


def test_a_young_night_is_looked_at_as_it_fills() -> None:
    shares = looks.shares_at_looks(FILLING, ["police"])["police"]
    assert len(shares) == len(looks.LOOK_AGES)
    assert (shares[0], shares[2]) == (pytest.approx(0.5), pytest.approx(0.75))
    assert (np.diff(shares) >= 0).all()


def test_bands_of_nights_that_fill_alert_later_than_of_complete_ones(small_area: SmallArea) -> None:
    week = weekend(100)
    filling = small_area.issue(week, FILLING)
    assert (filling["alert_level"] < small_area.issue(week)["alert_level"]).all()
    assert filling["upper"].to_list() == small_area.issue(week)["upper"].to_list()


@pytest.mark.parametrize(
    ("n_weekends", "rise", "looks_worth"), [(w.n_weekends, w.rise, w.looks_worth) for w in WINDOWS]
)
def test_the_looks_at_a_window_are_worth_what_is_charged_for_them(
    n_weekends: int, rise: float, looks_worth: float
) -> None:
    level, random = 0.003, np.random.default_rng(6)
    scores = np.zeros((len(SCORED_AGES), N_DRAWS))
    for source in AREA.sources.values():
        ages, shares = [0, *source.completeness_prior], [0.0, *source.completeness_prior.values()]
        for days_before in [7 * week + day for week in range(n_weekends) for day in range(3)]:
            rate, known, before = random.gamma(15.0, 0.8 / 15.0, N_DRAWS), np.zeros(N_DRAWS), 0.0
            for place, age in enumerate(SCORED_AGES):
                share = float(np.interp(age + days_before, ages, shares))
                known += random.poisson(rate * (share - before))
                weight = log_ratio_per_incident(np.array([0.8 * share]), np.array([15.0]), rise)
                scores[place] += weight * known
                before = share
    above = scores > np.quantile(scores, 1 - level, axis=1, keepdims=True)
    assert above.any(axis=0).mean() / level == pytest.approx(looks_worth, rel=0.12)


def test_a_look_at_a_window_spends_its_part_of_the_budget() -> None:
    whole, look = band_settings(AREA), settings_of_a_look(AREA)
    for window in WINDOWS:
        part = look.budget_shares[window.detector] * window.looks_worth
        assert part == pytest.approx(whole.budget_shares[window.detector])
    assert look.budget_shares[Detector.NIGHT] == whole.budget_shares[Detector.NIGHT]
    assert date(2026, 1, 2).isoweekday() in look.judged_weekdays
