"""Plain English that only the pages use."""

from datetime import date


def say_span(first: date, last: date) -> str:
    """Return '27 to 29 March 2026', or '27 February to 1 March 2026'."""
    if first == last:
        return f"{first.day} {first:%B %Y}"
    start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
    return f"{start} to {last.day} {last:%B %Y}"


def say_expected(expected: float) -> str:
    """Return '7.7', or '<0.1' for the least."""
    return f"{expected:.1f}" if expected >= 0.05 else "<0.1"  # noqa: PLR2004  it would read 0.0
