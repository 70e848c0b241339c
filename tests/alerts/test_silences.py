"""A silence is of one town centre in one channel, is seen, can be lifted, and does not hold what is far above."""

from datetime import date, datetime, timedelta

import pytest
from rich.console import Console

from alerts import steps
from alerts.outbox.caught_up import WITHDRAWN_UNSEEN
from alerts.slack.door import SlackAccess
from alerts.slack.listen import Reply
from cli.lift import lift
from cli.status import show_status
from nte.errors import MisuseError
from nte.settings import Settings
from nte.tables.alerts import OUTBOX, SILENCES
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, SATURDAY, Row, View, judged, morning, put_judgements
from tests.alerts.slack_server import Workspace

SUNDAY, MONDAY, TUESDAY = (date(2026, 3, 29) + timedelta(days=n) for n in range(3))
FRIDAY = date(2026, 3, 27)
DERBY, POLICE = "#nte-derby", "#nte-police"
FRIDAYS = f"derby/{FRIDAY}/nte-violence"
MANY = f"everywhere/{SATURDAY}/nte-violence"


def at(day: date) -> datetime:
    return morning(day) + timedelta(hours=3)


def run(settings: Settings, access: SlackAccess, day: date, *rows: Row) -> None:
    """Judge, decide, write and post on a morning."""
    put_judgements(settings, rows)
    steps.decide_alerts(settings, AREA, at(day))
    steps.write_messages(settings, AREA, at(day))
    steps.post_pending(settings, AREA, at(day), access, pace_seconds=0)


def answer(  # noqa: PLR0917
    settings: Settings, access: SlackAccess, workspace: Workspace, day: date, kind: str, alert: str
) -> None:
    """Answer from the Derby channel, and post what follows."""
    channel = workspace.channels[DERBY[1:]]
    reply = Reply(
        alert, kind, "a fair" if kind == "silence" else "", channel, "k.shah", 7 * (kind == "silence")
    )
    assert steps.answer_interaction(settings, AREA, at(day), reply)
    steps.post_pending(settings, AREA, at(day), access, pace_seconds=0)


@pytest.fixture
def silent(settings: Settings, access: SlackAccess, workspace: Workspace) -> Settings:
    """Derby is silent in its own channel for a week, since the alert about its Friday."""
    run(settings, access, SUNDAY, *judged(SUNDAY, View("police", 12, "above"), evening=FRIDAY))
    answer(settings, access, workspace, SUNDAY, "silence", FRIDAYS)
    return settings


def heads(workspace: Workspace, channel: str) -> list[str]:
    return [thread[0]["text"] for thread in workspace.threads(channel)]


def test_a_silence_holds_in_its_channel_alone_and_what_waited_goes_when_it_ends(
    silent: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    run(silent, access, MONDAY, *judged(MONDAY, View("police", 10, "above")))
    run(silent, access, TUESDAY, *judged(TUESDAY, View("police", 11, "above", 0.78)))
    assert [len(heads(workspace, c)) for c in (POLICE, DERBY)] == [2, 1]
    with open_warehouse(silent) as warehouse:
        (why,) = warehouse.read(OUTBOX, "kind = 'head' AND status = 'held'")["status_reason"]
    assert why == "Derby city centre is silent in #nte-derby until Sunday 5 April, 09:00, by k.shah"
    steps.post_pending(silent, AREA, at(SUNDAY + timedelta(days=7)), access, pace_seconds=0)
    (_, late) = workspace.threads(DERBY)
    assert "Police 11" in late[0]["text"]
    assert len(late) == 1, "it is edited to what holds, and no old change is told"


def test_the_button_lifts_it_and_what_waited_is_posted(
    silent: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    said = workspace.threads(DERBY)[0][1]
    assert "Far above is said all the same. “a fair”" in said["text"]
    assert said["blocks"][-1]["elements"][0]["action_id"] == "lift"
    run(silent, access, MONDAY, *judged(MONDAY, View("police", 10, "above")))
    answer(silent, access, workspace, MONDAY, "lift", FRIDAYS)
    assert len(heads(workspace, DERBY)) == 2
    assert "no longer silent in this channel, says k.shah" in workspace.threads(DERBY)[0][-1]["text"]
    with open_warehouse(silent) as warehouse:
        assert warehouse.read(SILENCES)["lifted_by"].to_list() == ["k.shah"]
    answer(silent, access, workspace, TUESDAY, "lift", FRIDAYS)
    assert "No silence stands here any more." in workspace.threads(DERBY)[0][-1]["text"]


def test_far_above_goes_through_says_so_and_offers_to_lift(
    silent: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    run(silent, access, MONDAY, *judged(MONDAY, View("police", 10, "above")))
    run(silent, access, TUESDAY, *judged(TUESDAY, View("police", 16, "far_above", 0.78)))
    (head,) = workspace.threads(DERBY)[1]
    assert "Police 16" in head["text"]
    note = head["blocks"][1]["elements"][0]["text"]
    assert note.endswith("until Sunday 5 April, 09:00, by k.shah. Far above is said all the same.")
    assert [b["action_id"] for b in head["blocks"][-1]["elements"]] == ["acted_on", "explain", "lift"]
    wednesday = TUESDAY + timedelta(days=1)
    run(silent, access, wednesday, *judged(wednesday, View("police", 17, "far_above", 0.8)))
    assert len(workspace.threads(DERBY)[1]) == 1, "that it is far above is known by now"
    assert len(workspace.threads(POLICE)[1]) == 3


@pytest.mark.parametrize("how", ["button", "command", "time"])
def test_once_a_silence_is_over_no_head_says_that_it_stands(
    how: str, silent: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    run(silent, access, MONDAY, *judged(MONDAY, View("police", 16, "far_above", 0.78)))
    later = SUNDAY + timedelta(days=8) if how == "time" else TUESDAY
    if how == "button":
        answer(silent, access, workspace, TUESDAY, "lift", FRIDAYS)
    if how == "command":
        lift(Console(quiet=True), silent, AREA, "derby", DERBY, who="duty officer", now=at(TUESDAY))
    run(silent, access, later)
    head = workspace.threads(DERBY)[1][0]
    assert [b["action_id"] for b in head["blocks"][-1]["elements"]] == ["acted_on", "explain", "silence"]
    assert "is silent" not in str(head["blocks"])
    if how == "command":
        reply = workspace.threads(DERBY)[1][-1]["text"]
        assert (
            reply
            == "Derby city centre is no longer silent in this channel, says duty officer. What waited is posted now."
        )


def test_what_was_withdrawn_in_the_meantime_is_never_said(
    silent: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    run(silent, access, MONDAY, *judged(MONDAY, View("police", 10, "above")))
    run(silent, access, TUESDAY, *judged(TUESDAY, View("police", 4, "within", 0.95)))
    later = SUNDAY + timedelta(days=7)
    steps.post_pending(silent, AREA, at(later), access, pace_seconds=0)
    assert len(heads(workspace, DERBY)) == 1
    with open_warehouse(silent) as warehouse:
        closed = warehouse.read(OUTBOX, "channel = ? AND status = 'not_posted'", [DERBY])
    assert set(closed["status_reason"]) == {WITHDRAWN_UNSEEN}
    run(silent, access, later, *judged(later, View("police", 12, "above", 0.97)))
    assert len(heads(workspace, DERBY)) == 2, "above again: the first that this channel hears of it"


def test_a_message_about_many_town_centres_has_no_silence(
    settings: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    codes = [c.centre_code for c in AREA.current_centres][:7]
    run(
        settings,
        access,
        SUNDAY,
        *(r for c in codes for r in judged(SUNDAY, View("police", 12, "above"), centre=c)),
    )
    buttons = [b["action_id"] for b in workspace.posts(DERBY)[0]["blocks"][-1]["elements"]]
    assert buttons == ["acted_on", "explain"]
    answer(settings, access, workspace, SUNDAY, "silence", MANY)
    with open_warehouse(settings) as warehouse:
        assert warehouse.read(SILENCES).is_empty()
    assert "none was silenced" in workspace.threads(DERBY)[0][1]["text"]


def test_what_stands_is_seen_with_who_until_when_and_how_to_lift_it(
    silent: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    said = "Derby city centre is silent in #nte-derby until Sunday 5 April, 09:00, by k.shah"
    answered = (
        "Derby city centre, Friday 27 March: more violence than expected: it is being acted on since "
        "Mon 30 Mar, 09:00, says k.shah; small changes are not told"
    )
    answer(silent, access, workspace, MONDAY, "acted_on", FRIDAYS)
    assert said in steps.render_messages(silent, AREA, at(MONDAY)).read_text()
    steps.announce_feeds(silent, AREA, at(MONDAY))
    with open_warehouse(silent) as warehouse:
        (line,) = warehouse.read(OUTBOX, "purpose = 'heartbeat'")["message"]
    assert f"Alerts are on, but: {said}. Far above goes through" in line
    assert f"{answered}." in line
    console = Console(record=True, width=300)
    show_status(console, silent, AREA, at(MONDAY))
    shown = console.export_text()
    assert f"stopped  {said}. To lift: nte lift derby --channel '#nte-derby'" in shown
    assert f"answered  {answered}" in shown
    assert "Ask the provider" in shown
    silent.simulated_file.write_text('{"simulated_until": "2026-03-29"}', "utf-8")
    show_status(console, silent, AREA, at(MONDAY))
    simulated = console.export_text()
    assert "The simulation ends on Sun 29 Mar: nobody is to be asked." in simulated
    assert "Ask the provider" not in simulated
    with pytest.raises(
        MisuseError, match=r"no silence stands in #nte-police\. What stands: Derby city centre is"
    ):
        lift(console, silent, AREA, "derby", POLICE, who="duty officer", now=at(MONDAY))
    lift(console, silent, AREA, "derby", DERBY, who="duty officer", now=at(MONDAY))
    assert steps.standing_stops(silent, AREA, at(MONDAY)) == []
