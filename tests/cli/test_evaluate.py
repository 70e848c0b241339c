"""What `nte evaluate` answers: what is wrong with a plan, and what a fall of some hours does to a night."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from cli.evaluate import effects_table, named_interventions, plan_sentences, planned, say_in_hours
from forecasts.effects.planning import Plan
from nte.errors import MisuseError
from tests.areas import derbyshire

GOOD: dict[str, Any] = {
    "place": "chesterfield", "nights": "fri,sat", "hours": "21:00-03:00", "months": 6, "definition": None,
}  # fmt: skip


def asked(**said: Any) -> Any:
    return planned(derbyshire(), date(2026, 4, 6), **GOOD | said)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"place": None, "months": None}, "--plan needs --place and --months, such as"),
        ({"place": "ambridge"}, "ambridge: no such town centre. Name one of alfreton"),
        ({"nights": "weekends"}, "'weekends' is no night of the week. Write the nights like 'fri, sat'."),
        ({"hours": "late"}, "'late' are no hours. Write them like 21:00-03:00."),
        ({"hours": "09:00-17:00"}, "09:00-17:00 do not lie within a night, 18:00-06:00."),
        ({"definition": "crime"}, "crime: no such definition. Name one of nte-violence"),
    ],
)
def test_a_plan_that_cannot_be_asked_is_answered_in_one_sentence(said: dict[str, Any], answer: str) -> None:
    with pytest.raises(MisuseError) as refused:
        asked(**said)
    assert answer in str(refused.value)


def test_a_plan_without_hours_is_of_whole_nights_and_judged_as_alerts_are() -> None:
    one = asked(hours=None)
    assert (one.said_hours, one.outcome_definition) == ("18:00-06:00", derbyshire().alert_definition)


@pytest.mark.parametrize(
    ("n_seen", "needs", "said"),
    [
        (6, date(2019, 1, 6), ["take more months, more nights or more places"]),
        (5, date(2019, 1, 6), ["room for 5 months, and not for 6: as long a time must be known before them", "take more nights or more places; what more months"]),
        (0, date(2019, 1, 6), ["Nothing can be said yet, of however few months: as long a time must be known before them, on which the fit is judged, and a year before that. For 6 months the nights from 2019-01-06 on are needed"]),
        (0, None, ["has too few town centres: no history, however long"]),
    ],
)  # fmt: skip
def test_a_plan_advises_more_months_only_where_the_history_could_show_them(
    n_seen: int, needs: date | None, said: list[str]
) -> None:
    sentences = plan_sentences(Plan(pl.DataFrame(), n_seen, needs), 6, derbyshire())
    assert [words in sentence for words, sentence in zip(said, sentences, strict=True)] == [True] * len(said)


def test_an_intervention_that_is_not_declared_is_answered_with_those_that_are() -> None:
    with pytest.raises(MisuseError, match="The area folder declares example-chesterfield-hub"):
        named_interventions(derbyshire(), "hub")
    with pytest.raises(MisuseError, match=r"declares no intervention. Write one into its interventions.csv"):
        named_interventions(derbyshire().model_copy(update={"interventions": ()}), None)


@pytest.mark.parametrize(
    ("ratio", "share", "said"),
    [(0.8, 0.5, "−40 %"), (0.8, 1.0, "−20 %"), (0.6, 0.3, "not even none"), (None, 0.5, "not known"), (0.8, None, "not known")],
)  # fmt: skip
def test_a_fall_of_nights_is_a_deeper_one_of_their_hours(
    ratio: float | None, share: float | None, said: str
) -> None:
    assert say_in_hours(ratio, share) == said


def test_without_an_effect_no_table_says_what_would_have_come_and_unknown_nights_are_no_0() -> None:
    none = {
        "source": "ae",
        "method": "forecast",
        "ratio": None,
        "n_counterfactual": 40.0,
        "why_not": "few came",
    }
    rows = [
        none | {"n_observed": 23, "n_nights_covered": 48},
        none | {"n_observed": 0, "n_nights_covered": 0},
    ]
    came, would_have = (list(column.cells) for column in effects_table(rows, derbyshire()).columns[2:4])
    assert came == ["23", "not known"]
    assert would_have == ["", ""]
