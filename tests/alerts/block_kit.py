"""Slack's documented limits of Block Kit and of the text, as a check that names what is wrong."""

import re
from collections.abc import Iterator
from typing import Any

MOST = {
    "blocks": 50,
    "header": 150,
    "section": 3000,
    "field": 2000,
    "fields": 10,
    "context": 10,
    "actions": 25,
    "button": 75,
    "action_id": 255,
    "block_id": 255,
    "value": 2000,
    "url": 3000,
    "alt_text": 2000,
    "text": 40_000,
    "metadata": 8000,
}
KNOWN = {"header", "section", "context", "divider", "image", "actions"}
PINGS = re.compile(r"<(?:!|@|#|https?:|mailto:)")


def faults(message: dict[str, Any]) -> list[str]:
    """Return what Slack would refuse, or what would ping, link or format; nothing is well."""
    found = []
    if not message.get("text"):
        found.append("no fallback text")
    if len(message.get("text", "")) > 4000:
        found.append("the fallback text is longer than 4,000 characters")
    blocks = message.get("blocks") or []
    if len(blocks) > MOST["blocks"]:
        found.append(f"{len(blocks)} blocks")
    for block in blocks:
        found += _block_faults(block)
    for text in [message.get("text", ""), *_texts(blocks)]:
        if PINGS.search(text):
            found.append(f"pings or links: {text[:60]!r}")
    return found


def _block_faults(block: dict[str, Any]) -> Iterator[str]:
    kind = block.get("type", "")
    if kind not in KNOWN:
        yield f"unknown block {kind!r}"
    if len(block.get("block_id", "")) > MOST["block_id"]:
        yield "block_id too long"
    checks = {
        "header": _header_faults,
        "section": _section_faults,
        "context": _context_faults,
        "image": _image_faults,
        "actions": _action_faults,
    }
    if kind in checks:
        yield from checks[kind](block)


def _header_faults(block: dict[str, Any]) -> Iterator[str]:
    yield from _text_faults(block["text"], MOST["header"], "plain_text")


def _section_faults(block: dict[str, Any]) -> Iterator[str]:
    yield from _text_faults(block["text"], MOST["section"])
    if len(block.get("fields", [])) > MOST["fields"]:
        yield "too many fields"


def _context_faults(block: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(block["elements"]) <= MOST["context"]:
        yield "context needs 1 to 10 elements"
    for element in block["elements"]:
        yield from _text_faults(element, MOST["section"])


def _text_faults(text: dict[str, Any], most: int, only: str | None = None) -> Iterator[str]:
    if text.get("type") not in ("plain_text", "mrkdwn") or (only and text["type"] != only):
        yield f"text object of type {text.get('type')!r}"
    if not 0 < len(text.get("text", "")) <= most:
        yield f"text of {len(text.get('text', ''))} characters, 1 to {most} allowed"
    if text.get("type") == "mrkdwn" and not text.get("verbatim"):
        yield "mrkdwn that Slack searches for links and mentions"


def _image_faults(block: dict[str, Any]) -> Iterator[str]:
    if not block.get("slack_file", {}).get("id"):
        yield "image without a file"
    if not 0 < len(block.get("alt_text", "")) <= MOST["alt_text"]:
        yield "image without alt_text of 1 to 2,000 characters"


def _action_faults(block: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(block["elements"]) <= MOST["actions"]:
        yield "actions needs 1 to 25 elements"
    ids = [element["action_id"] for element in block["elements"]]
    if len(set(ids)) != len(ids):
        yield "action_id repeats"
    for element in block["elements"]:
        yield from _text_faults(element["text"], MOST["button"], "plain_text")
        for name in ("action_id", "value", "url"):
            if len(element.get(name, "")) > MOST[name]:
                yield f"{name} too long"


def _texts(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        for part in [block, block.get("text"), *block.get("elements", []), *block.get("fields", [])]:
            text = part.get("text") if isinstance(part, dict) else None
            if isinstance(text, str) and part.get("type") == "mrkdwn":
                yield text
