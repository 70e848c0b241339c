"""What violence cost: the strategy's own pair, what is not shown, and weights that nobody invented."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from cli.query import query_called
from nte.area import Area, HarmWeight, UnitCost
from nte.tables.board import COST_QUARTER, INCIDENT_SLICES
from nte.tables.harm import HARM_WEIGHTS
from nte.warehouse import open_warehouse_file, publish_copy, read_published
from reports.board.costs import cost_quarter, harm_quarter
from reports.board.kpis import Quarter
from reports.board.tables import board_tables
from tests.areas import derbyshire
from tests.reports.test_kpis import AS_OF, Row, cell

AREA = derbyshire()
QUARTER = Quarter("2025Q1", tuple(date(2025, m, 1) for m in (1, 2, 3)), 90, 90, 1.0, is_over=True)
OPEN = Quarter("2025Q2", tuple(date(2025, m, 1) for m in (4, 5, 6)), 91, 91, 1.0, is_over=False)
CITED = {"citation": "a report, table 1"}


def area(*costs: tuple[str, float], weights: tuple[tuple[str, float], ...] = ()) -> Area:
    unit_costs = tuple(UnitCost(offence_group=g, gbp=gbp, price_year=2015, **CITED) for g, gbp in costs)
    harm = tuple(HarmWeight(offence_group=g, days=days, edition="2020", **CITED) for g, days in weights)
    return AREA.model_copy(update={"unit_costs": unit_costs, "harm_weights": harm})


def slices(*cells: Row) -> pl.DataFrame:
    return pl.DataFrame([one | {"definition": "sv-2025"} for one in cells], INCIDENT_SLICES.schema)


def costs(of: Area, *cells: Row) -> pl.DataFrame:
    return cost_quarter(slices(*cells), {q.name: q for q in (QUARTER, OPEN)}, of)


def test_a_quarter_costs_its_offences_times_their_unit_cost_with_bounds_of_the_count() -> None:
    found = costs(area(("abh", 14_050)), cell(date(2025, 2, 1), 100, 100, offence_group="abh"))
    assert set(found["quarter"]) == {"2025Q1"}  # the other is not over
    row = found.filter(district="Derby").row(0, named=True)
    assert (row["n_offences"], row["gbp"], row["price_year"]) == (100, 1_405_000, 2015)
    assert (row["gbp_lower"], row["gbp_upper"]) == (
        1_143_164,
        1_708_856,
    )  # 81.36 and 121.63 offences (Garwood 1936)
    assert found.filter(district="area").row(0, named=True)["gbp"] == 1_405_000


def test_a_count_that_is_not_shown_has_no_cost_and_nought_costs_nought() -> None:
    found = costs(area(("abh", 14_050)), cell(date(2025, 2, 1), 4, 4, offence_group="abh"))
    hidden = found.filter(district="Derby").row(0, named=True)
    assert [hidden[n] for n in ("n_offences", "gbp", "gbp_lower", "gbp_upper")] == [None] * 4
    assert found.filter(district="Erewash").row(0, named=True)["gbp"] == 0


def test_a_group_without_a_unit_cost_has_no_row() -> None:
    found = costs(area(("abh", 14_050)), cell(date(2025, 2, 1), 100, 100, offence_group="homicide"))
    assert set(found["offence_group"]) == {"abh"}
    assert costs(area(), cell(date(2025, 2, 1), 100, 100)).is_empty()


def test_the_strategys_pair_is_25_9_percent_less(tmp_path: Path) -> None:
    rows = [
        {"quarter": quarter, "district": "area", "offence_group": "abh", "n_offences": 1, "gbp": gbp, "gbp_lower": gbp,
         "gbp_upper": gbp, "price_year": 2015}
        for quarter, gbp in (("2024Q1", 36_096_840 + 12_600_000), ("2025Q1", 36_096_840))
    ]  # fmt: skip
    publish_copy(tmp_path / "copy.duckdb", [(COST_QUARTER, pl.DataFrame(rows, COST_QUARTER.schema))], [])
    answer = read_published(tmp_path / "copy.duckdb", query_called("cost").sql).row(0, named=True)
    assert (answer["gbp"], answer["gbp_change"], answer["percent_change"]) == (36_096_840, -12_600_000, -25.9)


def test_harm_is_published_only_where_the_area_weighs_it(tmp_path: Path) -> None:
    weighed = area(weights=(("abh", 20.0),))
    [row] = (
        harm_quarter(slices(cell(date(2025, 2, 1), 7, 7, offence_group="abh")), {"2025Q1": QUARTER}, weighed)
        .filter(district="Derby")
        .to_dicts()
    )
    assert (row["n_offences"], row["harm_days"]) == (7, 140.0)
    with open_warehouse_file(tmp_path / "nte.duckdb") as warehouse:
        names = [
            {table.name for table, _ in board_tables(warehouse, of, AS_OF + timedelta(days=1))}
            for of in (AREA, weighed)
        ]
    assert names[1] - names[0] == {"harm_weights", "harm_quarter"}
    assert HARM_WEIGHTS.name not in names[0]


def test_every_unit_cost_that_is_shipped_says_who_says_so() -> None:
    assert {cost.price_year for cost in AREA.unit_costs} == {2015}
    assert all(
        "research report 99" in cost.citation and "confirmed" in cost.citation for cost in AREA.unit_costs
    )
    assert AREA.harm_weights == ()


@pytest.mark.parametrize("field", ["gbp", "days"])
def test_costs_and_weights_are_more_than_nought(field: str) -> None:
    kind, other = (UnitCost, {"price_year": 2015}) if field == "gbp" else (HarmWeight, {"edition": "2020"})
    with pytest.raises(ValueError, match="greater than 0"):
        kind.model_validate({"offence_group": "abh", field: 0, **other, **CITED})
