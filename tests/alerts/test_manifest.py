"""The manifest in docs/slack.md asks for what the code calls: no scope too few, none too many."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest

from alerts import steps
from alerts.slack.door import SlackAccess
from alerts.words.message import LIFT
from nte.settings import CHECKOUT, Settings
from tests.alerts.scenes import AREA, View, judged, morning, put_judgements
from tests.alerts.slack_server import DROPPED, SCOPES_OF, Workspace
from tests.alerts.test_page import put_history

SUNDAY, MONDAY = date(2026, 3, 29), date(2026, 3, 30)
NOW = morning(MONDAY) + timedelta(hours=3)
GUIDE = (CHECKOUT / "docs" / "slack.md").read_text()
CALL = re.compile(r"_(?:once|freely)\.([a-zA-Z_0-9]+)")


def manifest() -> dict[str, Any]:
    """Return the manifest as the guide has it."""
    (text,) = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    return dict(json.loads(text))


def scopes() -> frozenset[str]:
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


def use_everything(settings: Settings, access: SlackAccess, workspace: Workspace) -> str:
    """Check the workspace, post an alert with a picture, lose an answer, revise; return what was complained of."""
    put_history(settings)
    problems = steps.check_slack(AREA, access)
    put_judgements(settings, judged(SUNDAY, View("police", 14, "far_above")))
    workspace.fail_next("chat.postMessage", DROPPED)
    for day in (SUNDAY, MONDAY):
        now = morning(day) + timedelta(hours=3)
        steps.decide_alerts(settings, AREA, now)
        steps.write_messages(settings, AREA, now)
        workspace.fail_next("chat.postMessage", DROPPED)
        done = steps.post_pending(settings, AREA, now, access, pace_seconds=0, sleep=lambda _: None)
        problems += done.reasons
        put_judgements(settings, judged(MONDAY, View("police", 16, "far_above", 0.7)))
    pictures = sum(bool(content) for content in workspace.files.values())
    return " ".join([*problems, *([] if pictures else ["no picture was taken"])])


def test_the_manifest_is_enough_for_all_that_the_service_does(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    workspace.scopes = scopes()
    assert use_everything(settings, access, workspace) == ""
    assert [len(t) for t in workspace.threads("#nte-derby")] == [2]


@pytest.mark.parametrize("scope", sorted(scopes()))
def test_no_scope_of_the_manifest_can_be_spared(
    settings: Settings, workspace: Workspace, access: SlackAccess, scope: str
) -> None:
    workspace.scopes = scopes() - {scope}
    assert re.search(rf"{scope}|no picture", use_everything(settings, access, workspace))


def test_every_method_that_the_code_calls_is_known_with_its_scopes() -> None:
    source = (CHECKOUT / "alerts" / "slack" / "door.py").read_text()
    called = {name.replace("_", ".", 1) for name in CALL.findall(source)} | {"apps.connections.open"}
    uploads = {"files.getUploadURLExternal", "files.completeUploadExternal"}
    assert (called - {"files.upload_v2"}) | uploads == set(SCOPES_OF)


def test_the_manifest_keeps_slacks_limits_and_listens_by_socket_mode() -> None:
    about, settings = manifest()["display_information"], manifest()["settings"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert settings["socket_mode_enabled"]
    assert settings["interactivity"]["is_enabled"]
    assert set(manifest()) == {"display_information", "features", "oauth_config", "settings"}


def test_the_guide_names_every_button(settings: Settings, workspace: Workspace, access: SlackAccess) -> None:
    put_judgements(settings, judged(SUNDAY, View("police", 14, "far_above")))
    steps.decide_alerts(settings, AREA, NOW)
    steps.write_messages(settings, AREA, NOW)
    steps.post_pending(settings, AREA, NOW, access, pace_seconds=0)
    rows = [b["elements"] for b in workspace.posts("#nte-derby")[0]["blocks"] if b["type"] == "actions"]
    named = re.findall(r"^\| ([A-Z][\w ]+) \| ", GUIDE, re.M)
    assert [*(b["text"]["text"] for row in rows for b in row), *LIFT.values()] == named
