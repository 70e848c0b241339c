"""Questions that are told by quarter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from tests.oracle_answers.counted import (
    DAYS,
    KNOWN_AGES,
    NEWEST,
    OFFENCES,
    YOUNG,
    Answers,
    Counted,
    Key,
    of_police,
    share,
    with_knife,
)
from tests.oracle_facts import BOARD, Deliveries, Fact, tally

LEAST_COVERED = 0.97
LEAST_SHOWN = 5
N_LISTED = 20


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


def in_group(group: str) -> Callable[[Fact], bool]:
    return lambda fact: fact.group == group


def homicide_with_knife(fact: Fact) -> bool:
    return fact.group == "homicide" and with_knife(fact)


def serious_violence(said: Deliveries) -> Counted:
    sums = in_quarters(said, lambda _: True)
    rows = {
        (key[2], key[1], key[0], unit): beside_last_year(said, sums, key, unit)
        for key in sums for unit in ("offence", "victim")
    }  # fmt: skip
    return Counted(("quarter", "geography", "definition", "unit"), ("n", "n_last_year", "ratio"), rows)


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


def young_victims(said: Deliveries) -> Counted:
    quarters, rows = quarters_of(said), {}
    for (definition, geography, name), sums in in_quarters(said, with_knife).items():
        young, known = sums["victim_under_25"], sums["of_known_age"]
        found = sums["victim"], young, share(young, known), known
        rows[name, geography, definition] = found if quarters[name].n_covered else (None,) * len(found)
    values = ("n_victims", "n_under_25", "share_under_25", "n_age_known")
    return Counted(("quarter", "geography", "definition"), values, rows)


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


ANSWERS: Answers = {
    "quarterly-serious-violence-by-district": serious_violence,
    "gbh-with-and-without-intent": grievous,
    "homicides-under-25": homicides,
    "knife-victims-under-25": young_victims,
    "cost": cost,
    "possession-trend": possession,
}
