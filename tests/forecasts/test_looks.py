"""The chance that an alert about a filling night stands, and what all looks at it cost, against clean draws."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from forecasts.issuing import limits, looks
from forecasts.judging.nights import MIN_SHARE_KNOWN
from forecasts.judging.standing import chance_to_stand, greatest_quiet
from forecasts.known.coming import INDEPENDENT
from forecasts.known.completeness import Filling
from nte import negative_binomial as nb
from tests.forecasts.small_area import SmallArea, weekend

N_DRAWS = 200_000
BUDGET, GAMMA = 0.1, 0.75
FILLING = pl.DataFrame(
    [("police", 1, 0.5), ("police", 3, 0.75), ("police", 14, 1.0), ("emas", 1, 0.8), ("emas", 7, 1.0)],
    schema=["source", "age_days", "known_share"],
    orient="row",
).with_columns(survival_share=pl.lit(1.0), clumping=pl.lit(1e6))


def one(value: float) -> np.ndarray:
    return np.array([value])


def night(mean: float, size: float, shares: list[float], least: float = 0.0) -> looks.Nights:
    known = np.array([shares])
    return looks.Nights(
        one(mean), one(size), one(least), Filling(known, np.ones_like(known)), one(INDEPENDENT)
    )


@pytest.mark.parametrize("survival", [1.0, 0.9])
@pytest.mark.parametrize(("mean", "size", "known"), [(2.0, 6.0, 0.6), (0.3, 2.0, 0.4), (9.0, 40.0, 0.85)])
def test_the_chance_is_the_share_of_such_nights_that_end_above_their_limit(
    mean: float, size: float, known: float, survival: float
) -> None:
    """Nights with withdrawn records too: each comes early or late, stays or goes, by itself."""
    random = np.random.default_rng(5)
    rate = random.gamma(size, mean / size, 5 * N_DRAWS)
    early = random.poisson(rate * known * survival)
    count = early + random.poisson(rate * known * (1 - survival))
    final, limit = early + random.poisson(rate * (1 - known * survival)), np.ceil(2 * mean) + 1
    filling = Filling(one(known), one(survival))
    for seen in np.flatnonzero(np.bincount(count) > 2_000):
        stood = (final > limit)[count == seen]
        chance = chance_to_stand(one(float(seen)), limit, mean, size, filling)[0]
        error = np.sqrt(max(chance * (1 - chance), 1e-4) / len(stood))
        assert chance == pytest.approx(stood.mean(), abs=4.5 * error)


def test_a_night_above_its_limit_stands_unless_records_can_go() -> None:
    seen, limit = one(10), one(9)
    assert chance_to_stand(seen, limit, 3.0, 9.0, Filling(one(0.4), one(1.0)))[0] == 1.0
    all_in = Filling(one(1 / 0.9), one(0.9))
    assert chance_to_stand(seen, limit, 3.0, 9.0, all_in)[0] == pytest.approx(0.9**10)


def test_the_greatest_quiet_count_is_the_last_below_gamma() -> None:
    count = np.arange(40.0)
    for known, survival, limit in ((0.3, 1.0, 6.0), (0.7, 0.95, 12.0), (1.0, 1.0, 4.0), (1.0, 0.8, 9.0)):
        filling = Filling(np.full(40, known), np.full(40, survival))
        chance = chance_to_stand(count, limit, 2.5, 5.0, filling)
        quiet = greatest_quiet(one(limit), 2.5, 5.0, Filling(one(known), one(survival)), GAMMA)[0]
        assert quiet == np.flatnonzero(chance < GAMMA).max()


def alarms_of_draws(mean: float, size: float, shares: list[float], level: float) -> tuple[float, float]:
    """Draw nights that fill as `shares` say; return the share with an alarm at any look, and its standard error."""
    random = np.random.default_rng(4)
    rate = random.gamma(size, mean / size, N_DRAWS)
    known, before, alarmed = np.zeros(N_DRAWS), 0.0, np.zeros(N_DRAWS, dtype=bool)
    limit = nb.limit(level, mean, size)
    for share in shares:
        known += random.poisson(rate * (share - before))
        chance = chance_to_stand(known, limit, mean, size, Filling(one(share), one(1.0)))
        alarmed |= (chance >= GAMMA) & (share >= MIN_SHARE_KNOWN)
        before = share
    share = float(alarmed.mean())
    return share, float(np.sqrt(share * (1 - share) / N_DRAWS))


@pytest.mark.parametrize(("mean", "size"), [(0.2, 3.0), (1.5, 12.0), (8.0, 40.0)])
@pytest.mark.parametrize("shares", [[1.0], [0.5, 0.7, 0.9, 1.0], [0.02, 0.8, 0.8, 0.95]])
def test_the_probability_of_any_alarm_is_that_of_clean_draws(
    mean: float, size: float, shares: list[float]
) -> None:
    drawn, error = alarms_of_draws(mean, size, shares, level=0.02)
    exact = looks.any_look_probability(night(mean, size, shares), 0.02, GAMMA)[0]
    assert exact == pytest.approx(drawn, abs=4 * error)


@pytest.mark.parametrize("n_looks", [1, 4, 40])
def test_looking_more_often_costs_at_most_what_gamma_allows(n_looks: int) -> None:
    shares = np.linspace(1 / n_looks, 1.0, n_looks).tolist()
    for mean in (0.3, 2.0, 9.0):
        own = night(mean, 8.0, shares)
        final = nb.tail_probability(nb.limit(0.004, mean, 8.0) + 1, mean, 8.0)
        any_look = looks.any_look_probability(own, 0.004, GAMMA)[0]
        assert final - 1e-12 <= any_look <= final / GAMMA


def test_one_look_at_complete_nights_costs_what_the_limit_says() -> None:
    mean, size = np.array([0.3, 2.0, 9.0]), np.array([10.0, 10.0, 50.0])
    own = looks.Nights(
        mean, size, np.zeros(3), Filling(np.ones((3, 1)), np.ones((3, 1))), np.full(3, INDEPENDENT)
    )
    any_look = looks.any_look_probability(own, 0.01, GAMMA)
    assert any_look == pytest.approx(nb.tail_probability(nb.limit(0.01, mean, size) + 1, mean, size))


@dataclass(frozen=True)
class Area:
    """Judged nights of an area, every one seen at all looks."""

    nights: looks.Nights

    @property
    def is_judged(self) -> np.ndarray:
        return np.ones(len(self.nights.mean), dtype=bool)

    def alarms(self, level: float) -> float:
        return float(looks.any_look_probability(self.nights, level, GAMMA).sum())

    def level(self) -> float:
        return looks.alert_level(self.nights, self.is_judged, BUDGET, GAMMA)


def area_of(n: int, least: float = 0.0) -> Area:
    random = np.random.default_rng(8)
    sources = np.array([i % 2 for i in range(n)])
    filling = looks.filling_at_looks(FILLING, ["emas", "police"]).at(sources)
    mean = np.exp(random.normal(-0.5, 1.0, n))
    return Area(looks.Nights(mean, np.full(n, 12.0), np.full(n, least), filling, np.full(n, INDEPENDENT)))


def test_all_looks_at_all_nights_stay_within_the_budget_and_spend_it() -> None:
    area = area_of(150)
    assert 0.9 * BUDGET < area.alarms(area.level()) <= BUDGET


def test_where_nights_are_many_a_part_of_them_stands_for_all() -> None:
    area = area_of(3 * looks.MOST_NIGHTS)
    assert area.alarms(area.level()) == pytest.approx(BUDGET, rel=0.15)


def test_what_small_nights_leave_of_the_budget_goes_to_larger_ones() -> None:
    whole, larger = area_of(150), area_of(150, least=4.0)
    assert larger.level() > whole.level()
    assert 0.9 * BUDGET < larger.alarms(larger.level()) <= BUDGET
    limit = limits.night_limit(larger.level(), larger.nights.mean, larger.nights.size, larger.nights.least)
    assert limit.min() == 4.0


def test_a_young_night_is_looked_at_as_it_fills() -> None:
    known = looks.filling_at_looks(FILLING, ["police"]).known[0]
    assert len(known) == len(looks.LOOK_AGES)
    assert (known[0], known[2]) == (pytest.approx(0.5), pytest.approx(0.75))
    assert (np.diff(known) >= 0).all()


def test_bands_of_nights_that_fill_have_the_visible_band_of_complete_ones(small_area: SmallArea) -> None:
    week = weekend(100)
    filling = small_area.issue(week, FILLING)
    assert filling["upper"].to_list() == small_area.issue(week)["upper"].to_list()
    assert set(filling["rule"]) == {"stands"}
