"""Questions that are told by year."""

from collections import defaultdict

from tests.oracle_answers.counted import (
    DAYS,
    INCIDENTS,
    KNOWN_AGES,
    OFFENCES,
    VICTIMS,
    Answers,
    Counted,
    Key,
    of_month,
    of_police,
    of_year,
    share,
    with_knife,
)
from tests.oracle_facts import ALERT, BOARD, Deliveries, Fact, tally


def three_ways(said: Deliveries) -> Counted:
    sums = tally(of_police(said, (ALERT, *BOARD)), lambda f: (f.day.year, f.definition))
    rows: dict[Key, Key] = {key: (*n, *of_year(said, "police", key[0])) for key, n in sums.items()}
    return Counted(("year", "definition"), ("n_occurrences", "n_offences", "n_victims", *DAYS), rows)


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


def two_nights(said: Deliveries) -> Counted:
    parts = tally(of_police(said), lambda f: (f.day.year, f.definition, f.part))
    rows: dict[Key, Key] = {}
    for key, n in tally(of_police(said), lambda f: (f.day.year, f.definition)).items():
        of_nights = parts[*key, "fri_sat_night"]
        shares = (of_nights[unit] / n[unit] for unit in (INCIDENTS, OFFENCES))
        rows[key] = *shares, *of_year(said, "police", key[0])
    return Counted(("year", "definition"), ("share_of_occurrences", "share_of_offences", *DAYS), rows)


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


def hours(said: Deliveries) -> Counted:
    year = said.morning.year - 1
    cells: dict[Key, list[int]] = defaultdict(lambda: [0] * 7)
    for fact in said.facts:
        if fact.when and fact.when.year == year and fact.incidents:
            cells[fact.source, fact.definition, fact.when.hour][fact.when.weekday()] += 1
    rows: dict[Key, Key] = {key: (*n, *of_year(said, key[0], year)) for key, n in cells.items()}
    week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return Counted(("source", "definition", "hour"), (*week, *DAYS), rows)


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


def alcohol(said: Deliveries) -> Counted:
    flags = tally(said.facts, lambda f: (f.day.year, f.source, f.definition, f.alcohol))
    rows = {}
    for key, n in tally(said.facts, lambda f: (f.day.year, f.source, f.definition)).items():
        yes, no, unknown = (flags[*key, flag][INCIDENTS] for flag in ("yes", "no", "unknown"))
        rows[key] = n[INCIDENTS], share(yes, yes + no), unknown / n[INCIDENTS], *of_year(said, key[1], key[0])
    values = ("n_incidents", "share_of_known", "unknown_share", *DAYS)
    return Counted(("year", "source", "definition"), values, rows)


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


def methods(said: Deliveries) -> Counted:
    attended = [fact for fact in said.facts if fact.source == "ae" and fact.is_at_night]
    sums = tally(attended, lambda f: (f.day.year, f.method, f.location))
    rows: dict[Key, Key] = {key: (n[INCIDENTS], *of_year(said, "ae", key[0])) for key, n in sums.items()}
    return Counted(("year", "method_group", "location_group"), ("n_attendances", *DAYS), rows)


def informed(said: Deliveries) -> Counted:
    sites = defaultdict(list)
    for visit in said.visits:
        sites[visit.site, visit.month.year].append(visit.knows_police)
    rows: dict[Key, Key] = {
        key: (len(known), sum(known) / len(known), *of_year(said, "ae", key[1]))
        for key, known in sites.items()
    }
    return Counted(("site_code", "year"), ("n_attendances", "police_informed_known_share", *DAYS), rows)


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


ANSWERS: Answers = {
    "offences-occurrences-victims": three_ways,
    "knife-share-without-possession": knife_share,
    "share-friday-saturday-18-06": two_nights,
    "share-friday-to-sunday": three_nights,
    "hour-profile": hours,
    "age-bands": ages,
    "alcohol-share-of-known": alcohol,
    "licensed-premises-share": licensed,
    "ae-method-and-place": methods,
    "ae-unknown-to-police": informed,
    "arrivals-18-04": evenings,
    "nte-crimes-per-1000": per_resident,
}
