"""The panel that comes with the benchmarks is what its script draws, and every method can be scored on it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench.forecasts import methods
from bench.forecasts.scores import PANELS
from bench.forecasts.truth import expected_pit, tails
from bench.panels import draw_small
from forecasts.backtest.panel_files import read_panel


def test_the_script_draws_the_bundled_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_small, "FOLDER", tmp_path)
    draw_small.main()
    for file in (PANELS / "small").glob("*.csv"):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_the_bundled_panel_is_small() -> None:
    assert sum(file.stat().st_size for file in PANELS.rglob("*.csv")) < 600_000


def test_every_forecast_night_has_a_truth() -> None:
    panel = read_panel(PANELS / "small")
    truth = pl.read_csv(PANELS / "small" / "truth.csv", schema_overrides={"night": pl.Date})
    assert set(truth["night"]) == set(panel.evenings)
    assert truth.height == len(panel.evenings) * len(draw_small.CENTRES) * len(draw_small.SOURCES)


def test_the_same_night_of_the_week_can_be_scored_on_it() -> None:
    panel = read_panel(PANELS / "small")
    scored = methods.climatology(panel, methods.all_mondays(panel)[:1])
    assert scored.rows.height == 3 * 12
    assert (scored.tails(scored.rows)[:, 0] == 1.0).all()


def test_the_truth_lies_evenly_in_its_own_tenths_and_a_narrow_band_does_not() -> None:
    mean = np.linspace(0.1, 8.0, 50)
    truth = tails(mean, np.full(50, 10.0))
    assert expected_pit(truth, truth) == pytest.approx(np.full(10, 0.1), abs=1e-9)
    narrow = expected_pit(tails(mean, np.full(50, 1e6)), truth)
    assert narrow[-1] > 0.11
