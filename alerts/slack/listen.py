"""What people answer from Slack: acting on it, why it was, silence; and what follows. Pure.

It comes by Socket Mode: the service calls out, no address of ours has to be reachable, and the app token is the proof.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from alerts.deciding.facts import EVERYWHERE
from alerts.outbox.intents import NOT_POSTED, PENDING, Intent
from alerts.outbox.removed import without_removed
from alerts.words.answers import SAID
from alerts.words.message import LIFT, Action, Message, outside
from nte.area import Area
from nte.english import say_instant
from nte.stops import SILENCE
from nte.tables.alerts import ACKNOWLEDGEMENTS, SILENCES

MOST_NOTE = 500
EXPLANATIONS = {
    "known_event": "A known event",
    "data_fault": "A fault in the data",
    "note": "Something else",
}
SILENCES_OFFERED = {"1": "Until tomorrow", "7": "For a week", "28": "For four weeks"}
ONE_CENTRE_ONLY = (
    "This speaks of many town centres: none was silenced. Press Silence under a town centre's own alert."
)
NOTHING_TO_LIFT = "No silence stands here any more."


@dataclass(frozen=True)
class Reply:
    """What somebody answered about an alert, from one channel."""

    alert_id: str
    kind: str
    """acted_on | known_event | data_fault | note | silence | lift."""
    note: str
    slack_channel: str
    who: str
    n_days: int = 0
    """How long a silence lasts."""


@dataclass(frozen=True)
class FormWanted:
    """A form that somebody asked for."""

    trigger_id: str
    view: dict[str, Any]


def read_interaction(payload: dict[str, Any]) -> Reply | FormWanted | None:
    """Return what a press or a form means, or None when it is none of ours."""
    if payload.get("type") == "view_submission":
        return _read_form(payload)
    action: dict[str, Any] = next(iter(payload.get("actions") or []), {})
    alert_id = str(action.get("value", ""))
    channel = str((payload.get("channel") or {}).get("id", ""))
    match action.get("action_id"):
        case "acted_on":
            return Reply(alert_id, "acted_on", "", channel, _who(payload))
        case "lift":
            return Reply(alert_id, "lift", "", channel, _who(payload))
        case "explain":
            view = _form("explain", "Explain", "What was it?", EXPLANATIONS, alert_id, channel)
            return FormWanted(str(payload.get("trigger_id", "")), view)
        case "silence":
            view = _form(
                "silence",
                "Silence this centre",
                "How long, in this channel?",
                SILENCES_OFFERED,
                alert_id,
                channel,
            )
            return FormWanted(str(payload.get("trigger_id", "")), view)
        case _:
            return None


def _read_form(payload: dict[str, Any]) -> Reply | None:
    view = payload.get("view") or {}
    if view.get("callback_id") not in ("explain", "silence"):
        return None
    about = json.loads(view.get("private_metadata") or "{}")
    values = (view.get("state") or {}).get("values") or {}
    choice = ((values.get("choice") or {}).get("choice") or {}).get("selected_option") or {}
    note = outside(((values.get("note") or {}).get("note") or {}).get("value") or "", MOST_NOTE)
    chosen = str(choice.get("value", ""))
    place = (str(about.get("alert_id", "")), str(about.get("channel", "")))
    if view["callback_id"] == "silence" and chosen in SILENCES_OFFERED:
        return Reply(place[0], "silence", note, place[1], _who(payload), int(chosen))
    if view["callback_id"] == "explain" and chosen in EXPLANATIONS:
        return Reply(place[0], chosen, note, place[1], _who(payload))
    return None


def _who(payload: dict[str, Any]) -> str:
    user = payload.get("user") or {}
    return outside(str(user.get("username") or user.get("name") or user.get("id") or "somebody"), 80)


def _form(
    callback_id: str, title: str, question: str, choices: dict[str, str], *about: str
) -> dict[str, Any]:
    alert_id, channel = about
    options = [{"text": _plain(text), "value": value} for value, text in choices.items()]
    chosen = {
        "type": "radio_buttons",
        "action_id": "choice",
        "options": options,
        "initial_option": options[0],
    }
    typed = {"type": "plain_text_input", "action_id": "note", "multiline": True, "max_length": MOST_NOTE}
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(title),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "private_metadata": json.dumps({"alert_id": alert_id, "channel": channel}),
        "blocks": [
            {"type": "input", "block_id": "choice", "label": _plain(question), "element": chosen},
            {"type": "input", "block_id": "note", "label": _plain("Note, without names of people"),
             "optional": callback_id == "explain", "element": typed},
        ],
    }  # fmt: skip


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def acknowledgement_row(reply: Reply, now: datetime) -> pl.DataFrame:
    """Return the row that keeps an answer."""
    row = (
        f"{reply.alert_id}|{reply.who}|{now.isoformat()}",
        reply.alert_id,
        reply.kind,
        reply.note,
        reply.who,
        now,
    )
    return ACKNOWLEDGEMENTS.conform(pl.DataFrame([row], schema=ACKNOWLEDGEMENTS.schema, orient="row"))


def silence_row(reply: Reply, centre_code: str, channel: str, now: datetime) -> pl.DataFrame:
    """Return the row that silences a town centre in the channel in which somebody asked for it."""
    row = {
        "silence_id": f"{centre_code}|{channel}|{now.isoformat()}",
        "kind": SILENCE,
        "centre_code": centre_code,
        "channel": channel,
        "starts_at": now,
        "ends_at": now + timedelta(days=reply.n_days),
        "why": reply.note,
        "made_by": reply.who,
        "made_at": now,
        "lifted_by": None,
    }
    return SILENCES.conform(pl.DataFrame([row], schema=SILENCES.schema))


def channel_of(reply: Reply, heads: pl.DataFrame) -> str:
    """Return the channel, as the area file names it, in which somebody answered; empty when the alert is not there."""
    own = heads.filter(pl.col("slack_channel") == reply.slack_channel)
    return str(own["channel"][0]) if own.height else ""


def thread_intents(reply: Reply, heads: pl.DataFrame, now: datetime) -> list[Intent]:
    """Return the reply in each thread of the alert; a note is shown only where it was typed."""
    said = f"This {SAID[reply.kind]}, says {outside(reply.who)}."
    return [
        _intent(
            row, reply, said + _quoted(reply if row["slack_channel"] == reply.slack_channel else None), now
        )
        for row in without_removed(heads).iter_rows(named=True)
    ]


def silence_intents(
    reply: Reply, heads: pl.DataFrame, centre_code: str, area: Area, now: datetime, *, n_lifted: int = 0
) -> list[Intent]:
    """Return the reply, in the thread of the channel that it concerns alone, that it is silent or no longer silent."""
    own = without_removed(heads.filter(pl.col("slack_channel") == reply.slack_channel))
    place, who = area.centre_name(centre_code), outside(reply.who)
    actions: list[Action] = []
    if centre_code == EVERYWHERE:
        text = ONE_CENTRE_ONLY
    elif reply.kind == "lift":
        lifted = f"{place} is no longer silent in this channel, says {who}. What waited is posted now."
        text = lifted if n_lifted else NOTHING_TO_LIFT
    else:
        until = say_instant(now + timedelta(days=reply.n_days), area)
        text = f"{place} is silent until {until}, in this channel alone, says {who}. Far above is said all the same."
        text += _quoted(reply)
        actions = [Action(name=name, title=title, about=reply.alert_id) for name, title in LIFT.items()]
    return [_intent(row, reply, text, now, actions) for row in own.iter_rows(named=True)]


def _quoted(reply: Reply | None) -> str:
    return f" “{outside(reply.note, MOST_NOTE)}”" if reply and reply.note else ""


def _intent(
    row: dict[str, Any], reply: Reply, text: str, now: datetime, actions: Sequence[Action] = ()
) -> Intent:
    is_seen = row["status"] != NOT_POSTED
    return Intent(
        message_id=f"answer|{row['message_id']}|{reply.who}|{now.isoformat()}",
        purpose="answer",
        kind="reply",
        channel=row["channel"],
        message=Message.of(text, lead=text, actions=actions),
        head_id=row["message_id"],
        alert_id=reply.alert_id,
        status=PENDING if is_seen else NOT_POSTED,
        status_reason=None if is_seen else row["status_reason"],
    )
