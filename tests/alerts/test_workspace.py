"""What `nte doctor` says about the Slack workspace."""

from alerts import steps
from alerts.slack.door import SlackAccess
from tests.alerts.scenes import AREA
from tests.alerts.slack_server import Workspace


def test_a_ready_workspace_has_no_problems(access: SlackAccess) -> None:
    assert steps.check_slack(AREA, access) == []


def test_a_missing_and_an_archived_channel_are_named_with_the_next_action(
    workspace: Workspace, access: SlackAccess
) -> None:
    workspace.archived.add(workspace.channels["nte-ops"])
    del workspace.channels["nte-derby"]
    assert steps.check_slack(AREA, access) == [
        "#nte-ops is archived: restore it or name another in area.toml",
        "#nte-derby is not there, or the bot cannot see it: create it and invite the bot",
    ]


def test_a_revoked_token_is_said_with_the_next_action(workspace: Workspace, access: SlackAccess) -> None:
    workspace.is_revoked = True
    (problem,) = steps.check_slack(AREA, access)
    assert "make a new bot token" in problem


def test_a_slack_that_does_not_answer_is_said(access: SlackAccess) -> None:
    nowhere = SlackAccess(access.token, "http://127.0.0.1:9/api/")
    (problem,) = steps.check_slack(AREA, nowhere)
    assert "no answer from Slack" in problem
