"""The outbox keeps what is said without Slack's shape: it is read once from the blocks that Slack was given."""

import json
import re
from typing import Any, Final

from nte.migrations.migration import Connection, Migration

_STRONG = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")


def convert(connection: Connection) -> None:
    """Write the message of every row that has none."""
    rows = connection.execute("SELECT message_id, payload FROM outbox WHERE message IS NULL").fetchall()
    for message_id, payload in rows:
        text = json.dumps(message_of(json.loads(payload)), ensure_ascii=False)
        connection.execute("UPDATE outbox SET message = ? WHERE message_id = ?", [text, message_id])


def message_of(payload: dict[str, Any]) -> dict[str, Any]:
    """Return what a payload of version 2 says: spoken, headline, lead, views, picture, small, links and actions."""
    found: dict[str, Any] = {"spoken": _bare(payload["text"])}
    sections = []
    for block in payload["blocks"]:
        match block["type"]:
            case "header":
                found["headline"] = block["text"]["text"]
            case "section":
                sections.append(_lines(block["text"]["text"]))
            case "image":
                found["picture"] = block["alt_text"]
            case "context":
                found["small"] = [*found.get("small", []), *(_lines(e["text"]) for e in block["elements"])]
            case "actions":
                found |= _buttons(block["elements"])
    return found | ({"lead": sections[0], "views": sections[1:]} if sections else {})


def _buttons(elements: list[dict[str, Any]]) -> dict[str, Any]:
    links = [
        {"name": e["action_id"], "title": e["text"]["text"], "address": e["url"]}
        for e in elements
        if "url" in e
    ]
    actions = [
        {"name": e["action_id"], "title": e["text"]["text"], "about": e["value"]}
        for e in elements
        if "value" in e
    ]
    return {"links": links, "actions": actions}


def _lines(text: str) -> list[list[dict[str, Any]]]:
    return [_spans(line) for line in text.split("\n")]


def _spans(line: str) -> list[dict[str, Any]]:
    pieces = _STRONG.split(line)
    return [{"text": _bare(text), "is_strong": bool(n % 2)} for n, text in enumerate(pieces) if text]


def _bare(text: str) -> str:
    text = text.replace("\u200b", "")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


MIGRATION: Final = Migration(
    3,
    "messages are kept without Slack's shape",
    (
        'ALTER TABLE outbox ADD COLUMN "message" VARCHAR',
        'ALTER TABLE outbox ALTER "payload" DROP NOT NULL',
    ),
    convert,
)
