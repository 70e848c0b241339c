"""What is said of a night, as a table that a licensing officer could check."""

from datetime import date

import polars as pl
import pytest

from forecasts.judging.mornings import changed_judgements
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
    (2.0, 6, True, 0.5, "within"),  # rare for a night half in, but it will rather end at 8 than above
    (12.0, 23, True, 0.5, "above"),
    (0.2, 2, True, 1.0, "within"),
    (0.2, 2, True, 0.4, "within"),
    (0.2, 3, True, 1.0, "above"),
    (12.0, 25, True, 1.0, "within"),
    (12.0, 30, True, 1.0, "above"),
]
SO_FAR = [(2.0, 5, 0.5, "within"), (2.0, 6, 0.5, "above"), (0.2, 3, 0.4, "far_above"), (2.0, 9, 1.0, "above")]
"""The rule of older bands: count, share, verdict."""
GAMMA = 0.75


def band(
    expected: float, level: float = 0.002, dispersion: float = 20.0, rule: str = "stands"
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "evening": [NIGHT],
            "centre_code": ["ashford"],
            "source": ["police"],
            "expected": [expected],
            "dispersion": [dispersion],
            "alert_level": [level],
            "alert_limit": [int(nb.limit(level, expected, dispersion))],
            "rule": [rule],
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
            "survival_share": [1.0],
        }
    )


@pytest.mark.parametrize(("expected", "count", "is_covered", "share", "verdict"), SPEC)
def test_a_night_is_judged_as_the_table_says(
    expected: float, count: int | None, is_covered: bool, share: float, verdict: str
) -> None:
    judged = judge_nights(band(expected), counts(count, is_covered=is_covered, known_share=share), GAMMA)
    assert judged["verdict"].to_list() == [verdict]


@pytest.mark.parametrize(("expected", "count", "share", "verdict"), SO_FAR)
def test_a_band_of_the_rule_before_keeps_it(expected: float, count: int, share: float, verdict: str) -> None:
    known = counts(count, is_covered=True, known_share=share)
    judged = judge_nights(band(expected, rule="so_far"), known, GAMMA).row(0, named=True)
    assert judged["verdict"] == verdict
    assert judged["stands_chance"] is None
    assert judged["limit_so_far"] == int(nb.limit(0.002, share * expected, 20.0))
    assert judged["p_value"] == pytest.approx(float(nb.tail_probability(count, share * expected, 20.0)))


def test_a_young_night_is_judged_by_how_it_will_end() -> None:
    """Counted by hand: what is still to come of four or more, given how many are in."""
    judged = judge_nights(band(4.0), counts(9, is_covered=True, known_share=0.5), GAMMA).row(0, named=True)
    to_come = (20 + 9) * 0.5 / (20 / 4 + 0.5)
    chance = float(nb.tail_probability(judged["alert_limit"] - 9 + 1, to_come, 29.0))
    assert judged["stands_chance"] == pytest.approx(chance)
    assert judged["expected_so_far"] == pytest.approx(2.0)
    quiet = counts(judged["limit_so_far"], is_covered=True, known_share=0.5)
    alarm = counts(judged["limit_so_far"] + 1, is_covered=True, known_share=0.5)
    verdicts = [judge_nights(band(4.0), known, GAMMA)["verdict"][0] for known in (quiet, alarm)]
    assert verdicts == ["within", "above"]


def test_the_rarity_of_an_alert_is_that_of_passing_its_limit() -> None:
    judged = judge_nights(band(4.0), counts(11, is_covered=True, known_share=0.5), GAMMA).row(0, named=True)
    assert judged["n_incidents"] <= judged["alert_limit"]
    assert judged["p_value"] == pytest.approx(
        float(nb.tail_probability(judged["alert_limit"] + 1, 4.0, 20.0))
    )


def test_a_night_that_fills_is_called_far_above_only_where_its_rarity_is_too() -> None:
    """Ten times rarer than it takes for an alert: not once in a year beside 'far more'."""
    verdicts = set()
    for count in range(30):
        known = counts(count, is_covered=True, known_share=0.5)
        row = judge_nights(band(4.0), known, GAMMA).row(0, named=True)
        verdicts.add(row["verdict"])
        assert (row["verdict"] == "far_above") == (row["p_value"] <= row["alert_level"] / 10)
    assert {"within", "above", "far_above"} == verdicts


def test_an_unknown_night_has_no_numbers_that_could_be_read_as_quiet() -> None:
    judged = judge_nights(band(4.0), counts(None, is_covered=False, known_share=1.0), GAMMA).row(
        0, named=True
    )
    assert judged["verdict"] == "unknown"
    assert [judged[name] for name in ("expected_so_far", "p_value", "stands_chance")] == [None] * 3


def test_a_band_without_a_count_stays_unknown() -> None:
    judged = judge_nights(band(4.0), counts(1, is_covered=True, known_share=1.0).clear(), GAMMA)
    assert judged["verdict"].to_list() == ["unknown"]


def test_an_exceedance_is_exactly_a_tail_probability_within_the_level() -> None:
    for count in range(15):
        row = judge_nights(band(2.0), counts(count, is_covered=True, known_share=1.0), GAMMA).row(
            0, named=True
        )
        assert (row["verdict"] in {"above", "far_above"}) == (row["p_value"] <= row["alert_level"])


def test_a_night_in_a_message_is_written_anew_when_more_of_it_is_known() -> None:
    """Of a watched night every source's share, of a quiet one nothing."""
    key = {
        "evening": NIGHT,
        "centre_code": ["ashford", "ashford", "bexley"],
        "source": ["police", "ae", "police"],
    }
    judged = pl.DataFrame(key).with_columns(
        definition=pl.lit("d"), verdict=pl.lit("within"), n_incidents=pl.lit(3), why_unknown=pl.lit(None, pl.String),
        stands_chance=pl.Series([0.5, 0.0, 0.0]), known_share=pl.lit(0.62),
    )  # fmt: skip
    before = judged.select(
        "evening", "centre_code", "source", "definition", verdict_before="verdict", n_before="n_incidents",
        why_before="why_unknown", chance_before="stands_chance", share_before=pl.lit(0.58),
    )  # fmt: skip
    assert changed_judgements(judged, before)["centre_code"].to_list() == ["ashford", "ashford"]
    same = before.with_columns(share_before=pl.lit(0.62))
    assert changed_judgements(judged, same).is_empty()
