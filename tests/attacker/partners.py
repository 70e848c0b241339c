"""`python -m tests.attacker.partners --seeds 200`: the attack on all that partners were ever given.

He has every edition and the alerts that its pages tell, and a page of an intervention at every town centre; he adds up
what adds up, and takes what is hidden to be the same in each edition, which no reader can rule out: with fewer assumptions
he knows less. Of an alert he knows that one source had
counted at least so many of one night of one town centre. He shares no code with what hides the numbers.
"""

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from nte.area import Area
from nte.tables.partners import PARTNER_CENTRE_YEAR, PARTNER_QUARTER
from reports.partners.alerts import AlertsTold, alerts_by_month
from reports.partners.cells import NOT_KNOWN_WHERE, OUTSIDE, Atom
from reports.partners.editions import Edition, next_edition
from reports.partners.rows import Notes, edition_rows
from tests.areas import derbyshire
from tests.attacker.solving import Row, solved

LEAST = {"police": 5, "emas": 8, "ae": 8}
MOST = 10**6
"""More than any count."""
DISTRICTS = {"East": 3, "Hills": 1, "North": 2, "South": 1, "Town": 1}
"""Of an area like the shipped one, and how many town centres they have."""
LEAST_OF_ALERT = {"police": 5, "emas": 3, "ae": 3}
"""What an alert of a night tells of the source that it is about."""
SERIOUS = ("knife", "without_knife")
FIRST, N_EDITIONS = 5, 3
"""Quarters of the first edition, and how many editions come of it."""


class Told(NamedTuple):
    """One number of partners: of which period and place it is."""

    period: str
    district: str
    place: str
    source: str
    measure: str


Rows = Sequence[Mapping[str, Any]]
Numbers = Mapping[Told, tuple[str, int | None]]
Alerts = Mapping[str, Mapping[str, AlertsTold | None]]
"""What is told of them, by month and district."""
Next = Callable[[Edition, Mapping[Atom, int], Mapping[str, int]], Edition]


def told_in(quarters: Rows, years: Rows) -> dict[Told, tuple[str, int | None]]:
    """Return what the two tables of an edition say of each number: its status, and itself where it is shown."""
    said = {
        Told(r["quarter"], r["district"], "", r["source"], r["measure"]): (r["status"], r["shown"])
        for r in quarters
    }
    return said | {
        Told(str(r["year"]), r["district"], r["place_code"], r["source"], r["measure"]): (
            r["status"],
            r["shown"],
        )
        for r in years
    }


def worked_out(
    editions: Sequence[Numbers],
    wanted: Collection[Told],
    alerts: Sequence[Alerts] = (),
    at_least: Mapping[Told, int] = MappingProxyType({}),
) -> dict[Told, tuple[int, int]]:
    """Return between which values each wanted number that is hidden lies, from everything that all editions say.

    `alerts`: what the pages of each edition tell of them; `at_least`: what pages of interventions tell of numbers.
    """
    bounds, rows = dict[Told, tuple[int, int]](), list[Row[Told]]()
    for said in editions:
        for cell, (status, _) in said.items():
            low, high = (1, LEAST[cell.source] - 1) if status == "small" else (0, MOST)
            if status in {"small", "protecting"}:
                now = bounds.get(cell, (0, MOST))
                bounds[cell] = max(low, now[0], at_least.get(cell, 0)), min(high, now[1])
        known = {cell: one for cell, one in said.items() if one[0] != "not_known"}
        for signs in _sums(known):
            if row := _row(signs, known):
                rows.append((row[0], row[1], row[1]))
    for n, (said, told) in enumerate(zip(editions, alerts, strict=False)):
        for signs, least in _causes(said, told, f"alerts {n}"):
            bounds |= {cell: (0, MOST) for cell in signs if cell.measure == f"alerts {n}"}
            if row := _row(signs, said):
                rows.append((row[0], row[1] + least, float(MOST)))
    # a number that one edition hid and another shows is known
    shown = {cell: n for said in editions for cell, (_, n) in said.items() if n is not None}
    bounds |= {cell: (shown[cell], shown[cell]) for cell in bounds if cell in shown}
    found = solved(bounds, rows, of=wanted, is_whole=True)
    return {cell: found[cell] for cell in wanted if cell in found}


def _row(signs: Mapping[Told, int], known: Numbers) -> tuple[dict[Told, float], float] | None:
    """Return the hidden numbers of a sum that is nought and what they add up to; None where none is hidden."""
    hidden = {
        cell: float(sign) for cell, sign in signs.items() if cell not in known or known[cell][1] is None
    }
    rest = float(-sum(sign * (known[cell][1] or 0) for cell, sign in signs.items() if cell in known))
    return (hidden, rest) if hidden else None


def _causes(said: Numbers, alerts: Alerts, measure: str) -> Iterator[tuple[dict[Told, int], int]]:
    """Yield what alerts say: a sum, and the least that it can be. Each has a cause at one centre, of one source."""
    quarters, years = defaultdict[Told, dict[Told, int]](dict), defaultdict[Told, dict[Told, int]](dict)
    need: Counter[tuple[str, str]] = Counter()
    for month, of_month in alerts.items():
        quarter = f"{month[:4]}Q{(int(month[5:]) + 2) // 3}"
        need.update({(quarter, d): told.n for d, told in of_month.items() if told and d != "area"})
    for (quarter, district), n in need.items():
        causes: dict[Told, int] = {}
        for cell in said:
            is_there = (cell.period, cell.district, cell.measure) == (quarter[:4], district, "nights")
            if n and is_there and cell.place != OUTSIDE:
                cause = Told(quarter, district, cell.place, cell.source, measure)
                causes[cause] = 1
                of_quarter = Told(quarter, district, "", cell.source, "nights")
                if said.get(of_quarter, ("not_known", None))[0] != "not_known":
                    quarters[of_quarter][cause] = years[cell][cause] = -LEAST_OF_ALERT[cell.source]
        if causes:
            yield causes, n
    for counts in (quarters, years):
        for cell, causes in counts.items():
            yield causes | {cell: 1}, 0


def _sums(known: Mapping[Told, object]) -> Iterator[dict[Told, int]]:
    """Yield what adds up to nought: the area and its districts, quarters and the places of a year, a whole and parts."""
    areas, years, parts = (defaultdict[Any, dict[Told, int]](dict) for _ in range(3))
    full = {(c.period, c.district, c.source, c.measure) for c in known if c.place}
    for cell in known:
        of_what = cell.source, cell.measure
        if cell.place:
            years[cell.period, cell.district, *of_what][cell] = 1
        else:
            areas[cell.period, *of_what][cell] = -1 if cell.district == "area" else 1
            if (year := (cell.period[:4], cell.district, *of_what)) in full:
                years[year][cell] = -1
        if cell.measure in {"serious_violence", *SERIOUS}:
            parts[cell[:4]][cell] = 1 if cell.measure in SERIOUS else -1
    for groups in (areas, years, parts):
        yield from groups.values()


def world(seed: int, n_quarters: int, districts: Mapping[str, int] = DISTRICTS) -> dict[Atom, int]:
    """Return counts of an area, some of whose places are busy and some hardly ever seen."""
    chance, atoms = random.Random(seed), dict[Atom, int]()  # noqa: S311
    places = [(d, f"{d.lower()}_{n}") for d, n_centres in districts.items() for n in range(n_centres)]
    places += [(d, OUTSIDE) for d in districts] + [(NOT_KNOWN_WHERE, "")]
    quiet = chance.choice([0.3, 1.0, 3.0])
    for source in LEAST:
        for district, place in places:
            level = chance.choice([0.0, 0.4, 2.0, 6.0, 15.0, 60.0]) * quiet
            for n in range(n_quarters):
                quarter = f"{2024 + n // 4}Q{n % 4 + 1}"
                atoms[Atom(quarter, district, place, source, "nights")] = _poisson(chance, level)
                if source == "police":
                    knives, others = _poisson(chance, level * 0.2), _poisson(chance, level * 0.6)
                    of_all = Atom(quarter, district, place, source, "serious_violence")
                    atoms[of_all] = knives + others
                    atoms[of_all._replace(measure="knife")] = knives
                    atoms[of_all._replace(measure="without_knife")] = others
    return atoms


def _poisson(chance: random.Random, level: float) -> int:
    n, at = 0, chance.expovariate(1.0)
    while at < level:
        n, at = n + 1, at + chance.expovariate(1.0)
    return n


def late(atoms: Mapping[Atom, int], seed: int) -> dict[Atom, int]:
    """Return the same counts as known a quarter later: a few have one or two more, or fewer."""
    chance, known = random.Random(seed), dict(atoms)  # noqa: S311
    for atom in sorted(atoms):
        if atom.measure == "serious_violence" or chance.random() > 0.04:
            continue
        by = max(chance.choice([-2, -1, 1, 1, 2]), -known[atom])
        known[atom] += by
        if atom.measure in SERIOUS:
            known[atom._replace(measure="serious_violence")] += by
    return known


def alerts_of(atoms: Mapping[Atom, int], seed: int) -> list[dict[str, Any]]:
    """Return alerts of nights of a world: none that its counts cannot have caused."""
    chance, found = random.Random(seed), list[dict[str, Any]]()  # noqa: S311
    for atom, n in sorted(atoms.items()):
        if atom.measure == "nights" and atom.place not in {"", OUTSIDE}:
            for _ in range(chance.randint(0, min(n // LEAST_OF_ALERT[atom.source], 3))):
                month = date(int(atom.quarter[:4]), 3 * int(atom.quarter[5]) - chance.randint(0, 2), 1)
                found.append({"centre_code": atom.place, "month": month})
    return found


@cache
def area_of_world() -> Area:
    """Return the shipped area with the districts and town centres of a world."""
    first = derbyshire().town_centres[0]
    centres = [
        first.model_copy(update={"centre_code": f"{d.lower()}_{n}", "district": d})
        for d, n_centres in DISTRICTS.items()
        for n in range(n_centres)
    ]
    return derbyshire().model_copy(update={"town_centres": tuple(centres)})


def season(seed: int, next_one: Next = next_edition) -> list[Edition]:
    """Return the editions that partners are given of a world, a quarter apart."""
    edition, known, editions = Edition(), world(seed, FIRST + N_EDITIONS), list[Edition]()
    names = sorted({atom.quarter for atom in known})
    for n in range(N_EDITIONS):
        final = set(names[: FIRST + n])
        edition = next_one(edition, {atom: c for atom, c in known.items() if atom.quarter in final}, LEAST)
        editions.append(edition)
        known = late(known, 1000 * seed + n)
    return editions


def rows_of(edition: Edition, n: int = 0) -> tuple[Rows, Rows]:
    """Return the rows that partners get of an edition, by quarter and by year."""
    rows = edition_rows(edition, date(2025, 4, 20) + timedelta(days=91 * n), Notes(area_of_world(), LEAST))
    return rows[PARTNER_QUARTER].to_dicts(), rows[PARTNER_CENTRE_YEAR].to_dicts()


def published(edition: Edition, n: int = 0) -> dict[Told, tuple[str, int | None]]:
    """Return what an edition says, read from the rows that partners get."""
    return told_in(*rows_of(edition, n))


def alerts_told(edition: Edition, alerts: Rows) -> Alerts:
    """Return what the pages of an edition tell of alerts."""
    return alerts_by_month(alerts, *rows_of(edition), area_of_world(), date(2024, 1, 1))


def told_by_interventions(edition: Edition) -> dict[Told, int]:
    """Return what pages of interventions everywhere tell at most: all of a number but as few as may be shown."""
    return {
        Told(*cell): n - LEAST[cell.source]
        for cell, n in edition.counts.items()
        if cell.measure == "nights" and cell.place != OUTSIDE and n >= 2 * LEAST[cell.source]
    }


def won(
    editions: Sequence[Edition],
    alerts: Sequence[Alerts] = (),
    at_least: Mapping[Told, int] = MappingProxyType({}),
) -> list[str]:
    """Return each small number that the attacker narrows below its whole range."""
    said = [published(edition, n) for n, edition in enumerate(editions)]
    truths = [(Told(*cell), n) for edition in editions for cell, n in edition.counts.items()]
    small = {cell for cell, n in truths if 0 < n < LEAST[cell.source]}
    lost = []
    for cell, (low, high) in worked_out(said, small, alerts, at_least).items():
        most = LEAST[cell.source] - 1
        if low > 1 or high < most:
            lost.append(f"{' '.join(cell)}: {low} to {high}, of 1 to {most}")
    return lost


def main() -> int:
    """Attack the editions of many worlds and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacker.partners", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="worlds (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="the first of them (default 1)")
    chosen = parser.parse_args()
    sums: Counter[str] = Counter()
    for seed in range(chosen.seed, chosen.seed + chosen.seeds):
        editions, alerts = season(seed), alerts_of(world(seed, FIRST + N_EDITIONS), seed)
        told = [alerts_told(edition, alerts) for edition in editions]
        lost = won(editions, told, told_by_interventions(editions[-1]))
        for line in lost:
            print(f"seed {seed}: {line}", flush=True)
        last = editions[-1]
        sums += Counter(map(str, last.status.values()))
        sums += Counter(won=len(lost), corrected=sum(len(edition.corrected) for edition in editions))
        of_months = [one for of_month in told[-1].values() for d, one in of_month.items() if d != "area"]
        sums += Counter(alerts=sum(one.n for one in of_months if one), silent=of_months.count(None))
    print(
        f"{chosen.seeds} worlds of {N_EDITIONS} editions: of the numbers of the last ones {sums['shown']:,} shown, "
        f"{sums['small']:,} small, {sums['protecting']:,} protecting; {sums['corrected']:,} corrected between editions; "
        f"{sums['alerts']:,} alerts told, {sums['silent']:,} months of a district not; {sums['won']} narrowed"
    )
    return 1 if sums["won"] else 0


if __name__ == "__main__":
    sys.exit(main())
