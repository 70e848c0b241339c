"""What the words of every paper mean, and what is said with each figure. Pure."""

from collections.abc import Sequence
from typing import Final

from nte.area import Area
from nte.english import say_date
from reports.papers.paper import Row

WORDS: Final = (
    (
        "usually in by now",
        "The share of the final count that was usually known at that age, learned from past deliveries.",
    ),
    ("final", "The time is over, accounted for, and almost all of it is in. Everything else is provisional."),
    ("not known", "No believed delivery accounts for it. That is not nought."),
)  # fmt: skip
CHANGE: Final = (
    "change",
    "Against the same time a year before, where both are over and deliveries account for both. The interval is a "
    "conditional binomial one, widened by how much the series itself scatters. Where it has 0 within, the change may "
    "be chance.",
)
COUNTED: Final = (
    "offences, victims",
    "Each offence stands under its own group. The force records a crime for each victim, so that each offence of a "
    "group that has victims is one victim; possession has none.",
)
EXACT: Final = "small numbers are in it. Do not pass it on."


def words_of_definitions(definitions: Sequence[Row]) -> list[tuple[str, str]]:
    """Return each definition with its title, since when it is meant, and why it counts so."""
    return [(row["definition"], f"{row['title']}. {_meant(row)} {row['why']}") for row in definitions]


def _meant(row: Row) -> str:
    until = f" to {say_date(row['effective_to'])}" if row["effective_to"] else ""
    since = f"Meant for days from {say_date(row['effective_from'])}{until}"
    return f"{since}, counted over all of history so that years can be compared."


def words_of_changes(changes: Sequence[Row]) -> list[tuple[str, str]]:
    """Return each day from which something is recorded otherwise, what that does, and who says so."""
    return [
        (
            f"recorded otherwise from {say_date(change['first_day'])}",
            f"{change['title']}: {change['expected_effect']}. {change['citation']}.",
        )
        for change in changes
    ]


def small_numbers(least_shown: int, area: Area) -> str:
    """Return what is not shown; `least_shown` nought: all is."""
    if not least_shown:
        return EXACT
    health = area.disclosure.health_least_shown
    of_health = f" (of health: {health})" if health != least_shown else ""
    return (
        f"not shown are counts of fewer than {least_shown}{of_health}, nought among them, and counts that would tell "
        "such a one beside another."
    )
