"""The questions of the query book, answered by plain loops over the raw deliveries: what every answer is held against.

Each function counts one question anew and names the columns that it can vouch for. A null is what nobody can know, as in
the book. Intervals, and what was issued or evaluated by the service itself, cannot be counted: `HELD_OTHERWISE` says
what holds those.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from tests.oracle_facts import ALERT, BOARD, SOURCES, Deliveries, Fact, middle, tally

Key = tuple[Any, ...]
NEWEST = BOARD[-1]
YOUNG = ("under_18", "18_24")
KNOWN_AGES = (*YOUNG, "25_and_over")
A_YEAR = timedelta(days=364)
LEAST_COVERED = 0.97
LEAST_SHOWN = 5
N_LISTED = 20
INCIDENTS, OFFENCES, VICTIMS = range(3)


@dataclass(frozen=True)
class Counted:
    """What a question is to answer: the columns that say of what, those that say how much, and every row."""

    keys: tuple[str, ...]
    values: tuple[str, ...]
    rows: Mapping[Key, Key]


ANSWERS: dict[str, Callable[[Deliveries], Counted]] = {}
HELD_OTHERWISE = {
    "calibration-of-bands": "bands issued before each night: planted means and scatter, tests/forecasts",
    "change-since-intervention": "planted effects read back: bench.interventions, tests/forecasts",
}


def question(name: str) -> Callable[[Callable[[Deliveries], Counted]], Callable[[Deliveries], Counted]]:
    """Enter a function under the name of its question."""

    def enter(answer: Callable[[Deliveries], Counted]) -> Callable[[Deliveries], Counted]:
        ANSWERS[name] = answer
        return answer

    return enter


def differences(told: Sequence[Mapping[str, Any]], counted: Counted) -> list[str]:
    """Return in words where an answer is not what was counted; a number is told as exactly as its column is."""
    answered = {tuple(row[k] for k in counted.keys): tuple(row[v] for v in counted.values) for row in told}
    exact = [_decimals(row[n] for row in answered.values()) for n in range(len(counted.values))]
    found = [] if len(answered) == len(told) else [f"{len(told) - len(answered)} rows stand there twice"]
    for key in sorted({*answered, *counted.rows}, key=str):
        said = ", ".join(map(str, key))
        if key not in counted.rows or key not in answered:
            found.append(f"{said}: {'told, not counted' if key in answered else 'counted, not told'}")
            continue
        pairs = zip(counted.values, answered[key], counted.rows[key], exact, strict=True)
        found += [f"{said}: {name} {a}, counted anew {b}" for name, a, b, n in pairs if not _is_same(a, b, n)]
    return found


def _decimals(values: Iterable[Any]) -> int:
    places = [-int(Decimal(repr(value)).as_tuple().exponent) for value in values if isinstance(value, float)]
    return max(places, default=0)


def _is_same(told: Any, counted: Any, decimals: int) -> bool:
    if isinstance(told, float) and isinstance(counted, (int, float)):
        return abs(told - counted) <= 0.5 * 10.0**-decimals + 1e-9
    return bool(told == counted)


def share(n: float, of: float) -> float | None:
    return n / of if of else None


def of_police(said: Deliveries, definitions: tuple[str, ...] = BOARD) -> list[Fact]:
    return [fact for fact in said.facts if fact.source == "police" and fact.definition in definitions]


def of_year(said: Deliveries, source: str, year: int) -> tuple[int | None, int | None]:
    """How many days a year has, and how many of them are accounted for; nothing of one that is not reached."""
    if year not in {month.year for month in said.months_reached(source)}:
        return None, None
    n_days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return n_days, sum(day.year == year for day in said.days[source])


def of_month(said: Deliveries, month: date) -> tuple[int | None, int | None]:
    if month not in said.months_reached():
        return None, None
    return monthrange(month.year, month.month)[1], sum(
        day.replace(day=1) == month for day in said.days["police"]
    )


DAYS = ("n_days", "n_days_covered")

# ------------------------------------------------------------------------------------------- by quarter


@dataclass(frozen=True)
class Quarter:
    name: str
    n_days: int
    n_covered: int
    is_over: bool

    @property
    def is_accounted_for(self) -> bool:
        return self.is_over and self.n_covered >= LEAST_COVERED * self.n_days


def quarter_of(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


@cache
def quarters_of(said: Deliveries) -> dict[str, Quarter]:
    found = {}
    for name in dict.fromkeys(quarter_of(month) for month in said.months_reached()):
        first = date(int(name[:4]), 3 * int(name[5]) - 2, 1)
        end = (first + timedelta(days=95)).replace(day=1)
        days = [first + timedelta(days=n) for n in range((end - first).days)]
        found[name] = Quarter(
            name, len(days), sum(d in said.days["police"] for d in days), end <= said.morning
        )
    return found


def before(name: str) -> str:
    return f"{int(name[:4]) - 1}{name[4:]}"


def in_quarters(said: Deliveries, counts: Callable[[Fact], bool]) -> dict[Key, dict[str, int]]:
    """The Board's units by definition, geography and quarter: nought where nothing was, None nowhere."""
    names = quarters_of(said)
    sums: dict[Key, dict[str, int]] = {
        (definition, geography, name): dict.fromkeys(("offence", "victim", "victim_under_25", "of_known_age"), 0)
        for definition in BOARD for geography in ("area", *said.districts) for name in names
    }  # fmt: skip
    for fact in of_police(said):
        if quarter_of(fact.day) in names and counts(fact):
            for geography in {"area", fact.district} - {""}:
                found = sums[fact.definition, geography, quarter_of(fact.day)]
                found["offence"] += fact.offences
                found["victim"] += fact.victims
                found["victim_under_25"] += fact.victims * (fact.age in YOUNG)
                found["of_known_age"] += fact.victims * (fact.age in KNOWN_AGES)
    return sums


def beside_last_year(said: Deliveries, sums: Mapping[Key, Mapping[str, int]], key: Key, unit: str) -> Key:
    """A quarter's count, the same a year before where that is accounted for, and their ratio where both are."""
    definition, geography, name = key
    quarters = quarters_of(said)
    now = sums[key][unit] if quarters[name].n_covered else None
    earlier = quarters.get(before(name))
    then = sums[definition, geography, earlier.name][unit] if earlier and earlier.is_accounted_for else None
    can_compare = quarters[name].is_accounted_for and now is not None and then
    return now, then, now / then if can_compare and now is not None and then else None


def with_knife(fact: Fact) -> bool:
    return fact.knife == "yes"


def in_group(group: str) -> Callable[[Fact], bool]:
    return lambda fact: fact.group == group


def homicide_with_knife(fact: Fact) -> bool:
    return fact.group == "homicide" and with_knife(fact)


@question("quarterly-serious-violence-by-district")
def serious_violence(said: Deliveries) -> Counted:
    sums = in_quarters(said, lambda _: True)
    rows = {
        (key[2], key[1], key[0], unit): beside_last_year(said, sums, key, unit)
        for key in sums for unit in ("offence", "victim")
    }  # fmt: skip
    return Counted(("quarter", "geography", "definition", "unit"), ("n", "n_last_year", "ratio"), rows)


@question("gbh-with-and-without-intent")
def grievous(said: Deliveries) -> Counted:
    rows = {}
    for group in ("gbh_with_intent", "gbh_without_intent"):
        sums = in_quarters(said, in_group(group))
        for key in sums:
            for unit in ("offence", "victim", "victim_under_25"):
                if key[0] == NEWEST:
                    now, _, ratio = beside_last_year(said, sums, key, unit)
                    rows[key[2], key[1], group, unit] = now, ratio
    return Counted(("quarter", "geography", "kpi_id", "unit"), ("n", "ratio"), rows)


@question("homicides-under-25")
def homicides(said: Deliveries) -> Counted:
    quarters = quarters_of(said)
    last = 4 * int(max(quarters)[:4]) + int(max(quarters)[5]) - 1
    listed = [f"{n // 4}Q{n % 4 + 1}" for n in range(last - N_LISTED + 1, last + 1)]
    rows: dict[Key, Key] = {}
    for kpi, is_one in (("homicide", in_group("homicide")), ("homicide_knife", homicide_with_knife)):
        sums = in_quarters(said, is_one)
        for name in listed:
            for definition in BOARD:
                for unit in ("offence", "victim", "victim_under_25"):
                    n_covered = quarters[name].n_covered if name in quarters else 0
                    rows[name, definition, kpi, unit] = (
                        sums[definition, "area", name][unit] if n_covered else None, n_covered,
                    )  # fmt: skip
    return Counted(("quarter", "definition", "kpi_id", "unit"), ("n", "n_days_covered"), rows)


@question("knife-victims-under-25")
def young_victims(said: Deliveries) -> Counted:
    quarters, rows = quarters_of(said), {}
    for (definition, geography, name), sums in in_quarters(said, with_knife).items():
        young, known = sums["victim_under_25"], sums["of_known_age"]
        found = sums["victim"], young, share(young, known), known
        rows[name, geography, definition] = found if quarters[name].n_covered else (None,) * len(found)
    values = ("n_victims", "n_under_25", "share_under_25", "n_age_known")
    return Counted(("quarter", "geography", "definition"), values, rows)


@question("cost")
def cost(said: Deliveries) -> Counted:
    units = {row["offence_group"]: float(row["gbp"]) for row in said.read("unit_costs.csv")}
    over = [quarter.name for quarter in quarters_of(said).values() if quarter.is_accounted_for]
    found: dict[str, list[int]] = {}
    for name in over:
        groups = tally(
            (f for f in of_police(said, (NEWEST,)) if quarter_of(f.day) == name), lambda f: f.group
        )
        counts = {group: groups[group][OFFENCES] for group in units}
        shown = {group: n for group, n in counts.items() if not 0 < n < LEAST_SHOWN}
        gbp = sum(round(n * units[group]) for group, n in shown.items())
        found[name] = [sum(shown.values()), gbp, len(counts) - len(shown)]
    rows = {}
    for name, (n, gbp, n_hidden) in found.items():
        _, earlier, n_hidden_then = found.get(before(name), (0, None, 1))
        change = gbp - earlier if earlier is not None and n_hidden + n_hidden_then == 0 else None
        percent = 100 * change / earlier if change is not None and earlier else None
        rows[name,] = n, gbp, n_hidden, earlier, change, percent
    values = ("n_offences", "gbp", "n_groups_not_shown", "gbp_year_before", "gbp_change", "percent_change")
    return Counted(("quarter",), values, rows)


@question("possession-trend")
def possession(said: Deliveries) -> Counted:
    carried = [fact for fact in of_police(said, (NEWEST,)) if fact.group == "possession"]

    def place(fact: Fact) -> Key:
        return fact.day.replace(month=3 * ((fact.day.month + 2) // 3) - 2, day=1), fact.district

    knives, quarters = tally(filter(with_knife, carried), place), quarters_of(said)
    rows = {}
    for (first, district), n in tally(carried, place).items():
        quarter = quarters[quarter_of(first)]
        rows[first, district] = (
            n[OFFENCES],
            knives[first, district][OFFENCES],
            quarter.n_days,
            quarter.n_covered,
        )
    return Counted(("quarter", "district"), ("n_offences", "n_with_knife", *DAYS), rows)


# ------------------------------------------------------------------------------------------- by month


@question("robbery-business-and-personal")
def robbery(said: Deliveries) -> Counted:
    robbed = [fact for fact in of_police(said, (NEWEST,)) if fact.group.startswith("robbery")]
    sums = tally(robbed, lambda f: (f.month, f.group))
    rows = {key: (n[OFFENCES], *of_month(said, key[0])) for key, n in sums.items()}
    return Counted(("month", "offence_group"), ("n_offences", *DAYS), rows)


@question("monthly-series-with-recording-changes")
def series(said: Deliveries) -> Counted:
    sums = tally(of_police(said), lambda f: (f.month, f.definition))
    rows: dict[Key, Key] = {}
    for month in said.months_reached():
        n_days, n_covered = of_month(said, month)
        for definition in BOARD:
            incidents, offences, victims = sums[month, definition]
            counts = (offences, incidents, victims) if n_covered else (None, None, None)
            rows[month, definition] = *counts, n_days, n_covered
    return Counted(("month", "definition"), ("n_offences", "n_occurrences", "n_victims", *DAYS), rows)


@question("what-adding-abh-does")
def wider(said: Deliveries) -> Counted:
    sums = tally(of_police(said), lambda f: (f.month, f.definition))
    harmed = tally((f for f in of_police(said) if f.group == "abh"), lambda f: (f.month, f.definition))
    rows = {}
    for key, n in sums.items():
        n_abh = harmed[key][OFFENCES]
        rows[key] = n[OFFENCES], n_abh, share(n_abh, n[OFFENCES]), *of_month(said, key[0])
    return Counted(("month", "definition"), ("n_offences", "n_abh", "abh_share", *DAYS), rows)


@question("istv-completeness")
def completeness(said: Deliveries) -> Counted:
    cards = defaultdict(list)
    for visit in said.visits:
        cards[visit.month, visit.site].append(visit)
    rows: dict[Key, Key] = {
        key: (
            len(card), sum(v.has_time for v in card) / len(card), sum(v.is_exact for v in card) / len(card),
            sum(v.place != "none" for v in card) / len(card), sum(v.place == "centre" for v in card) / len(card),
            sum(v.place == "elsewhere" for v in card) / len(card),
            sum(v.place in ("none", "unmatched") for v in card) / len(card),
            sum(v.method != "unknown" for v in card) / len(card),
            sum(v.method not in ("unknown", "other") for v in card) / len(card), middle(v.lag_days for v in card),
        )
        for key, card in cards.items()
    }  # fmt: skip
    values = (
        "n_attendances", "time_stated_share", "time_exact_share", "place_written_share", "place_in_centre_share",
        "place_elsewhere_share", "place_unknown_share", "method_stated_share", "method_specific_share", "median_lag_days",
    )  # fmt: skip
    return Counted(("month", "site_code"), values, rows)


# ------------------------------------------------------------------------------------------- by year


@question("offences-occurrences-victims")
def three_ways(said: Deliveries) -> Counted:
    sums = tally(of_police(said, (ALERT, *BOARD)), lambda f: (f.day.year, f.definition))
    rows: dict[Key, Key] = {key: (*n, *of_year(said, "police", key[0])) for key, n in sums.items()}
    return Counted(("year", "definition"), ("n_occurrences", "n_offences", "n_victims", *DAYS), rows)


@question("knife-share-without-possession")
def knife_share(said: Deliveries) -> Counted:
    def year(fact: Fact) -> Key:
        return fact.day.year, fact.definition

    everything, others = of_police(said), [fact for fact in of_police(said) if fact.group != "possession"]
    knives, used = tally(filter(with_knife, everything), year), tally(filter(with_knife, others), year)
    rest, rows = tally(others, year), {}
    for key, n in tally(everything, year).items():
        n_knife, n_used = knives[key][OFFENCES], used[key][OFFENCES]
        shares = n_knife / n[OFFENCES], share(n_used, rest[key][OFFENCES])
        rows[key] = n[OFFENCES], n_knife, shares[0], n_used, shares[1], *of_year(said, "police", key[0])
    values = (
        "n_offences",
        "n_knife",
        "knife_share",
        "n_knife_without_possession",
        "knife_share_without_possession",
    )
    return Counted(("year", "definition"), (*values, *DAYS), rows)


@question("share-friday-saturday-18-06")
def two_nights(said: Deliveries) -> Counted:
    parts = tally(of_police(said), lambda f: (f.day.year, f.definition, f.part))
    rows: dict[Key, Key] = {}
    for key, n in tally(of_police(said), lambda f: (f.day.year, f.definition)).items():
        of_nights = parts[*key, "fri_sat_night"]
        shares = (of_nights[unit] / n[unit] for unit in (INCIDENTS, OFFENCES))
        rows[key] = *shares, *of_year(said, "police", key[0])
    return Counted(("year", "definition"), ("share_of_occurrences", "share_of_offences", *DAYS), rows)


@question("share-friday-to-sunday")
def three_nights(said: Deliveries) -> Counted:
    parts = tally(of_police(said), lambda f: (f.day.year, f.definition, f.part))
    rows: dict[Key, Key] = {}
    for key, n in tally(of_police(said), lambda f: (f.day.year, f.definition)).items():
        nights = sum(parts[*key, part][INCIDENTS] for part in ("fri_sat_night", "sunday_night"))
        unknown = parts[*key, "unknown"][INCIDENTS]
        shares = share(nights, n[INCIDENTS] - unknown), unknown / n[INCIDENTS]
        rows[*key, "police"] = n[INCIDENTS], *shares, *of_year(said, "police", key[0])
    values = ("n_incidents", "share_of_known", "hour_unknown_share")
    return Counted(("year", "definition", "source"), (*values, *DAYS), rows)


@question("hour-profile")
def hours(said: Deliveries) -> Counted:
    year = said.morning.year - 1
    cells: dict[Key, list[int]] = defaultdict(lambda: [0] * 7)
    for fact in said.facts:
        if fact.when and fact.when.year == year and fact.incidents:
            cells[fact.source, fact.definition, fact.when.hour][fact.when.weekday()] += 1
    rows: dict[Key, Key] = {key: (*n, *of_year(said, key[0], year)) for key, n in cells.items()}
    week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return Counted(("source", "definition", "hour"), (*week, *DAYS), rows)


@question("age-bands")
def ages(said: Deliveries) -> Counted:
    hurt = [fact for fact in said.facts if fact.source != "emas" and fact.victims]
    bands = tally(hurt, lambda f: (f.day.year, f.source, f.definition, f.group, f.age))
    rows: dict[Key, Key] = {
        key: (
            *(bands[*key, age][VICTIMS] for age in (*KNOWN_AGES, "unknown")),
            *of_year(said, key[1], key[0]),
        )
        for key in tally(hurt, lambda f: (f.day.year, f.source, f.definition, f.group))
    }
    keys = ("year", "source", "definition", "offence_group")
    return Counted(keys, (*KNOWN_AGES, "not_known", *DAYS), rows)


@question("alcohol-share-of-known")
def alcohol(said: Deliveries) -> Counted:
    flags = tally(said.facts, lambda f: (f.day.year, f.source, f.definition, f.alcohol))
    rows = {}
    for key, n in tally(said.facts, lambda f: (f.day.year, f.source, f.definition)).items():
        yes, no, unknown = (flags[*key, flag][INCIDENTS] for flag in ("yes", "no", "unknown"))
        rows[key] = n[INCIDENTS], share(yes, yes + no), unknown / n[INCIDENTS], *of_year(said, key[1], key[0])
    values = ("n_incidents", "share_of_known", "unknown_share", *DAYS)
    return Counted(("year", "source", "definition"), values, rows)


@question("licensed-premises-share")
def licensed(said: Deliveries) -> Counted:
    facts = [fact for fact in of_police(said, (ALERT, *BOARD)) if fact.incidents]
    kinds = tally(facts, lambda f: (f.day.year, f.definition, f.district, f.location))
    rows = {}
    for key, n in tally(facts, lambda f: (f.day.year, f.definition, f.district)).items():
        inside, unknown = (kinds[*key, kind][INCIDENTS] for kind in ("licensed_premises", "unknown"))
        shares = share(inside, n[INCIDENTS] - unknown), unknown / n[INCIDENTS]
        rows[key] = n[INCIDENTS], inside, *shares, *of_year(said, "police", key[0])
    values = ("n_incidents", "n_licensed", "share_of_known", "unknown_share", *DAYS)
    return Counted(("year", "definition", "district"), values, rows)


@question("ae-method-and-place")
def methods(said: Deliveries) -> Counted:
    attended = [fact for fact in said.facts if fact.source == "ae" and fact.is_at_night]
    sums = tally(attended, lambda f: (f.day.year, f.method, f.location))
    rows: dict[Key, Key] = {key: (n[INCIDENTS], *of_year(said, "ae", key[0])) for key, n in sums.items()}
    return Counted(("year", "method_group", "location_group"), ("n_attendances", *DAYS), rows)


@question("ae-unknown-to-police")
def informed(said: Deliveries) -> Counted:
    sites = defaultdict(list)
    for visit in said.visits:
        sites[visit.site, visit.month.year].append(visit.knows_police)
    rows: dict[Key, Key] = {
        key: (len(known), sum(known) / len(known), *of_year(said, "ae", key[1]))
        for key, known in sites.items()
    }
    return Counted(("site_code", "year"), ("n_attendances", "police_informed_known_share", *DAYS), rows)


@question("arrivals-18-04")
def evenings(said: Deliveries) -> Counted:
    everyone: dict[int, int] = defaultdict(int)
    late: dict[int, int] = defaultdict(int)
    for visit in said.visits:
        everyone[visit.month.year] += 1
    for fact in said.facts:
        if fact.source == "ae" and fact.when:
            late[fact.when.year] += fact.when.hour >= 18 or fact.when.hour < 4
    rows: dict[Key, Key] = {
        (year,): (n, everyone[year], n / everyone[year], *of_year(said, "ae", year))
        for year, n in late.items() if everyone[year]
    }  # fmt: skip
    return Counted(("year",), ("n_18_04", "n_attendances", "share", *DAYS), rows)


@question("nte-crimes-per-1000")
def per_resident(said: Deliveries) -> Counted:
    last = max(fact.month for fact in said.facts)
    months = [month for month in said.months_reached() if last.replace(year=last.year - 1) <= month < last]
    at_night = [f for f in of_police(said, (ALERT,)) if f.is_at_night and f.month in months]
    sums = tally(at_night, lambda f: f.district)
    n_days, n_covered = (sum(of_month(said, month)[n] or 0 for month in months) for n in range(2))
    residents = {row["district"]: int(row["n"]) for row in said.read("populations.csv")}
    rows: dict[Key, Key] = {
        (district,): (sums[district][INCIDENTS], n, 1000 * sums[district][INCIDENTS] / n, n_days, n_covered)
        for district, n in residents.items() if district in sums
    }  # fmt: skip
    return Counted(("district",), ("n_incidents", "n_residents", "per_1000", *DAYS), rows)


# ------------------------------------------------------------------------------------------- by night


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


@question("ambulance-per-police-incident")
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


@question("friday-against-saturday")
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


@question("hot-centres-three-years")
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


@question("year-on-year-per-centre")
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


@question("map-of-centres")
def on_a_map(said: Deliveries) -> Counted:
    rows: dict[Key, Key] = {}
    for centre in said.centres:
        nights = [said.night("police", centre, evening) for evening in last_year(said)]
        rows[centre,] = sum_known(nights), len(known(nights))
    return Counted(("centre_code",), ("n_incidents", "n_nights_covered"), rows)


@question("known-on-a-morning")
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
