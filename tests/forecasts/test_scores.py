"""The scores of issued bands: what is right is found right, and what has drifted is found out."""

from datetime import date, timedelta
from io import StringIO

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from forecasts.scoring.night_scores import TENTHS, pit_tenths, ranked_probability_score, with_scores
from forecasts.scoring.score_table import histogram, scores_tables
from forecasts.scoring.scores import (
    TESTED_SPAN,
    WEEKS_PER_FALSE_WARNING,
    complete_nights,
    drift_of,
    score_bands,
)
from nte import negative_binomial as nb

FRIDAY = date(2024, 1, 5)
SIZE = 15.0
SOURCES = {"ae": 0.8, "police": 1.6}
N_CENTRES = 6
BUDGET = 0.14


def nights(n_weeks: int, seed: int = 1, rise: float = 1.0, true_size: float = SIZE) -> pl.DataFrame:
    """Return bands and the counts that came, `rise` times what was expected."""
    evenings = [FRIDAY + timedelta(days=7 * week + day) for week in range(n_weeks) for day in range(3)]
    grid = pl.DataFrame({"evening": evenings}).join(
        pl.DataFrame({"centre_code": [f"centre-{n}" for n in range(N_CENTRES)]}), how="cross"
    )
    usual = pl.DataFrame({"source": list(SOURCES), "expected": list(SOURCES.values())})
    frame = grid.join(usual, how="cross")
    mean = frame["expected"].to_numpy()
    random = np.random.default_rng(seed)
    count = random.negative_binomial(true_size, true_size / (true_size + rise * mean))
    return frame.with_columns(
        n_incidents=pl.Series(count),
        dispersion=pl.lit(SIZE),
        upper=pl.Series(nb.quantile(0.99, mean, SIZE).astype(np.int64)),
        alert_limit=pl.Series(nb.limit(0.002, mean, SIZE).astype(np.int64)),
        is_covered=pl.lit(value=True),
        known_share=pl.lit(1.0),
    )


def complete(frame: pl.DataFrame, complete_share: float = 0.97) -> pl.DataFrame:
    return complete_nights(frame.drop("n_incidents", "is_covered", "known_share"), frame, complete_share)


def scores(frame: pl.DataFrame) -> pl.DataFrame:
    return score_bands(complete(frame), frame, BUDGET)


def of(scored: pl.DataFrame, source: str, span: str = TESTED_SPAN) -> dict[str, float]:
    return scored.filter(source=source, span=span).row(0, named=True)


def test_the_tenths_of_a_night_add_up_and_are_even_over_all_its_counts() -> None:
    counts = np.arange(60.0)
    tenths = pit_tenths(counts, np.full(60, 1.3), np.full(60, SIZE))
    assert tenths.sum(axis=1) == pytest.approx(np.ones(60))
    assert nb.probability(counts, 1.3, SIZE) @ tenths == pytest.approx(np.full(10, 0.1), abs=1e-9)


def test_an_absurd_count_lies_in_the_top_tenth() -> None:
    assert pit_tenths(np.array([500.0]), np.array([1.0]), np.array([SIZE]))[0, -1] == 1.0


def test_the_ranked_probability_score_is_that_of_its_definition() -> None:
    """Mean distance of a draw from the count, less half the mean distance of two draws."""
    draws = np.random.default_rng(3).negative_binomial(SIZE, SIZE / (SIZE + 2.0), size=(2, 200_000))
    expected = np.abs(draws[0] - 4).mean() - np.abs(draws[0] - draws[1]).mean() / 2
    score = ranked_probability_score(np.array([4.0]), np.array([2.0]), np.array([SIZE]))
    assert score[0] == pytest.approx(expected, abs=0.02)


def test_bands_that_are_right_keep_what_they_promise() -> None:
    row = of(scores(nights(150)), "", "all weekends")
    for name in ("within_80", "within_95", "above_upper"):
        assert row[f"{name}_share"] == pytest.approx(row[f"{name}_promised_share"], abs=0.012)
    assert row["within_80_promised_share"] > 0.8
    assert row["n_exceedances"] == pytest.approx(row["n_exceedances_promised"], abs=10)
    assert row["n_exceedances_budget"] == pytest.approx(150 * BUDGET)
    assert [row[name] for name in TENTHS] == pytest.approx([0.1] * 10, abs=0.01)


def test_right_bands_score_better_than_past_counts() -> None:
    row = of(scores(nights(150)), "police", "last 8 weekends")
    assert row["crps_to_same_weekday_ratio"] < 1.03
    assert row["crps_to_last_year_ratio"] < row["crps_to_same_weekday_ratio"]


def test_without_a_past_there_is_no_baseline() -> None:
    assert of(scores(nights(4)), "ae")["crps_to_last_year_ratio"] is None


def test_a_span_holds_its_latest_weekends_only() -> None:
    scored = scores(nights(40))
    assert of(scored, "ae", "last 8 weekends")["n_weekends"] == 8
    assert of(scored, "ae", "last 8 weekends")["n_nights"] == 8 * 3 * N_CENTRES
    assert of(scored, "ae", "all weekends")["n_weekends"] == 40


def test_a_night_that_is_not_complete_is_not_scored_and_a_nearly_complete_one_by_its_share() -> None:
    last = FRIDAY + timedelta(weeks=29)
    young = nights(30).with_columns(
        known_share=pl.when(pl.col("evening") >= last).then(0.9).otherwise("known_share")
    )
    assert of(scores(young), "", "all weekends")["n_weekends"] == 29
    every = complete(young, 0.8)
    assert every["mean"][-1] == pytest.approx(0.9 * every["expected"][-1])


@pytest.mark.parametrize(("rise", "true_size"), [(1.3, SIZE), (0.75, SIZE), (1.0, 0.8)])
def test_bands_that_have_drifted_are_out_of_bounds(rise: float, true_size: float) -> None:
    """A third too many, a quarter too few, and a scatter that the bands know nothing of."""
    assert of(scores(nights(26, rise=rise, true_size=true_size)), "police")["is_out_of_bounds"]


def test_clean_bands_are_out_of_bounds_about_once_in_two_years() -> None:
    n_looks = 150
    looks = [with_scores(complete(nights(26, seed=seed))) for seed in range(n_looks)]
    p_values = [p for look in looks for p in drift_of(look)["drift_p_value"]]
    for level in (0.2, 0.05):
        expected, n_found = level * len(p_values), sum(p < level for p in p_values)
        assert n_found < expected + 3 * np.sqrt(expected)
    assert sum(p < 1 / (len(SOURCES) * WEEKS_PER_FALSE_WARNING) for p in p_values) <= 5


def test_too_few_weekends_are_not_tested() -> None:
    row = of(scores(nights(8, rise=3.0)), "police")
    assert row["is_out_of_bounds"] is None


def test_nothing_issued_nothing_scored() -> None:
    assert scores(nights(2).clear()).is_empty()


def test_the_table_shows_every_span_and_what_is_out_of_bounds() -> None:
    frame = scores(nights(26, rise=1.4)).with_columns(as_of=pl.lit(FRIDAY))
    printed = StringIO()
    Console(width=80, file=printed).print(*scores_tables(frame))
    text = printed.getvalue()
    assert text.count("│ last 8 ") == 2 * 3
    assert "out of bounds" in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_even_histogram_is_a_level_line() -> None:
    assert histogram([0.1] * 10) == "▅" * 10
