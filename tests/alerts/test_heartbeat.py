"""One line a day says that the service is alive, so that its silence is noticed."""

from datetime import date, datetime, timedelta

import polars as pl

from alerts import steps
from alerts.slack.door import SlackAccess
from nte.area import Area
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.tables.deliveries import DELIVERIES
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, View, as_slack, judged, morning, put_coverage, put_judgements
from tests.alerts.slack_server import Workspace

MONDAY, TUESDAY = date(2026, 3, 30), date(2026, 3, 31)
AT_SIX, AT_EIGHT = morning(MONDAY), morning(MONDAY) + timedelta(hours=2)


def beat(settings: Settings, now: datetime, area: Area = AREA) -> list[str]:
    """Return the lines that are new."""
    known = _lines(settings)
    steps.announce_feeds(settings, area, now)
    return _lines(settings)[len(known) :]


def _lines(settings: Settings) -> list[str]:
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "purpose = 'heartbeat'").sort("sequence")
    return [message["text"] for message in as_slack(outbox)]


def take(settings: Settings, source: str, at: datetime) -> None:
    """Write that a delivery was taken."""
    name = f"{source}_{at:%Y-%m-%dT%H}"
    row = (name, source, f"{name}.csv", "ab", 1, at, at, at - timedelta(days=1), at, False, None, False)
    with open_warehouse(settings) as warehouse:
        warehouse.append(DELIVERIES, pl.DataFrame([row], schema=DELIVERIES.schema, orient="row"))


def cover(settings: Settings, *missing: str) -> None:
    """Cover the fortnight before Monday; the missing sources lack its last night."""
    nights = [(s, MONDAY - timedelta(days=n)) for s in AREA.sources for n in range(1, 16)]
    late = {(s, MONDAY - timedelta(days=1)) for s in missing}
    put_coverage(settings, [(s, e, (s, e) not in late) for s, e in nights])


def test_the_line_says_what_was_taken_what_is_late_and_that_alerts_are_on(settings: Settings) -> None:
    cover(settings, "ae")
    take(settings, "police", AT_SIX)
    take(settings, "emas", AT_SIX - timedelta(days=2))
    (line,) = beat(settings, AT_EIGHT)
    assert line == (
        "Monday 30 March, 08:00: the monitor is running. "
        "Deliveries taken since the last line: Police 1, Ambulance none, A&amp;E none. "
        "Not here: A&amp;E (late, since Sunday 29 March). Alerts are on."
    )


def test_there_is_never_more_than_one_line_a_local_day(settings: Settings) -> None:
    cover(settings)
    assert beat(settings, AT_EIGHT - timedelta(minutes=1)) == []
    assert len(beat(settings, AT_EIGHT)) == 1
    assert beat(settings, AT_EIGHT + timedelta(hours=9)) == []
    # 23:30 in summer is still Monday, although not in UTC's next hour.
    assert beat(settings, AT_SIX + timedelta(hours=17, minutes=30)) == []
    assert len(beat(settings, AT_EIGHT + timedelta(days=1))) == 1


def test_the_second_line_counts_from_the_first(settings: Settings) -> None:
    cover(settings)
    take(settings, "police", AT_SIX)
    beat(settings, AT_EIGHT)
    take(settings, "police", AT_EIGHT + timedelta(hours=1))
    (line,) = beat(settings, AT_EIGHT + timedelta(days=1))
    assert "Police 1," in line


def test_it_says_that_alerts_are_paused_and_goes_all_the_same(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    cover(settings)
    steps.pause_alerts(settings, AT_SIX, "duty officer", "exercise")
    (line,) = beat(settings, AT_EIGHT)
    assert "All alerts are paused since Monday 30 March, 06:00, by duty officer: exercise." in line
    steps.post_pending(settings, AREA, AT_EIGHT, access, pace_seconds=0)
    assert [m["text"] for m in workspace.posts(AREA.slack.ops_channel)] == [line]


def test_it_counts_what_waits_since_earlier_not_what_this_run_is_about_to_post(settings: Settings) -> None:
    cover(settings)
    put_judgements(settings, judged(MONDAY, View("police", 14, "far_above")))
    steps.decide_alerts(settings, AREA, AT_EIGHT)
    assert steps.write_messages(settings, AREA, AT_EIGHT) == 2
    (today,) = beat(settings, AT_EIGHT)
    assert "to be posted" not in today
    (tomorrow,) = beat(settings, AT_EIGHT + timedelta(days=1))
    assert "2 older messages wait to be posted." in tomorrow


def test_lines_that_slack_missed_do_not_come_all_at_once(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    cover(settings)
    for n in range(3):
        beat(settings, AT_EIGHT + timedelta(days=n))
    steps.post_pending(settings, AREA, AT_EIGHT + timedelta(days=2), access, pace_seconds=0)
    lines = [m["text"] for m in workspace.posts(AREA.slack.ops_channel) if "running" in m["text"]]
    assert [line[:21] for line in lines] == ["Wednesday 1 April, 08"]


def test_it_can_be_switched_off_in_the_area_file(settings: Settings) -> None:
    cover(settings)
    area = AREA.model_copy(update={"slack": AREA.slack.model_copy(update={"has_heartbeat": False})})
    assert beat(settings, AT_EIGHT, area) == []
