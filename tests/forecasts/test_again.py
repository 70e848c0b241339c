"""Judgements made again are held against those that stand, each difference in words."""

from datetime import date

import polars as pl

from forecasts.judging.again import differences

STORED = pl.DataFrame(
    {
        "evening": [date(2026, 3, 7)] * 2,
        "centre_code": ["derby", "belper"],
        "source": ["police", "police"],
        "verdict": ["above", "unknown"],
        "n_incidents": [9, None],
        "expected_so_far": [3.0, None],
        "limit_so_far": [8, None],
        "p_value": [0.001, None],
        "stands_chance": [0.9, None],
    },
    schema_overrides={"n_incidents": pl.Int64, "limit_so_far": pl.Int64},
)


def test_what_comes_out_the_same_is_no_difference() -> None:
    again = STORED.with_columns(pl.col("expected_so_far") + 1e-9)
    assert differences(STORED, again) == []


def test_a_difference_names_the_night_and_both_values() -> None:
    again = STORED.with_columns(n_incidents=pl.lit(7), verdict=pl.lit("within")).filter(centre_code="derby")
    told = differences(STORED.filter(centre_code="derby"), again)
    assert told == ["2026-03-07 derby police: verdict was above, again within; n incidents was 9, again 7"]


def test_the_chance_that_decides_is_held_against_what_stands_too() -> None:
    again = STORED.with_columns(stands_chance=pl.lit(0.6)).filter(centre_code="derby")
    [line] = differences(STORED.filter(centre_code="derby"), again)
    assert line.endswith("stands chance was 0.9, again 0.6")


def test_a_judgement_that_cannot_be_made_again_is_a_difference() -> None:
    [line] = differences(STORED.filter(centre_code="derby"), STORED.clear())
    assert "verdict was above, again not known" in line
