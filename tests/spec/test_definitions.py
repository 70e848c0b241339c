"""What each definition counts: a table that a licensing officer can check."""

import polars as pl
import pytest

from tests.areas import derbyshire
from transforms.definitions import is_counted

NTE, OLD, NEW = "nte-violence", "sv-2021", "sv-2025"

CRIMES = [
    # code, knife, domestic, state, counted under
    ("8N", "N", "N", "recorded", {NTE, NEW}),
    ("8N", "Y", "N", "recorded", {NTE, OLD, NEW}),  # any violence with a knife
    ("8N/20", "N", "N", "recorded", {NTE, OLD, NEW}),
    ("5D", "N", "N", "reclassified", {NTE, OLD, NEW}),
    ("5D", "N", "N", "cancelled", set()),
    ("5D", "N", "N", "transferred", set()),
    ("5D", "N", "Y", "recorded", set()),  # domestic
    ("5D", "N", None, "recorded", {NTE, OLD, NEW}),  # unknown is not yes
    ("105A", "N", "N", "recorded", {NTE}),
    ("105A", None, "N", "recorded", {NTE}),
    ("3B", "Y", "N", "recorded", {NTE, OLD, NEW}),
    ("3B", "N", "N", "recorded", set()),
    ("3B", None, "N", "recorded", set()),  # unknown is not a knife
    ("34B", "N", "N", "recorded", {NTE, OLD, NEW}),
    ("34A", "N", "N", "recorded", {OLD, NEW}),  # business robbery never alerts
    ("10D", "N", "N", "recorded", {OLD, NEW}),  # possession never alerts
    ("8S", "N", "N", "recorded", {NEW}),  # assaults on officers never alert
    ("104", "N", "N", "recorded", set()),
    ("62A", "N", "N", "recorded", set()),
    ("8L", "N", "N", "recorded", set()),
    ("99Z", "Y", "N", "recorded", set()),  # a code nobody knows
]
CALLS = [
    ("assault", "conveyed", {NTE}),
    ("penetrating", "see_and_treat", {NTE}),
    ("assault", "hear_and_treat", set()),  # not attended
    ("assault", "duplicate", set()),
    ("sexual_assault", "conveyed", set()),
    ("unknown", "conveyed", set()),
]
FLAGS = {"Y": True, "N": False, None: None}


def counted(**record: object) -> set[str]:
    schema = {
        "source": pl.String,
        "offence_code": pl.String,
        "state": pl.String,
        "is_withdrawn": pl.Boolean,
        "is_domestic": pl.Boolean,
        "has_knife": pl.Boolean,
    }
    frame = pl.DataFrame([record], schema=schema)
    return {d.definition for d in derbyshire().definitions if frame.select(is_counted(d)).item()}


@pytest.mark.parametrize(("code", "knife", "domestic", "state", "definitions"), CRIMES)
def test_a_crime_counts_under(
    code: str, knife: str | None, domestic: str | None, state: str, definitions: set[str]
) -> None:
    withdrawn = state in derbyshire().sources["police"].withdrawn_states
    assert definitions == counted(
        source="police",
        offence_code=code,
        state=state,
        is_withdrawn=withdrawn,
        is_domestic=FLAGS[domestic],
        has_knife=FLAGS[knife],
    )


@pytest.mark.parametrize(("code", "outcome", "definitions"), CALLS)
def test_an_ambulance_incident_counts_under(code: str, outcome: str, definitions: set[str]) -> None:
    withdrawn = outcome in derbyshire().sources["emas"].withdrawn_states
    assert definitions == counted(
        source="emas",
        offence_code=code,
        state=outcome,
        is_withdrawn=withdrawn,
        is_domestic=None,
        has_knife=None,
    )


def test_every_assault_attendance_counts_and_only_for_the_alert_measure() -> None:
    assert counted(
        source="ae", offence_code=None, state=None, is_withdrawn=False, is_domestic=None, has_knife=None
    ) == {NTE}
