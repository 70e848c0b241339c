"""The paper of a year. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from nte.area import Area
from reports.papers.months import Month, months_drawn, months_told
from reports.papers.paper import Paper, Row, Section
from reports.papers.words import (
    CHANGE,
    COUNTED,
    WORDS,
    small_numbers,
    words_of_changes,
    words_of_definitions,
)
from reports.year.beside import beside_section
from reports.year.cuts import ages_section, alcohol_section, places_section
from reports.year.rates import rates_section
from reports.year.totals import span_of, totals_section
from reports.year.week import week_section

N_MONTHS_TOLD: Final = 24
INTERVALS: Final = (
    (
        "interval of a share",
        "95 %, after Clopper and Pearson: how far the share of such a year may be off by chance.",
    ),
    ("interval of a rate", "95 %, Poisson, widened by how much the district's months scatter."),
)


@dataclass(frozen=True)
class Year:
    """What the paper of a year is made of: rows of a copy for analysts."""

    year: int
    as_of: datetime
    source: str
    definition: str
    """The Board's definition of that year: what is cut is cut on it."""
    months: Sequence[Month]
    """Of the years drawn, as they may be said."""
    counted: Sequence[Row]
    """All months so far, on each definition."""
    ages: Sequence[Row]
    hours: Sequence[Row]
    districts: Sequence[Row]
    kinds: Sequence[Row]
    alcohol: Sequence[Row]
    nights: Sequence[Row]
    residents: Sequence[Row]
    beside: Sequence[Row]
    definitions: Sequence[Row]
    changes: Sequence[Row]
    """Of the lead source."""
    changes_of_all: Sequence[Row]
    """Of every source, with its name in the title."""
    breaks: Sequence[Row]
    """Source and first_day of those that change what `beside` counts."""
    least_shown: Mapping[str, int]
    """By source; nought: exact."""


def year_paper(facts: Year, area: Area) -> Paper:
    """Return the paper."""
    year, lead = facts.year, area.lead_source
    today, least = area.clock.local_date(facts.as_of), facts.least_shown[lead]
    by_definition = {
        row["definition"]: [m for m in facts.counted if m["definition"] == row["definition"]]
        for row in facts.definitions
    }
    of_year = [m for m in by_definition[facts.definition] if m["month"].year == year]
    n_occurrences = sum(month["occurrences"] or 0 for month in of_year)
    nights = [row for row in facts.beside if row["source"] == lead]
    titles = {name: area.source_title(name) for name in (lead, *(s for s in area.sources if s != lead))}
    complete = area.slack.complete_share
    how_much = span_of(by_definition[facts.definition], year, today).said
    totals = totals_section(by_definition, year, today, least_shown=least, complete_share=complete)
    told = {
        str(unit)
        for definition, unit, n, *_ in totals.grids[0].rows
        if definition == facts.definition and isinstance(n, int)
    }
    sections = [
        totals,
        months_drawn(facts.months, facts.changes, (date(year, 1, 1), date(year, 12, 1))),
        _noted(ages_section(facts.ages, least), how_much),
        _noted(week_section(facts.hours, n_occurrences, least), how_much),
        _noted(places_section(facts.districts, facts.kinds, least, told=told), how_much),
        _noted(
            rates_section(facts.nights, nights, facts.residents, year, today=today, least_shown=least),
            span_of(nights, year, today).said,
        ),
        _noted(alcohol_section(facts.alcohol, facts.least_shown), *_of_sources(facts, titles, today)),
        beside_section(
            facts.beside,
            titles,
            lead,
            facts.changes_of_all,
            facts.breaks,
            today=today,
            least_shown=facts.least_shown,
        ),
        months_told(facts.months, N_MONTHS_TOLD),
    ]
    return Paper(
        kind="year",
        folder="board",
        of=str(year),
        area=area,
        title=f"Serious violence in {year}",
        for_whom="for the Board",
        said=f"{facts.source}. {year}: {how_much} Where nothing else is said, on definition {facts.definition}. Whole "
        "days, all hours; never added to ambulance or hospital figures.",
        small_numbers=small_numbers(least, area),
        is_exact=not least,
        as_of=facts.as_of,
        sections=sections,
        words=[
            *words_of_definitions(facts.definitions),
            COUNTED,
            CHANGE,
            *INTERVALS,
            *WORDS,
            *words_of_changes(facts.changes_of_all),
        ],
    )


def _noted(section: Section, *of_how_much: str) -> Section:
    """Return a cut of the year with how much of the year it is of."""
    return replace(section, notes=[*section.notes, *of_how_much])


def _of_sources(facts: Year, titles: Mapping[str, str], today: date) -> Iterator[str]:
    """Yield how much of the year's nights each source that is in the table of alcohol has."""
    for source, title in titles.items():
        if any(row["source"] == source for row in facts.alcohol):
            nights = [row for row in facts.beside if row["source"] == source]
            yield f"{title}: {span_of(nights, facts.year, today).said}"
