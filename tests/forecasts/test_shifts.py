"""A recording practice that changes unannounced is named; ordinary weeks name nothing."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from forecasts.judging.nights import judge_nights
from forecasts.scoring.shifts import LOOKS_PER_FALSE_ALARM, SHIFT_SCHEMA, name_shifts

FRIDAY = date(2025, 3, 7)
N_WEEKS = 30
SIZE = 15.0
MEANS = {"ae": 1.8, "police": 1.4}
CENTRES = [f"centre-{n}" for n in range(10)]
NO_CHANGES = pl.DataFrame(schema={"source": pl.String, "first_evening": pl.Date})
NONE_BEFORE = pl.DataFrame(schema=SHIFT_SCHEMA)


def judged(
    seed: int, *, factor: float = 1.0, n_weeks_shifted: int = 0, centre: str | None = None, mean: float = 1.0
) -> pl.DataFrame:
    """Return judged weekends; in the last ones A&E comes out at `factor` of what was expected."""
    evenings = [FRIDAY + timedelta(days=7 * week + day) for week in range(N_WEEKS) for day in range(3)]
    nights = pl.DataFrame({"evening": evenings}).join(pl.DataFrame({"centre_code": CENTRES}), how="cross")
    usual = pl.DataFrame({"source": list(MEANS), "expected": [mean * m for m in MEANS.values()]})
    frame = nights.join(usual, how="cross")
    is_shifted = (pl.col("source") == "ae") & (pl.col("evening") >= since(n_weeks_shifted))
    if centre:
        is_shifted &= pl.col("centre_code") == centre
    truth = frame.select(pl.when(is_shifted).then(factor * pl.col("expected")).otherwise("expected"))
    random = np.random.default_rng(seed)
    # The whole area has good and bad weekends beside chance.
    weekend = np.repeat(random.gamma(80, 1 / 80, N_WEEKS), len(frame) // N_WEEKS)
    average = truth.to_series().to_numpy() * weekend
    counts = frame.with_columns(
        n_incidents=pl.Series(random.negative_binomial(SIZE, SIZE / (SIZE + average))),
        is_covered=pl.lit(value=True),
        known_share=pl.lit(1.0),
        survival_share=pl.lit(1.0),
    )
    bands = frame.with_columns(
        dispersion=pl.lit(SIZE), alert_level=pl.lit(0.002), alert_limit=pl.lit(9), rule=pl.lit("stands")
    )
    return judge_nights(bands, counts, gamma=0.75)


def since(n_weeks: int) -> date:
    return FRIDAY + timedelta(weeks=N_WEEKS - n_weeks)


def named(rows: pl.DataFrame, **known: pl.DataFrame) -> pl.DataFrame:
    return name_shifts(rows, known.get("changes", NO_CHANGES), known.get("before", NONE_BEFORE))


def test_an_unannounced_change_of_a_source_is_named_within_eight_weeks() -> None:
    looks = [named(judged(seed, factor=0.65, n_weeks_shifted=8)) for seed in range(10)]
    shifts = pl.concat(looks).filter(centre_code="")
    assert shifts["source"].to_list() == ["ae"] * shifts.height
    assert shifts.height >= 8
    assert shifts["ratio"].to_numpy() == pytest.approx(np.full(shifts.height, 0.65), abs=0.15)


def test_it_is_said_since_when() -> None:
    found = [
        evening
        for seed in range(10)
        for evening in named(judged(seed, factor=0.5, n_weeks_shifted=6))["since_evening"]
    ]
    assert sum(abs((evening - since(6)).days) <= 14 for evening in found) >= 8


def test_ordinary_weeks_name_a_shift_about_once_in_two_years() -> None:
    n_looks = 4 * LOOKS_PER_FALSE_ALARM
    n_named = sum(named(judged(seed)).height for seed in range(100, 100 + n_looks))
    assert n_named <= 2


def test_a_surge_of_one_weekend_is_no_shift() -> None:
    assert named(judged(4, factor=1.5, n_weeks_shifted=1)).is_empty()


def test_a_busy_centre_that_shifts_alone_is_named() -> None:
    shifts = named(judged(5, factor=0.2, n_weeks_shifted=8, centre="centre-3", mean=4.0))
    assert shifts.select("source", "centre_code").rows() == [("ae", "centre-3")]


def test_what_two_sources_see_in_a_centre_is_no_recording_practice() -> None:
    rows = judged(5, factor=0.2, n_weeks_shifted=8, centre="centre-3", mean=4.0)
    is_police = (pl.col("source") == "police") & (pl.col("centre_code") == "centre-3")
    is_both = is_police & (pl.col("evening") >= since(8))
    fewer = pl.when(is_both).then(pl.col("n_incidents") // 4).otherwise("n_incidents")
    assert named(rows.with_columns(n_incidents=fewer)).is_empty()


def test_where_the_whole_source_has_shifted_its_centres_are_not_named_too() -> None:
    shifts = named(judged(6, factor=0.4, n_weeks_shifted=8, mean=4.0))
    assert shifts["centre_code"].to_list() == [""]


def test_a_change_that_was_announced_is_not_asked_about() -> None:
    changes = pl.DataFrame({"source": ["ae"], "first_evening": [since(8) - timedelta(days=4)]})
    assert named(judged(7, factor=0.6, n_weeks_shifted=8), changes=changes).is_empty()


def test_a_shift_that_is_named_again_keeps_its_first_evening() -> None:
    first = named(judged(8, factor=0.5, n_weeks_shifted=8)).with_columns(since_evening=date(2025, 8, 1))
    again = named(judged(8, factor=0.5, n_weeks_shifted=8), before=first)
    assert again["since_evening"].to_list() == [date(2025, 8, 1)]
    rise = named(judged(8, factor=1.6, n_weeks_shifted=8), before=first)
    assert rise["since_evening"][0] > date(2025, 8, 1)


def test_an_unknown_night_is_no_quiet_one() -> None:
    is_late = pl.col("evening") >= since(6)
    silent = judged(9).with_columns(
        verdict=pl.when(is_late).then(pl.lit("unknown")).otherwise("verdict"),
        n_incidents=pl.when(is_late).then(0).otherwise("n_incidents"),
    )
    assert named(silent).is_empty()


def test_nothing_judged_names_nothing() -> None:
    assert named(judged(1).clear()).schema == SHIFT_SCHEMA
