"""Months come after each other, years or not between them."""

from datetime import date

import pytest

from nte.months import months_after


@pytest.mark.parametrize(
    ("month", "n_months", "after"),
    [
        (date(2026, 1, 1), 1, date(2026, 2, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 10, 1), 3, date(2027, 1, 1)),
        (date(2026, 1, 1), 12, date(2027, 1, 1)),
    ],
)
def test_so_many_months_after_a_month(month: date, n_months: int, after: date) -> None:
    assert months_after(month, n_months) == after
