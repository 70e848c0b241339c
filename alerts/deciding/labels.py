"""What an answer to an alert says about the counts behind it: explained, or a fault in the data."""

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from alerts.deciding.facts import AlertFacts
from nte.detectors import window_of
from nte.tables.judgements import LABELLED_NIGHTS
from nte.words import Answered, Verdict

LABELS: dict[str, str] = {
    Answered.ACTED_ON: "explained",
    Answered.KNOWN_EVENT: "explained",
    Answered.DATA_FAULT: "data_fault",
}
"""What each kind of answer says; any other says nothing about the counts."""
Key = tuple[str, str, str]
"""Centre, evening, source."""


def label_rows(acknowledgements: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Return the labelled counts: those that were above in an alert that somebody answered.

    A label counts from the answer on, or from the first morning on which the count was above in the alert. Where no
    night of a weekend stood out by itself, the answer is about all its known counts; four weekends together are no
    surge but a level, which the bands are to follow, so that only nights that stood out are labelled.
    """
    said = acknowledgements.filter(pl.col("kind").is_in(LABELS)).sort("made_at", "acknowledgement_id")
    facts: dict[str, list[tuple[datetime, AlertFacts]]] = {}
    answered = decisions.filter(pl.col("alert_id").is_in(said["alert_id"].unique().implode()))
    for row in answered.sort("decided_as_of").iter_rows(named=True):
        known = AlertFacts.model_validate_json(row["facts"])
        facts.setdefault(row["alert_id"], []).append((row["decided_as_of"], known))
    rows = [
        (
            evening,
            centre,
            source,
            mornings[0][1].definition,
            answer_id,
            alert_id,
            LABELS[kind],
            max(made_at, since),
        )
        for answer_id, alert_id, kind, made_at in said.select(
            "acknowledgement_id", "alert_id", "kind", "made_at"
        ).iter_rows()
        if (mornings := facts.get(alert_id))
        for (centre, evening, source), since in _first_above(mornings).items()
    ]
    schema = {
        name: pl.String if name == "evening" else dtype for name, dtype in LABELLED_NIGHTS.schema.items()
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("evening").str.to_date())
    return LABELLED_NIGHTS.conform(frame.sort("evening", "centre_code", "source", "known_at"))


def _first_above(mornings: Iterable[tuple[datetime, AlertFacts]]) -> dict[Key, datetime]:
    """Return each count that an alert was about, and the morning from which it was."""
    first: dict[Key, datetime] = {}
    for as_of, facts in mornings:
        for key in _about(facts):
            first.setdefault(key, as_of)
    return first


def _about(facts: AlertFacts) -> Iterable[Key]:
    window = window_of(facts.detector)
    if facts.alarming or window is None or not window.lists_nights:
        return facts.alarming
    return [key for key, view in facts.views.items() if view.verdict is not Verdict.UNKNOWN]
