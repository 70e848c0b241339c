"""How many alerts partners are told of, so that none tells that a hidden number was high. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from nte.area import Area
from reports.board.kpis import quarter_of
from reports.partners.cells import NIGHTS, OUTSIDE, WHOLE_AREA

ALERTS: Final = """
SELECT alert_id, centre_code, date_trunc('month', first_evening)::DATE AS month
FROM alert_outcomes WHERE NOT is_withdrawn AND told_at IS NOT NULL
"""
JUDGED: Final = "SELECT min(evening) AS first FROM judgements"
Row = Mapping[str, Any]


class AlertsTold(NamedTuple):
    """What partners are told of a month's alerts."""

    n: int
    is_all: bool
    """Not: there may be more."""

    def __str__(self) -> str:
        """Return '2', or '2 or more'."""
        return f"{self.n}" if self.is_all else f"{self.n} or more"


def alerts_by_month(
    alerts: Sequence[Row], quarters: Iterable[Row], years: Sequence[Row], area: Area, judged_from: date | None
) -> dict[str, dict[str, AlertsTold | None]]:
    """Return alerts of each month of the last whole year, by district and for the area; None where none may be said.

    `alerts`: centre_code and month; `quarters` and `years`: rows of the edition's two tables. An alert says that at
    some centre of its district some source counted at least so many, so that beside the hidden numbers it could tell
    which of them was high, or leave no other. Therefore one source at one centre answers for all alerts of a district
    and year: its number there of the year and its district's of each quarter are shown, and no more alerts are said
    than they have room for, each with as many incidents of its own as any detector asks for ('2 or more' once the room
    is used up). Whatever is hidden can then have every value that it has without the alerts. What is said, and whether,
    follows from shown numbers and from alerts already said, so that silence says nothing either. A year that is not
    whole is not told of: its town centres' numbers come later, and may be small. The area has the sum of what is said.
    Months that began before `judged_from`, the first evening that was judged, are left out.
    """
    if not years or judged_from is None:
        return {}
    year = max(row["year"] for row in years)
    shown = _shown(quarters, years, year)
    districts = {centre.centre_code: centre.district for centre in area.current_centres}
    counted = Counter((districts.get(one["centre_code"], ""), f"{one['month']:%Y-%m}") for one in alerts)
    months = [f"{year}-{n:02d}" for n in range(1, 13) if date(year, n, 1) >= judged_from]
    enough = max([*area.alerts.least_count.values(), *area.alerts.least_sum.values()], default=1)
    by_district = {d: _told(d, months, counted, shown, enough) for d in area.districts}
    found: dict[str, dict[str, AlertsTold | None]] = {}
    for month in months:
        told = {district: by_month[month] for district, by_month in by_district.items()}
        said = [one for one in told.values() if one is not None]
        whole = AlertsTold(sum(one.n for one in said), is_all=all(one.is_all for one in said))
        found[month] = {**told, WHOLE_AREA: whole if said else None}
    return found


@dataclass(frozen=True)
class _Shown:
    """Night incidents that an edition shows; nought where it does not."""

    quarters: Mapping[tuple[str, str, str], int]
    """By district, quarter and source."""
    years: Mapping[tuple[str, str, str], int]
    """By district, town centre and source."""


def _shown(quarters: Iterable[Row], years: Iterable[Row], year: int) -> _Shown:
    """Return what is shown of the town centres of a year, and of the quarters of their districts."""
    return _Shown(
        {
            (r["district"], r["quarter"], r["source"]): r["shown"] or 0
            for r in quarters
            if r["measure"] == NIGHTS
        },
        {
            (r["district"], r["place_code"], r["source"]): r["shown"] or 0
            for r in years
            if r["year"] == year and r["measure"] == NIGHTS and r["place_code"] != OUTSIDE
        },
    )


def _told(
    district: str, months: Sequence[str], counted: Mapping[tuple[str, str], int], shown: _Shown, enough: int
) -> dict[str, AlertsTold | None]:
    """Return what is said of each month's alerts of a district: as many as its best shown numbers have room for."""
    names = sorted({quarter_of(date.fromisoformat(f"{month}-01")) for month in months})
    rooms = [
        (n, {name: shown.quarters.get((district, name, source), 0) for name in names})
        for (where, _, source), n in sorted(shown.years.items())
        if where == district
    ]
    of_year, of_quarters = max(
        rooms,
        key=lambda room: sum(min(room[0], n) for n in room[1].values()),
        default=(0, dict.fromkeys(names, 0)),
    )
    found: dict[str, AlertsTold | None] = {}
    for month in months:
        quarter = quarter_of(date.fromisoformat(f"{month}-01"))
        most = min(of_year, of_quarters[quarter]) // enough
        n = min(counted.get((district, month), 0), most)
        found[month] = AlertsTold(n, is_all=n < most) if most else None
        of_year -= n * enough
        of_quarters[quarter] -= n * enough
    return found
