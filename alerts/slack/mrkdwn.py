"""Text for Slack in which nothing from outside can ping, link or format."""

import re

from alerts.words.message import Part, Span

ZERO_WIDTH_SPACE = "\u200b"
"""Breaks an address, a mention or an emoji without being seen."""
_LOOK_ALIKE = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_LOOSE_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
"""Inside a word, as in a file name, Slack leaves it alone."""
_LINKS = re.compile(r"(://|@(?=\w)|www\.|#(?=\w))", re.IGNORECASE)
_EMOJI = re.compile(r"(?<!\d):(?=[a-z0-9_+'-]+:)")


def escape(text: str) -> str:
    """Return text for mrkdwn: shown as it is, never formatted, linked or resolved."""
    line = _LOOSE_UNDERSCORE.sub("\uff3f", text.translate(_LOOK_ALIKE))
    line = _LINKS.sub(lambda m: m[0][:1] + ZERO_WIDTH_SPACE + m[0][1:], line)
    line = _EMOJI.sub(f":{ZERO_WIDTH_SPACE}", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn_of(lines: Part) -> str:
    """Return lines as mrkdwn: what is strong between asterisks, everything escaped, once."""
    return "\n".join("".join(_span(span) for span in line) for line in lines)


def _span(span: Span) -> str:
    return f"*{escape(span.text)}*" if span.is_strong else escape(span.text)
