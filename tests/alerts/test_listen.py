"""What people press in Slack is kept with who and when, and said in the thread."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from alerts import steps
from alerts.slack.door import SlackAccess
from alerts.slack.listen import FormWanted, Reply, read_interaction
from nte.settings import Settings
from nte.tables.alerts import ACKNOWLEDGEMENTS, SILENCES
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, View, judged, morning, put_judgements
from tests.alerts.slack_server import APP_TOKEN, Workspace
from tests.alerts.socket_server import SocketServer

SUNDAY = date(2026, 3, 29)
NOW = morning(SUNDAY) + timedelta(hours=3)
ALERT = "derby/2026-03-28/nte-violence"


def press(action_id: str, value: str = ALERT) -> dict[str, Any]:
    """Return what Slack sends when somebody presses a button."""
    return {
        "type": "block_actions",
        "user": {"id": "U7", "username": "k.shah"},
        "trigger_id": "t1",
        "channel": {"id": "C00000003"},
        "actions": [{"action_id": action_id, "value": value}],
    }


def submit(view: dict[str, Any], choice: str, note: str, actions: Sequence[str] = ()) -> dict[str, Any]:
    """Return what Slack sends when somebody saves a form."""
    values = {
        "choice": {"choice": {"selected_option": {"value": choice}}},
        "actions": {"actions": {"selected_options": [{"value": code} for code in actions]}},
        "note": {"note": {"value": note}},
    }
    return {
        "type": "view_submission",
        "user": {"id": "U7", "username": "k.shah"},
        "view": {**{k: view[k] for k in ("callback_id", "private_metadata")}, "state": {"values": values}},
    }


def acted_on(note: str = "", actions: Sequence[str] = ("patrol", "licensing_visit")) -> dict[str, Any]:
    """Return what Slack sends when somebody has pressed Being acted on and filled in its form."""
    form = read_interaction(press("acted_on"), AREA)
    assert isinstance(form, FormWanted)
    return submit(form.view, "", note, actions)


@pytest.fixture
def raised(settings: Settings, access: SlackAccess) -> Settings:
    put_judgements(settings, judged(SUNDAY, View("police", 14, "far_above")))
    steps.decide_alerts(settings, AREA, NOW)
    steps.write_messages(settings, AREA, NOW)
    steps.post_pending(settings, AREA, NOW, access, pace_seconds=0)
    return settings


def answer(settings: Settings, access: SlackAccess, payload: dict[str, Any], now: datetime = NOW) -> bool:
    reply = read_interaction(payload, AREA)
    assert isinstance(reply, Reply)
    is_kept = steps.answer_interaction(settings, AREA, now, reply)
    steps.post_pending(settings, AREA, now, access, pace_seconds=0)
    return is_kept


def test_being_acted_on_says_what_is_done_in_every_thread_and_in_the_head(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    assert answer(raised, access, acted_on("two vans at the station"))
    with open_warehouse(raised) as warehouse:
        kept = warehouse.read(ACKNOWLEDGEMENTS).row(0, named=True)
    assert (kept["alert_id"], kept["kind"], kept["actions"], kept["made_by"], kept["made_at"]) == (
        ALERT,
        "acted_on",
        "patrol,licensing_visit",
        "k.shah",
        NOW,
    )
    for channel in ("#nte-police", "#nte-derby"):
        ((head, reply),) = workspace.threads(channel)
        assert reply["text"].startswith("This is being acted on (patrol, licensing visit), says k.shah.")
        assert "*Being acted on* since Sun 29 Mar, 09:00 (k.shah): patrol, licensing visit." in str(head)
        assert ("two vans" in str(reply)) == (channel == "#nte-derby")
        assert "two vans" not in str(head)
    assert not workspace.faults


def test_the_head_goes_on_saying_who_acts_when_its_counts_change(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    before = [block["type"] for block in workspace.threads("#nte-derby")[0][0]["blocks"]]
    answer(raised, access, acted_on())
    answer(raised, access, acted_on(actions=["premises_contacted"]), NOW + timedelta(minutes=1))
    later = NOW + timedelta(days=1)
    quiet = [View(source, 1, "within", share=1.0, p=0.5) for source in ("emas", "ae")]
    full = judged(SUNDAY + timedelta(days=1), View("police", 14, "far_above", share=1.0), *quiet)
    put_judgements(raised, full)
    steps.decide_alerts(raised, AREA, later)
    steps.write_messages(raised, AREA, later)
    steps.post_pending(raised, AREA, later, access, pace_seconds=0)
    head = workspace.threads("#nte-derby")[0][0]
    assert "As known on Monday 30 March" in str(head)
    assert "premises contacted" in str(head)
    assert "licensing visit" not in str(head)
    assert [block["type"] for block in head["blocks"]].count("image") == before.count("image")


def test_a_form_asks_for_the_areas_own_actions_and_for_no_names(raised: Settings) -> None:
    form = read_interaction(press("acted_on"), AREA)
    assert isinstance(form, FormWanted)
    done, note = form.view["blocks"]
    assert [o["text"]["text"] for o in done["element"]["options"]] == list(AREA.slack.actions.values())
    assert (done["optional"], note["optional"]) == (False, True)
    assert "Nothing about a person" in note["hint"]["text"]
    assert note["element"]["max_length"] == 200
    assert read_interaction(submit(form.view, "", "", ["no such action"]), AREA) is None


def test_an_explanation_is_asked_for_by_a_form_and_its_note_stays_in_its_channel(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    form = read_interaction(press("explain"), AREA)
    assert isinstance(form, FormWanted)
    assert answer(raised, access, submit(form.view, "data_fault", "<!channel> *twice* in the export"))
    ((_, here),) = workspace.threads("#nte-derby")
    ((_, elsewhere),) = workspace.threads("#nte-police")
    assert (
        "put down to a fault in the data, says k.shah. “&lt;!channel&gt; ∗twice∗ in the export”"
        in here["text"]
    )
    assert "export" not in elsewhere["text"]
    assert not workspace.faults


def test_a_silence_lasts_as_long_as_was_chosen(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    form = read_interaction(press("silence"), AREA)
    assert isinstance(form, FormWanted)
    assert json.loads(form.view["private_metadata"])["alert_id"] == ALERT
    assert answer(raised, access, submit(form.view, "7", "a fair"))
    with open_warehouse(raised) as warehouse:
        silence = warehouse.read(SILENCES).row(0, named=True)
    assert (silence["centre_code"], silence["channel"]) == ("derby", "#nte-derby")
    assert silence["ends_at"] == NOW + timedelta(days=7)
    assert "is silent until Sunday 5 April" in workspace.threads("#nte-derby")[0][1]["text"]
    assert len(workspace.threads("#nte-police")[0]) == 1


def test_an_answer_about_no_alert_changes_nothing(raised: Settings, access: SlackAccess) -> None:
    assert not answer(raised, access, press("useful", "nowhere/2026-01-01/x"))


@pytest.mark.parametrize(
    "payload", [{}, {"type": "block_actions"}, press("open_night"), {"type": "view_submission"}]
)
def test_what_is_none_of_ours_is_left_alone(payload: dict[str, Any]) -> None:
    assert read_interaction(payload, AREA) is None


def test_socket_mode_acknowledges_at_once_opens_the_form_and_says_it_in_the_thread(
    raised: Settings, workspace: Workspace, access: SlackAccess
) -> None:
    envelopes = [
        {
            "type": "interactive",
            "envelope_id": f"e{n}",
            "accepts_response_payload": False,
            "payload": payload,
        }
        for n, payload in enumerate([press("explain"), acted_on()])
    ]
    stop, beats = threading.Event(), threading.Event()
    with SocketServer(envelopes) as sockets:
        workspace.socket_url = sockets.url
        slack = SlackAccess(access.token, access.base_url, APP_TOKEN)
        listening = threading.Thread(
            target=steps.listen_to_slack,
            args=(raised, AREA, slack, stop, lambda: NOW),
            kwargs={"beat": beats.set},
        )
        listening.start()
        assert sockets.is_answered.wait(20)
        _wait_until(lambda: len(workspace.threads("#nte-derby")[0]) == 2)
        assert beats.wait(20)
        stop.set()
        listening.join(timeout=20)
    assert sorted(answer["envelope_id"] for answer in sockets.answers) == ["e0", "e1"]
    assert workspace.asked("views.open")[0]["trigger_id"] == "t1"


def _wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within 20 s")
