"""What the supervisor last saw of the service's parts: which answer, which do not, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from nte.area import Area
from nte.english import say_short_instant
from nte.files import SECRET, write_text
from nte.words import PartState

STALE = timedelta(minutes=1)
"""The supervisor looks every few seconds: what is older was left behind by one that ended or hangs."""


@dataclass(frozen=True)
class Part:
    """One part of the service as it was when it was last asked."""

    name: str
    state: PartState
    since: datetime
    what: str = ""
    """What is the matter, in words."""
    session: int | None = None
    """By which all its processes are known."""


@dataclass(frozen=True)
class Service:
    """The whole service as its supervisor last saw it."""

    looked_at: datetime
    address: str
    parts: tuple[Part, ...]

    @property
    def is_up(self) -> bool:
        """Every part answers."""
        return all(part.state == PartState.UP for part in self.parts)


_AS_JSON = TypeAdapter(Service)


def write_service(path: Path, service: Service) -> None:
    """Keep what was seen, whole or not at all."""
    write_text(path, _AS_JSON.dump_json(service, indent=1).decode(), SECRET)


def read_service(path: Path) -> Service | None:
    """Return what was last seen, or None where nothing was started, or by another version."""
    try:
        return _AS_JSON.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def service_problems(service: Service, area: Area, now: datetime) -> list[str]:
    """Return in a sentence each what does not run; nothing when every part answers or starts for the first time."""
    if now - service.looked_at > STALE:
        since = say_short_instant(service.looked_at, area)
        return [
            f"Nobody has looked after the service since {since}: its supervisor does not answer, or the machine was "
            "started anew. Start it again: nte stop, then nte up, or by the service manager."
        ]
    return [
        f"The {part.name} {part.state.meaning}, since {say_short_instant(part.since, area)}. {part.what}".strip()
        for part in service.parts
        if part.state not in (PartState.UP, PartState.STARTING)
    ]
