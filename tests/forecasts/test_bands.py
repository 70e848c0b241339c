"""What the bands promise, on a small area whose truth is known."""

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forecasts.curve import surges
from forecasts.issuing import limits
from forecasts.issuing.bands import BAND_SCHEMA, issue_bands
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from tests.forecasts.small_area import FIRST, SmallArea, simulate, weekend

WEEK = weekend(100)
SETTINGS = BandSettings()


@pytest.fixture(scope="module")
def bands(small_area: SmallArea) -> pl.DataFrame:
    return small_area.issue(WEEK)


def against_truth(area: SmallArea, bands: pl.DataFrame) -> pl.DataFrame:
    return bands.join(area.truth, on=["evening", "centre_code", "source"])


def test_every_night_centre_and_source_has_one_band(bands: pl.DataFrame) -> None:
    assert dict(bands.schema) == BAND_SCHEMA
    assert bands.height == 3 * 3 * 2
    assert not bands.select("evening", "centre_code", "source").is_duplicated().any()
    assert bands.null_count().sum_horizontal().item() == 0


def test_the_expectation_is_near_the_truth(small_area: SmallArea, bands: pl.DataFrame) -> None:
    rows = against_truth(small_area, bands)
    assert rows["expected"].sum() == pytest.approx(rows["mean"].sum(), rel=0.12)
    assert (rows["expected"] / rows["mean"]).is_between(0.6, 1.7).all()


def test_the_band_encloses_the_expectation(bands: pl.DataFrame) -> None:
    ordered = (
        (bands["lower"] >= 0) & (bands["lower"] <= bands["expected"]) & (bands["expected"] <= bands["upper"])
    )
    assert ordered.all()


@pytest.mark.parametrize("seed", [4, 5])
def test_counts_that_scatter_strongly_are_not_taken_for_surges(seed: int) -> None:
    """Lucky nights left out of the learning would leave bands too narrow and too low."""
    area = simulate(seed, level=2.0, size=1.5)
    with pytest.MonkeyPatch.context() as patch:
        found = _surges_found(patch)
        area.issue(WEEK)
    assert len(found) > 1
    assert max(share.mean() for share in found) < 0.012


def _surges_found(patch: pytest.MonkeyPatch) -> list[NDArray[np.float64]]:
    found: list[NDArray[np.float64]] = []
    probability = surges.surge_probability

    def seen(*inputs: NDArray[Any]) -> NDArray[np.float64]:
        found.append(probability(*inputs))
        return found[-1]

    patch.setattr(surges, "surge_probability", seen)
    return found


def test_single_nights_stay_within_their_part_of_the_budget(bands: pl.DataFrame) -> None:
    alarms = nb.tail_probability(bands["alert_limit"] + 1, bands["expected"], bands["dispersion"]).sum()
    assert 0 < alarms <= SETTINGS.night_budget(7)
    assert (bands["alert_limit"] >= bands["expected"]).all()


def test_the_limit_of_a_complete_night_is_the_one_that_was_issued(bands: pl.DataFrame) -> None:
    """A limit is found anew when a night is judged; the level lies just below where some limit would fall."""
    judged = nb.limit(bands["alert_level"], bands["expected"], bands["dispersion"])
    assert judged.tolist() == bands["alert_limit"].to_list()


def test_the_stated_rise_would_be_seen_with_the_stated_probability(bands: pl.DataFrame) -> None:
    raised = bands["expected"] * bands["detectable_ratio"]
    seen = nb.tail_probability(bands["alert_limit"] + 1, raised, bands["dispersion"])
    assert seen == pytest.approx(np.full(bands.height, SETTINGS.detection_power), abs=1e-3)


def test_a_band_says_what_it_was_trained_on(small_area: SmallArea, bands: pl.DataFrame) -> None:
    assert bands["n_training_nights"].unique().to_list() == [(WEEK[0] - FIRST).days]
    assert bands["trained_to"].unique().to_list() == [WEEK[0] - timedelta(days=1)]
    assert bands["model_version"].n_unique() == 1


def test_the_same_history_gives_the_same_bands(small_area: SmallArea, bands: pl.DataFrame) -> None:
    shuffled = small_area.with_history(small_area.history.sample(fraction=1.0, shuffle=True, seed=1))
    assert shuffled.issue(WEEK).equals(bands)


def test_an_uncovered_night_is_unknown_and_not_a_quiet_one(
    small_area: SmallArea, bands: pl.DataFrame
) -> None:
    is_gap = (pl.col("evening") >= WEEK[0] - timedelta(days=60)) & (pl.col("source") == "police")
    gap = small_area.history.with_columns(
        is_covered=~is_gap, n_incidents=pl.when(is_gap).then(None).otherwise("n_incidents")
    )
    with_gap = small_area.with_history(gap).issue(WEEK).filter(pl.col("source") == "police")
    whole = bands.filter(pl.col("source") == "police")
    assert with_gap["expected"].sum() == pytest.approx(whole["expected"].sum(), rel=0.15)


def test_a_count_on_an_uncovered_night_is_not_read(small_area: SmallArea) -> None:
    is_gap = pl.col("evening").is_between(WEEK[0] - timedelta(days=9), WEEK[0] - timedelta(days=5))
    gap = small_area.history.with_columns(is_covered=~is_gap)
    absurd = gap.with_columns(n_incidents=pl.when(is_gap).then(900).otherwise("n_incidents"))
    assert small_area.with_history(absurd).issue(WEEK).equals(small_area.with_history(gap).issue(WEEK))


def test_a_source_that_never_covers_a_centre_gets_no_band_there(small_area: SmallArea) -> None:
    is_structural = (pl.col("centre_code") == "brook") & (pl.col("source") == "ambulance")
    silent = small_area.history.with_columns(
        is_covered=~is_structural, n_incidents=pl.when(is_structural).then(None).otherwise("n_incidents")
    )
    issued = small_area.with_history(silent).issue(WEEK)
    assert issued.filter(is_structural).is_empty()
    assert issued.height == 3 * 5


def test_late_reports_are_made_up_for(small_area: SmallArea, bands: pl.DataFrame) -> None:
    """Only half of the last four weeks is known yet, and said to be so."""
    is_young = pl.col("evening") >= WEEK[0] - timedelta(days=28)
    half = small_area.history.with_columns(
        n_incidents=pl.when(is_young).then(pl.col("n_incidents") // 2).otherwise("n_incidents"),
        known_share=pl.when(is_young).then(0.4).otherwise(1.0),
    )
    issued = small_area.with_history(half).issue(WEEK)
    assert issued["expected"].sum() == pytest.approx(bands["expected"].sum(), rel=0.1)


def test_an_announced_recording_change_is_followed_within_five_weeks() -> None:
    area = simulate(11, step_evening=weekend(90)[0] - timedelta(days=4), step=1.5)
    rows = against_truth(area, area.issue(weekend(96))).filter(pl.col("source") == "police")
    assert rows["expected"].sum() == pytest.approx(rows["mean"].sum(), rel=0.15)


def test_before_a_change_is_seen_the_band_is_wider() -> None:
    change = weekend(95)[0] - timedelta(days=4)
    announced, silent = (simulate(11, step_evening=change, is_announced=known) for known in (True, False))
    is_police = pl.col("source") == "police"
    wide, usual = (area.issue(weekend(95)).filter(is_police) for area in (announced, silent))
    assert (wide["dispersion"] < usual["dispersion"]).all()


def test_an_unannounced_change_is_followed_within_eight_weeks() -> None:
    area = simulate(12, step_evening=weekend(90)[0] - timedelta(days=4), step=0.55, is_announced=False)
    rows = against_truth(area, area.issue(weekend(98))).filter(pl.col("source") == "police")
    assert rows["expected"].sum() == pytest.approx(rows["mean"].sum(), rel=0.2)


def test_a_single_wild_night_does_not_move_the_level(small_area: SmallArea, bands: pl.DataFrame) -> None:
    is_wild = (pl.col("evening") == weekend(99)[1]) & (pl.col("centre_code") == "ashford")
    wild = small_area.history.with_columns(
        n_incidents=pl.when(is_wild).then(pl.col("n_incidents") * 3 + 15).otherwise("n_incidents")
    )
    issued = small_area.with_history(wild).issue(WEEK)
    assert issued["expected"].sum() == pytest.approx(bands["expected"].sum(), rel=0.04)


def test_a_history_too_short_to_know_gets_no_band(small_area: SmallArea) -> None:
    nights = weekend(3)
    short = small_area.history.filter(pl.col("evening") < nights[0], pl.col("evening").dt.weekday() == 5)
    assert small_area.with_history(short).issue(nights).is_empty()


def test_an_area_that_was_mostly_uncovered_still_gets_a_sober_band(small_area: SmallArea) -> None:
    """The one busy centre was first covered six weeks ago: before, most of the area was unknown."""
    is_unknown = (pl.col("centre_code") == "ashford") & (pl.col("evening") < WEEK[0] - timedelta(days=40))
    late = small_area.with_history(small_area.history.with_columns(is_covered=~is_unknown))
    rows = against_truth(late, late.issue(WEEK))
    assert rows["expected"].sum() == pytest.approx(rows["mean"].sum(), rel=0.35)


def test_no_nights_no_bands(small_area: SmallArea) -> None:
    issued = issue_bands(
        small_area.history,
        [],
        small_area.calendar,
        small_area.centres,
        small_area.recording_changes,
        SETTINGS,
    )
    assert issued.is_empty()
    assert dict(issued.schema) == BAND_SCHEMA


def test_an_empty_history_is_refused_with_the_next_action(small_area: SmallArea) -> None:
    with pytest.raises(ValueError, match="load the history"):
        small_area.with_history(small_area.history.clear()).issue(WEEK)


@hypothesis_settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), level=st.sampled_from([0.01, 0.1, 1.0, 20.0]), n_weeks=st.integers(6, 60))
def test_the_promises_hold_for_any_history(seed: int, level: float, n_weeks: int) -> None:
    issued = simulate(seed, level=level).issue(weekend(n_weeks))
    assert ((issued["lower"] >= 0) & (issued["lower"] <= issued["expected"])).all()
    assert (issued["expected"] <= issued["upper"]).all()
    assert issued["expected"].is_finite().all()
    assert issued["dispersion"].is_finite().all()
    assert (issued["alert_limit"] >= 0).all()
    alarms = nb.tail_probability(issued["alert_limit"] + 1, issued["expected"], issued["dispersion"]).sum()
    assert alarms <= SETTINGS.night_budget(7)


def test_the_level_of_a_tiny_area_is_bounded() -> None:
    level = limits.alert_level(
        np.array([0.5]), np.array([20.0]), np.array([0.0]), np.array([True]), budget=5.0
    )
    assert level == pytest.approx(limits.MAX_LEVEL, rel=1e-6)


def test_importing_the_bands_does_not_import_prophet() -> None:
    import subprocess
    import sys

    code = "import sys, forecasts.issuing.bands; sys.exit('prophet' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
