"""What ops hear of the bands: a shift and bands out of bounds are each said once, and their end once."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from alerts import steps
from alerts.slack.door import SlackAccess
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.tables.scores import ALERT_SCORES
from nte.warehouse import open_warehouse
from tests.alerts.block_kit import faults
from tests.alerts.scenes import AREA, as_slack, band_score, morning, put_scores, put_shifts
from tests.alerts.slack_server import Workspace

MONDAY = date(2026, 3, 30)
SINCE = date(2026, 2, 27)
WEEK = timedelta(weeks=1)
PAGES = "http://nights.test/pages"


def announce(settings: Settings, day: date) -> list[dict[str, Any]]:
    """Return what is new for ops of the bands on a day: messages and replies."""
    now, quiet = morning(day) + timedelta(hours=3), AREA.slack.model_copy(update={"has_heartbeat": False})
    known = _said(settings)
    steps.announce_feeds(settings, AREA.model_copy(update={"slack": quiet}), now)
    return _said(settings)[len(known) :]


def _said(settings: Settings) -> list[dict[str, Any]]:
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "purpose = 'model' AND kind <> 'edit'").sort("sequence")
    messages = as_slack(outbox)
    assert all(not faults(message) for message in messages)
    return messages


def urls(message: dict[str, Any]) -> list[str]:
    """Return where the message's buttons lead."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [button["url"] for row in rows for button in row]


def test_a_shift_is_said_once_however_often_it_is_named(settings: Settings) -> None:
    put_shifts(settings, (MONDAY, "emas", "", SINCE, 1.42))
    (said,) = announce(settings, MONDAY)
    assert "Ambulance, the whole area: counts have shifted. Since Friday 27 February, for 5 weekends" in said[
        "text"
    ].replace("*", "")
    assert "higher than expected: 1.4 times what was forecast" in said["text"]
    put_shifts(settings, (MONDAY + WEEK, "emas", "", SINCE, 1.5))
    assert announce(settings, MONDAY + WEEK) == []


def test_a_shift_that_is_not_named_for_four_weeks_is_over_and_said_once(settings: Settings) -> None:
    put_shifts(settings, (MONDAY, "police", "derby", SINCE, 0.7))
    (said,) = announce(settings, MONDAY)
    assert "Police, Derby city centre" in said["text"]
    assert "lower than expected: 70 % of what was forecast" in said["text"]
    for n in range(1, 5):
        put_scores(settings, band_score(MONDAY + n * WEEK))
        assert announce(settings, MONDAY + n * WEEK) == []
    put_scores(settings, band_score(MONDAY + 5 * WEEK))
    (ended,) = announce(settings, MONDAY + 5 * WEEK)
    assert "The shift is over" in ended["text"]
    assert announce(settings, MONDAY + 6 * WEEK) == []


def test_a_shift_that_is_over_before_anybody_looked_is_not_said(settings: Settings) -> None:
    put_shifts(settings, (MONDAY, "police", "derby", SINCE, 0.7))
    put_scores(settings, band_score(MONDAY + 5 * WEEK))
    assert announce(settings, MONDAY + 5 * WEEK) == []


def test_what_is_named_later_is_not_known_yet(settings: Settings) -> None:
    put_shifts(settings, (MONDAY, "police", "derby", SINCE, 0.7))
    assert announce(settings, MONDAY - timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("mean_pit", "what"),
    [
        (0.57, "higher than the bands forecast, so that false alarms"),
        (0.44, "lower than the bands forecast, so that a real rise may be missed"),
        (0.5, "more extreme than the bands forecast"),
    ],
)
def test_bands_out_of_bounds_are_said_once_while_it_lasts_and_once_when_they_are_back(
    settings: Settings, mean_pit: float, what: str
) -> None:
    put_scores(settings, band_score(MONDAY, source="ae", is_out=True, mean_pit=mean_pit))
    (said,) = announce(settings, MONDAY)
    assert "A&amp;E: the bands are out of bounds" in said["text"]
    assert what in said["text"]
    put_scores(settings, band_score(MONDAY + WEEK, source="ae", is_out=True, mean_pit=mean_pit))
    assert announce(settings, MONDAY + WEEK) == []
    put_scores(settings, band_score(MONDAY + 2 * WEEK, source="ae", is_out=None))
    assert announce(settings, MONDAY + 2 * WEEK) == []
    put_scores(settings, band_score(MONDAY + 3 * WEEK, source="ae", is_out=False))
    (back,) = announce(settings, MONDAY + 3 * WEEK)
    assert "the bands are back within bounds" in back["text"]
    assert announce(settings, MONDAY + 4 * WEEK) == []
    put_scores(settings, band_score(MONDAY + 5 * WEEK, source="ae", is_out=True))
    assert len(announce(settings, MONDAY + 5 * WEEK)) == 1


def put_alert_scores(settings: Settings, monday: date, n_stood: int, *, is_out: bool | None) -> None:
    """Write the scores of ten alerts on a Monday, of which two fell because records had gone."""
    row: dict[str, Any] = dict.fromkeys(ALERT_SCORES.names, 0)
    row |= {"as_of": morning(monday), "rule": "stands", "detector": "", "span": "last 26 weekends"}
    row |= {
        "n_alerts": 10,
        "n_stood": n_stood,
        "n_withdrawn_record_gone": 2,
        "not_standing_bound_share": 0.25,
    }
    with open_warehouse(settings) as warehouse:
        warehouse.merge(
            ALERT_SCORES, pl.DataFrame([row | {"is_out_of_bounds": is_out}], schema=ALERT_SCORES.schema)
        )
    put_scores(settings, band_score(monday))


def test_alerts_that_do_not_stand_are_said_once_and_once_when_they_stand_again(settings: Settings) -> None:
    put_alert_scores(settings, MONDAY, 5, is_out=False)
    assert announce(settings, MONDAY) == []
    put_alert_scores(settings, MONDAY + WEEK, 3, is_out=True)
    (said,) = announce(settings.model_copy(update={"base_url": PAGES}), MONDAY + WEEK)
    text = said["text"].replace("*", "")
    assert (
        "Too many alerts do not stand. Of the last 26 weekends' 10 alerts 7 did not, 2 of them because"
        in text
    )
    assert "By their own rule at most 25 % may fall" in text
    assert urls(said) == [f"{PAGES}/runbook#alerts-do-not-stand"]
    put_alert_scores(settings, MONDAY + 2 * WEEK, 3, is_out=True)
    assert announce(settings, MONDAY + 2 * WEEK) == []
    put_alert_scores(settings, MONDAY + 3 * WEEK, 4, is_out=None)
    assert announce(settings, MONDAY + 3 * WEEK) == []
    put_alert_scores(settings, MONDAY + 4 * WEEK, 8, is_out=False)
    (ended,) = announce(settings, MONDAY + 4 * WEEK)
    assert "Alerts stand again. Of the last 26 weekends' 10 alerts 2 did not." in ended["text"]
    put_alert_scores(settings, MONDAY + 5 * WEEK, 3, is_out=True)
    assert len(announce(settings, MONDAY + 5 * WEEK)) == 1


def test_each_leads_to_its_chapter_of_the_runbook(settings: Settings) -> None:
    served = settings.model_copy(update={"base_url": f"{PAGES}/"})
    put_shifts(settings, (MONDAY, "emas", "", SINCE, 1.42))
    put_scores(settings, band_score(MONDAY, source="ae", is_out=True))
    shift, bands = announce(served, MONDAY)
    assert urls(shift) == [f"{PAGES}/runbook#level-shift"]
    assert urls(bands) == [f"{PAGES}/runbook#bands-out-of-bounds"]


def test_the_end_stands_in_the_thread_and_on_the_message(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_scores(settings, band_score(MONDAY, source="ae", is_out=True))
    steps.pause_alerts(settings, morning(MONDAY), "duty officer", "exercise")
    announce(settings, MONDAY)
    steps.post_pending(settings, AREA, morning(MONDAY), access, pace_seconds=0)
    put_scores(settings, band_score(MONDAY + WEEK, source="ae", is_out=False))
    announce(settings, MONDAY + WEEK)
    now = morning(MONDAY + WEEK) + timedelta(hours=4)
    steps.post_pending(settings, AREA, now, access, pace_seconds=0)
    head, reply = next(t for t in workspace.threads(AREA.slack.ops_channel) if "bands" in t[0]["text"])
    assert head["edited"]
    assert "back within bounds" in head["text"]
    assert "back within bounds" in reply["text"]


def test_a_trouble_that_ended_before_slack_was_back_is_one_line(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_scores(settings, band_score(MONDAY, source="ae", is_out=True))
    announce(settings, MONDAY)
    put_scores(settings, band_score(MONDAY + WEEK, source="ae", is_out=False))
    announce(settings, MONDAY + WEEK)
    now = morning(MONDAY + WEEK) + timedelta(hours=4)
    steps.post_pending(settings, AREA, now, access, pace_seconds=0)
    (head,) = next(t for t in workspace.threads(AREA.slack.ops_channel) if "bands" in t[0]["text"])
    assert "back within bounds" in head["text"]
