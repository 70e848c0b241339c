"""Text for Slack in which nothing from outside can ping, link or format."""

import re
import unicodedata

ZERO_WIDTH_SPACE = "\u200b"
"""Breaks an address, a mention or an emoji without being seen."""
_LOOK_ALIKE = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_LOOSE_UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
"""Inside a word, as in a file name, Slack leaves it alone."""
_LINKS = re.compile(r"(://|@(?=\w)|www\.|#(?=\w))", re.IGNORECASE)
_EMOJI = re.compile(r":(?=[a-z0-9_+'-]+:)")


def plain(text: str, most: int = 300) -> str:
    """Return text for a plain_text object: one line, no control or direction characters, `most` long."""
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or _is_visible(c))
    line = " ".join(visible.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def escape(text: str, most: int = 300) -> str:
    """Return text from outside for mrkdwn: shown as it is, never formatted, linked or resolved."""
    line = _LOOSE_UNDERSCORE.sub("\uff3f", plain(text, most).translate(_LOOK_ALIKE))
    line = _LINKS.sub(lambda m: m[0][:1] + ZERO_WIDTH_SPACE + m[0][1:], line)
    line = _EMOJI.sub(f":{ZERO_WIDTH_SPACE}", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_visible(character: str) -> bool:
    """Leave out control, format (text direction), surrogate and unassigned characters."""
    return not unicodedata.category(character).startswith("C")
