"""What an area declares of an intervention, and which nights it is there."""

import shutil
from datetime import date, time
from pathlib import Path

import pytest

from nte.area_files import load_area
from nte.errors import AreaError
from nte.interventions import Intervention, are_in_night, named_hours, named_nights
from reports.interventions.table import interventions_frame
from tests.areas import DERBYSHIRE, derbyshire

HUB = {
    "intervention_id": "hub", "place_code": "chesterfield", "starts_on": "2025-10-03", "nights": "fri, sat",
    "hours": "21:00-03:00", "hypothesis": "fewer are hurt", "outcome_definition": "nte-violence",
    "declared_on": "2025-10-03", "owner": "lead on the hub",
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "nights"),
    [
        ("fri, sat", (5, 6)),
        ("Saturday;FRI", (5, 6)),
        ("sun", (7,)),
        ("tues thurs", (2, 4)),
        ("mon,mon", (1,)),
    ],
)
def test_nights_are_named_by_their_days(said: str, nights: tuple[int, ...]) -> None:
    assert named_nights(said) == nights


@pytest.mark.parametrize("said", ["", "s", "fr", "weekend", "fri, fun"])
def test_what_is_no_day_of_the_week_is_said(said: str) -> None:
    with pytest.raises(ValueError, match=r"is no night of the week. Write the nights like 'fri, sat'"):
        named_nights(said)


@pytest.mark.parametrize(
    ("said", "is_good"),
    [("21:00-03:00", True), ("18:00-06:00", True), ("17:00-20:00", False), ("03:00-21:00", False), ("05:00-07:00", False)],
)  # fmt: skip
def test_hours_lie_within_a_night_and_in_their_order(said: str, is_good: bool) -> None:
    assert are_in_night(named_hours(said), time(18), time(6)) is is_good


@pytest.mark.parametrize(("declared_on", "is_post_hoc"), [("2025-10-03", False), ("2025-10-04", True)])
def test_what_is_declared_after_its_start_is_post_hoc(declared_on: str, is_post_hoc: bool) -> None:
    assert Intervention.model_validate(HUB | {"declared_on": declared_on}).is_post_hoc is is_post_hoc


def test_it_is_there_on_its_nights_from_its_start_to_its_end() -> None:
    hub = Intervention.model_validate(HUB | {"ends_on": "2025-10-11"})
    there = [day for day in range(1, 32) if hub.is_on(date(2025, 10, day))]
    assert there == [3, 4, 10, 11]


def test_the_shipped_one_is_marked_as_an_example_and_published_with_its_declaration() -> None:
    [row] = interventions_frame(derbyshire()).to_dicts()
    assert row["intervention_id"].startswith("example-")
    assert row["hypothesis"].startswith("EXAMPLE, its dates are placeholders")
    assert row["is_post_hoc"]
    assert (row["nights"], row["hours"]) == ("Friday, Saturday", "21:00-03:00")


def test_one_that_is_judged_by_whole_days_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(DERBYSHIRE, tmp_path / "derbyshire")
    file = folder / "interventions.csv"
    file.write_text(file.read_text().replace("nte-violence", "sv-2025"))
    with pytest.raises(AreaError, match="'sv-2025' counts whole days, and an evaluation counts nights"):
        load_area(folder)


def test_two_interventions_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(DERBYSHIRE, tmp_path / "derbyshire")
    header, line = (folder / "interventions.csv").read_text().splitlines()
    (folder / "interventions.csv").write_text("\n".join([header, line, line]))
    with pytest.raises(AreaError, match="'example-chesterfield-hub' stands there twice"):
        load_area(folder)
