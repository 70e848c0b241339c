"""What is printed for people: text from outside does nothing in a terminal, and a line stays readable at 80 columns."""

import unicodedata

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

LABEL = 10
"""Signs for the word that begins a line."""


def plain(text: object) -> str:
    """Return text without a sign that moves a cursor, rings or hides: each is shown as one that cannot be shown."""
    return "".join(c if c == "\n" or _is_visible(c) else "\ufffd" for c in str(text))


def harmless(text: object) -> str:
    """Return text from outside, such as a file name, as it may stand in what is printed: no markup either."""
    return escape(plain(text))


def say_line(console: Console, label: str, style: str, text: str) -> None:
    """Print a word and what is said about it; `text` may come from outside.

    On a terminal it goes on beneath itself; elsewhere it stays one line, that can be searched.
    """
    if not console.is_terminal:
        console.print(f"[{style}]{label}[/]  {harmless(text)}", highlight=False, soft_wrap=True)
        return
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(min_width=LABEL, no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(label, style=style), Text(plain(text)))
    console.print(line)


def _is_visible(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")
