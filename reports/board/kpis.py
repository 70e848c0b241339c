"""What the Board is told each quarter: counts, shares and their change since the year before. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from nte.area import Area
from nte.english import say_date, say_share
from nte.months import months_after
from nte.tables.board import KPI_QUARTERLY
from reports.board.finality import is_accounted_for, is_in, known_share_of
from reports.board.ratios import Counts, complete_years, dispersion_of, ratio_of

YOUNG = ("under_18", "18_24")
POSSESSION = "possession"
WHOLE_AREA = "area"
FROM_2026 = "2026Q2"
"""From the first quarter of that year's plan on."""
FIVE_YEARS = 20
Row = dict[str, Any]
EMPTY: Row = dict.fromkeys(("denominator", "n_days", "n_days_covered", "known_share"))
"""What a row may be without."""


@dataclass(frozen=True)
class Kpi:
    """One line of the Board's list: which offences, in which sets, stated in which units."""

    kpi_id: str
    counts: pl.Expr
    sets: tuple[str, ...] = ("2024",)
    is_listing: bool = False
    """So few that a percentage would say nothing: counts alone, over five years."""


KNIFE = pl.col("knife") == "yes"
KPIS = (
    Kpi("serious_violence", pl.lit(value=True)),
    Kpi("knife_serious_violence", KNIFE, ("2024", "2026")),
    Kpi("knife_serious_violence_without_possession", KNIFE & (pl.col("offence_group") != POSSESSION)),
    Kpi("homicide", pl.col("offence_group") == "homicide", ("2024", "2026"), is_listing=True),
    Kpi("homicide_knife", KNIFE & (pl.col("offence_group") == "homicide"), is_listing=True),
    Kpi("gbh_with_intent", pl.col("offence_group") == "gbh_with_intent"),
    Kpi("gbh_without_intent", pl.col("offence_group") == "gbh_without_intent"),
)
UNITS = {
    "offence": pl.col("n_offences"),
    "victim": pl.col("n_victims"),
    "victim_under_25": pl.when(pl.col("age_group").is_in(YOUNG)).then("n_victims").otherwise(0),
    "victim_of_known_age": pl.when(pl.col("age_group").is_in([*YOUNG, "25_and_over"]))
    .then("n_victims")
    .otherwise(0),
}


@dataclass(frozen=True)
class Quarter:
    """A calendar quarter, and how much of it is accounted for and in."""

    name: str
    months: tuple[date, ...]
    n_days: int
    n_days_covered: int
    known_share: float | None
    is_over: bool

    @property
    def covered_share(self) -> float:
        """Return the share of its days that deliveries account for."""
        return self.n_days_covered / self.n_days

    @property
    def end(self) -> date:
        """Return the first day after it."""
        return months_after(self.months[2])

    @property
    def before(self) -> str:
        """Return the same quarter a year before."""
        return f"{int(self.name[:4]) - 1}{self.name[4:]}"

    @property
    def is_accounted_for(self) -> bool:
        """Say whether it can be compared with another."""
        return self.is_over and is_accounted_for(self.n_days_covered, self.n_days)


def quarter_of(month: date) -> str:
    """Return '2026Q1'."""
    return f"{month.year}Q{(month.month + 2) // 3}"


def quarters_of(coverage: pl.DataFrame, known: pl.DataFrame, source: str, today: date) -> dict[str, Quarter]:
    """Return each quarter that a source accounts for, by its name.

    `coverage`: `month_coverage`; `known`: month, time_class and known_share of each source.
    """
    days = coverage.filter(pl.col("source") == source, pl.col("time_class") == "day")
    shares = known.filter(pl.col("source") == source, pl.col("time_class") == "day")
    covered = dict(days.select("month", "n_nights_covered").iter_rows())
    known_by_month = dict(shares.select("month", "known_share").iter_rows())
    names = sorted({quarter_of(month) for month in covered})
    return {name: _quarter(name, covered, known_by_month, today) for name in names}


def _quarter(
    name: str, covered: Mapping[date, int], known: Mapping[date, float | None], today: date
) -> Quarter:
    first = 3 * int(name[5]) - 2
    months = tuple(date(int(name[:4]), n, 1) for n in range(first, first + 3))
    end = months_after(months[2])
    n_covered = sum(covered.get(month, 0) for month in months)
    share = known_share_of(known.get(month) for month in months)
    return Quarter(name, months, (end - months[0]).days, n_covered, share, end <= today)


def n_days_of(quarter: str) -> int:
    """Return how many days a quarter has."""
    return _quarter(quarter, {}, {}, date.max).n_days


def five_years_to(quarter: str) -> list[str]:
    """Return the names of the twenty quarters that end with this one, the oldest first."""
    last = 4 * int(quarter[:4]) + int(quarter[5]) - 1
    return [f"{n // 4}Q{n % 4 + 1}" for n in range(last - FIVE_YEARS + 1, last + 1)]


def _listed(quarters: Mapping[str, Quarter]) -> list[Quarter]:
    """Return the quarters of a listing: all there are, before them those of five years that no delivery reaches."""
    first, last = min(quarters), max(quarters)
    unreached = [_quarter(name, {}, {}, date.max) for name in five_years_to(last) if name < first]
    return [*unreached, *quarters.values()]


def kpi_quarterly(
    slices: pl.DataFrame, quarters: Mapping[str, Quarter], area: Area, source: str, as_of: datetime
) -> pl.DataFrame:
    """Return `kpi_quarterly` of a source's `incident_slices`, for each definition of all hours that counts it."""
    months = sorted(month for quarter in quarters.values() for month in quarter.months)
    rows: list[Row] = []
    for definition in area.definitions:
        if definition.hours != "all" or source not in definition.sources or not months:
            continue
        own = slices.filter(pl.col("definition") == definition.definition, pl.col("source") == source)
        for kpi in KPIS:
            series = monthly(own.filter(kpi.counts), months, area)
            groups = set(own.filter(kpi.counts)["offence_group"])
            for geography, counts in series.items():
                table = _Series(kpi, definition.definition, geography, counts, months, quarters, groups)
                rows += table.rows(area, source)
    rows += _admissions(area)
    of_sets = [
        row | {"kpi_set": one} for row in rows for one in row.pop("sets") if _is_in_set(one, row["quarter"])
    ]
    filled = [EMPTY | row | {"as_of": as_of} for row in of_sets]
    return KPI_QUARTERLY.conform(pl.DataFrame(filled, KPI_QUARTERLY.schema))


def _is_in_set(kpi_set: str, quarter: str) -> bool:
    return kpi_set == "2024" or quarter >= FROM_2026


def monthly(cells: pl.DataFrame, months: Sequence[date], area: Area) -> dict[str, dict[str, Counts]]:
    """Return counts by geography, unit and month; the area has also what lies in no known district."""
    sums = cells.group_by("month", "district").agg(e.sum().alias(unit) for unit, e in UNITS.items())
    place = {month: n for n, month in enumerate(months)}
    found = {
        geography: {unit: np.zeros(len(months)) for unit in UNITS}
        for geography in (WHOLE_AREA, *area.districts)
    }
    for row in sums.iter_rows(named=True):
        if row["month"] in place:
            for geography in {WHOLE_AREA, row["district"]} & found.keys():
                for unit in UNITS:
                    found[geography][unit][place[row["month"]]] += row[unit]
    return found


@dataclass(frozen=True)
class _Series:
    """One line of the Board's list, of one definition and geography."""

    kpi: Kpi
    definition: str
    geography: str
    counts: Mapping[str, Counts]
    months: Sequence[date]
    quarters: Mapping[str, Quarter]
    groups: set[str]
    """Offence groups that are in it."""

    def rows(self, area: Area, source: str) -> Iterator[Row]:
        spread = {
            unit: dispersion_of(self._complete_years(unit))
            for unit in ("offence", "victim", "victim_under_25")
        }
        chosen = _listed(self.quarters) if self.kpi.is_listing else self.quarters.values()
        for quarter in chosen:
            said = self._about(quarter, area, source)
            for unit, dispersion in spread.items():
                yield said | self._count(quarter, unit, dispersion)
            if not self.kpi.is_listing:
                yield said | self._share(quarter)

    def _complete_years(self, unit: str) -> Counts:
        over = [month for q in self.quarters.values() if q.is_accounted_for for month in q.months]
        return complete_years(np.array([self.counts[unit][self.months.index(month)] for month in over]), over)

    def _year_before(self, quarter: Quarter) -> Quarter | None:
        """Return the same quarter a year before, where it is accounted for: a part of one is no quarter."""
        before = self.quarters.get(quarter.before)
        return before if before is not None and before.is_accounted_for else None

    def _sum(self, quarter: Quarter | None, unit: str) -> int | None:
        if quarter is None or quarter.covered_share <= 0:
            return None
        return int(sum(self.counts[unit][self.months.index(month)] for month in quarter.months))

    def _about(self, quarter: Quarter, area: Area, source: str) -> Row:
        return {
            "kpi_id": self.kpi.kpi_id, "sets": self.kpi.sets, "quarter": quarter.name, "geography": self.geography,
            "definition": self.definition, "n_days": quarter.n_days, "n_days_covered": quarter.n_days_covered,
            "known_share": quarter.known_share,
            "is_final": quarter.is_accounted_for and is_in(quarter.known_share, area.slack.complete_share),
            "caveat": caveat_of(quarter, self.quarters.get(quarter.before), area, source, self.groups),
        }  # fmt: skip

    def _count(self, quarter: Quarter, unit: str, dispersion: float) -> Row:
        now, then = self._sum(quarter, unit), self._sum(self._year_before(quarter), unit)
        ratio = None
        if quarter.is_accounted_for and not self.kpi.is_listing and now is not None and then is not None:
            ratio = ratio_of(now, then, dispersion)
        return {
            "unit": unit, "age": "under_25" if unit == "victim_under_25" else "all", "numerator": now, "value": now,
            "same_quarter_last_year": then,
            "ratio": ratio.value if ratio else None,
            "ratio_lower": ratio.lower if ratio else None,
            "ratio_upper": ratio.upper if ratio else None,
            "interval_method": f"conditional binomial, dispersion {dispersion:.2f}" if ratio else "",
        }  # fmt: skip

    def _share(self, quarter: Quarter) -> Row:
        value, then = self._young_share(quarter), self._young_share(self._year_before(quarter))
        return {
            "unit": "share_under_25", "age": "under_25", "numerator": self._sum(quarter, "victim_under_25"),
            "denominator": self._sum(quarter, "victim_of_known_age"), "value": value, "same_quarter_last_year": then,
            "ratio": None, "ratio_lower": None, "ratio_upper": None, "interval_method": "",
        }  # fmt: skip

    def _young_share(self, quarter: Quarter | None) -> float | None:
        young, all_ages = (self._sum(quarter, unit) for unit in ("victim_under_25", "victim_of_known_age"))
        return young / all_ages if young is not None and all_ages else None


def caveat_of(quarter: Quarter, before: Quarter | None, area: Area, source: str, groups: set[str]) -> str:
    """Return what must be said with a figure: of how much it is, and what changed in how it is recorded."""
    said = []
    if not quarter.is_over:
        said.append("the quarter is not over")
    elif not quarter.is_accounted_for:
        said.append(f"deliveries account for {say_share(quarter.covered_share)} of its days")
    if before is not None and not before.is_accounted_for:
        said.append(f"deliveries account for {say_share(before.covered_share)} of the days of {before.name}")
    if quarter.known_share is not None and quarter.known_share < area.slack.complete_share:
        said.append(f"{say_share(quarter.known_share)} of it is usually known by now")
    since = before.months[0] if before else quarter.months[0]
    titles = {group.offence_group: group.title for group in area.offence_groups if group.source == source}
    said += [
        f"{titles.get(change.offence_group or '', 'all of it')} is recorded otherwise from {say_date(change.first_day)}"
        for change in area.recording_changes
        if change.source == source
        and since < change.first_day < quarter.end
        and (change.offence_group is None or change.offence_group in groups)
    ]
    return "; ".join(said)


def _admissions(area: Area) -> list[Row]:
    """Return admissions for assault with a sharp object, as they were entered."""
    rates = {(a.quarter, a.age): 1e6 * a.n / a.population for a in area.admissions}
    return [
        {
            "kpi_id": "admissions_sharp_object", "sets": ("2024", "2026"), "quarter": a.quarter,
            "geography": WHOLE_AREA, "definition": "", "unit": "per_million", "age": a.age, "numerator": a.n,
            "denominator": a.population, "value": rates[a.quarter, a.age],
            "same_quarter_last_year": rates.get((f"{int(a.quarter[:4]) - 1}{a.quarter[4:]}", a.age)),
            "ratio": None, "ratio_lower": None, "ratio_upper": None, "interval_method": "",
            "is_final": True, "caveat": a.citation,
        }
        for a in area.admissions
    ]  # fmt: skip
