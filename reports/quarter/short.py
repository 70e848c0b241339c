"""The first lines of a quarter's paper: what there was, what a year before, and whether chance does it. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from nte.english import say_share
from reports.papers.paper import Column, Estimate, Section, Unit
from reports.papers.saying import say_cell
from reports.quarter.figures import MEASURES, Figure

FIRST_SAID: Final = (
    ("serious_violence", "offence"), ("knife_serious_violence", "offence"),
    ("knife_serious_violence", "victim_under_25"), ("gbh_with_intent", "offence"), ("gbh_without_intent", "offence"),
)  # fmt: skip
CHANGE: Final = Column("change", Unit.CHANGE, has_interval=True)


def in_short(figures: Sequence[Figure]) -> list[Section]:
    """Return the section, of figures of one definition as they may be said; none where none of them is a number."""
    named = {(figure.measure, figure.unit): figure for figure in figures}
    found = [named.get((MEASURES[kpi_id], unit)) for kpi_id, unit in FIRST_SAID]
    told = [figure for figure in found if figure is not None and isinstance(figure.value, int)]
    if not told:
        return []
    return [Section("In short", points=list(map(_say, told)), notes=list(_said_with_it(told)))]


def _say(figure: Figure) -> str:
    """Return 'Serious violence: 3,887 offences, 3,326 in the same quarter a year before: +17 % (−2 to +39). …'."""
    now = f"{figure.measure}: {figure.value:,} {figure.of_whom}"
    if not isinstance(figure.before, int):
        return f"{now}; the year before is {figure.before}."
    beside = f"{now}, {figure.before:,} in the same quarter a year before"
    if isinstance(figure.ratio, str) or isinstance(figure.lower, str) or isinstance(figure.upper, str):
        return f"{beside}; the two are not to be compared."
    change = say_cell(Estimate(figure.ratio, figure.lower, figure.upper), CHANGE)
    may_be_chance = figure.lower <= 1 <= figure.upper
    return f"{beside}: {change}. {'That may be chance.' if may_be_chance else 'That is more than chance.'}"


def _said_with_it(told: Sequence[Figure]) -> Iterator[str]:
    """Yield of which definition they are, how much of it is in, and what must be said with any of them."""
    share = told[0].known_share
    known = "" if isinstance(share, str) else f": usually {say_share(share)} is in by now"
    state = "final" if told[0].is_final else "provisional"
    yield f"In the whole area, on definition {told[0].definition}. These figures are {state}{known}."
    for caveat in dict.fromkeys(figure.caveat for figure in told if figure.caveat):
        yield f"To be said with it: {caveat}."
