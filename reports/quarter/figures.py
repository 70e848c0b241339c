"""The figures of a quarter as they may be said, each with its unit, interval, completeness and caveat. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reports.papers.paper import NOT_COMPARED, NOT_KNOWN, NOT_LEARNED, NOT_SHOWN, Row, Shown
from reports.quarter.hiding import Cell, hidden_cells, may_show_share, told_by_another

SHARE, PER_MILLION = "share_under_25", "per_million"
MEASURES: Final = {
    "serious_violence": "Serious violence",
    "knife_serious_violence": "Serious violence with a knife",
    "knife_serious_violence_without_possession": "Serious violence with a knife, without possession",
    "homicide": "Homicide",
    "homicide_knife": "Homicide with a knife",
    "gbh_with_intent": "Grievous bodily harm with intent",
    "gbh_without_intent": "Grievous bodily harm without intent",
    "admissions_sharp_object": "Hospital admissions for assault with a sharp object",
}
UNITS: Final = {
    "offence": "offences",
    "victim": "victims",
    "victim_under_25": "victims under 25",
    SHARE: "share under 25, of victims of known age",
    PER_MILLION: "per million residents",
}
COUNTED: Final = ("numerator", "same_quarter_last_year")
ADMITTED: Final = ("numerator", "numerator_last_year")
"""Of rates: how many were admitted, now and in the same quarter a year before."""


@dataclass(frozen=True)
class Figure:
    """One figure of a report, and all that must be said with it."""

    kpi_set: str
    geography: str
    definition: str
    measure: str
    unit: str
    value: Shown
    before: Shown
    ratio: Shown
    lower: Shown
    upper: Shown
    method: str
    known_share: Shown
    is_final: bool
    caveat: str

    @property
    def of_whom(self) -> str:
        """Return its unit in words."""
        return UNITS[self.unit]


def figures_of(rows: Sequence[Row], *, least_shown: int, least_admissions: int) -> list[Figure]:
    """Return the figures of one quarter's `kpi_quarterly`; of nought `least_shown` all are exact.

    Only the whole area's unless they are exact: districts beside their sum give a small one away.
    """
    chosen = [row for row in rows if row["geography"] == "area" or not least_shown]
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(chosen, key=_place):
        groups.setdefault((row["kpi_set"], row["geography"], row["definition"]), []).append(row)
    found: list[Figure] = []
    for key, group in groups.items():
        earlier = [rows for other, rows in groups.items() if other[:2] == key[:2] and other[2] < key[2]]
        found += _of_group(group, earlier, least_shown, least_admissions)
    return found


def _place(row: Row) -> tuple[bool, int, str, str, int, int, str]:
    """The whole area first, the newest list first; then as they are listed here."""
    kpis, units = list(MEASURES), list(UNITS)
    return (
        row["geography"] != "area", -int(row["kpi_set"]), row["geography"], row["definition"],
        kpis.index(row["kpi_id"]), units.index(row["unit"]), row["age"],
    )  # fmt: skip


def _of_group(
    rows: Sequence[Row], earlier: Sequence[Sequence[Row]], least_shown: int, least_admissions: int
) -> Iterator[Figure]:
    """Yield the figures of one list, geography and definition, beside those on `earlier` ones: none tells another."""
    now, before = (_counts(rows, column) for column in COUNTED)
    hidden_now, hidden_before = (
        hidden_cells(counts, least_shown)
        | told_by_another(counts, [_counts(other, column) for other in earlier], least_shown)
        for counts, column in zip((now, before), COUNTED, strict=True)
    )
    for row in rows:
        cell = row["kpi_id"], "victim_under_25" if row["unit"] == SHARE else row["unit"]
        figure = _exact(row)
        if row["unit"] == PER_MILLION:
            least = least_admissions if least_shown else 0
            value, before_too = (_tells_few(row, rows, n, least) for n in ADMITTED)
            yield _without(figure, value=value, before=before_too)
            continue
        is_share = row["unit"] == SHARE and least_shown > 0
        yield _without(
            figure,
            value=cell in hidden_now
            or (is_share and not may_show_share(row["value"], now.get(cell), least_shown)),
            before=cell in hidden_before
            or (
                is_share and not may_show_share(row["same_quarter_last_year"], before.get(cell), least_shown)
            ),
        )


def _tells_few(row: Row, rows: Sequence[Row], column: str, least: int) -> bool:
    """Say whether a rate of admissions tells fewer than `least`: its own, or those that it leaves of all ages."""
    if row[column] is None:
        return False
    of_all = [
        other[column]
        for other in rows
        if row["age"] != "all"
        and (other["kpi_id"], other["unit"], other["age"]) == (row["kpi_id"], row["unit"], "all")
    ]
    return row[column] < least or any(n is not None and n - row[column] < least for n in of_all)


def _counts(rows: Sequence[Row], column: str) -> dict[Cell, int | None]:
    return {
        (row["kpi_id"], row["unit"]): None if row[column] is None else round(row[column])
        for row in rows
        if row["unit"] not in {SHARE, PER_MILLION}
    }


def _exact(row: Row) -> Figure:
    is_count = row["unit"] not in {SHARE, PER_MILLION}
    value, before = (
        NOT_KNOWN if n is None else round(n) if is_count else float(n)
        for n in (row["value"], row["same_quarter_last_year"])
    )
    ratio, lower, upper = (
        NOT_COMPARED if row[name] is None else float(row[name])
        for name in ("ratio", "ratio_lower", "ratio_upper")
    )
    measure = MEASURES[row["kpi_id"]] + (
        ", under 25" if row["unit"] == PER_MILLION and row["age"] != "all" else ""
    )
    known = NOT_LEARNED if row["known_share"] is None else float(row["known_share"])
    return Figure(
        row["kpi_set"], row["geography"], row["definition"], measure, row["unit"], value, before, ratio, lower, upper,
        row["interval_method"], known, row["is_final"], row["caveat"],
    )  # fmt: skip


def _without(figure: Figure, *, value: bool, before: bool) -> Figure:
    """Return a figure without what is not shown, nor what it could be worked out from."""
    if not (value or before):
        return figure
    return replace(
        figure,
        value=NOT_SHOWN if value and figure.value != NOT_KNOWN else figure.value,
        before=NOT_SHOWN if before and figure.before != NOT_KNOWN else figure.before,
        ratio=NOT_COMPARED,
        lower=NOT_COMPARED,
        upper=NOT_COMPARED,
        method="",
    )
