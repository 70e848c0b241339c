"""Publicly described forms of exports (standards.toml), which one an export has, and what is missing in it."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("standards.toml")


@dataclass(frozen=True)
class Standard:
    """One form: its items by role, what nothing uses, and what it lacks."""

    title: str
    citation: str
    kind: str
    """Of the source: police, ambulance, hospital."""
    roles: dict[str, str]
    unused: tuple[str, ...]
    missing: tuple[str, ...]


@cache
def standards() -> tuple[Standard, ...]:
    """Return all that are known."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8")).values()
    return tuple(
        Standard(s["title"], s["citation"], s["kind"], s["roles"], tuple(s["unused"]), tuple(s["missing"]))
        for s in said
    )


def names_of(kind: str, role: str) -> tuple[str, ...]:
    """Return what the forms of a kind of source call the column of a role."""
    return tuple(s.roles[role] for s in standards() if s.kind == kind and role in s.roles)


def names_of_unused() -> tuple[str, ...]:
    """Return the items of all forms that play no role."""
    return tuple(name for standard in standards() for name in standard.unused)


def standard_of(header: Iterable[str], kind: str) -> Standard | None:
    """Return the form of which an export has most items, more than half of those that play a role; None without one."""
    there = {_plain(name) for name in header}
    found = {
        s.title: sum(_plain(name) in there for name in s.roles.values()) / len(s.roles) for s in standards()
    }
    likely = [s for s in standards() if s.kind == kind and found[s.title] > 0.5]  # noqa: PLR2004  half of them
    return max(likely, key=lambda s: found[s.title], default=None)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
