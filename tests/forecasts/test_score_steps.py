"""The Monday step over a real warehouse: scores and shifts, the same however often it runs."""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from forecasts.steps import Scored, score_bands
from nte import negative_binomial as nb
from nte.settings import Settings
from nte.tables.bands import BAND_SCORES, BANDS, LEVEL_SHIFTS
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.deliveries import DELIVERIES
from nte.warehouse import open_warehouse
from tests.areas import derbyshire

AREA = derbyshire()
FIRST, LIVE = date(2025, 1, 3), date(2025, 9, 12)
N_WEEKS = 52
SHIFTED = FIRST + timedelta(weeks=N_WEEKS - 7)
NOW = AREA.clock.morning_of(FIRST + timedelta(days=7 * N_WEEKS - 4))
CENTRES = [f"centre-{n}" for n in range(6)]
MEANS = {"ae": 3.0, "police": 2.0}
SIZE = 20.0


def rows() -> pl.DataFrame:
    """Return every weekend night with its count; from `SHIFTED` on A&E records 0.45 of what it did."""
    evenings = [FIRST + timedelta(days=7 * week + day) for week in range(N_WEEKS) for day in range(3)]
    nights = pl.DataFrame({"evening": evenings}).join(pl.DataFrame({"centre_code": CENTRES}), how="cross")
    frame = nights.join(pl.DataFrame({"source": list(MEANS), "expected": list(MEANS.values())}), how="cross")
    is_shifted = (pl.col("source") == "ae") & (pl.col("evening") >= SHIFTED)
    mean = frame.select(pl.when(is_shifted).then(0.45 * pl.col("expected")).otherwise("expected"))
    average = mean.to_series().to_numpy()
    count = np.random.default_rng(3).negative_binomial(SIZE, SIZE / (SIZE + average))
    known = [AREA.clock.morning_of(max(e + timedelta(days=1), LIVE)) for e in frame["evening"].to_list()]
    return frame.with_columns(
        definition=pl.lit(AREA.alert_definition),
        n_incidents=pl.Series(count),
        is_covered=pl.lit(value=True),
        known_at=pl.Series(known),
    )


def bands(frame: pl.DataFrame) -> pl.DataFrame:
    live = frame.filter(pl.col("evening") >= LIVE)
    mean = live["expected"].to_numpy()
    issued = AREA.clock.morning_of(LIVE)
    return live.with_columns(
        lower=pl.lit(0),
        upper=pl.Series(nb.quantile(0.99, mean, SIZE)),
        alert_limit=pl.Series(nb.limit(0.002, mean, SIZE)),
        alert_level=pl.lit(0.002),
        rule=pl.lit("stands"),
        dispersion=pl.lit(SIZE),
        detectable_ratio=pl.lit(None),
        n_training_nights=pl.lit(100),
        trained_from=pl.lit(FIRST),
        trained_to=pl.lit(LIVE),
        issued_as_of=pl.lit(issued),
        is_retrospective=pl.lit(value=False),
        made_at=pl.lit(issued),
        model_version=pl.lit("test"),
    )


def delivery(source: str) -> dict[str, object]:
    morning = AREA.clock.morning_of(LIVE)
    text = {"delivery_id": source, "source": source, "file_name": source, "sha256": source}
    instants = dict.fromkeys(("taken_at", "known_at", "covers_from_at", "covers_to_at"), morning)
    return {**text, "n_bytes": 1, **instants, "is_history": True, "n_declared": None, "is_conformed": True}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    with open_warehouse(settings) as warehouse:
        warehouse.append(NIGHT_COUNT_REVISIONS, rows())
        warehouse.append(BANDS, bands(rows()))
        warehouse.append(DELIVERIES, pl.DataFrame([delivery(source) for source in MEANS]))
    return settings


def left(settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame]:
    with open_warehouse(settings) as warehouse:
        scores, shifts = warehouse.read(BAND_SCORES), warehouse.read(LEVEL_SHIFTS)
    return scores.sort(BAND_SCORES.keys), shifts.sort(LEVEL_SHIFTS.keys)


def test_every_monday_is_scored_once_and_a_shift_is_named(settings: Settings) -> None:
    done = score_bands(settings, AREA, NOW)
    scores, shifts = left(settings)
    assert done.n_mondays == (NOW.date() - LIVE).days // 7 + 1
    assert done.n_shifts == 1
    latest = shifts.filter(as_of=NOW)
    assert latest.select("source", "centre_code").rows() == [("ae", "")]
    assert abs((latest["since_evening"][0] - SHIFTED).days) <= 14
    assert scores.filter(as_of=NOW)["span"].n_unique() == 3
    assert score_bands(settings, AREA, NOW) == Scored(0, 0, 0)


def test_one_run_and_a_run_a_week_leave_the_same(settings: Settings, tmp_path: Path) -> None:
    score_bands(settings, AREA, NOW)
    weekly = Settings(home=tmp_path / "weekly")
    with open_warehouse(settings) as warehouse:
        tables = {table: warehouse.read(table) for table in (NIGHT_COUNT_REVISIONS, BANDS, DELIVERIES)}
    with open_warehouse(weekly) as warehouse:
        for table, frame in tables.items():
            warehouse.append(table, frame)
    for morning in mondays():
        score_bands(weekly, AREA, morning)
    for straight, by_week in zip(left(settings), left(weekly), strict=True):
        assert straight.equals(by_week)


def mondays() -> list[datetime]:
    start = LIVE + timedelta(days=3)
    return [
        AREA.clock.morning_of(start + timedelta(weeks=n)) for n in range((NOW.date() - start).days // 7 + 1)
    ]


def test_without_bands_there_is_nothing_to_score(tmp_path: Path) -> None:
    assert score_bands(Settings(home=tmp_path), AREA, NOW) == Scored(0, 0, 0)
