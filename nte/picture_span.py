"""What the picture of a night shows, and how far back. Only what draws it imports nte/night_chart.py, slowly."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from nte.words import Verdict

WEEKENDS_SHOWN: Final = 12
FRIDAY: Final = 4


def first_shown(evening: date) -> date:
    """Return the Friday of the first weekend in the picture of a night."""
    friday = evening - timedelta(days=(evening.weekday() - FRIDAY) % 7)
    return friday - timedelta(weeks=WEEKENDS_SHOWN)


@dataclass(frozen=True)
class Chapter:
    """One source's nights in a picture: what is drawn of them, in which colour, and what is not."""

    nights: pl.DataFrame
    """evening, expected, lower, upper, alert_limit, n_incidents (null: not known), of one town centre and source."""
    title: str
    least_shown: int = 0
    """Smaller counts are one zone without dots, and no limit stands beside them."""
    verdict: Verdict = Verdict.WITHIN
    is_so_far: bool = False
    """Whether the count of its night is to grow."""
