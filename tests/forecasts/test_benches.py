"""What the forecast is measured with: hard areas, baselines, and the exact weekend detector."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench import issue_at_scale, weekend_oracle
from bench.forecasts import baselines, scores
from bench.forecasts.scenarios import FIRST_TEST, N_CENTRES, SCENARIOS, write_scenario
from bench.forecasts.truth import N_COUNTS, alarm_rate, tails
from forecasts.backtest.panel_files import read_panel
from forecasts.judging.togetherness import Togetherness
from nte import negative_binomial as nb


def test_a_scenario_is_a_panel_with_a_truth_that_its_counts_follow(tmp_path: Path) -> None:
    write_scenario(SCENARIOS["new_centres"], 5, tmp_path)
    panel = read_panel(tmp_path)
    truth = pl.read_csv(tmp_path / "truth.csv", schema_overrides={"night": pl.Date}).rename(
        {"night": "evening", "centre": "centre_code"}
    )
    rows = panel.counts.join(truth, on=["evening", "centre_code", "source"]).filter("is_covered")
    # Surges add about one night in a hundred.
    assert rows["n_incidents"].sum() == pytest.approx(rows["mu"].sum(), rel=0.05)
    first = panel.counts.filter("is_covered").group_by("centre_code").agg(pl.col("evening").min())
    is_young = first["evening"] > FIRST_TEST - timedelta(days=100)
    assert (is_young.sum(), first.height) == (3, N_CENTRES)


def test_the_same_seed_draws_the_same_scenario(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_scenario(replace(SCENARIOS["recording"], walk_sd=0.1), 3, tmp_path / folder)
    for file in (tmp_path / "one").glob("*.csv"):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name
    assert pl.read_csv(tmp_path / "one" / "recording_changes.csv").height == 3


def test_an_unlisted_closure_is_in_the_counts_and_not_in_the_calendar(tmp_path: Path) -> None:
    write_scenario(SCENARIOS["unlisted_closure"], 3, tmp_path)
    panel = read_panel(tmp_path)
    assert not any(name.startswith("closure") for name in panel.calendar.columns)
    centre = panel.counts.filter(pl.col("centre_code") == "c02").with_columns(
        is_closed=pl.col("evening").is_between(date(2025, 8, 4), date(2025, 11, 23))
    )
    usual = centre.group_by("is_closed").agg(pl.col("n_incidents").mean()).sort("is_closed")["n_incidents"]
    assert usual[1] < 0.4 * usual[0]


def test_the_regression_finds_week_and_event() -> None:
    random = np.random.default_rng(1)
    evenings = [date(2023, 1, 2) + timedelta(days=n) for n in range(728)]
    match = [int(n % 30 == 0) for n in range(728)]
    mean = np.where(np.arange(728) % 7 == 5, 6.0, 2.0) * np.where(match, 2.0, 1.0)
    history = pl.DataFrame(
        {
            "evening": evenings,
            "centre_code": "a",
            "source": "police",
            "n_incidents": random.negative_binomial(10, 10 / (10 + mean)),
            "is_covered": True,
        }
    )
    calendar = pl.DataFrame({"evening": evenings, "match": match})
    foretold = baselines.count_regression(history, calendar, evenings)
    ratio = foretold["mean"].to_numpy() / mean
    assert ratio[np.array(match, dtype=bool)].mean() == pytest.approx(1.0, abs=0.15)
    assert ratio.mean() == pytest.approx(1.0, abs=0.05)
    assert 5.0 < foretold["size"][0] < 30.0


def test_the_exact_detector_is_not_beaten_and_ours_comes_near_it_when_it_knows_as_much() -> None:
    nights = _truth_as_forecast(factor=1.0)
    ours, exact, clean = weekend_oracle.compare(nights, Togetherness(0.2, 0.0, 0.0))
    assert 0.93 < ours / exact < 1.03
    assert clean == pytest.approx(0.01, abs=0.004)


def test_a_forecast_that_is_too_low_alarms_too_often_on_clean_weekends() -> None:
    _, _, clean = weekend_oracle.compare(_truth_as_forecast(factor=0.7), Togetherness(0.2, 0.0, 0.0))
    assert clean > 0.02


def _truth_as_forecast(factor: float) -> pl.DataFrame:
    rows = [
        (centre, friday, friday + timedelta(days=day), source, mu)
        for centre, mu in (("a", 4.0), ("b", 1.0))
        for friday in (date(2026, 1, 2), date(2026, 1, 9))
        for day in range(3)
        for source in ("ae", "emas", "police")
    ]
    nights = pl.DataFrame(rows, schema=["centre_code", "week", "evening", "source", "mu"], orient="row")
    return nights.with_columns(r=pl.lit(15.0), expected=factor * pl.col("mu"), dispersion=pl.lit(15.0))


def test_the_area_at_scale_has_a_count_for_every_night() -> None:
    history, calendar, centres = issue_at_scale.draw_area(5, 364)
    assert history.height == 5 * 3 * 364
    assert centres.height == 5
    assert calendar["evening"].sort()[-1] > history["evening"].sort()[-1]
    by_day = (
        history.group_by(pl.col("evening").dt.weekday()).agg(pl.col("n_incidents").mean()).sort("evening")
    )
    assert by_day["n_incidents"].arg_max() == 5


def test_no_count_of_a_panel_lies_beyond_the_ladder() -> None:
    busy = tails(np.array([40.0]), np.array([8.0]))
    assert alarm_rate(busy, busy, np.array([1e-6])) == pytest.approx([1e-6], rel=1e-6)
    assert nb.tail_probability(N_COUNTS, 40.0, 8.0) < 1e-6


def test_a_level_that_lies_beyond_the_ladder_is_met_at_its_end() -> None:
    wild = tails(np.array([90.0]), np.array([0.5]))
    assert alarm_rate(wild, wild, np.array([1e-4])) == pytest.approx(wild[:, -1])


def test_a_panel_with_delays_is_scored_as_it_is_judged_on_mondays(tmp_path: Path) -> None:
    folder = tmp_path / "panels" / "slow"
    shutil.copytree(scores.PANELS / "small", folder)
    nights = pl.read_csv(folder / "nights.csv")
    shares = {1: 0.6, 2: 0.8, 3: 0.9, 7: 1.0, 14: 1.0, 28: 1.0, 35: 1.0}
    so_far = {f"after_{age}_days": (pl.col("count") * share).round() for age, share in shares.items()}
    nights.select("centre", "source", "night", **so_far).cast({pl.Float64: pl.Int64}).write_csv(
        folder / "asof.csv"
    )
    scores.main([str(folder.parent), "--every", "30", "--alone", "--write", str(tmp_path)])
    written = pl.read_csv(tmp_path / "scores.csv")
    assert written["panel"].to_list() == ["slow", "slow, on Mondays"]
    assert written["false_alarm_percent"].is_between(0.3, 3.0).all()
    assert written["crps"].is_between(0.99, 1.2).all()
