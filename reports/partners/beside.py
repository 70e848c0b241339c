"""What stands beside the counts on the partners' pages: hospitals' feedback and completeness. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from nte.area import Area
from reports.board.kpis import quarter_of
from reports.partners.cells import Status
from reports.partners.saying import say_quarter

HOSPITALS: Final = "SELECT * FROM istv_scorecard"
FEWEST_ATTENDANCES: Final = 50
"""Shares of fewer, with what is known of the number, could tell a small count."""
STEP: Final = 0.05
"""Shares are rounded to it, for the same reason."""
ELEMENTS: Final = {
    "time_stated_share": "When it happened is stated",
    "place_written_share": "Where it happened is written down",
    "place_in_centre_share": "… and names a town centre we know",
    "method_stated_share": "How it was done is stated",
    "police_informed_known_share": "Whether the police know is stated",
}
Row = Mapping[str, Any]


def hospital_scores(scorecard: pl.DataFrame, quarters: Sequence[str]) -> list[dict[str, Any]]:
    """Return the share of each element of the ISTV standard by hospital, of four quarters, rounded; None of few."""
    last = set(quarters[-4:])
    months = scorecard.with_columns(pl.col("month").map_elements(quarter_of, pl.String).alias("quarter"))
    of_year = months.filter(pl.col("quarter").is_in(last))
    rows = []
    for (source, site), own in of_year.group_by(["source", "site_code"], maintain_order=True):
        row: dict[str, Any] = {"source": source, "site_code": site}
        rows.append(row | {name: _share(own, name) for name in ELEMENTS})
    return sorted(rows, key=lambda row: (row["source"], row["site_code"]))


def _share(months: pl.DataFrame, name: str) -> float | None:
    known = months.drop_nulls(name)
    n = int(known["n_attendances"].sum())
    if n < FEWEST_ATTENDANCES:
        return None
    share = float((known[name] * known["n_attendances"]).sum()) / n
    return round(STEP * round(share / STEP), 2)


def completeness(coverage: pl.DataFrame, quarters: Iterable[Row], area: Area) -> list[dict[str, Any]]:
    """Return by source which of an edition's quarters it has, and the share of their days that is accounted for."""
    given: dict[str, set[str]] = {}
    for row in quarters:
        if row["status"] != Status.NOT_KNOWN:
            given.setdefault(row["source"], set()).add(row["quarter"])
    days = coverage.filter(pl.col("time_class") == "day").to_dicts()
    found = []
    for source in (name for name in area.sources if name in given):
        own = [day for day in days if day["source"] == source and quarter_of(day["month"]) in given[source]]
        first, last = min(given[source]), max(given[source])
        found.append(
            {
                "source": source,
                "title": area.source_title(source),
                "span": f"{say_quarter(first)} to {say_quarter(last)}",
                "covered_share": sum(d["n_nights_covered"] for d in own) / sum(d["n_nights"] for d in own),
            }
        )
    return found
