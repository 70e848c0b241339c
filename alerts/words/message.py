"""A message without any channel's shape: what is said, as plain values. Each channel renders it in its own way."""

import unicodedata
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

_ON, _OFF = "\ue000", "\ue001"
"""Stand around what is strong while a sentence is put together; no text from outside can hold them."""


def strong(text: str) -> str:
    """Return text that a channel shows in bold, or whatever it has in the place of that."""
    return f"{_ON}{text}{_OFF}"


def outside(text: str, most: int = 300) -> str:
    """Return text from outside: one line, no control, format or private characters, `most` long."""
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or _is_visible(c))
    line = " ".join(visible.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def bare(text: str) -> str:
    """Return a sentence without what is strong in it."""
    return text.replace(_ON, "").replace(_OFF, "")


def _is_visible(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


class Plain(BaseModel):
    """Plain values: they do not change, and unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Plain):
    """A piece of a line."""

    text: str
    is_strong: bool = False


def _line(value: object) -> object:
    if not isinstance(value, str):
        return value
    pieces = value.replace(_OFF, _ON).split(_ON)
    return tuple(Span(text=text, is_strong=bool(n % 2)) for n, text in enumerate(pieces) if text)


def _lines(value: object) -> object:
    return tuple(value.split("\n")) if isinstance(value, str) else value


Line = Annotated[tuple[Span, ...], BeforeValidator(_line)]
"""Said as one line; made from a sentence in which `strong` may stand."""
Part = Annotated[tuple[Line, ...], BeforeValidator(_lines)]
"""Lines that belong together; made from sentences between line breaks."""


class Link(Plain):
    """A page that a message leads to."""

    name: str
    title: str
    address: str


class Action(Plain):
    """Something that a reader may do about an alert, where the channel can hear it."""

    name: str
    title: str
    about: str
    """The alert's id."""


LIFT = {"lift": "Lift the silence"}
"""The action that ends a silence, by name and title."""
SILENCE = {"silence": "Silence"}
"""The action that asks for one."""


class Message(Plain):
    """What is said, in reading order."""

    spoken: Annotated[str, BeforeValidator(bare)]
    """All of it as one text: for notifications and screen readers."""
    headline: str = ""
    note: str = ""
    """What happened to the message itself."""
    lead: Part = ()
    answered: Part = ()
    """Who has taken it on, and since when."""
    views: tuple[Part, ...] = ()
    picture: str = ""
    """What its picture shows, in words; empty without one."""
    small: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()

    @classmethod
    def of(cls, spoken: str, **parts: Any) -> "Message":
        """Return a message of sentences; see the fields for what each part becomes."""
        return cls(spoken=spoken, **{name: part for name, part in parts.items() if part})
