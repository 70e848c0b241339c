"""Messages reach Slack once, in order, whatever Slack does; asserted on the JSON that it received."""

import threading
from datetime import date, timedelta

import pytest

from alerts import steps
from alerts.outbox.caught_up import WITHDRAWN_UNSEEN
from alerts.outbox.summaries import PostSummary
from alerts.slack.door import SlackAccess
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, View, judged, morning, put_judgements
from tests.alerts.slack_server import (
    BROKEN,
    BROKEN_BUT_TAKEN,
    DROPPED,
    DROPPED_BUT_TAKEN,
    RATE_LIMITED,
    Failure,
    Workspace,
    refused,
)

SUNDAY, MONDAY, TUESDAY = date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31)
NOW = morning(TUESDAY) + timedelta(hours=3)
FIRST = judged(SUNDAY, View("police", 14, "far_above"), View("emas", 6, "within", 0.9, 0.3))
ROSE = judged(MONDAY, View("police", 16, "far_above", 0.7))


def post(settings: Settings, access: SlackAccess | None) -> PostSummary:
    """Run the steps as the DAG does."""
    steps.decide_alerts(settings, AREA, NOW)
    steps.write_messages(settings, AREA, NOW)
    return steps.post_pending(
        settings, AREA, NOW, access, pace_seconds=0, timeout_seconds=2, sleep=lambda _: None
    )


def ids(workspace: Workspace, channel: str) -> list[str]:
    """Return the message ids that stand in a channel."""
    return [m["metadata"]["event_payload"]["message_id"] for m in workspace.posts(channel)]


def statuses(settings: Settings) -> dict[str, str | None]:
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX)
    return {
        f"{k}|{c}|{s}": why
        for k, c, s, why in outbox.select("kind", "channel", "status", "status_reason").iter_rows()
    }


def test_an_alert_reaches_the_police_and_the_district_once(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    assert post(settings, access) == PostSummary(2, 0, 0, 0)
    assert post(settings, access) == PostSummary(0, 0, 0, 0)
    assert len(workspace.posts("#nte-police")) == len(workspace.posts("#nte-derby")) == 1
    sent = workspace.asked("chat.postMessage")[0]
    assert sent["text"].startswith(
        "Derby city centre, Saturday 28 March: far more violence than expected. "
        "Police sees it so far, about 3 times the usual. Ambulance: fewer than may be said. "
        "Police 14 so far; a usual Saturday ends at about 5, alert above 9; about 48\u00a0% is in, so more will come."
    )
    assert (sent["parse"], sent["link_names"], sent["unfurl_links"]) == ("none", False, False)
    assert not workspace.faults


def test_a_revision_edits_the_head_and_says_in_the_thread_what_changed(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    post(settings, access)
    put_judgements(settings, ROSE)
    post(settings, access)
    ((head, reply),) = workspace.threads("#nte-derby")
    assert head["edited"]
    assert "Police 16 so far" in head["text"]
    assert "2 late police records; 14 → 16." in reply["text"]
    assert len(workspace.asked("chat.update")) == 2


def test_a_new_alert_goes_before_what_is_said_of_those_that_are_known(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    post(settings, access)
    n_before = len(workspace.calls)
    put_judgements(settings, [*ROSE, *judged(MONDAY, View("police", 14, "far_above"), centre="ilkeston")])
    post(settings, access)
    sent = [
        asked for name, asked in workspace.calls[n_before:] if name in {"chat.postMessage", "chat.update"}
    ]
    about = ["Ilkeston" if "Ilkeston" in asked["text"] else "Derby" for asked in sent]
    assert about == sorted(about, reverse=True)
    assert set(about) == {"Ilkeston", "Derby"}


def test_without_slack_messages_wait_and_go_when_it_is_there(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    assert post(settings, None).n_waiting == 2
    assert post(settings, access).n_posted == 2
    assert len(workspace.posts("#nte-derby")) == 1


@pytest.mark.parametrize("failure", [RATE_LIMITED, BROKEN, BROKEN_BUT_TAKEN, DROPPED, DROPPED_BUT_TAKEN])
def test_a_failing_call_neither_loses_nor_doubles_a_message(
    settings: Settings, workspace: Workspace, access: SlackAccess, failure: Failure
) -> None:
    put_judgements(settings, FIRST)
    workspace.fail_next("chat.postMessage", failure)
    assert post(settings, access).n_posted == 2
    put_judgements(settings, ROSE)
    workspace.fail_next("chat.postMessage", failure)
    workspace.fail_next("chat.update", failure)
    post(settings, access)
    for channel in ("#nte-police", "#nte-derby"):
        assert [len(thread) for thread in workspace.threads(channel)] == [2]
        assert len(set(ids(workspace, channel))) == 2


def test_an_hour_without_slack_holds_everything_and_then_one_head_says_the_newest(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, [*FIRST, *ROSE])
    workspace.fail_next("chat.postMessage", *[BROKEN] * 9)
    assert post(settings, access).n_held == 1
    assert post(settings, access).n_held == 1
    assert not workspace.posts("#nte-derby")
    assert post(settings, access).n_held == 1
    assert post(settings, access).n_waiting == 0
    for channel in ("#nte-police", "#nte-derby"):
        ((head,),) = workspace.threads(channel)
        assert "Police 16 so far" in head["text"]
        assert not head.get("edited")


def test_after_days_without_slack_a_thread_that_people_know_gets_one_reply(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    post(settings, access)
    put_judgements(settings, ROSE)
    post(settings, None)
    put_judgements(settings, judged(TUESDAY, View("police", 17, "far_above", 0.8)))
    post(settings, access)
    for channel in ("#nte-police", "#nte-derby"):
        ((head, reply),) = workspace.threads(channel)
        assert "Police 17 so far" in head["text"]
        assert "16 → 17" in reply["text"]


def test_a_withdrawal_is_said_though_the_alert_came_again_before_slack_was_back(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    post(settings, access)
    put_judgements(settings, judged(MONDAY, View("police", 6, "within", 0.7)))
    post(settings, None)
    put_judgements(settings, judged(TUESDAY, View("police", 17, "far_above", 0.8)))
    post(settings, access)
    ((_, gone, again),) = workspace.threads("#nte-police")
    assert "withdrawn" in gone["text"]
    assert "again" in again["text"]


def test_a_head_that_a_killed_run_had_posted_is_brought_up_to_the_newest(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    """Slack took it and nobody noted it; until the next run another morning was decided."""
    put_judgements(settings, FIRST)
    workspace.fail_next("chat.postMessage", DROPPED_BUT_TAKEN)
    workspace.fail_next("conversations.history", *[BROKEN] * 20)
    post(settings, access)
    workspace.failures.clear()
    put_judgements(settings, ROSE)
    post(settings, access)
    ((head, reply),) = workspace.threads("#nte-police")
    assert head["edited"]
    assert "Police 16 so far" in head["text"]
    assert "14 → 16" in reply["text"]


def test_what_was_withdrawn_before_anybody_was_told_is_not_posted_until_it_comes_again(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    gone = judged(MONDAY, View("police", 6, "within", 0.7))
    put_judgements(settings, [*FIRST, *gone])
    post(settings, access)
    assert not workspace.calls
    assert set(statuses(settings).values()) == {WITHDRAWN_UNSEEN}
    put_judgements(settings, judged(TUESDAY, View("police", 17, "far_above", 0.8)))
    post(settings, access)
    for channel in ("#nte-police", "#nte-derby"):
        ((head,),) = workspace.threads(channel)
        assert "Police 17 so far" in head["text"]


def test_a_revoked_token_stops_everything_and_says_what_to_do(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    workspace.is_revoked = True
    summary = post(settings, access)
    assert (summary.n_held, summary.n_waiting) == (1, 2)
    assert "make a new bot token" in summary.reasons[0]
    assert len(workspace.asked("chat.postMessage")) == 1
    workspace.is_revoked = False
    assert post(settings, access).n_posted == 2


@pytest.mark.parametrize(("days", "is_posted"), [(1, True), (3, False)])
def test_a_digest_that_waited_too_long_is_not_posted(
    settings: Settings, workspace: Workspace, access: SlackAccess, days: int, is_posted: bool
) -> None:
    monday = morning(MONDAY) + timedelta(hours=1)
    put_judgements(settings, judged(MONDAY, View("police", 3, "within")))
    steps.write_bulletins(settings, AREA, monday)
    later = monday + timedelta(days=days)
    steps.post_pending(settings, AREA, later, access, pace_seconds=0)
    assert bool(workspace.posts("#nte-derby")) is is_posted
    assert is_posted or set(statuses(settings).values()) == {
        "it waited until its days were over; the next one says it"
    }


def test_an_archived_channel_holds_its_own_messages_only(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    elsewhere = judged(SUNDAY, View("police", 14, "far_above"), centre="chesterfield")
    put_judgements(settings, [*FIRST, *elsewhere])
    workspace.archived.add(workspace.channels["nte-police"])
    post(settings, access)
    tried = [call for call in workspace.asked("chat.postMessage") if call["channel"] == "#nte-police"]
    assert len(tried) == 1, "the channel's other messages need not be tried"
    assert not workspace.posts("#nte-police")
    assert len(workspace.threads("#nte-derby")) == 1
    assert any("restore the channel" in (why or "") for why in statuses(settings).values())
    workspace.archived.clear()
    post(settings, access)
    assert len(workspace.threads("#nte-police")) == 2


def test_a_message_that_slack_refuses_holds_only_its_thread(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    workspace.fail_next("chat.postMessage", refused("msg_too_long"))
    post(settings, access)
    assert not workspace.posts("#nte-police")
    assert len(workspace.threads("#nte-derby")) == 1


def test_an_alert_about_an_old_night_is_recorded_and_not_posted(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    late = NOW + timedelta(days=10)
    steps.decide_alerts(settings, AREA, late)
    steps.write_messages(settings, AREA, late)
    steps.post_pending(settings, AREA, late, access, pace_seconds=0)
    assert not workspace.calls
    assert set(statuses(settings).values()) == {"the night closed more than 10 days before this run"}


def test_two_runs_at_once_post_each_message_once(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    put_judgements(settings, FIRST)
    post(settings, access)
    put_judgements(settings, ROSE)
    post(settings, None)
    runs = [
        threading.Thread(
            target=steps.post_pending, args=(settings, AREA, NOW, access), kwargs={"pace_seconds": 0}
        )
        for _ in range(3)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [len(thread) for thread in workspace.threads("#nte-derby")] == [2]
    assert len(workspace.asked("chat.postMessage")) == 4


def test_the_token_is_never_shown(access: SlackAccess) -> None:
    assert access.token not in repr(access)
