"""What a Board is told of an intervention: what was found, what it means, what could have been seen."""

from datetime import date
from typing import Any

import pytest

from nte.interventions import Intervention
from reports.interventions.sentences import board_sentences, say_change, say_interval
from tests.areas import derbyshire

HUB = Intervention(
    intervention_id="hub", place_code="chesterfield", starts_on=date(2025, 10, 3), nights="fri, sat", hours="21:00-03:00",
    hypothesis="fewer are hurt", outcome_definition="nte-violence", declared_on=date(2025, 10, 3), owner="lead on the hub",
)  # fmt: skip


def row(method: str = "forecast", source: str = "police", **facts: Any) -> dict[str, Any]:
    return {
        "source": source, "method": method, "ratio": 0.7, "lower": 0.55, "upper": 0.9, "placebo_rank": 2, "n_placebos": 40,
        "detectable_ratio": 0.75, "last_evening": date(2026, 3, 19), "why_not": "", "n_observed": 70,
    } | facts  # fmt: skip


UNTOLD: dict[str, Any] = {"lower": 0.5, "upper": 1.04}
NONE: dict[str, Any] = {"ratio": None, "lower": None, "upper": None, "detectable_ratio": None, "last_evening": None}


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.7, "a fall of 30\u00a0%"),
        (1.05, "a rise of 5\u00a0%"),
        (1.001, "no change"),
        (2.5, "a rise of 150\u00a0%"),
    ],
)
def test_a_ratio_is_said_as_a_change(ratio: float, said: str) -> None:
    assert say_change(ratio) == said
    assert say_interval(0.6, 1.2) == "from a fall of 40\u00a0% to a rise of 20\u00a0%"


@pytest.mark.parametrize(
    ("rows", "means"),
    [
        ([row(), row("synthetic")], "By both methods fewer incidents came than"),
        ([row(), row("synthetic", **UNTOLD)], "this is a sign and no proof"),
        ([row(**UNTOLD), row("synthetic", **UNTOLD)], "that is no proof that it did nothing"),
        ([row(), row("synthetic", ratio=1.3, lower=1.1, upper=1.6)], "contradict each other"),
        ([row(), row("synthetic", **NONE, why_not="few")], "this is a sign and no proof"),
    ],
)
def test_the_second_sentence_says_no_more_than_was_found(rows: list[dict[str, Any]], means: str) -> None:
    sentences = board_sentences(HUB, rows, derbyshire())
    assert len(sentences) == 3
    assert means in sentences[1]
    assert "four times in five" in sentences[2]


def test_without_an_effect_the_sentences_say_why_and_nothing_else() -> None:
    rows = [row(m, **NONE, why_not="only 3 of 40 nights are known") for m in ("forecast", "synthetic")]
    sentences = board_sentences(HUB, rows, derbyshire())
    assert len(sentences) == 3
    assert "no effect can be given, because only 3 of 40 nights are known" in sentences[0]
    assert "%" not in "".join(sentences)


def test_what_could_never_have_been_seen_is_said() -> None:
    sentences = board_sentences(HUB, [row(**UNTOLD | {"detectable_ratio": None})], derbyshire())
    assert sentences[2] == "No fall, however deep, could have been told from chance."


def test_the_lead_source_speaks_first() -> None:
    rows = [row(source="ae", ratio=0.2), row(source="police")]
    assert board_sentences(HUB, rows, derbyshire())[0].startswith(
        "Police, Chesterfield, from Friday 3 October 2025"
    )
