"""Months, each by its first day."""

from datetime import date


def months_after(month: date, n_months: int = 1) -> date:
    """Return the first day of the month that is so many months after one."""
    n = month.month - 1 + n_months
    return date(month.year + n // 12, n % 12 + 1, 1)
