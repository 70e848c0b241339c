"""Whom a text means that says "ask": a team or a role and how it is reached, as the area file names it."""

import re
from typing import Annotated

from pydantic import AfterValidator

FEWEST_SIGNS, MOST_SIGNS = 3, 120
NOBODY_NAMED = "whoever keeps this service"
"""Whom to ask where the area file names nobody."""
_ASK = re.compile(r"\b([Aa]sk|[Tt]ell|change at) the provider\b")


def _contact(text: str) -> str:
    is_one_line = text == " ".join(text.split()) and text.isprintable()
    if not is_one_line or not FEWEST_SIGNS <= len(text) <= MOST_SIGNS or set(text) & set("<>[]*`|"):
        raise ValueError(
            f"{text!r} is no contact; write a team and how it is reached, in one line of {FEWEST_SIGNS} to "
            f"{MOST_SIGNS} signs, such as 'data desk, extension 1234'"
        )
    return text


Contact = Annotated[str, AfterValidator(_contact)]


def name_contact(text: str, contact: str | None) -> str:
    """Return 'Ask the provider (data desk, extension 1234) for a clean file.'; as it stands without a contact."""
    return _ASK.sub(lambda said: f"{said[0]} ({contact})", text) if contact else text
