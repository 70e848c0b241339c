"""Block Kit, within Slack's documented limits, and never with automatic links or mentions."""

import re
from typing import Any

from alerts.slack.mrkdwn import escape, mrkdwn_of
from alerts.words.message import Message, outside

Block = dict[str, Any]
Payload = dict[str, Any]

MOST_BLOCKS = 50
MOST_HEADER = 150
MOST_SECTION = 3000
MOST_TEXT = 3900
"""Slack cuts the fallback text off at 4,000 and advises to stay below."""
MOST_ALT = 2000
_HALF_ESCAPE = re.compile(r"&[a-z]*$")


def render(message: Message) -> Payload:
    """Return a message in Slack's shape; its picture has a place that waits for the uploaded file."""
    parts = [header(message.headline)] if message.headline else []
    parts += [section(mrkdwn_of(message.lead))] if message.lead else []
    parts += [section(mrkdwn_of(message.answered))] if message.answered else []
    parts += [section(mrkdwn_of(view)) for view in message.views]
    parts += [image(message.picture)] if message.picture else []
    parts += [context(*(mrkdwn_of(part) for part in message.small))] if message.small else []
    parts[1:1] = [context(escape(message.note))] if message.note else []
    links = [link_button(link.title, link.address, link.name) for link in message.links]
    buttons = [button(action.title, action.name, action.about) for action in message.actions]
    answered = ("".join(span.text for span in line) for line in message.answered)
    return payload(escape(" ".join([message.spoken, *answered])), [*parts, *actions([*links, *buttons])])


def header(text: str) -> Block:
    """Return a header."""
    title = {"type": "plain_text", "text": outside(text, MOST_HEADER), "emoji": False}
    return {"type": "header", "text": title}


def section(text: str) -> Block:
    """Return a paragraph of mrkdwn that is already escaped."""
    return {"type": "section", "text": mrkdwn(text)}


def context(*texts: str) -> Block:
    """Return small print; at most ten elements."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:10]]}


def mrkdwn(text: str) -> Block:
    """Return a text object that Slack does not search for links, channels or people."""
    return {"type": "mrkdwn", "text": _cut(text, MOST_SECTION), "verbatim": True}


def image(alt_text: str) -> Block:
    """Return the place of a picture; the file's id is put in when it has been uploaded."""
    return {"type": "image", "slack_file": {"id": ""}, "alt_text": outside(alt_text, MOST_ALT)}


def link_button(text: str, url: str, action_id: str) -> Block:
    """Return a button that opens a page."""
    return {"type": "button", "text": _label(text), "url": url, "action_id": action_id}


def button(text: str, action_id: str, value: str) -> Block:
    """Return a button that `nte listen` answers."""
    return {"type": "button", "text": _label(text), "action_id": action_id, "value": value}


def actions(elements: list[Block]) -> list[Block]:
    """Return a row of buttons, or nothing."""
    return [{"type": "actions", "elements": elements[:25]}] if elements else []


def payload(text: str, blocks: list[Block]) -> Payload:
    """Return a message: the text is what a screen reader and a notification say."""
    return {"text": _cut(text, MOST_TEXT), "blocks": blocks[:MOST_BLOCKS]}


def with_picture(message: Payload, file_id: str | None) -> Payload:
    """Return the message with the uploaded picture in its place, or without one."""
    blocks = []
    for block in message["blocks"]:
        if block["type"] != "image":
            blocks.append(block)
        elif file_id:
            blocks.append({**block, "slack_file": {"id": file_id}})
    return {**message, "blocks": blocks}


def _label(text: str) -> Block:
    return {"type": "plain_text", "text": outside(text, 75), "emoji": False}


def _cut(text: str, most: int) -> str:
    """Cut at a line, so that no escape or word is cut in two."""
    if len(text) <= most:
        return text
    whole = text[: most - 2].rsplit("\n", 1)[0].rsplit(" ", 1)[0]
    return _HALF_ESCAPE.sub("", whole) + " …"
