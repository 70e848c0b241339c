"""How far back the picture of a night reaches. Whoever draws it imports nte/night_chart.py, which takes a while."""

from datetime import date, timedelta
from typing import Final

WEEKENDS_SHOWN: Final = 12
FRIDAY: Final = 4


def first_shown(evening: date) -> date:
    """Return the Friday of the first weekend in the picture of a night."""
    friday = evening - timedelta(days=(evening.weekday() - FRIDAY) % 7)
    return friday - timedelta(weeks=WEEKENDS_SHOWN)
