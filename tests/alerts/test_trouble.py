"""A task that fails is told once, and once that it works again, without the warehouse."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.ops.trouble import SERVICE
from alerts.slack.door import SlackAccess
from alerts.steps import report_mended, report_trouble, troubles
from nte.errors import CannotWriteError, NteError
from nte.settings import Settings
from tests.alerts.scenes import AREA
from tests.alerts.slack_server import BROKEN_BUT_TAKEN, Workspace

AT = datetime(2026, 3, 30, 5, 10, tzinfo=UTC)
OPS = AREA.slack.ops_channel


def fail(settings: Settings, slack: SlackAccess | None, what: str = "The disk is full. Make room.") -> None:
    report_trouble(settings, AREA, dag_id="issue_bands", task_id="load", what=what, now=AT, slack=slack)


def mend(settings: Settings, slack: SlackAccess | None) -> None:
    report_mended(settings, AREA, dag_id="issue_bands", task_id="load", slack=slack)


def test_a_failure_is_told_once_with_the_next_step_and_mended_once_in_its_thread(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    fail(settings, access)
    fail(settings, access)
    [head] = workspace.posts(OPS)
    assert "load of issue_bands failed" in head["text"]
    assert "The disk is full. Make room." in head["text"]
    assert "docs/runbook.md says what to do, under issue_bands" in head["text"]
    assert [t.line for t in troubles(settings)] == [
        "issue_bands: load failed since 2026-03-30 06:10. The disk is full. Make room."
    ]
    mend(settings, access)
    mend(settings, access)
    [thread] = workspace.threads(OPS)
    assert [m["text"] for m in thread[1:]] == ["Works again: issue_bands, load."]
    assert troubles(settings) == []
    assert not settings.warehouse_file.exists()


def test_a_failure_after_it_was_mended_is_a_new_message(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    fail(settings, access)
    mend(settings, access)
    report_trouble(
        settings,
        AREA,
        dag_id="issue_bands",
        task_id="load",
        what="again",
        now=AT + timedelta(hours=1),
        slack=access,
    )
    assert len(workspace.threads(OPS)) == 2


def test_an_answer_that_was_lost_does_not_make_a_second_message(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    workspace.fail_next("chat.postMessage", BROKEN_BUT_TAKEN)
    fail(settings, access)
    fail(settings, access)
    assert len(workspace.posts(OPS)) == 1


def test_without_slack_it_is_kept_for_the_terminal_and_told_when_slack_is_there(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    fail(settings, None)
    assert len(troubles(settings)) == 1
    fail(settings, access)
    assert len(workspace.posts(OPS)) == 1


def test_what_cannot_be_noted_is_told_all_the_same(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    folder = settings.trouble_file("issue_bands", "load").parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way, as a full disk is")
    with pytest.raises(CannotWriteError):
        fail(settings, access)
    assert len(workspace.posts(OPS)) == 1


def test_a_part_of_the_service_is_told_as_such(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    report_trouble(
        settings, AREA, dag_id=SERVICE, task_id="scheduler", what="It ended.", now=AT, slack=access
    )
    [head] = workspace.posts(OPS)
    assert head["text"].startswith("The service: scheduler does not run as it should. It ended.")
    assert [one.line for one in troubles(settings)] == ["scheduler, since 2026-03-30 06:10. It ended."]


def test_the_text_of_an_error_cannot_ping_or_format(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    fail(settings, access, "<!channel> <https://example.org|click>")
    assert "<!channel>" not in workspace.posts(OPS)[0]["text"]
    assert "<https://example.org" not in workspace.posts(OPS)[0]["text"]


def test_links_lead_to_the_runbook_entry_of_the_dag(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    fail(settings.model_copy(update={"base_url": "https://airflow.example/nights/"}), access)
    button = workspace.posts(OPS)[0]["blocks"][-1]["elements"][0]
    assert button["url"] == "https://airflow.example/nights/runbook#issue_bands"


def test_a_file_that_cannot_be_read_says_what_to_do(settings: Settings) -> None:
    path = settings.trouble_file("issue_bands", "load")
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(NteError, match="Delete it"):
        troubles(settings)
