"""How the partners' pages say measures, quarters and numbers. Pure."""

from calendar import month_name
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from nte.area import Area, RecordingChange, TownCentre
from nte.english import listed
from reports.partners.cells import (
    KNIFE,
    NIGHTS,
    NOT_KNOWN_WHERE,
    OUTSIDE,
    SERIOUS,
    WHOLE_AREA,
    WITHOUT_KNIFE,
    Status,
)

OF_KIND: Final = {
    "police": "recorded by the police",
    "ambulance": "attended by the ambulance service",
    "hospital": "treated in hospital",
    "other": "reported",
}
WHO: Final = {
    "police": "the police",
    "ambulance": "the ambulance service",
    "hospital": "hospitals",
    "other": "others",
}
OF_MEASURE: Final = {
    SERIOUS: "Serious violence at any hour, recorded by the police",
    KNIFE: "Serious violence with a knife, recorded by the police",
    WITHOUT_KNIFE: "Serious violence without a knife, recorded by the police",
}
OTHERWISE: Final = "recorded differently from"
NOT_SHOWN, NOT_KNOWN = "not shown", "not known"
CENTRES_ONLY: Final = "town centres only"
NOTHING_SENT: Final = {
    "police": "The police send no figures of {}.",
    "ambulance": "The ambulance service sends no figures of {}.",
    "hospital": "No hospital that serves {} sends figures.",
    "other": "Others send no figures of {}.",
}
"""Of a district in which a source serves nobody, by kind of source."""
TO_CONFIRM: Final = "to be confirmed"
"""Begins what an area file notes for its analyst, where a change has no source yet."""
NOT_CONFIRMED: Final = "The effect has not been confirmed yet"


def title_of(area: Area, source: str, measure: str) -> str:
    """Return 'Violence at night, treated in hospital'."""
    if measure == NIGHTS:
        return f"Violence at night, {OF_KIND[area.sources[source].kind]}"
    return OF_MEASURE[measure]


def say_quarter(quarter: str) -> str:
    """Return 'January to March 2026'."""
    first = 3 * int(quarter[5]) - 2
    return f"{month_name[first]} to {month_name[first + 2]} {quarter[:4]}"


def say_date(day: date) -> str:
    """Return '1 March 2025'."""
    return f"{day.day} {day:%B %Y}"


def say_change(area: Area, change: RecordingChange) -> str:
    """Return 'robbery of business property: recorded differently from 1 March 2025'."""
    return f"{say_changed(area, change)}: {OTHERWISE} {say_date(change.first_day)}"


def say_changed(area: Area, change: RecordingChange) -> str:
    """Return 'robbery of business property', or 'all incidents'."""
    titles = {group.offence_group: group.title for group in area.offence_groups}
    what = "all incidents" if change.offence_group is None else titles[change.offence_group]
    return f"{what[0].lower()}{what[1:]}"


def say_citation(citation: str) -> str:
    """Return who says that something is recorded otherwise; of a note for the analyst only that nobody has yet."""
    return NOT_CONFIRMED if citation.lower().startswith(TO_CONFIRM) else citation


def limits_of(area: Area, source: str, district: str) -> list[str]:
    """Return what a source's counts of a district leave out: it may know no districts, or not serve every centre."""
    own = [centre for centre in area.current_centres if centre.district == district]
    if not own:
        return []
    silent = [centre.name for centre in own if source not in centre.covered_by]
    alone = [] if area.sources[source].columns.district else [CENTRES_ONLY]
    return alone + ([f"without {listed(silent)}, of which nothing is sent"] if silent else [])


def say_extent(area: Area, source: str, district: str) -> str:
    """Return 'Whole district', or 'Town centres only, without Glossop, of which nothing is sent'."""
    if district == WHOLE_AREA:
        return "Whole area"
    limits = limits_of(area, source, district)
    said = ", ".join(limits if CENTRES_ONLY in limits else ["whole district", *limits])
    return f"{said[0].upper()}{said[1:]}"


def say_redrawn(centre: Sequence[TownCentre], year: int, counted_from: date | None) -> list[str]:
    """Return what a town centre became or ceased to be in a year, from all its boundaries.

    `counted_from`: its first evening that was counted, where that is known; it may be later than its first boundary.

    Such as 'counted from 1 March 2026', 'its boundary was drawn anew on 1 March 2026', 'called Old Town until
    28 February 2026' and 'a town centre until 28 February 2026'.
    """
    drawn = sorted(centre, key=lambda c: c.valid_from)
    first, last = drawn[0], drawn[-1]
    began = max(first.valid_from, counted_from or first.valid_from)
    said = [f"counted from {say_date(began)}"] if began.year == year else []
    for before, after in pairwise(drawn):
        if after.valid_from.year != year:
            continue
        if before.boundary != after.boundary:
            said.append(f"its boundary was drawn anew on {say_date(after.valid_from)}")
        if before.name != after.name:
            said.append(f"called {before.name} until {say_date(after.valid_from - timedelta(days=1))}")
    if last.valid_to is not None and last.valid_to.year == year:
        said.append(f"a town centre until {say_date(last.valid_to)}")
    return said


def say_small(least: int) -> str:
    """Return 'fewer than 8'."""
    return f"fewer than {least}"


def say_number(shown: int | None, status: str, least: int) -> str:
    """Return '1,234', 'fewer than 8', 'not shown' or 'not known'."""
    if status == Status.SMALL:
        return say_small(least)
    if shown is None:
        return NOT_KNOWN if status == Status.NOT_KNOWN else NOT_SHOWN
    return f"{shown:,}"


def say_place(area: Area, district: str, place: str = "") -> str:
    """Return the name of the area, a district or a town centre."""
    if place:
        return "Outside its town centres" if place == OUTSIDE else area.centre_name(place)
    return {WHOLE_AREA: area.name, NOT_KNOWN_WHERE: "District not known"}.get(district, district)


def slug_of(district: str) -> str:
    """Return the name of a district's page."""
    return "-".join(district.lower().replace("-", " ").split())
