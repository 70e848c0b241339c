"""The paper of a year: the strategy's arithmetic, what each cut says, and that no small number is in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cli.report import report_of_year
from nte.area_files import load_area
from nte.errors import MisuseError
from nte.settings import Settings
from nte.tables.slices import MONTH_COVERAGE
from nte.warehouse import open_warehouse
from reports.board.ratios import Ratio, count_of, dispersion_of, divergence_of, share_of
from reports.papers.months import months_of
from reports.papers.page import as_page
from reports.papers.paper import NOT_COMPARED, NOT_KNOWN, NOT_SHOWN, Column, Grid, Section
from reports.papers.tables import as_table
from reports.papers.workbook import as_workbook
from reports.steps import publish_warehouse
from reports.year.beside import beside_section
from reports.year.cuts import ages_section, alcohol_section, places_section
from reports.year.paper import Year, year_paper
from reports.year.rates import rates_section
from reports.year.totals import totals_section
from reports.year.week import week_section
from tests.areas import NEW_YORK, derbyshire
from tests.reports.test_kpis import MONTHS_2024, MONTHS_2025

AREA = derbyshire()
TODAY = date(2026, 4, 20)
LEAST = {"police": 5, "emas": 8, "ae": 8}
Row = dict[str, Any]


def month(year: int, n: int, offences: int, n_covered: int | None = None) -> Row:
    n_days = (date(year + n // 12, n % 12 + 1, 1) - date(year, n, 1)).days
    return {
        "month": date(year, n, 1), "definition": "sv-2025", "n_days": n_days, "known_share": 1.0,
        "n_days_covered": n_days if n_covered is None else n_covered, "serious_violence": offences,
        "occurrences": offences - 20, "victims": offences - 60, "knife_serious_violence": offences // 4,
    }  # fmt: skip


COUNTED = [
    month(year, n, offences)
    for year, of_year in ((2024, MONTHS_2024), (2025, MONTHS_2025))
    for n, offences in enumerate(of_year, 1)
]


def line(section: Section, *words: str, grid: int = 0) -> tuple[Any, ...]:
    [found] = [tuple(row) for row in section.grids[grid].rows if tuple(row[: len(words)]) == words]
    return found[len(words) :]


def totals(counted: Sequence[Row] = COUNTED, today: date = TODAY) -> Section:
    return totals_section({"sv-2025": counted}, 2025, today, least_shown=5, complete_share=0.95)


def test_the_strategys_years_stand_with_their_change_and_its_interval() -> None:
    now, before, change, days, known, state = line(totals(), "sv-2025", "offences")
    assert (now, before, days, known, state) == (2_779, 2_397, "365 of 365", 1.0, "final")
    assert round(100 * (change.value - 1), 1) == 15.9
    scatter = dispersion_of(np.array([MONTHS_2024, MONTHS_2025], float))
    assert change.method == f"conditional binomial, dispersion {scatter:.2f}"
    assert change.lower < 1.09 < change.value < 1.23 < change.upper  # wider than by chance alone


def test_a_year_that_is_not_over_or_not_accounted_for_is_provisional_and_compared_with_nothing() -> None:
    *_, change, _, _, state = line(totals(today=date(2025, 12, 31)), "sv-2025", "offences")
    assert (change, state) == (NOT_COMPARED, "provisional: the year is not over")
    late = [month(2025, 1, 173, 10) if row["month"] == date(2025, 1, 1) else row for row in COUNTED]
    *_, change, days, _, state = line(totals(late), "sv-2025", "offences")
    assert (change, days) == (NOT_COMPARED, "344 of 365")
    assert state == "provisional: not all days are accounted for"
    before, *_ = line(totals(COUNTED[12:]), "sv-2025", "victims")[1:]
    assert before == NOT_KNOWN
    part = [month(2024, 12, 175, 21), *COUNTED[12:]]
    _, before, change, _, _, state = line(totals(part), "sv-2025", "victims")
    assert (before, change) == (NOT_KNOWN, NOT_COMPARED)
    assert state == "final; deliveries account for 6\u00a0% of the days of 2024"


def test_a_definition_that_adds_few_in_a_year_is_not_shown_beside_the_other_nor_a_part_that_leaves_few() -> (
    None
):
    wider = [
        row | {"serious_violence": row["serious_violence"] + (row["month"] == date(2025, 7, 1))}
        for row in COUNTED
    ]
    knives = [row | {"knife_serious_violence": row["serious_violence"]} for row in COUNTED]
    both = {"sv-2021": COUNTED, "sv-2025": wider}
    section = totals_section(both, 2025, TODAY, least_shown=5, complete_share=0.95)
    assert line(section, "sv-2025", "offences")[:3] == (NOT_SHOWN, NOT_SHOWN, NOT_COMPARED)
    assert line(section, "sv-2021", "offences")[:2] == (2_779, 2_397)
    assert (
        line(section, "sv-2025", "offences with a knife")[:2]
        == line(section, "sv-2021", "offences with a knife")[:2]
    )
    assert line(totals(knives), "sv-2025", "offences with a knife")[0] == NOT_SHOWN
    assert (
        line(totals_section(both, 2025, TODAY, least_shown=0, complete_share=0.95), "sv-2025", "offences")[0]
        == 2_780
    )


def age(group: str, title: str, **counts: int) -> list[Row]:
    return [{"offence_group": group, "title": title, "age_group": a, "n": n} for a, n in counts.items()]


GBH = age("gbh_with_intent", "GBH", under_18=84, unknown=3) + age(
    "gbh_with_intent", "GBH", **{"18_24": 101, "25_and_over": 463}
)
ROBBERY = age("robbery_personal", "Robbery", under_18=30, **{"18_24": 40, "25_and_over": 50})
FEW = age("threats_to_kill", "Threats", under_18=2, **{"18_24": 20, "25_and_over": 40})


def test_victims_of_unknown_age_are_in_no_share_and_always_shown() -> None:
    ages = line(ages_section(GBH, 5), "GBH")
    assert ages[:5] == (651, 84, 101, 463, 3)
    assert ages[5].value == pytest.approx(185 / 648)  # of 185 under 25 the strategy says 28 %
    assert ages[5].lower < 185 / 648 < ages[5].upper


def test_a_small_age_is_not_shown_nor_told_by_its_row_or_by_the_papers_of_quarters() -> None:
    section = ages_section([*GBH, *ROBBERY, *FEW], 5)
    of_few = line(section, "Threats")
    assert of_few[1] == "fewer than 5"
    assert line(section, "GBH")[:3] == (651, 84, 101)
    assert of_few[2] == NOT_SHOWN
    whole, under_18, to_24, older, unknown, share = line(ages_section([*FEW, *ROBBERY], 5), "Threats")
    assert (under_18, to_24, older, unknown) == ("fewer than 5", NOT_SHOWN, 40, 0)
    assert (whole, round(share.value, 3)) == (62, round(22 / 62, 3))  # who is left of all is under 25
    assert line(ages_section(FEW, 0), "Threats")[:3] == (62, 2, 20)


def kinds(**counts: int) -> list[Row]:
    return [{"location_group": kind, "n": n} for kind, n in counts.items()]


def test_licensed_premises_are_told_beside_kinds_of_which_there_are_few() -> None:
    districts = [{"district": "Derby", "n": 60}, {"district": "Erewash", "n": 40}, {"district": "", "n": 2}]
    section = places_section(
        districts, kinds(licensed_premises=30, public_place=60, takeaway=10, unknown=7), 5
    )
    n, share = line(section, "licensed premises", grid=1)
    assert (n, share.value) == (30, 0.3)
    assert [row[0] for row in section.grids[1].rows] == [
        "licensed premises", "public places", "takeaways; other places; transport", "not known",
    ]  # fmt: skip
    assert line(section, "not known", grid=1) == (7, "")
    n, share = line(section, "Derby")
    assert (n, share.value) == (60, 0.6)
    assert line(section, "not known") == (2, "")
    few = places_section([*districts, {"district": "Bolsover", "n": 3}], [], 5, told={"offences"})
    n, share = line(few, "Derby")
    assert (n, share.value) == (60, pytest.approx(60 / 103))
    assert line(few, "Bolsover") == ("fewer than 5", NOT_SHOWN)
    untold = places_section([*districts, {"district": "Bolsover", "n": 3}], [], 5)
    assert line(untold, "Derby") == (60, NOT_SHOWN)  # it would tell the whole


def test_an_hour_with_few_is_drawn_without_its_number_and_so_is_what_would_tell_it() -> None:
    rows = [{"weekday": day, "hour": hour, "n": 20} for day in range(1, 8) for hour in range(24)]
    rows[5]["n"] = 2
    section = week_section(rows, 4_000, 5)
    [grid] = section.grids
    assert grid.is_drawn
    cells = [cell for row in grid.rows for cell in row[1:]]
    assert (cells.count("fewer than 5"), cells.count("all others"), cells.count(20)) == (1, 1, 166)
    values = next(iter(section.drawings[0].chart.to_dict()["datasets"].values()))
    assert sorted(str(v["said"]) for v in values if v["value"] is None) == ["<5", "–"]
    assert section.notes
    assert "84\u00a0% of the year's" in section.said


def nights(n: int) -> list[Row]:
    return [
        {"month": date(year, m, 1), "district": "Derby", "n": n}
        for year in (2024, 2025)
        for m in range(1, 13)
    ]


def test_a_rate_stands_with_its_interval_its_residents_and_its_caveat() -> None:
    residents = [{"district": d, "n": n, "mid_year": 2021, "citation": "ONS"} for d, n in (("Derby", 200_000), ("Bolsover", 80_000))]  # fmt: skip
    section = rates_section(nights(100), COUNTED, residents, 2025, today=TODAY, least_shown=0)
    n, of, rate, mid_year = line(section, "Derby")
    assert (n, of, rate.value, mid_year) == (1_200, 200_000, 6.0, "2021")
    assert rate.lower < 6.0 < rate.upper
    hidden = rates_section(nights(100), COUNTED, residents, 2025, today=TODAY, least_shown=5)
    assert line(hidden, "Bolsover")[:3] == ("fewer than 5", 80_000, NOT_SHOWN)
    assert line(hidden, "Derby")[2] == NOT_SHOWN
    assert "visitors are not among the residents" in section.said
    assert section.notes == ["Residents: ONS."]


def test_of_part_of_a_year_there_is_no_yearly_rate_and_each_cut_says_how_much_it_is_of() -> None:
    part = [row for row in COUNTED if row["month"] < date(2025, 5, 1)]
    alcohol = [
        {"definition": "d", "source": "ae", "title": "A&E", "alcohol": a, "n": 20} for a in ("yes", "no")
    ]
    paper = year_paper(
        replace(
            facts(),
            counted=part,
            alcohol=alcohol,
            beside=[{**r, "source": s, "n": 50} for s in LEAST for r in part],
        ),
        AREA,
    )
    said = "120 of 365 days are accounted for; usually in by now: 100\u00a0%."
    assert f"2025: {said}" in paper.said
    by_title = {section.title: section for section in paper.sections}
    for title in ("Offences and the age of their victims", "When in the week", "Where it happened"):
        assert by_title[title].notes[-1] == said
    assert by_title["Alcohol"].notes == [f"{AREA.source_title('ae')}: {said}"]
    rates = by_title["Night-time violence and residents"]
    assert (line(rates, "Derby")[2], rates.notes[-1]) == (NOT_COMPARED, said)


def test_what_says_nothing_of_alcohol_is_in_no_share() -> None:
    def said(source: str, **counts: int) -> list[Row]:
        return [{"definition": "d", "source": source, "title": source, "alcohol": a, "n": n} for a, n in counts.items()]  # fmt: skip

    section = alcohol_section([*said("police", yes=30, no=70, unknown=3), *said("ae", unknown=9)], LEAST)
    with_alcohol, without, unknown, share = line(section, "d", "police")
    assert (with_alcohol, without, unknown, share.value) == (30, 70, 3, 0.3)
    assert len(section.grids[0].rows) == 1  # who never says it is no row of noughts


def beside(changed: Row | None = None, breaks: Sequence[Row] = ()) -> Section:
    rows = [
        {**month(year, n, 0), "source": source, "n": count * (2 if (source, year) == ("ae", 2025) else 1)}
        for source, count in (("police", 100), ("emas", 40), ("ae", 50))
        for year in (2024, 2025)
        for n in range(1, 13)
    ]
    rows = [row | (changed or {}) if row["month"] == date(2025, 5, 1) else row for row in rows]
    titles = {"police": "Police", "emas": "Ambulance", "ae": "A&E"}
    changes = [{"title": "Ambulance: Everything", "first_day": date(year, 3, 1)} for year in (2024, 2020)]
    return beside_section(rows, titles, "police", changes, breaks, today=TODAY, least_shown=LEAST)


def test_police_and_hospitals_stand_side_by_side_and_whether_they_part_is_said() -> None:
    police, emas, ae, of_emas, change_emas, of_ae, change_ae = line(beside(), "2025Q1")
    assert (police, emas, ae, of_emas, of_ae) == (300, 120, 300, 40.0, 100.0)
    assert (change_emas.value, change_ae.value) == (1.0, 2.0)
    assert change_ae.lower > 1.0 > change_emas.lower
    assert line(beside(), "2024Q1")[4] == NOT_COMPARED
    [note] = beside().notes
    assert note.startswith("Ambulance: Everything recorded otherwise from 1 March 2024")
    broken = beside(breaks=[{"source": "ae", "first_day": date(2025, 5, 1)}])
    for quarter, of_ae in (("2025Q1", False), ("2025Q2", True), ("2025Q4", True)):
        *_, change_emas, _, change_ae = line(broken, quarter)
        assert (change_emas == NOT_COMPARED, change_ae == NOT_COMPARED) == (False, of_ae)
    of_lead = beside(breaks=[{"source": "police", "first_day": date(2024, 3, 1)}])
    assert (line(of_lead, "2025Q1")[4], line(of_lead, "2025Q1")[6]) == (NOT_COMPARED, NOT_COMPARED)
    assert line(of_lead, "2025Q2")[6] != NOT_COMPARED
    assert line(beside({"n_days_covered": 30}), "2025Q2")[:3] == (NOT_KNOWN,) * 3


def facts(least: dict[str, int] = LEAST) -> Year:
    change = {"title": "Robbery", "first_day": date(2025, 3, 1), "expected_effect": "The level changes", "citation": "to be confirmed by the analyst before use"}  # fmt: skip
    definition = {"definition": "sv-2025", "title": "Serious violence", "why": "the Board's", "effective_from": date(2025, 10, 1), "effective_to": None}  # fmt: skip
    rows = [{**row, "source": source, "n": 50} for source in LEAST for row in COUNTED]
    return Year(
        year=2025, as_of=datetime(2026, 4, 20, 5, tzinfo=UTC), source="The force", definition="sv-2025",
        months=months_of(COUNTED, [change], least_shown=least["police"], complete_share=0.95), counted=COUNTED,
        ages=[*GBH, *FEW], hours=[{"weekday": 1, "hour": 2, "n": 2_000}], districts=[{"district": "Derby", "n": 2_779}],
        kinds=kinds(licensed_premises=30, takeaway=20), alcohol=[], nights=nights(40),
        residents=[{"district": "Derby", "n": 200_000, "mid_year": 2021, "citation": "ONS"}], beside=rows,
        definitions=[definition], changes=[change], changes_of_all=[change], breaks=[], least_shown=least,
    )  # fmt: skip


def test_the_page_of_a_year_fetches_nothing_says_what_is_to_be_confirmed_and_is_the_same_to_the_byte() -> (
    None
):
    paper = year_paper(facts(), AREA)
    page = as_page(paper)
    assert as_workbook(paper) == as_workbook(year_paper(facts(), AREA))
    assert "http" not in page
    assert "As known on 20 April 2026, 06:00" in page
    assert "+16\u00a0% (" in page
    assert "to be confirmed by the analyst before use" in page
    assert paper.stem == "year-2025-as-known-2026-04-20"
    assert "Simulated" not in page
    simulated = replace(paper, is_simulated=True)
    assert "Simulated figures, made to show" in as_page(simulated)
    assert simulated.stem == "simulated-year-2025-as-known-2026-04-20"
    assert as_workbook(simulated) != as_workbook(paper)
    exact = year_paper(replace(facts(), least_shown=dict.fromkeys(LEAST, 0)), AREA)
    assert exact.stem.endswith("-exact")
    sheets = {grid.sheet for section in exact.sections for grid in section.grids}
    assert sheets == {
        "Year",
        "Ages",
        "Week",
        "Districts",
        "Places",
        "Residents",
        "Alcohol",
        "Beside",
        "Months",
    }


def test_what_is_no_year_or_is_not_counted_is_refused_in_plain_words(settings: Settings) -> None:
    for text in ("202", "1999", "2025Q1"):
        with pytest.raises(MisuseError, match=r"is no year\. Write one like 2025\."):
            report_of_year(settings.published_file, AREA, text)
    with pytest.raises(MisuseError, match="2031: the copy for analysts counts nothing of this year"):
        report_of_year(settings.published_file, AREA, "2031")


def test_an_area_without_a_definition_of_all_hours_is_told_that_the_report_needs_one(tmp_path: Path) -> None:
    area, own = load_area(NEW_YORK), Settings(home=tmp_path)
    covered = pl.DataFrame(
        [(date(2025, 1, 1), area.lead_source, "day", 31, 31)], MONTH_COVERAGE.schema, orient="row"
    )
    with open_warehouse(own) as warehouse:
        warehouse.append(MONTH_COVERAGE, covered)
    publish_warehouse(own, area, datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(MisuseError, match=r"no definition counts all hours of .*, with hours = \"all\"\."):
        report_of_year(own.published_file, area, "2025")


def test_what_people_typed_is_text_in_a_table_and_no_markup() -> None:
    typed = "<script>alert(1)</script> **bold**"
    columns = Column(typed), Column("what"), Column("said")
    table = as_table(Grid("Sheet", columns, [(typed, typed, typed)], is_grouped=True), "one")
    assert table.count("&lt;script&gt;alert(1)&lt;/script&gt; **bold**") == 3
    assert "<script" not in table


def covering(ratios: Sequence[Ratio | None], planted: float) -> float:
    return sum(r is not None and r.lower <= planted <= r.upper for r in ratios) / len(ratios)


def test_the_intervals_of_shares_rates_and_divergence_cover_what_was_planted_in_90_to_99_of_100() -> None:
    rng = np.random.default_rng(5)
    assert 0.90 <= covering([share_of(int(n), 400) for n in rng.binomial(400, 0.2, 400)], 0.2) <= 0.995
    scattered = rng.negative_binomial(50, 50 / 350, 400)  # variance 7 times the mean of 300
    assert 0.90 <= covering([count_of(int(n), 7.0) for n in scattered], 300) <= 0.995
    assert covering([count_of(int(n)) for n in scattered], 300) < 0.7  # chance alone is too narrow
    four = rng.poisson([280, 200, 140, 100], (400, 4))
    parted = [divergence_of((a, b), (c, d), (1.0, 1.0)) for a, b, c, d in four.tolist()]
    assert 0.90 <= covering(parted, 1.0) <= 0.995
    assert share_of(0, 0) is None
    assert divergence_of((0, 1), (1, 1), (1.0, 1.0)) is None
