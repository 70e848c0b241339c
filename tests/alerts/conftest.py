"""A Slack and a state folder for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.slack.door import SlackAccess
from nte.settings import Settings
from tests.alerts.scenes import AREA, settings_in
from tests.alerts.slack_server import TOKEN, SlackServer, Workspace


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def server() -> Iterator[SlackServer]:
    slack = AREA.slack
    with SlackServer([slack.police_channel, slack.ops_channel, *slack.district_channels.values()]) as running:
        yield running


@pytest.fixture
def workspace(server: SlackServer) -> Workspace:
    return server.workspace


@pytest.fixture
def access(server: SlackServer) -> SlackAccess:
    return SlackAccess(TOKEN, server.base_url)
