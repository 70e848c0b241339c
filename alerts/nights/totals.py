"""What a source counted over all nights of a window: a sum only where no night's count is hidden."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.deciding.facts import AlertFacts, SourceFacts
from alerts.words.wording import SourceWording, say_beside
from nte.english import say_number


@dataclass(frozen=True)
class Total:
    """One source's nights of a window, as one audience may know them."""

    source: str
    n_nights: int
    n_known: int
    n_hidden: int
    n_incidents: int
    """Of the nights that are known; said only where none of them is hidden."""
    expected: float
    """Of the same nights."""
    is_complete: bool

    @property
    def may_be_said(self) -> bool:
        """Say whether the sum tells no night's hidden count."""
        return self.n_known > 0 and self.n_hidden == 0


def totals_of(facts: AlertFacts, sources: Sequence[str], wording: SourceWording) -> list[Total]:
    """Return the total of each source that has a view of the window, in the given order."""
    views = {s: [v for n in facts.nights for v in n.sources if v.source == s] for s in sources}
    return [_total(source, own, wording) for source, own in views.items() if own]


def _total(source: str, views: list[SourceFacts], wording: SourceWording) -> Total:
    known = [v for v in views if v.n_incidents is not None and v.expected is not None]
    return Total(
        source,
        len(views),
        len(known),
        sum(wording.is_hidden(v) for v in known),
        sum(v.n_incidents or 0 for v in known),
        sum(v.expected or 0.0 for v in known),
        all(wording.is_complete(v) for v in known),
    )


def say_total(total: Total) -> str:
    """Return '15 over 3 nights, about 3 times the usual (about 5)', of a total that may be said."""
    nights = say_number(total.n_known, "night")
    so_far = "" if total.is_complete else " so far"
    missing = f"; {total.n_nights - total.n_known} not known" if total.n_known < total.n_nights else ""
    beside = say_beside(total.n_incidents, total.expected)
    return f"{total.n_incidents} over {nights}{so_far}, {beside}{missing}"


def say_hidden(total: Total, least_shown: int) -> str:
    """Return 'fewer than 8 on 11 of 12 nights': of small counts no sum is told, nor how they stand to the usual."""
    missing = f", {total.n_nights - total.n_known} not known" if total.n_known < total.n_nights else ""
    nights = say_number(total.n_known, "night")
    return f"fewer than {least_shown} on {total.n_hidden} of {nights}{missing}; no sum is told"
