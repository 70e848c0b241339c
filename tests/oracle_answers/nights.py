"""Questions that are told of nights."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from tests.oracle_answers.counted import Answers, Counted, Key, share
from tests.oracle_facts import SOURCES, Deliveries

A_YEAR = timedelta(days=364)


def last_year(said: Deliveries) -> list[date]:
    """The last 52 weeks of nights that have ended."""
    return [said.morning - timedelta(days=n) for n in range(1, A_YEAR.days + 1)]


def known(counts: Iterable[int | None]) -> list[int]:
    return [n for n in counts if n is not None]


def sum_known(counts: Iterable[int | None]) -> int | None:
    """The sum of what is known; nothing where nothing is."""
    found = known(counts)
    return sum(found) if found else None


def pairs(said: Deliveries) -> list[tuple[str, str]]:
    return [(centre, source) for centre in said.centres for source in SOURCES]


def for_each_police(said: Deliveries) -> Counted:
    found: dict[Key, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for source in ("police", "emas"):
        for evening in said.covered[source]:
            for centre, about in said.centres.items():
                n = said.night(source, centre, evening)
                if n is not None:
                    found[about["name"], evening.year][source].append(n)
    rows = {}
    for key, counts in found.items():
        police, called = (sum(counts[source]) if source in counts else None for source in ("police", "emas"))
        rows[key] = police, called, called / police if called is not None and police else None
    return Counted(("town_centre", "year"), ("n_police", "n_ambulance", "ambulance_per_police"), rows)


def two_evenings(said: Deliveries) -> Counted:
    rows: dict[Key, Key] = {}
    for centre, source in pairs(said):
        nights = {evening: said.night(source, centre, evening) for evening in last_year(said)}
        friday, saturday = (known(n for e, n in nights.items() if e.isoweekday() == day) for day in (5, 6))
        if known(nights.values()):
            means = share(sum(friday), len(friday)), share(sum(saturday), len(saturday))
            sums = sum_known([*friday, *saturday]), len(friday) + len(saturday)
            rows[said.centres[centre]["name"], source] = *means, *sums
    values = ("friday_mean", "saturday_mean", "n_incidents", "n_nights_covered")
    return Counted(("town_centre", "source"), values, rows)


def busiest(said: Deliveries) -> Counted:
    rows: dict[Key, Key] = {}
    for centre, source in pairs(said):
        years = [
            [said.night(source, centre, evening - n * A_YEAR) for evening in last_year(said)]
            for n in range(3)
        ]
        everything = known(n for year in years for n in year)
        if everything:
            sums = (sum_known(year) for year in reversed(years))
            rows[said.centres[centre]["name"], source] = sum(everything), *sums, len(everything)
    values = ("n_three_years", "n_two_years_ago", "n_a_year_ago", "n_last_52_weeks", "n_nights_covered")
    return Counted(("town_centre", "source"), values, rows)


def year_on_year(said: Deliveries) -> Counted:
    rows = {}
    for centre, source in pairs(said):
        both = [
            (now, then)
            for evening in last_year(said)
            if (now := said.night(source, centre, evening)) is not None
            and (then := said.night(source, centre, evening - A_YEAR)) is not None
        ]
        if both:
            n, n_before = (sum(part) for part in zip(*both, strict=True))
            rows[said.centres[centre]["name"], source] = n, n_before, len(both), share(n, n_before)
    return Counted(("town_centre", "source"), ("n", "n_before", "n_nights", "ratio"), rows)


def on_a_map(said: Deliveries) -> Counted:
    rows: dict[Key, Key] = {}
    for centre in said.centres:
        nights = [said.night("police", centre, evening) for evening in last_year(said)]
        rows[centre,] = sum_known(nights), len(known(nights))
    return Counted(("centre_code",), ("n_incidents", "n_nights_covered"), rows)


def on_monday(said: Deliveries) -> Counted:
    monday = said.morning - timedelta(days=said.morning.weekday())
    then = said.on(monday)
    rows = {
        (monday - timedelta(days=n), said.centres[centre]["name"], source): (
            then.night(source, centre, monday - timedelta(days=n)), said.night(source, centre, monday - timedelta(days=n)),
        )
        for n in (1, 2, 3) for centre, source in pairs(said)
    }  # fmt: skip
    return Counted(("evening", "town_centre", "source"), ("n_on_monday", "n_now"), rows)


ANSWERS: Answers = {
    "ambulance-per-police-incident": for_each_police,
    "friday-against-saturday": two_evenings,
    "hot-centres-three-years": busiest,
    "year-on-year-per-centre": year_on_year,
    "map-of-centres": on_a_map,
    "known-on-a-morning": on_monday,
}
