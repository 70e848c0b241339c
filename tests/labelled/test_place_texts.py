"""Precision and recall of the place matcher on texts that were labelled without it (README.md beside this)."""

import csv
from pathlib import Path

import pytest

from tests.areas import derbyshire
from transforms.place_text import build_gazetteer

LABELLED = list(csv.DictReader(Path(__file__).with_name("place_texts.csv").read_text().splitlines()))
SITES = {
    site: frozenset(c.centre_code for c in derbyshire().current_centres if site in c.sites.get("ae", ()))
    for site in derbyshire().sources["ae"].sites
}


def answers(drawn: set[str]) -> list[tuple[str, str]]:
    """The centre that each text names, and the one that the matcher places it in; empty for none."""
    rows = [row for row in LABELLED if row["drawn"] in drawn]
    matches = build_gazetteer(derbyshire()).match(
        [row["place_text"] for row in rows], [SITES[row["site_code"]] for row in rows]
    )
    placed = [match.centre_code if match else "" for match in matches]
    return [(row["centre_code"], code) for row, code in zip(rows, placed, strict=True)]


def precision(pairs: list[tuple[str, str]]) -> float:
    placed = [(label, code) for label, code in pairs if code]
    return sum(label == code for label, code in placed) / len(placed)


def recall(pairs: list[tuple[str, str]]) -> float:
    named = [(label, code) for label, code in pairs if label]
    return sum(label == code for label, code in named) / len(named)


def test_the_set_is_large_enough_to_say_anything() -> None:
    assert len(LABELLED) >= 300
    assert sum(bool(row["centre_code"]) for row in LABELLED) >= 200


@pytest.mark.parametrize("drawn", [{"row"}, {"rare"}, {"row", "rare", "hand"}], ids=["row", "rare", "all"])
def test_at_least_99_of_100_placed_texts_are_placed_rightly(drawn: set[str]) -> None:
    assert precision(answers(drawn)) >= 0.99


@pytest.mark.parametrize("drawn", [{"row"}, {"rare"}, {"row", "rare", "hand"}], ids=["row", "rare", "all"])
def test_at_least_93_of_100_texts_that_name_a_place_are_placed(drawn: set[str]) -> None:
    assert recall(answers(drawn)) >= 0.93


def test_texts_that_name_no_place_of_the_gazetteer_are_not_placed() -> None:
    assert [code for label, code in answers({"row"}) if not label and code] == []
    # "The Velvet Room" is one letter from The Velvet Loom: no measure of letters can tell it from a slip
    assert [code for label, code in answers({"hand"}) if code] == ["long-eaton"]
