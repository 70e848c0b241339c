"""The Board's figures: the strategy's own arithmetic, what may be compared, and what is said beside a number."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from nte.tables.board import INCIDENT_SLICES
from nte.tables.slices import MONTH_COVERAGE
from reports.board.kpis import caveat_of, kpi_quarterly, quarters_of
from reports.board.ratios import dispersion_of, ratio_of
from reports.board.slices import incident_slices, known_shares
from tests.areas import derbyshire

AREA = derbyshire()
AS_OF = datetime(2026, 1, 31, 6, tzinfo=UTC)
MONTHS_2024 = [172, 179, 195, 222, 236, 218, 182, 192, 201, 235, 190, 175]
MONTHS_2025 = [173, 158, 212, 224, 240, 247, 292, 247, 236, 251, 256, 243]
KNOWN = pl.DataFrame(
    schema={"source": pl.String, "month": pl.Date, "time_class": pl.String, "known_share": pl.Float64}
)
"""Nothing was learned of how late records come."""
Row = dict[str, Any]


def cell(month: date, n_offences: int, n_victims: int, **words: str) -> Row:
    said = {
        "month": month, "district": "Derby", "place_code": "derby", "source": "police", "definition": "sv-2021",
        "time_class": "day", "offence_group": "gbh_with_intent", "knife": "no", "alcohol": "unknown",
        "age_group": "25_and_over", "location_group": "unknown", "method_group": "unknown", "n_incidents": n_offences,
        "n_offences": n_offences, "n_victims": n_victims, "n_nights": 30, "n_nights_covered": 30, "known_share": 1.0,
        "as_of": AS_OF,
    }  # fmt: skip
    return said | words


def covered(first: date, last: date, source: str = "police") -> pl.DataFrame:
    """Return the coverage of all days of these months."""
    days = pl.date_range(first, last, "1d", eager=True)
    months = pl.DataFrame({"month": days.dt.truncate("1mo")}).group_by("month").len().sort("month")
    n = pl.col("len").cast(pl.Int64)
    words = pl.lit(source).alias("source"), pl.lit("day").alias("time_class")
    return MONTH_COVERAGE.conform(
        months.with_columns(*words, n.alias("n_nights"), n.alias("n_nights_covered"))
    )


def kpis(*cells: Row, coverage: pl.DataFrame | None = None, share: float = 1.0) -> pl.DataFrame:
    coverage = covered(date(2024, 1, 1), date(2026, 1, 30)) if coverage is None else coverage
    learned = pl.DataFrame({"source": ["police"], "age_days": [1], "known_share": [share]})
    known = known_shares(coverage["month"].to_list(), learned, AREA, AS_OF)
    quarters = quarters_of(coverage, known, "police", AREA.clock.local_date(AS_OF))
    return kpi_quarterly(pl.DataFrame(cells, INCIDENT_SLICES.schema), quarters, AREA, "police", AS_OF)


def figure(found: pl.DataFrame, kpi_id: str, unit: str, quarter: str, geography: str = "area") -> Row:
    chosen = found.filter(
        kpi_id=kpi_id, unit=unit, quarter=quarter, geography=geography, kpi_set="2024", definition="sv-2021"
    )
    return chosen.row(0, named=True)


def test_the_strategys_years_are_an_increase_of_15_9_percent_and_not_of_12() -> None:
    assert (sum(MONTHS_2024), sum(MONTHS_2025)) == (2_397, 2_779)
    ratio = ratio_of(sum(MONTHS_2025), sum(MONTHS_2024))
    assert ratio is not None
    assert round(100 * (ratio.value - 1), 1) == 15.9
    assert ratio.lower > 1.09
    assert ratio.upper < 1.23
    months = [cell(date(y, m, 1), n, 0) for y, of_year in ((2024, MONTHS_2024), (2025, MONTHS_2025)) for m, n in enumerate(of_year, 1)]  # fmt: skip
    found = kpis(*months)
    of_years = [
        sum(figure(found, "serious_violence", "offence", f"{year}Q{n}")["value"] for n in (1, 2, 3, 4))
        for year in (2024, 2025)
    ]
    assert of_years == [2_397, 2_779]
    widened = figure(found, "serious_violence", "offence", "2025Q3")
    assert widened["interval_method"] == f"conditional binomial, dispersion {dispersion_of(np.array([MONTHS_2024, MONTHS_2025], float)):.2f}"  # fmt: skip
    assert dispersion_of(np.array([MONTHS_2024, MONTHS_2025], float)) > 1.2


def test_knives_and_grievous_bodily_harm_are_as_the_strategy_counts_them() -> None:
    cells = []
    for year, knives, possession, victims, young, gbh, hurt, young_hurt in (
        (2024, 350, 326, 376, 150, 655, 663, 185), (2025, 341, 327, 352, 148, 632, 648, 202),
    ):  # fmt: skip
        month = date(year, 1, 1)
        robbery = {"offence_group": "robbery_personal", "knife": "yes"}
        cells += [
            cell(month, knives, young, age_group="18_24", **robbery),
            cell(month, 0, victims - young, **robbery),
            cell(month, possession, 0, offence_group="possession", knife="yes", age_group="unknown"),
            cell(month, gbh, young_hurt, age_group="under_18"),
            cell(month, 0, hurt - young_hurt),
        ]
    found = kpis(*cells)
    for quarter, offences, without, victims, young, share in (
        ("2024Q1", 676, 350, 376, 150, 40), ("2025Q1", 668, 341, 352, 148, 42),
    ):  # fmt: skip
        name = "knife_serious_violence"
        assert figure(found, name, "offence", quarter)["value"] == offences
        assert figure(found, f"{name}_without_possession", "offence", quarter)["value"] == without
        assert figure(found, name, "victim", quarter)["value"] == victims
        assert figure(found, name, "victim_under_25", quarter)["value"] == young
        assert round(100 * figure(found, name, "share_under_25", quarter)["value"]) == share
    for quarter, offences, victims, young, share in (
        ("2024Q1", 655, 663, 185, 28),
        ("2025Q1", 632, 648, 202, 31),
    ):
        assert figure(found, "gbh_with_intent", "offence", quarter)["value"] == offences
        assert figure(found, "gbh_with_intent", "victim", quarter)["value"] == victims
        assert figure(found, "gbh_with_intent", "victim_under_25", quarter)["value"] == young
        assert round(100 * figure(found, "gbh_with_intent", "share_under_25", quarter)["value"]) == share


def test_a_victim_of_unknown_age_is_in_no_share() -> None:
    young, unknown = (
        cell(date(2025, 1, 1), 3, 3, age_group="18_24"),
        cell(date(2025, 1, 1), 7, 7, age_group="unknown"),
    )
    share = figure(kpis(young, unknown), "serious_violence", "share_under_25", "2025Q1")
    assert (share["numerator"], share["denominator"], share["value"]) == (3, 3, 1.0)


def test_a_quarter_that_is_not_accounted_for_is_unknown_and_compared_with_nothing() -> None:
    late = covered(date(2024, 11, 20), date(2026, 1, 30))
    found = kpis(cell(date(2024, 12, 1), 4, 4), cell(date(2025, 12, 1), 8, 8), coverage=late)
    row = figure(found, "serious_violence", "offence", "2025Q4")
    assert (row["value"], row["same_quarter_last_year"], row["ratio"]) == (8, None, None)
    assert row["caveat"].startswith("deliveries account for 46\u00a0% of the days of 2024Q4")
    share = figure(found, "serious_violence", "share_under_25", "2025Q4")
    assert (share["value"], share["same_quarter_last_year"]) == (0.0, None)
    first = figure(found, "serious_violence", "offence", "2024Q4")
    assert first["caveat"] == "deliveries account for 46\u00a0% of its days"
    assert not first["is_final"]
    none = late.with_columns(
        n_nights_covered=pl.when(pl.col("month").dt.year() == 2025).then(0).otherwise("n_nights")
    )
    unknown = figure(
        kpis(cell(date(2024, 12, 1), 4, 4), coverage=none), "serious_violence", "offence", "2025Q2"
    )
    assert unknown["value"] is None


def test_a_quarter_without_any_is_nought_where_deliveries_account_for_it() -> None:
    row = figure(kpis(cell(date(2025, 1, 1), 4, 4)), "serious_violence", "offence", "2025Q2", "Erewash")
    assert (row["value"], row["is_final"]) == (0, True)


def test_what_is_still_coming_and_what_is_recorded_otherwise_is_said_beside_the_figure() -> None:
    cells = [cell(date(2025, 12, 1), 8, 8, offence_group="robbery_business"), cell(date(2025, 12, 1), 1, 1)]
    found = kpis(*cells, share=0.9)
    row = figure(found, "serious_violence", "offence", "2025Q4")
    assert (
        row["caveat"]
        == "90\u00a0% of it is usually known by now; Robbery of business property is recorded otherwise from 1 March 2025"
    )
    assert not row["is_final"]
    assert "Robbery" not in figure(found, "gbh_with_intent", "offence", "2025Q4")["caveat"]
    assert figure(found, "serious_violence", "offence", "2026Q1")["caveat"].startswith(
        "the quarter is not over"
    )


def test_homicides_are_a_listing_without_percentages() -> None:
    found = kpis(
        *(cell(date(year, 1, 1), n, n, offence_group="homicide") for year, n in ((2024, 1), (2025, 3)))
    )
    rows = found.filter(pl.col("kpi_id") == "homicide")
    assert set(rows["unit"]) == {"offence", "victim", "victim_under_25"}
    assert rows["ratio"].null_count() == rows.height
    assert set(rows.filter(kpi_set="2026")["quarter"]) == set()  # that list begins with 2026Q2


def test_a_listing_has_every_quarter_of_five_years_with_how_many_of_its_days_are_known() -> None:
    late = covered(date(2024, 11, 20), date(2026, 1, 30))
    found = kpis(cell(date(2024, 12, 1), 1, 1, offence_group="homicide"), coverage=late)
    rows = found.filter(kpi_id="homicide", unit="offence", geography="area", definition="sv-2021")
    assert (rows.height, rows["quarter"].min(), rows["quarter"].max()) == (20, "2021Q2", "2026Q1")
    told = {q: n for q, *n in rows.select("quarter", "value", "n_days_covered", "n_days").iter_rows()}
    assert (told["2024Q3"], told["2024Q4"], told["2025Q1"]) == ([None, 0, 92], [1, 42, 92], [0, 90, 90])
    before = figure(found, "homicide", "offence", "2021Q2")
    assert (before["caveat"], before["is_final"]) == ("deliveries account for 0\u00a0% of its days", False)


def test_a_change_of_recording_within_the_last_month_of_a_quarter_is_said_with_it() -> None:
    changes = [
        {
            "source": "police",
            "first_day": date(2025, 3, 20),
            "expected_effect": "more",
            "citation": "its notice",
        }
    ]
    area = AREA.model_validate(AREA.model_dump() | {"recording_changes": changes})
    quarters = quarters_of(covered(date(2025, 1, 1), date(2025, 6, 30)), KNOWN, "police", date(2026, 1, 1))
    said = {name: caveat_of(quarter, None, area, "police", set()) for name, quarter in quarters.items()}
    assert said == {"2025Q1": "all of it is recorded otherwise from 20 March 2025", "2025Q2": ""}


def test_admissions_stand_with_their_citation_and_per_million() -> None:
    entered = [{"quarter": q, "age": "all", "n": n, "population": 1_000_000, "citation": "NHS, read today"} for q, n in (("2025Q1", 9), ("2026Q2", 12))]  # fmt: skip
    area = AREA.model_validate(AREA.model_dump() | {"admissions": entered})
    found = kpi_quarterly(INCIDENT_SLICES.empty(), {}, area, "police", AS_OF).sort("kpi_set", "quarter")
    assert found.select("kpi_set", "quarter", "value", "caveat").rows() == [
        ("2024", "2025Q1", 9.0, "NHS, read today"), ("2024", "2026Q2", 12.0, "NHS, read today"),
        ("2026", "2026Q2", 12.0, "NHS, read today"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1e9, 40.0])
def test_a_ratios_interval_covers_what_was_planted_in_90_to_99_of_100(size: float) -> None:
    rng = np.random.default_rng(3)
    n_covered = 0
    for _ in range(300):
        means = np.outer([1.0, 1.0], rng.uniform(150, 260, 12))
        years = rng.negative_binomial(size, size / (size + means)).astype(float)
        quarter = years[:, :3].sum(axis=1)
        ratio = ratio_of(quarter[1], quarter[0], dispersion_of(years))
        n_covered += ratio is not None and ratio.lower <= 1.0 <= ratio.upper
    assert 0.90 <= n_covered / 300 <= 0.995


def test_a_share_known_is_the_mean_over_the_days_that_are_past() -> None:
    learned = pl.DataFrame({"source": ["police"] * 2, "age_days": [1, 11], "known_share": [0.5, 1.0]})
    as_of = datetime(2026, 1, 21, 6, tzinfo=UTC)
    known = known_shares([date(2026, 1, 1)], learned, AREA, as_of)
    shares = dict(known.select("time_class", "known_share").iter_rows())
    assert shares["day"] == pytest.approx((10 * 1.0 + 10 * 0.5) / 20)
    one = pl.DataFrame([cell(date(2026, 1, 1), 1, 1)]).drop("known_share", "as_of")
    assert incident_slices(one, known, as_of)["known_share"].to_list() == [pytest.approx(0.75)]
    assert incident_slices(one.with_columns(source=pl.lit("ae")), known, as_of)["known_share"].to_list() == [
        None
    ]
    assert timedelta(days=20) == as_of.date() - date(2026, 1, 1)
