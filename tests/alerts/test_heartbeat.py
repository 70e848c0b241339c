"""One line a day says that the service is alive, so that its silence is noticed."""

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import polars as pl
import pytest

from alerts import steps
from alerts.slack.door import SlackAccess
from nte.area import Area
from nte.errors import NteError
from nte.service import Part, Service, write_service
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.tables.deliveries import DELIVERIES
from nte.warehouse import open_warehouse
from nte.web import call
from nte.words import PartState
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


def test_the_line_names_nights_that_are_not_known_though_later_ones_are(settings: Settings) -> None:
    saturday = MONDAY - timedelta(days=2)
    nights = [(s, MONDAY - timedelta(days=n)) for s in AREA.sources for n in range(1, 8)]
    put_coverage(settings, [(s, e, e != saturday or s == "ae") for s, e in nights])
    (line,) = beat(settings, AT_EIGHT)
    assert "Nothing is late. Still not known: Saturday 28 March (Police and Ambulance). Alerts" in line


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


class Elsewhere(HTTPServer):
    """What alarms when it is not called; answers with the codes it is given, then with 200."""

    def __init__(self, *codes: int) -> None:
        self.codes, self.calls = list(codes), 0
        super().__init__(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/secret"


class _Answer(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        self.server.calls += 1
        self.send_response(self.server.codes.pop(0) if self.server.codes else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()
    yield server
    server.shutdown()
    server.server_close()


def a_morning(settings: Settings, slack: SlackAccess | None, now: datetime = AT_EIGHT) -> None:
    steps.announce_feeds(settings, AREA, now)
    steps.post_pending(settings, AREA, now, slack, pace_seconds=0)


def test_a_healthy_morning_calls_the_heartbeat_address_once(
    settings: Settings, access: SlackAccess, workspace: Workspace, elsewhere: Elsewhere
) -> None:
    settings = settings.model_copy(update={"heartbeat_url": elsewhere.address})
    cover(settings)
    a_morning(settings, access)
    said = [steps.call_heartbeat(settings, AREA, AT_EIGHT + timedelta(hours=n)) for n in (0, 1)]
    assert said == ["called", "called before"]
    a_morning(settings, access, AT_EIGHT + timedelta(days=1))
    steps.call_heartbeat(settings, AREA, AT_EIGHT + timedelta(days=1))
    assert elsewhere.calls == 2


def test_a_dead_slack_a_failed_task_or_a_part_that_hangs_leaves_the_heartbeat_silent(
    settings: Settings, access: SlackAccess, workspace: Workspace, elsewhere: Elsewhere
) -> None:
    settings = settings.model_copy(update={"heartbeat_url": elsewhere.address})
    cover(settings)
    a_morning(settings, None)
    assert "has not reached Slack" in steps.call_heartbeat(settings, AREA, AT_EIGHT)
    a_morning(settings, access)
    steps.report_trouble(settings, AREA, dag_id="d", task_id="t", what="x", now=AT_EIGHT, slack=None)
    assert "d: t failed" in steps.call_heartbeat(settings, AREA, AT_EIGHT)
    steps.report_mended(settings, AREA, dag_id="d", task_id="t", slack=None)
    hangs = Part("scheduler", PartState.SILENT, AT_EIGHT)
    write_service(settings.service_file, Service(AT_EIGHT, "http://x", (hangs,)))
    assert "The scheduler is there and does not answer" in steps.call_heartbeat(settings, AREA, AT_EIGHT)
    assert elsewhere.calls == 0


def test_a_busy_heartbeat_address_is_called_again_and_a_dead_one_named_without_its_secret() -> None:
    server = Elsewhere(503, 503)
    call(server.address, pause_seconds=0)
    assert server.calls == 3
    server.shutdown()
    server.server_close()
    with pytest.raises(
        NteError, match=r"heartbeat address at 127\.0\.0\.1 does not take the call"
    ) as problem:
        call(server.address, pause_seconds=0)
    assert "secret" not in str(problem.value)
