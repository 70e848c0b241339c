"""What a picture of one night shows, and to whom."""

from dataclasses import dataclass
from datetime import date, datetime

from nte.picture_span import first_shown


@dataclass(frozen=True)
class Picture:
    """What a chart shows, and to whom."""

    centre_code: str
    source: str
    evening: date
    as_of: datetime
    least_shown: int
    """Smaller counts are drawn in one zone, not at their height."""

    @property
    def first_evening(self) -> date:
        """Return the first evening of the weekends that are shown."""
        return first_shown(self.evening)
