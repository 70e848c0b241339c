"""An answer to an alert becomes a label of the counts behind it, from when it was given."""

from datetime import date, timedelta

import pytest

from alerts import steps
from alerts.slack.listen import Reply
from nte.settings import Settings
from nte.tables.judgements import LABELLED_NIGHTS
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning, put_judgements, put_windows, window

FRIDAY, SUNDAY = SATURDAY - timedelta(days=1), SATURDAY + timedelta(days=1)
MONDAY, TUESDAY = date(2026, 3, 30), date(2026, 3, 31)
ALERT = "derby/2026-03-28/nte-violence"
WINDOW = "derby/2026-03-27..2026-03-29/nte-violence"


def answer(settings: Settings, kind: str, day: date = MONDAY, alert_id: str = ALERT) -> None:
    """Answer an alert an hour after a morning."""
    reply = Reply(alert_id, kind, "", "C00000003", "k.shah")
    assert steps.answer_interaction(settings, AREA, morning(day) + timedelta(hours=1), reply)


def labels(settings: Settings) -> list[tuple[object, ...]]:
    with open_warehouse(settings) as warehouse:
        rows = warehouse.read(LABELLED_NIGHTS).sort("evening", "source", "known_at")
    return list(rows.select("evening", "centre_code", "source", "label", "known_at").iter_rows())


def raise_alert(settings: Settings) -> None:
    """Raise an alert that police see and the ambulance service does not."""
    put_judgements(settings, judged(SUNDAY, View("police", 14, "far_above"), View("emas", 3, "within")))
    steps.decide_alerts(settings, AREA, morning(SUNDAY) + timedelta(hours=1))


@pytest.mark.parametrize(
    ("kind", "label"),
    [("acted_on", "explained"), ("known_event", "explained"), ("data_fault", "data_fault"), ("note", None)],
)
def test_what_was_above_is_labelled_from_the_answer_on(
    settings: Settings, kind: str, label: str | None
) -> None:
    raise_alert(settings)
    answer(settings, kind)
    said_at = morning(MONDAY) + timedelta(hours=1)
    expected = [(SATURDAY, "derby", "police", label, said_at)] if label else []
    assert labels(settings) == expected


def test_a_source_that_rises_after_the_answer_is_labelled_from_that_morning_on(settings: Settings) -> None:
    raise_alert(settings)
    answer(settings, "known_event")
    put_judgements(settings, judged(TUESDAY, View("emas", 9, "above", 0.95)))
    steps.decide_alerts(settings, AREA, morning(TUESDAY) + timedelta(hours=1))
    assert (SATURDAY, "derby", "emas", "explained", morning(TUESDAY)) in labels(settings)


def test_a_weekend_on_which_no_night_stood_out_is_labelled_whole(settings: Settings) -> None:
    for evening in (FRIDAY, SATURDAY, SUNDAY):
        views = (View("police", 8, "within"), View("ae", None, "unknown", why="late"))
        put_judgements(settings, judged(MONDAY, *views, evening=evening))
    put_windows(settings, [window("derby", "weekend", FRIDAY, SUNDAY, MONDAY)])
    steps.decide_alerts(settings, AREA, morning(MONDAY) + timedelta(hours=1))
    answer(settings, "data_fault", TUESDAY, WINDOW)
    assert [row[:4] for row in labels(settings)] == [
        (evening, "derby", "police", "data_fault") for evening in (FRIDAY, SATURDAY, SUNDAY)
    ]


def test_a_rise_over_four_weekends_is_a_level_and_is_not_labelled(settings: Settings) -> None:
    put_judgements(settings, judged(MONDAY, View("police", 8, "within")))
    first = FRIDAY - timedelta(weeks=3)
    put_windows(settings, [window("derby", "four_weekends", first, SUNDAY, MONDAY)])
    steps.decide_alerts(settings, AREA, morning(MONDAY) + timedelta(hours=1))
    answer(settings, "acted_on", TUESDAY, f"derby/{first}..{SUNDAY}/nte-violence")
    assert labels(settings) == []
