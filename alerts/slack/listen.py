"""What people answer from Slack: acting on it, why it was, silence; and what follows. Pure.

It comes by Socket Mode: the service calls out, no address of ours has to be reachable, and the app token is the proof.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from alerts.deciding.facts import EVERYWHERE
from alerts.outbox.intents import NOT_POSTED, PENDING, Intent
from alerts.outbox.removed import without_removed
from alerts.words.answers import say_what
from alerts.words.message import LIFT, Action, Message, outside
from nte.area import Area
from nte.english import say_instant
from nte.stops import SILENCE
from nte.tables.alerts import ACKNOWLEDGEMENTS, SILENCES
from nte.words import Answered

MOST_NOTE = 200
NOTE_LABEL = "Note, without names of people"
NOTE_HINT = (
    "Shown in this channel alone and kept with the alert, never published. Nothing about a person, please: no name, "
    "no address, no description."
)
EXPLANATIONS: dict[str, str] = {
    Answered.KNOWN_EVENT: "A known event",
    Answered.DATA_FAULT: "A fault in the data",
    Answered.NOTE: "Something else",
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
    """A word of `Answered`, or silence | lift."""
    note: str
    slack_channel: str
    who: str
    n_days: int = 0
    """How long a silence lasts."""
    actions: tuple[str, ...] = ()
    """Codes of what is done about it."""


@dataclass(frozen=True)
class FormWanted:
    """A form that somebody asked for."""

    trigger_id: str
    view: dict[str, Any]


def read_interaction(payload: dict[str, Any], area: Area) -> Reply | FormWanted | None:
    """Return what a press or a form means, or None when it is none of ours."""
    if payload.get("type") == "view_submission":
        return _read_form(payload, area)
    action: dict[str, Any] = next(iter(payload.get("actions") or []), {})
    name, alert_id = str(action.get("action_id", "")), str(action.get("value", ""))
    channel = str((payload.get("channel") or {}).get("id", ""))
    if name == "lift" or (name in set(Answered) and Answered(name).is_about_use):
        return Reply(alert_id, name, "", channel, _who(payload))
    view = _form_of(name, area, alert_id, channel)
    return FormWanted(str(payload.get("trigger_id", "")), view) if view else None


def _form_of(name: str, area: Area, alert_id: str, channel: str) -> dict[str, Any] | None:
    """Return the form that a button asks for, or None where it asks for none."""
    about, actions = (alert_id, channel), area.slack.actions
    match name:
        case Answered.ACTED_ON:
            done = [_several("What is being done?", actions), _note()]
            return _form(name, "Being acted on", about, done)
        case "explain":
            why = _one("What was it?", EXPLANATIONS)
            done = [why, _several("Is anything being done?", actions, is_optional=True), _note()]
            return _form(name, "Explain", about, done)
        case "silence":
            how_long = _one("How long, in this channel?", SILENCES_OFFERED)
            return _form(name, "Silence this centre", about, [how_long, _note(is_optional=False)])
        case _:
            return None


def _read_form(payload: dict[str, Any], area: Area) -> Reply | None:
    view = payload.get("view") or {}
    about = json.loads(view.get("private_metadata") or "{}")
    values = (view.get("state") or {}).get("values") or {}
    chosen = str(((_value(values, "choice").get("selected_option")) or {}).get("value", ""))
    ticked = {str(option.get("value")) for option in _value(values, "actions").get("selected_options") or ()}
    done = tuple(code for code in area.slack.actions if code in ticked)
    note = outside(_value(values, "note").get("value") or "", MOST_NOTE)
    alert_id, channel, who = str(about.get("alert_id", "")), str(about.get("channel", "")), _who(payload)
    match view.get("callback_id"):
        case "silence" if chosen in SILENCES_OFFERED:
            return Reply(alert_id, "silence", note, channel, who, int(chosen))
        case "explain" if chosen in EXPLANATIONS:
            return Reply(alert_id, chosen, note, channel, who, actions=done)
        case Answered.ACTED_ON if done:
            return Reply(alert_id, str(Answered.ACTED_ON), note, channel, who, actions=done)
        case _:
            return None


def _value(values: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what was entered into a field of a form; nothing where it is not there."""
    return (values.get(name) or {}).get(name) or {}


def _who(payload: dict[str, Any]) -> str:
    user = payload.get("user") or {}
    return outside(str(user.get("username") or user.get("name") or user.get("id") or "somebody"), 80)


def _form(name: str, title: str, about: tuple[str, str], fields: list[dict[str, Any]]) -> dict[str, Any]:
    alert_id, channel = about
    return {
        "type": "modal",
        "callback_id": name,
        "title": _plain(title),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "private_metadata": json.dumps({"alert_id": alert_id, "channel": channel}),
        "blocks": fields,
    }


def _one(question: str, choices: dict[str, str]) -> dict[str, Any]:
    """Return a field in which one of some choices is taken."""
    options = _options(choices)
    element = {
        "type": "radio_buttons",
        "action_id": "choice",
        "options": options,
        "initial_option": options[0],
    }
    return {"type": "input", "block_id": "choice", "label": _plain(question), "element": element}


def _several(question: str, choices: dict[str, str], *, is_optional: bool = False) -> dict[str, Any]:
    """Return a field in which some of the area's actions are ticked."""
    element = {"type": "checkboxes", "action_id": "actions", "options": _options(choices)}
    field = {"type": "input", "block_id": "actions", "label": _plain(question), "element": element}
    return field | {"optional": is_optional}


def _note(*, is_optional: bool = True) -> dict[str, Any]:
    """Return the field for a short note; it says who will read it."""
    element = {"type": "plain_text_input", "action_id": "note", "multiline": True, "max_length": MOST_NOTE}
    field = {"type": "input", "block_id": "note", "label": _plain(NOTE_LABEL), "hint": _plain(NOTE_HINT)}
    return field | {"optional": is_optional, "element": element}


def _options(choices: dict[str, str]) -> list[dict[str, Any]]:
    return [{"text": _plain(text), "value": value} for value, text in choices.items()]


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def acknowledgement_row(reply: Reply, channel: str, now: datetime) -> pl.DataFrame:
    """Return the row that keeps an answer; `channel` as the area file names it, empty where it is not known."""
    row = (
        f"{reply.alert_id}|{reply.who}|{now.isoformat()}",
        reply.alert_id,
        reply.kind,
        ",".join(reply.actions),
        reply.note,
        reply.who,
        now,
        channel or None,
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


def thread_intents(reply: Reply, heads: pl.DataFrame, area: Area, now: datetime) -> list[Intent]:
    """Return the reply in each thread of the alert; a note is shown only where it was typed.

    Whether the alert was useful is said only where it was asked.
    """
    said = f"This {say_what(reply.kind, ','.join(reply.actions), area)}, says {outside(reply.who)}."
    is_about_use = Answered(reply.kind).is_about_use
    return [
        _intent(row, reply, said + _quoted(reply if is_own else None), now)
        for row in without_removed(heads).iter_rows(named=True)
        if (is_own := row["slack_channel"] == reply.slack_channel) or not is_about_use
    ]


def owner_edits(
    reply: Reply, heads: pl.DataFrame, edits: pl.DataFrame, owner: str, now: datetime
) -> list[Intent]:
    """Return each head of the alert as it last was, with who has taken it on; `edits` are what it was made before."""
    intents = []
    for head in without_removed(heads).iter_rows(named=True):
        own = edits.filter(pl.col("head_id") == head["message_id"]).sort("sequence")
        last = own.row(-1, named=True) if own.height else head
        was = Message.model_validate_json(last["message"])
        intent = _intent(head, reply, "", now)
        intents.append(
            replace(
                intent,
                message_id=f"{intent.message_id}|edit",
                kind="edit",
                message=Message.model_validate(was.model_dump() | {"answered": owner}),
                decision_id=last["decision_id"],
                kept_chart=last["chart"],
            )
        )
    return intents


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
