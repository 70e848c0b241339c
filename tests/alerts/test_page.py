"""The page that looks like Slack, the pause switch, quiet hours and pictures."""

import re
import struct
import subprocess
from datetime import date, time, timedelta
from pathlib import Path
from shutil import which

import polars as pl
import pytest

from alerts import steps
from alerts.page.render import line_html
from alerts.slack.door import SlackAccess
from alerts.words.message import Message
from nte.area import QuietHours
from nte.settings import Settings
from nte.tables.bands import BANDS
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning, put_judgements
from tests.alerts.slack_server import Workspace, refused

SUNDAY, MONDAY = date(2026, 3, 29), date(2026, 3, 30)
NOW = morning(MONDAY) + timedelta(hours=3)
CHROMIUM = which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def raise_one(settings: Settings) -> None:
    """Raise one alert with a revision."""
    put_judgements(
        settings,
        judged(SUNDAY, View("police", 14, "far_above"), View("ae", None, "unknown", why="late")),
    )
    put_judgements(settings, judged(MONDAY, View("police", 16, "far_above", 0.7)))
    steps.decide_alerts(settings, AREA, NOW)
    steps.write_messages(settings, AREA, NOW)


def put_history(settings: Settings) -> None:
    """Write bands and counts of the twelve weekends before."""
    evenings = [SATURDAY - timedelta(days=7 * w + d) for w in range(13) for d in (0, 1)]
    bands = [
        (
            e,
            "derby",
            "police",
            "nte-violence",
            4.8,
            0,
            11,
            9,
            0.001,
            "stands",
            5.0,
            1.6,
            300,
            e,
            e,
            morning(e),
            False,
            morning(e),
            "1",
        )
        for e in evenings
    ]
    counts = [
        (e, "derby", "police", "nte-violence", 3 + e.day % 5, True, morning(e + timedelta(days=1)))
        for e in evenings
    ]
    with open_warehouse(settings) as warehouse:
        warehouse.append(BANDS, pl.DataFrame(bands, schema=BANDS.schema, orient="row"))
        warehouse.append(
            NIGHT_COUNT_REVISIONS, pl.DataFrame(counts, schema=NIGHT_COUNT_REVISIONS.schema, orient="row")
        )


def test_the_page_holds_everything_and_asks_nothing_of_the_network(settings: Settings) -> None:
    raise_one(settings)
    page = steps.render_messages(settings, AREA, NOW).read_text()
    assert "Derby city centre: far more violence than expected" in page
    assert "2 late police records; 14 → 16" in page
    assert "so the night is unknown, not quiet" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "http" not in page.replace("http-equiv", "")


def test_an_empty_page_says_so(settings: Settings) -> None:
    assert "No messages yet" in steps.render_messages(settings, AREA, NOW).read_text()


def test_the_messages_about_simulated_deliveries_say_so(settings: Settings) -> None:
    assert "Simulated" not in steps.render_messages(settings, AREA, NOW).read_text(encoding="utf-8")
    settings.simulated_file.write_text("{}", encoding="utf-8")
    assert "Simulated figures, made to show" in steps.render_messages(settings, AREA, NOW).read_text(
        encoding="utf-8"
    )


def test_hostile_text_stays_text_on_the_page() -> None:
    said = Message.of("x", lead="<script>alert(1)</script> *bold* <!channel>")
    html = str(line_html(said.lead[0]))
    assert "<script>" not in html
    assert "<b>" not in html
    assert html.startswith("&lt;script&gt;")


def test_the_terminal_shows_the_same_messages(settings: Settings) -> None:
    raise_one(settings)
    assert len(steps.terminal_messages(settings, AREA, NOW)) == 2


def test_a_pause_holds_alerts_and_is_shown_until_it_is_lifted(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    raise_one(settings)
    steps.pause_alerts(settings, NOW, "duty officer", "exercise")
    assert steps.post_pending(settings, AREA, NOW, access, pace_seconds=0).n_posted == 0
    assert (
        "All alerts are paused since Monday 30 March"
        in steps.render_messages(settings, AREA, NOW).read_text()
    )
    steps.resume_alerts(settings, NOW)
    assert steps.post_pending(settings, AREA, NOW, access, pace_seconds=0).n_posted == 2
    assert "paused" not in steps.render_messages(settings, AREA, NOW).read_text().split("</style>")[1]


def test_quiet_hours_hold_one_channel_until_they_end(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    raise_one(settings)
    quiet = {"#nte-derby": QuietHours(starts=time(22), ends=time(10))}
    area = AREA.model_copy(update={"slack": AREA.slack.model_copy(update={"quiet_hours": quiet})})
    steps.post_pending(settings, area, NOW, access, pace_seconds=0)
    assert not workspace.posts("#nte-derby")
    assert workspace.posts("#nte-police")
    steps.post_pending(settings, area, NOW + timedelta(hours=2), access, pace_seconds=0)
    assert len(workspace.threads("#nte-derby")) == 1


def test_the_picture_is_uploaded_and_stands_in_the_message(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_history(settings)
    raise_one(settings)
    steps.post_pending(settings, AREA, NOW, access, pace_seconds=0)
    head = workspace.posts("#nte-derby")[0]
    image = next(block for block in head["blocks"] if block["type"] == "image")
    assert "Police 16 so far" in image["alt_text"]
    picture = workspace.files[image["slack_file"]["id"]]
    width, height = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG")
    assert 900 < width < 1300
    assert 500 < height < 1000
    assert not workspace.faults


def test_a_message_goes_without_its_picture_when_slack_does_not_take_it(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_history(settings)
    raise_one(settings)
    workspace.fail_next("files.getUploadURLExternal", *[refused("missing_scope")] * 10)
    assert steps.post_pending(settings, AREA, NOW, access, pace_seconds=0).n_posted == 2
    assert all(b["type"] != "image" for b in workspace.posts("#nte-derby")[0]["blocks"])


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")
@pytest.mark.parametrize("width", [390, 1200])
def test_a_browser_draws_the_page_at_phone_width(settings: Settings, tmp_path: Path, width: int) -> None:
    raise_one(settings)
    page, shot = steps.render_messages(settings, AREA, NOW), tmp_path / "page.png"
    command = [
        str(CHROMIUM),
        *FLAGS,
        f"--user-data-dir={tmp_path / 'chrome'}",
        f"--window-size={width},844",
        f"--screenshot={shot}",
        page.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert struct.unpack(">II", shot.read_bytes()[16:24]) == (width, 844)
