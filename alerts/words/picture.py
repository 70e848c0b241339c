"""What a picture of a night, or of the nights of a window, shows, and to whom."""

from dataclasses import dataclass
from datetime import date, datetime

from nte.picture_span import first_shown
from nte.words import Verdict


@dataclass(frozen=True)
class Drawn:
    """One source in a picture."""

    source: str
    least_shown: int
    """Smaller counts are drawn in one zone, not at their height."""
    verdict: Verdict
    """Of the night that the picture is about."""
    is_so_far: bool


@dataclass(frozen=True)
class Picture:
    """What a chart shows, and to whom: each source below the other."""

    centre_code: str
    sources: tuple[Drawn, ...]
    evening: date
    as_of: datetime
    marked_from: date
    """The first of the nights that it is about; the same as `evening` for one night."""

    @property
    def first_evening(self) -> date:
        """Return the first evening of the weekends that are shown."""
        return first_shown(self.evening)
