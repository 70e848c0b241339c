"""Where each alert stands in its life: one row an alert, from its decisions alone."""

from collections import defaultdict
from typing import Any

import polars as pl

from alerts.deciding.facts import AlertFacts
from alerts.words.wording import headline
from nte.area import Area
from nte.tables.alerts import ALERTS
from nte.words import AlertState, Reason

_STATES = {
    Reason.WITHDRAWN: AlertState.WITHDRAWN,
    Reason.COMPLETED: AlertState.COMPLETED,
    Reason.SILENCED: AlertState.SILENCED,
    Reason.GROUPED: AlertState.GROUPED,
    Reason.ACKNOWLEDGED: AlertState.ACKNOWLEDGED,
}


def alert_rows(decisions: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return the alerts table as the decisions so far make it."""
    made = decisions.filter(pl.col("alert_id") != "").sort("decided_as_of")
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in made.iter_rows(named=True):
        groups[row["alert_id"]].append(row)
    facts = {alert_id: AlertFacts.model_validate_json(rows[-1]["facts"]) for alert_id, rows in groups.items()}
    speakers: dict[str, set[str]] = defaultdict(set)
    for alert_id, latest in facts.items():
        speakers[latest.grouped_in or alert_id].add(str(latest.detector))
    rows = [
        _row(alert_id, rows, facts[alert_id], speakers[alert_id], area) for alert_id, rows in groups.items()
    ]
    return ALERTS.conform(pl.DataFrame(rows, schema=ALERTS.schema))


def _row(
    alert_id: str, rows: list[dict[str, Any]], facts: AlertFacts, detectors: set[str], area: Area
) -> dict[str, Any]:
    reasons = [Reason(row["reason"]) for row in rows]
    telling = [r for r in rows if r["is_said"]] or rows
    return {
        "alert_id": alert_id,
        "centre_code": facts.centre_code,
        "first_evening": facts.first_evening,
        "last_evening": facts.last_evening,
        "definition": facts.definition,
        "detectors": ",".join(sorted(detectors | {str(facts.detector)})),
        "state": _state(reasons),
        "headline": headline(facts, _last_said(reasons), area),
        "raised_as_of": rows[0]["decided_as_of"],
        "changed_as_of": telling[-1]["decided_as_of"],
    }


def _state(reasons: list[Reason]) -> str:
    """Return the state that the last telling reason leaves; 'unchanged' and the like leave it as it was."""
    state = AlertState.OPEN
    for reason in reasons:
        if reason.is_said or reason in _STATES:
            state = _STATES.get(reason, AlertState.OPEN)
    return str(state)


def _last_said(reasons: list[Reason]) -> Reason:
    return next((r for r in reversed(reasons) if r.is_said), Reason.FIRST)
