"""What is said of a night, as a table that a licensing officer could check."""

from datetime import date

import polars as pl
import pytest

from forecasts.judging.nights import judge_nights
from nte import negative_binomial as nb

NIGHT = date(2026, 3, 27)

# expected, count so far (None unknown), covered, share known by now, verdict
SPEC = [
    (2.0, 2, True, 1.0, "within"),
    (2.0, 0, True, 1.0, "within"),
    (2.0, 5, True, 1.0, "within"),
    (2.0, 8, True, 1.0, "within"),
    (2.0, 9, True, 1.0, "above"),
    (2.0, 12, True, 1.0, "far_above"),
    (2.0, 8, False, 1.0, "unknown"),
    (2.0, None, True, 1.0, "unknown"),
    (2.0, 0, True, 0.0, "unknown"),
    (2.0, 5, True, 0.5, "within"),
    (2.0, 6, True, 0.5, "above"),
    (0.2, 2, True, 1.0, "within"),
    (0.2, 3, True, 1.0, "above"),
    (12.0, 25, True, 1.0, "within"),
    (12.0, 30, True, 1.0, "above"),
]


def band(expected: float, level: float = 0.002, dispersion: float = 20.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "evening": [NIGHT],
            "centre_code": ["ashford"],
            "source": ["police"],
            "expected": [expected],
            "dispersion": [dispersion],
            "alert_level": [level],
        }
    )


def counts(n_incidents: int | None, *, is_covered: bool, known_share: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "evening": [NIGHT],
            "centre_code": ["ashford"],
            "source": ["police"],
            "n_incidents": pl.Series([n_incidents], dtype=pl.Int64),
            "is_covered": [is_covered],
            "known_share": [known_share],
        }
    )


@pytest.mark.parametrize(("expected", "count", "is_covered", "share", "verdict"), SPEC)
def test_a_night_is_judged_as_the_table_says(
    expected: float, count: int | None, is_covered: bool, share: float, verdict: str
) -> None:
    judged = judge_nights(band(expected), counts(count, is_covered=is_covered, known_share=share))
    assert judged["verdict"].to_list() == [verdict]


def test_a_young_night_is_compared_with_the_share_that_should_be_known() -> None:
    judged = judge_nights(band(4.0), counts(3, is_covered=True, known_share=0.5)).row(0, named=True)
    assert judged["expected_so_far"] == pytest.approx(2.0)
    assert judged["limit_so_far"] == int(nb.limit(0.002, 2.0, 20.0))
    assert judged["p_value"] == pytest.approx(float(nb.tail_probability(3, 2.0, 20.0)))


def test_an_unknown_night_has_no_numbers_that_could_be_read_as_quiet() -> None:
    judged = judge_nights(band(4.0), counts(None, is_covered=False, known_share=1.0)).row(0, named=True)
    assert judged["verdict"] == "unknown"
    assert [judged[name] for name in ("expected_so_far", "limit_so_far", "p_value")] == [None, None, None]


def test_a_band_without_a_count_stays_unknown() -> None:
    judged = judge_nights(band(4.0), counts(1, is_covered=True, known_share=1.0).clear())
    assert judged["verdict"].to_list() == ["unknown"]


def test_an_exceedance_is_exactly_a_tail_probability_within_the_level() -> None:
    for count in range(15):
        row = judge_nights(band(2.0), counts(count, is_covered=True, known_share=1.0)).row(0, named=True)
        assert (row["verdict"] in {"above", "far_above"}) == (row["p_value"] <= row["alert_level"])
