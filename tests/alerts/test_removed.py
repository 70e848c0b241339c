"""A message that somebody removed in Slack: news about it is posted once more, and never a third time."""

from datetime import date, timedelta

import pytest

from alerts import steps
from alerts.outbox.removed import NOTE, NOTHING_NEW, REMOVED_TWICE
from alerts.outbox.summaries import PostSummary
from alerts.slack.door import SlackAccess
from alerts.slack.listen import Reply
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, View, judged, morning, put_judgements
from tests.alerts.slack_server import BROKEN_BUT_TAKEN, DROPPED, Failure, Workspace

SUNDAY, MONDAY, TUESDAY = date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31)
WEDNESDAY = date(2026, 4, 1)


def say(settings: Settings, access: SlackAccess, day: date, count: int, share: float) -> PostSummary:
    """Judge, decide and post a morning on which Derby's police count stands at `count`."""
    put_judgements(settings, judged(day, View("police", count, "far_above", share)))
    return post(settings, access, day)


def post(settings: Settings, access: SlackAccess, day: date) -> PostSummary:
    now = morning(day) + timedelta(hours=3)
    steps.decide_alerts(settings, AREA, now)
    steps.write_messages(settings, AREA, now)
    return steps.post_pending(
        settings, AREA, now, access, pace_seconds=0, timeout_seconds=2, sleep=lambda _: None
    )


def reasons(settings: Settings, channel: str) -> list[str]:
    """Return why messages of a channel were not posted."""
    with open_warehouse(settings) as warehouse:
        rows = warehouse.read(OUTBOX, "status = 'not_posted' AND channel = ?", [channel]).sort("sequence")
    return rows["status_reason"].to_list()


def test_a_revision_of_a_removed_message_is_posted_once_more_and_says_so(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    assert say(settings, access, MONDAY, 16, 0.7).n_waiting == 0
    ((head, reply),) = workspace.threads("#nte-derby")
    assert head["text"].startswith(NOTE)
    assert "Police 16 so far" in head["text"]
    assert "2 late police records; 14 → 16." in reply["text"]
    assert [len(t) for t in workspace.threads("#nte-police")] == [2]
    assert post(settings, access, MONDAY) == PostSummary(0, 0, 0, 0)
    assert not workspace.faults


def test_later_revisions_go_to_the_message_that_took_its_place(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    say(settings, access, MONDAY, 16, 0.7)
    say(settings, access, TUESDAY, 15, 0.78)
    ((head, *replies),) = workspace.threads("#nte-derby")
    assert "Police 15 so far" in head["text"]
    assert ["14 → 16" in replies[0]["text"], "16 → 15" in replies[1]["text"]] == [True, True]


def test_the_last_of_several_revisions_that_wait_reaches_the_message_that_takes_its_place(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    for day, count, share in ((MONDAY, 16, 0.7), (TUESDAY, 18, 0.78)):
        put_judgements(settings, judged(day, View("police", count, "far_above", share)))
    assert post(settings, access, TUESDAY).n_waiting == 0
    ((head, reply),) = workspace.threads("#nte-derby")
    assert "Police 18 so far" in head["text"]
    assert "16 → 18" in reply["text"]


def test_a_message_that_is_removed_twice_is_not_posted_a_third_time(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    for day, count, share in ((SUNDAY, 14, 0.55), (MONDAY, 16, 0.7), (TUESDAY, 18, 0.78)):
        say(settings, access, day, count, share)
        if day != TUESDAY:
            workspace.posts("#nte-derby").clear()
    assert workspace.posts("#nte-derby") == []
    assert set(reasons(settings, "#nte-derby")[-2:]) == {REMOVED_TWICE}
    assert [len(t) for t in workspace.threads("#nte-police")] == [3]


def test_a_removed_message_stays_removed_while_there_is_nothing_new(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    say(settings, access, date(2026, 5, 3), 14, 1.0)
    assert workspace.posts("#nte-derby") == []
    assert reasons(settings, "#nte-derby") == [NOTHING_NEW]


def test_an_answer_does_not_bring_a_removed_message_back(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    reply = Reply("derby/2026-03-28/nte-violence", "acted_on", "", "C00000001", "k.shah")
    steps.answer_interaction(settings, AREA, morning(SUNDAY) + timedelta(hours=4), reply)
    post(settings, access, SUNDAY)
    assert workspace.posts("#nte-derby") == []
    assert [len(t) for t in workspace.threads("#nte-police")] == [2]


def test_an_answer_goes_to_the_message_that_took_its_place_alone(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    say(settings, access, MONDAY, 16, 0.7)
    reply = Reply("derby/2026-03-28/nte-violence", "acted_on", "", "C00000003", "k.shah")
    steps.answer_interaction(settings, AREA, morning(MONDAY) + timedelta(hours=4), reply)
    assert post(settings, access, MONDAY).n_not_posted == 0
    ((_, *replies),) = workspace.threads("#nte-derby")
    assert replies[-1]["text"] == "This is being acted on, says k.shah."


@pytest.mark.parametrize("failure", [DROPPED, BROKEN_BUT_TAKEN])
def test_the_message_that_takes_its_place_is_neither_lost_nor_doubled(
    settings: Settings, workspace: Workspace, access: SlackAccess, failure: Failure
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    workspace.posts("#nte-police").clear()
    workspace.fail_next("chat.postMessage", *[failure] * 4)
    for _ in range(3):
        say(settings, access, MONDAY, 16, 0.7)
    for channel in ("#nte-derby", "#nte-police"):
        assert [len(t) for t in workspace.threads(channel)] == [2]


def test_a_correction_a_fortnight_later_still_replaces_what_was_removed(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    say(settings, access, SUNDAY, 14, 0.55)
    workspace.posts("#nte-derby").clear()
    put_judgements(settings, judged(date(2026, 4, 12), View("police", 6, "within", 0.95)))
    post(settings, access, date(2026, 4, 12))
    ((head, reply),) = workspace.threads("#nte-derby")
    assert "the alert is withdrawn" in head["text"]
    assert "withdrawn" in reply["text"]
