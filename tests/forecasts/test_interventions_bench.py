"""Planted interventions are read back, where bands that follow them are not: a small part of the bench."""

import numpy as np
import polars as pl
import pytest

from bench.interventions import Row, draw, read_back, summary, walk

PLACES = (1, 2, 6, 9)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    found: list[Row] = list(read_back(draw("steady", 1), PLACES, 1))
    return pl.DataFrame(found, infer_schema_length=None)


def test_intervals_hold_the_planted_ratio_and_are_seldom_sure_of_nothing(rows: pl.DataFrame) -> None:
    table = summary(rows)
    assert set(table["method"]) == {"forecast", "synthetic"}
    assert (table["n_given"] == len(PLACES) * 3).all()
    assert table["covered"].to_numpy().min() >= 0.9
    told = dict(rows.group_by("planted").agg((pl.col("upper") < 1).mean()).iter_rows())
    assert told[1.0] <= 0.07 < told[0.85] < told[0.7]


def test_bands_that_follow_what_they_see_hide_a_part_of_it(rows: pl.DataFrame) -> None:
    """The same incidents beside a forecast that is frozen, and beside one that is issued anew every two weeks."""
    walked = [row["ratio"] for row in walk(draw("steady", 1), PLACES[:1], 0.5, 1)]
    frozen = rows.filter(pl.col("planted") == 1.0, pl.col("place") == PLACES[0], method="forecast")
    assert np.mean(walked) > 1.08 * 0.5 * frozen["ratio"].to_numpy().mean()
