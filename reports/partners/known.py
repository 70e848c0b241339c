"""What is known of every final quarter, from a copy for analysts, as the atoms of the partners' figures. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from nte.area import Area
from reports.board.kpis import Quarter, quarter_of
from reports.partners.cells import KNIFE, NIGHTS, NOT_KNOWN_WHERE, OUTSIDE, SERIOUS, WITHOUT_KNIFE, Atom

COUNTS: Final = """
SELECT month, district, place_code, source, definition, knife, sum(n_incidents)::BIGINT AS n_incidents,
       sum(n_offences)::BIGINT AS n_offences
FROM incident_slices WHERE month IS NOT NULL AND list_contains(?, definition) GROUP BY ALL
"""
NOT_KEPT: Final = "not_kept"


def measured_by(area: Area) -> dict[str, str]:
    """Return by which definition each measure counts: the one of alerts, and the Board's newest of all hours."""
    of_board = {SERIOUS: area.board_definition} if area.board_definition else {}
    return {NIGHTS: area.alert_definition} | of_board


def final_quarters(
    quarters: Mapping[str, Quarter], known: pl.DataFrame, source: str, least: float
) -> list[str]:
    """Return the quarters of a source that are over, accounted for, and of which each month is in.

    `known`: source, month, time_class and known_share; `least`: share of a month's final count that must be known.
    """
    days = known.filter(pl.col("source") == source, pl.col("time_class") == "day")
    shares = {month: share or 0.0 for month, share in days.select("month", "known_share").iter_rows()}
    return [
        name
        for name, quarter in quarters.items()
        if quarter.is_accounted_for and all(shares.get(month, 0.0) >= least for month in quarter.months)
    ]


def known_atoms(counts: pl.DataFrame, final: Mapping[str, list[str]], area: Area) -> dict[Atom, int]:
    """Return the count of every atom of the final quarters, noughts too. `counts`: the answer to COUNTS.

    A source that states no district has its town centres alone; what lies elsewhere, or in a district of which it
    serves no centre, is of no known district.
    """
    measures, atoms = measured_by(area), dict[Atom, int]()
    forgotten = {quarter_of(m) for m in counts.filter(pl.col("knife") == NOT_KEPT)["month"]}
    for source, names in final.items():
        kept = [name for name in names if name not in forgotten]
        atoms |= {
            Atom(name, district, place, source, measure): 0
            for name in kept
            for district, place in _places(area, source)
            for measure in _measures(area, source, measures)
        }
    for row in counts.iter_rows(named=True):
        for atom, n in _counted(row, area, measures):
            if atom in atoms:
                atoms[atom] += n
    return atoms


def _places(area: Area, source: str) -> Iterator[tuple[str, str]]:
    yield NOT_KNOWN_WHERE, ""
    served = [centre for centre in area.current_centres if source in centre.covered_by]
    if area.sources[source].columns.district:
        for district in sorted({centre.district for centre in served}):
            yield district, OUTSIDE
    for centre in served:
        yield centre.district, centre.centre_code


def _measures(area: Area, source: str, measures: Mapping[str, str]) -> list[str]:
    of_board = [SERIOUS, KNIFE, WITHOUT_KNIFE] if SERIOUS in measures and source == area.lead_source else []
    nights = area.definition(measures[NIGHTS])
    return [*([NIGHTS] if source in nights.sources else []), *of_board]


def _counted(row: Mapping[str, Any], area: Area, measures: Mapping[str, str]) -> Iterator[tuple[Atom, int]]:
    served = set(_places(area, row["source"]))
    chosen = (row["district"], row["place_code"]), (row["district"], OUTSIDE)
    district, place = next((one for one in chosen if one in served), (NOT_KNOWN_WHERE, ""))
    atom = Atom(quarter_of(row["month"]), district, place, row["source"], NIGHTS)
    if row["definition"] == measures[NIGHTS]:
        yield atom, row["n_incidents"]
    if row["definition"] == measures.get(SERIOUS) and row["n_offences"] is not None:
        yield atom._replace(measure=SERIOUS), row["n_offences"]
        yield atom._replace(measure=KNIFE if row["knife"] == "yes" else WITHOUT_KNIFE), row["n_offences"]
