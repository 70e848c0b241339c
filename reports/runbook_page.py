"""The runbook as HTML: every entry has an address of its own. Pure: Markdown in, HTML out."""

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

ENTRY_LEVEL, GROUP_LEVEL = "h3", "h2"


@dataclass(frozen=True)
class Heading:
    """One heading of the runbook and its address."""

    level: str
    text: str
    anchor: str


def anchor_of(text: str) -> str:
    """Return 'the-disk-is-full' for 'The disk is full'; codes such as 'rows_none' stay as they are."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")


def render_runbook(text: str) -> tuple[Markup, list[Heading]]:
    """Return the text as HTML, in which HTML of its own is only text, and its headings with their addresses."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    headings = [
        _heading(token, tokens[n + 1]) for n, token in enumerate(tokens) if token.type == "heading_open"
    ]
    for token, heading in zip((t for t in tokens if t.type == "heading_open"), headings, strict=True):
        token.attrSet("id", heading.anchor)
    html = str(reader.renderer.render(tokens, reader.options, {}))
    return Markup(html), headings  # noqa: S704  the renderer escapes


def _heading(token: Token, inline: Token) -> Heading:
    words = "".join(part.content for part in inline.children or [])
    return Heading(token.tag, words, anchor_of(words))
