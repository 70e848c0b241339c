"""A message that cannot be posted says why and what to do; an alert that reaches nobody reaches ops."""

from datetime import date, timedelta
from typing import Any

import pytest
from rich.console import Console

from alerts import steps
from alerts.slack.door import SlackAccess
from cli.status import show_status
from nte.settings import Settings
from tests.alerts.scenes import AREA, View, judged, morning, put_judgements
from tests.alerts.slack_server import Workspace, refused

SUNDAY, MONDAY = date(2026, 3, 29), date(2026, 3, 30)
NOW = morning(MONDAY) + timedelta(hours=1)
OPS, POLICE, DERBY = AREA.slack.ops_channel, AREA.slack.police_channel, "#nte-derby"
MEND = "restore the channel or name another in area.toml"


@pytest.fixture
def raised(settings: Settings) -> Settings:
    put_judgements(settings, judged(SUNDAY, View("police", 14, "far_above")))
    steps.decide_alerts(settings, AREA, NOW)
    steps.write_messages(settings, AREA, NOW)
    return settings


def archive(workspace: Workspace, *channels: str) -> None:
    workspace.archived = {workspace.channels[c.removeprefix("#")] for c in channels}


def plain(message: dict[str, Any]) -> str:
    """Return what is read of a message, without the signs that keep Slack from making links."""
    return str(message["text"]).replace("\u200b", "")


def post(settings: Settings, access: SlackAccess) -> None:
    steps.post_pending(settings, AREA, NOW, access, pace_seconds=0)


def status(settings: Settings) -> str:
    console = Console(record=True, width=300)
    show_status(console, settings, AREA, NOW)
    return console.export_text()


def test_a_channel_that_refuses_is_told_to_ops_once_and_so_is_its_end(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    archive(workspace, DERBY)
    post(raised, access)
    post(raised, access)
    (told,) = workspace.posts(OPS)
    assert plain(told).startswith(
        f"{DERBY}: messages cannot be posted there. Slack says is_archived: {MEND}."
    )
    said = f"1 message to {DERBY} waits since Mon 30 Mar, 07:00: Slack says is_archived: {MEND}"
    assert f"held  {said}" in status(raised)
    assert said in steps.render_messages(raised, AREA, NOW).read_text()
    steps.announce_feeds(raised, AREA, NOW + timedelta(hours=2))
    post(raised, access)
    (line,) = (plain(m) for m in workspace.posts(OPS) if "the monitor is running" in m["text"])
    assert f"1 older message waits to be posted: {said}." in line
    archive(workspace)
    post(raised, access)
    (told, end), *_ = workspace.threads(OPS)
    assert told["edited"]
    assert plain(end) == f"{DERBY}: messages are posted there again."
    assert len(workspace.posts(DERBY)) == 1


def test_an_alert_that_can_reach_no_channel_is_said_to_ops_without_a_count(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    archive(workspace, DERBY, POLICE)
    post(raised, access)
    said = plain(workspace.posts(OPS)[-1])
    assert said.startswith(
        "An alert reaches nobody. Derby city centre, Saturday 28 March: far more violence than expected. "
        "It waits for #nte-police and #nte-derby. "
        "Tell the readers of #nte-police and licensing team, Derby City Council by another way."
    )
    assert "14" not in said
    archive(workspace, DERBY)
    post(raised, access)
    assert workspace.threads(OPS)[-1][1]["text"] == "The alert is no longer without a reader."


def test_a_token_that_is_revoked_is_said_where_slack_is_not_needed(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    workspace.fail_next("chat.postMessage", refused("token_revoked"))
    post(raised, access)
    assert not workspace.posts(OPS)
    said = "1 message to #nte-police waits since Mon 30 Mar, 07:00: Slack says token_revoked: make a new bot token"
    assert said in status(raised)
    assert said in steps.render_messages(raised, AREA, NOW).read_text()
