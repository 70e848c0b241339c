"""The report of a quarter: what is said with each figure, what is not shown, and that it is the same to the byte."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl
import pytest
from python_calamine import load_workbook

from cli.report import need_what_writes, report_of_quarter, write_paper
from nte.errors import MisuseError, NteError, StandsOtherwiseError
from nte.settings import Settings
from nte.tables.board import INCIDENT_SLICES
from reports.board.kpis import KPIS, five_years_to, kpi_quarterly
from reports.board.kpis import UNITS as KPI_UNITS
from reports.papers.charts import as_drawing
from reports.papers.months import months_drawn, months_of
from reports.papers.page import as_page
from reports.papers.paper import NOT_COMPARED, NOT_KNOWN, NOT_SHOWN, Column, Estimate, Grid, Paper, Unit
from reports.papers.saying import say_cell
from reports.papers.tables import as_table
from reports.papers.workbook import as_workbook
from reports.quarter.figures import MEASURES, UNITS, Figure, figures_of
from reports.quarter.hiding import Cell, hidden_cells, may_show_share, told_by_another
from reports.quarter.paper import Report, quarter_paper
from reports.quarter.queries import FIGURES, LISTING
from reports.quarter.short import in_short
from tests.areas import derbyshire
from tests.reports.test_kpis import AS_OF, Row, cell, covered, kpis

AREA = derbyshire()
CHANGE = {
    "title": "Robbery of business property", "first_day": date(2025, 3, 1), "expected_effect": "The level changes",
    "citation": "the force's notice",
}  # fmt: skip
WHOLE = {"n_days": 90, "n_days_covered": 90, "is_final": True}
KNIFE: dict[str, str] = {"knife": "yes", "offence_group": "robbery_personal"}


def quarter(least_shown: int = 5) -> list[Figure]:
    """Two quarters: 60 and 40 offences without a knife, 7 with one, of whose victims three are under 25."""
    cells = [cell(date(year, 1, 1), n, n) for year, n in ((2024, 40), (2025, 60))]
    cells += [cell(date(2025, 1, 1), 3, 3, age_group="18_24", **KNIFE), cell(date(2025, 1, 1), 4, 4, **KNIFE)]
    rows = kpis(*cells).filter(quarter="2025Q1", definition="sv-2021").to_dicts()
    return figures_of(rows, least_shown=least_shown, least_admissions=8)


def figure(found: list[Figure], measure: str, unit: str) -> Figure:
    [one] = [f for f in found if (f.measure, f.unit, f.geography) == (MEASURES[measure], unit, "area")]
    return one


def month_row(month: date, n: int | None, n_knife: int | None, n_covered: int = 30) -> Row:
    return {
        "month": month, "definition": "sv-2021", "n_days": 30, "n_days_covered": n_covered, "known_share": 1.0,
        "serious_violence": n, "victims": n, "knife_serious_violence": n_knife,
    }  # fmt: skip


MONTHS = [
    month_row(date(2024, 11, 1), 70, 12), month_row(date(2024, 12, 1), None, None, 0), month_row(date(2025, 1, 1), 67, 7),
    month_row(date(2025, 2, 1), 61, 3), month_row(date(2025, 3, 1), 64, 9, 29),
]  # fmt: skip


def report(least_shown: int = 5, listing: Sequence[Row] | None = None) -> Paper:
    months = months_of(MONTHS, [CHANGE], least_shown=least_shown, complete_share=0.95)
    definition = {
        "definition": "sv-2021", "title": "Serious violence <2021>", "why": "the Board's series.",
        "effective_from": date(2021, 8, 1), "effective_to": None,
    }  # fmt: skip
    one_each = [
        {
            "quarter": "2025Q1",
            "definition": "sv-2021",
            "kpi_id": kpi_id,
            "unit": unit,
            "numerator": 1,
            **WHOLE,
        }
        for kpi_id in ("homicide", "homicide_knife")
        for unit in ("offence", "victim", "victim_under_25")
    ]
    homicides = [] if least_shown else one_each if listing is None else listing
    of_quarter = Report(
        "2025Q1", AS_OF, "Derbyshire Constabulary", quarter(least_shown), homicides, months, [definition], [CHANGE],
        least_shown,
    )  # fmt: skip
    return quarter_paper(of_quarter, AREA)


def test_every_measure_and_unit_of_the_board_has_its_words() -> None:
    assert {kpi.kpi_id for kpi in KPIS} | {"admissions_sharp_object"} == set(MEASURES)
    assert {*KPI_UNITS, "share_under_25", "per_million"} - {"victim_of_known_age"} == set(UNITS)


def test_a_figure_stands_with_its_interval_the_year_before_and_its_caveat() -> None:
    one = figure(quarter(), "serious_violence", "offence")
    assert (one.value, one.before, one.known_share) == (67, 40, 1.0)
    assert isinstance(one.lower, float)
    assert isinstance(one.upper, float)
    assert one.lower < 67 / 40 < one.upper
    assert one.method.startswith("conditional binomial")
    assert "Robbery" not in one.caveat  # no robbery of a business is in it
    change = Column("change", Unit.CHANGE, has_interval=True)
    assert say_cell(Estimate(1.02, 0.97, 1.07, one.method), change) == "+2\u00a0% (−3 to +7)"
    assert say_cell(Estimate(1.0, 0.996, 1.0), change) == "0\u00a0% (0 to 0)"


def test_a_small_count_is_not_shown_nor_compared_nor_told_by_its_share() -> None:
    young = figure(quarter(), "knife_serious_violence", "victim_under_25")
    assert (young.value, young.ratio, young.method) == (NOT_SHOWN, NOT_COMPARED, "")
    assert figure(quarter(), "knife_serious_violence", "share_under_25").value == NOT_SHOWN
    assert figure(quarter(), "knife_serious_violence", "victim").value == 7
    assert figure(quarter(), "homicide", "offence").value == NOT_SHOWN  # nought is a small count
    assert figure(quarter(0), "knife_serious_violence", "victim_under_25").value == 3


def test_districts_are_in_the_edition_for_analysts_alone() -> None:
    assert {f.geography for f in quarter()} == {"area"}
    assert {f.geography for f in quarter(0)} == {"area", *AREA.districts}


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({("gbh_with_intent", "victim"): 12, ("gbh_with_intent", "victim_under_25"): 7}, []),
        (
            {("gbh_with_intent", "victim"): 12, ("gbh_with_intent", "victim_under_25"): 8},
            [("gbh_with_intent", "victim_under_25")],  # four are 25 and over
        ),
        (
            {
                ("knife_serious_violence", "offence"): 20,
                ("knife_serious_violence_without_possession", "offence"): 17,
            },
            [("knife_serious_violence_without_possession", "offence")],  # three are possession
        ),
        ({("homicide", "offence"): 9, ("homicide_knife", "offence"): 6}, [("homicide_knife", "offence")]),
        ({("serious_violence", "offence"): 30, ("gbh_with_intent", "offence"): 28}, [("gbh_with_intent", "offence")]),
        ({("serious_violence", "offence"): None, ("gbh_with_intent", "offence"): 0}, [("gbh_with_intent", "offence")]),
    ],
)  # fmt: skip
def test_a_part_that_tells_a_small_rest_is_not_shown(
    counts: dict[Cell, int | None], hidden: list[Cell]
) -> None:
    assert hidden_cells(counts, 5) == set(hidden)
    assert hidden_cells(counts, 0) == set()


def test_a_definition_that_adds_few_is_not_shown_beside_the_other() -> None:
    cells = [cell(date(2025, 1, 1), n, n, definition=name) for name, n in (("sv-2021", 60), ("sv-2025", 63))]
    rows = kpis(*cells).filter(quarter="2025Q1").to_dicts()
    found = figures_of(rows, least_shown=5, least_admissions=8)
    shown = {
        f.definition: f.value
        for f in found
        if (f.measure, f.unit) == (MEASURES["serious_violence"], "offence")
    }
    assert shown == {"sv-2021": 60, "sv-2025": NOT_SHOWN}
    of_all: Cell = ("serious_violence", "offence")
    of_part: Cell = ("gbh_with_intent", "offence")
    assert told_by_another({of_all: 60, of_part: 20}, [{of_all: 60, of_part: 20}], 5) == {of_all}
    assert told_by_another({of_all: 65}, [{of_all: 60}], 5) == set()
    wider = [row | {"definition": "sv-2025", "serious_violence": 65} for row in MONTHS[2:3]]
    months = months_of([*MONTHS[2:3], *wider], [], least_shown=5, complete_share=0.95)
    assert [m.serious_violence for m in months] == [67, NOT_SHOWN]


def test_a_share_beside_its_count_may_not_tell_a_small_rest() -> None:
    assert may_show_share(20 / 40, 20, 5)
    assert not may_show_share(20 / 23, 20, 5)
    assert not may_show_share(None, 20, 5)


def test_all_months_of_a_quarter_go_with_a_small_one_because_the_quarter_is_told() -> None:
    months = months_of(MONTHS, [CHANGE], least_shown=5, complete_share=0.95)
    assert [m.knife_serious_violence for m in months] == [12, "not known", NOT_SHOWN, NOT_SHOWN, NOT_SHOWN]
    assert [m.serious_violence for m in months] == [70, "not known", 67, 61, 64]
    assert [m.is_final for m in months] == [True, False, True, True, False]
    assert months[4].recorded_otherwise == "Robbery of business property recorded otherwise from 1 March 2025"


def test_the_day_on_which_recording_changed_stands_on_the_axis_and_what_is_not_known_breaks_the_line() -> (
    None
):
    months = months_of(MONTHS, [CHANGE], least_shown=0, complete_share=0.95)
    of_quarter = date(2025, 1, 1), date(2025, 3, 1)
    drawn, _ = months_drawn(months, [CHANGE], of_quarter).drawings
    chart = drawn.chart.to_dict()
    shade, upright, words, lines, dots = chart["layer"]
    of_shade, of_upright, points = (
        chart["datasets"][layer["data"]["name"]] for layer in (shade, upright, lines)
    )
    assert of_shade == [{"month": "2025-01-01", "until": "2025-03-01"}]
    said = "Robbery of business property recorded otherwise from 1 March 2025"
    assert (of_upright, words["encoding"]["text"]["field"]) == (
        [{"month": "2025-03-01", "said": said}],
        "said",
    )
    assert [point["piece"] for point in points] == ["sv-2021 0", *["sv-2021 1"] * 3]
    assert [point["is_final"] for point in points] == [True, True, True, False]
    assert dots["encoding"]["fill"]["condition"]["test"] == "datum.is_final"
    later = [{**CHANGE, "first_day": date(2026, 3, 1)}]
    assert len(months_drawn(months, later, of_quarter).drawings[0].chart.to_dict()["layer"]) == 3
    assert not months_drawn([], [], of_quarter).drawings
    assert "Robbery of business property recorded otherwise" in as_drawing(drawn.chart)


def test_the_page_says_as_known_on_and_every_definition_and_no_small_number() -> None:
    page = as_page(report())
    assert "As known on 31 January 2026, 06:00" in page
    assert "Serious violence &lt;2021&gt;" in page
    assert "Robbery of business property recorded otherwise from 1 March 2025" in page
    assert "counts of fewer than 5" in page
    assert "http" not in page
    assert "<td" in page
    assert not [
        n
        for n in ("1", "2", "3", "4")
        if f">{n}<" in page.split("The months in numbers")[0].split("</svg>")[-1]
    ]
    assert "Homicides of five years" not in page
    exact = as_page(report(0))
    assert "small numbers are in it" in exact
    assert "Homicides of five years" in exact


def test_homicides_of_five_years_say_which_quarters_are_known_in_part_and_which_not_at_all() -> None:
    late = covered(date(2024, 2, 20), date(2026, 1, 30))
    found = kpis(cell(date(2024, 3, 1), 2, 2, offence_group="homicide"), coverage=late)
    with duckdb.connect() as copy:
        copy.register("kpi_quarterly", found)
        rows = pl.DataFrame(copy.sql(LISTING, params=[five_years_to("2025Q1")]).to_arrow_table()).to_dicts()
    [section] = [s for s in report(0, rows).sections if s.title == "Homicides of five years"]
    [grid] = section.grids
    lines = {line[1]: line[2:] for line in grid.rows if line[0] == "sv-2021"}
    assert [len(lines), *list(lines)[::19]] == [20, "2025Q1", "2020Q2"]
    assert lines["2025Q1"] == (0, 0, 0, 0, 0, 0, "90 of 90", "final")
    assert lines["2024Q1"] == (2, 2, 0, 0, 0, 0, "41 of 91", "provisional")
    assert lines["2023Q4"] == (*[NOT_KNOWN] * 6, "0 of 92", "provisional")
    assert lines["2020Q2"] == (
        *[NOT_KNOWN] * 6,
        "0 of 91",
        "provisional",
    )
    assert section.notes == [
        "Known in part: 2024Q1 (41 of 91 days). What happened on the other days is in no count: that is not nought.",
        "Not known, which is not nought: 2020Q2 to 2023Q4.",
    ]


def test_the_first_lines_say_what_there_was_what_a_year_before_and_whether_chance_does_it() -> None:
    first = report().sections[0]
    assert (first.title, len(first.points)) == ("In short", 3)
    assert first.points[0].startswith(
        "Serious violence: 67 offences, 40 in the same quarter a year before: +68\u00a0% (+"
    )
    assert first.points[0].endswith("). That is more than chance.")
    assert first.points[1] == "Serious violence with a knife: 7 offences; the year before is not shown."
    assert first.notes == [
        "In the whole area, on definition sv-2021. These figures are final: usually 100\u00a0% is in by now."
    ]
    unsure = replace(figure(quarter(), "serious_violence", "offence"), lower=0.9, caveat="it is said")
    assert in_short([unsure])[0].points[0].endswith("(−10 to +154). That may be chance.")
    assert in_short([unsure])[0].notes[-1] == "To be said with it: it is said."
    assert in_short([replace(unsure, value=NOT_SHOWN)]) == []


def test_the_definition_that_was_in_force_comes_first() -> None:
    cells = [cell(date(2025, 1, 1), n, n, definition=name) for name, n in (("sv-2021", 60), ("sv-2025", 90))]
    figures = figures_of(kpis(*cells).filter(quarter="2025Q1").to_dicts(), least_shown=5, least_admissions=8)
    names = [("sv-2021", date(2021, 8, 1)), ("sv-2025", date(2025, 3, 1))]
    definitions = [
        {"definition": name, "title": name, "why": "", "effective_from": since, "effective_to": None}
        for name, since in names
    ]
    told = {}
    for since_2025 in (
        definitions,
        [definitions[0], definitions[1] | {"effective_from": date(2025, 4, 1)}],
    ):
        of_quarter = Report("2025Q1", AS_OF, "Police", figures, [], [], since_2025, [], 5)
        titles = [
            s.title for s in quarter_paper(of_quarter, AREA).sections if s.title.startswith("The Board")
        ]
        told[of_quarter.in_force] = [title[-7:] for title in titles]
    assert told == {"sv-2025": ["sv-2025", "sv-2021"], "sv-2021": ["sv-2021", "sv-2025"]}


def test_what_is_said_of_all_figures_is_said_once_on_a_page_and_in_each_row_of_the_workbook() -> None:
    columns = (
        Column("what"),
        Column("n", Unit.COUNT),
        Column("state", is_aside=True),
        Column("beside", is_aside=True),
    )
    rows = [("a", 1, "final", "<changed>"), ("a", 2, "final", "<changed>"), ("b", 3, "final", "")]
    page = as_table(Grid("Sheet", columns, rows, is_grouped=True), "one")
    assert "Of all of these: state final." in page
    assert page.count(">a: &lt;changed&gt;<") == page.count("&lt;changed&gt;") == 1
    assert "beside" not in page
    mixed = [*rows[:2], ("a", 3, "provisional", "")]
    page = as_table(Grid("Sheet", columns, mixed, is_grouped=True), "one")
    assert (page.count("final"), page.count("provisional"), page.count("&lt;changed&gt;")) == (2, 1, 2)
    sheet = load_workbook(BytesIO(as_workbook(report()))).get_sheet_by_name("Figures").to_python()
    [states] = [[row[n] for row in sheet[1:]] for n, title in enumerate(sheet[0]) if title == "state"]
    assert states == ["final"] * len(figures := quarter())
    change = sheet[0].index("change")
    assert sheet[1][change] == pytest.approx(67 / 40 - 1)  # as on the page: a rise of 68 %
    assert len(sheet) == len(figures) + 1


def test_definitions_that_are_alike_in_every_month_are_one_line() -> None:
    wider = [
        row
        | {
            "definition": "sv-2025",
            "serious_violence": row["serious_violence"] and 2 * row["serious_violence"],
        }
        for row in MONTHS
    ]
    months = months_of([*MONTHS, *wider], [], least_shown=0, complete_share=0.95)
    of_all, with_knife = months_drawn(months, [], (date(2025, 1, 1), date(2025, 3, 1))).drawings
    named = [
        {
            point["name"]
            for points in d.chart.to_dict()["datasets"].values()
            for point in points
            if "name" in point
        }
        for d in (of_all, with_knife)
    ]
    assert named == [{"sv-2021", "sv-2025"}, {"sv-2021 and sv-2025 alike"}]


def test_the_same_report_is_the_same_to_the_byte_as_page_and_as_workbook() -> None:
    assert as_page(report()) == as_page(report())
    book = as_workbook(report())
    assert book == as_workbook(report())
    with zipfile.ZipFile(BytesIO(book)) as parts:
        words = parts.read("xl/sharedStrings.xml").decode()
        sheets = parts.read("xl/workbook.xml").decode()
        made = parts.read("docProps/core.xml").decode()
    assert made.count("2026-01-31T06:00:00Z") == 2  # created and modified: never by the clock
    assert [name for name in ("About", "Figures", "Months") if f'name="{name}"' not in sheets] == []
    assert NOT_SHOWN in words
    assert "31 January 2026, 06:00" in words


def test_an_edition_that_stands_is_never_written_over(tmp_path: Path) -> None:
    written = write_paper(report(), tmp_path)
    assert [path.name for path in written] == [
        "quarter-2025Q1-as-known-2026-01-31.html", "quarter-2025Q1-as-known-2026-01-31.xlsx",
    ]  # fmt: skip
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in written]
    assert write_paper(report(), tmp_path) == written
    written[1].unlink()
    with pytest.raises(StandsOtherwiseError, match="this edition stands already and reads otherwise"):
        write_paper(replace(report(), title="Otherwise"), tmp_path)
    assert not written[1].exists()  # all or nothing
    write_paper(report(), tmp_path)
    assert [path.read_bytes() for path in written] == [content for content, _ in before]
    assert written[0].stat().st_mtime_ns == before[0][1]
    later = replace(report(), as_of=AS_OF + timedelta(hours=5))
    assert write_paper(later, tmp_path)[0].name == "quarter-2025Q1-as-known-2026-01-31T1100.html"


def test_without_what_writes_reports_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    need_what_writes()
    monkeypatch.setattr("cli.report.find_spec", {"xlsxwriter": object()}.get)
    with pytest.raises(
        NteError, match=r"A report needs great-tables, .* pip install 'nte-monitor\[report\]'"
    ):
        need_what_writes()


def test_what_is_no_quarter_or_is_not_counted_is_refused_in_plain_words(settings: Settings) -> None:
    for text in ("2026Q5", "2026-Q1", "1999Q1", "2026Q1 "):
        with pytest.raises(MisuseError, match=r"is no quarter\. Write one like 2026Q1\."):
            report_of_quarter(settings.published_file, AREA, text)
    with pytest.raises(MisuseError, match="2026Q1: the copy for analysts counts nothing of this quarter"):
        report_of_quarter(settings.published_file, AREA, "2026Q1")


def admitted(age: str, n: int, n_last_year: int | None) -> Row:
    return {
        "kpi_id": "admissions_sharp_object", "kpi_set": "2024", "geography": "area", "definition": "",
        "unit": "per_million", "age": age, "numerator": n, "numerator_last_year": n_last_year, "value": float(n),
        "same_quarter_last_year": None if n_last_year is None else float(n_last_year), "ratio": None, "ratio_lower": None,
        "ratio_upper": None, "interval_method": "", "known_share": None, "is_final": True, "caveat": "NHS",
        "as_of": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("all", 15, None), ("under_25", 7, None)], [(15.0, NOT_KNOWN), (NOT_SHOWN, NOT_KNOWN)]),
        ([("all", 20, 5), ("under_25", 9, 4)], [(20.0, NOT_SHOWN), (9.0, NOT_SHOWN)]),  # small a year before
        ([("all", 20, 30), ("under_25", 13, 12)], [(20.0, 30.0), (NOT_SHOWN, 12.0)]),  # seven are older
        ([("all", 20, 30), ("under_25", 12, 23)], [(20.0, 30.0), (12.0, NOT_SHOWN)]),
    ],
)
def test_admissions_below_the_least_of_health_are_not_told(
    rows: list[tuple[str, int, int | None]], said: list[tuple[object, object]]
) -> None:
    found = [admitted(*row) for row in rows]
    assert [(f.value, f.before) for f in figures_of(found, least_shown=5, least_admissions=8)] == said
    exact = figures_of(found, least_shown=0, least_admissions=8)
    assert [f.value for f in exact] == [float(n) for _, n, _ in rows]


def test_a_rate_of_a_year_before_comes_with_how_many_were_admitted_then() -> None:
    entered = [
        {"quarter": q, "age": "all", "n": n, "population": 300_000, "citation": "NHS"} for q, n in (("2025Q2", 5), ("2026Q2", 9))
    ]  # fmt: skip
    area = AREA.model_validate(AREA.model_dump() | {"admissions": entered})
    with duckdb.connect() as copy:
        copy.register("kpi_quarterly", kpi_quarterly(INCIDENT_SLICES.empty(), {}, area, "police", AS_OF))
        rows = pl.DataFrame(copy.sql(FIGURES, params=["2026Q2"]).to_arrow_table()).to_dicts()
    assert [row["numerator_last_year"] for row in rows] == [5, 5]  # in the list of 2024, and in that of 2026
    assert {f.before for f in figures_of(rows, least_shown=5, least_admissions=8)} == {NOT_SHOWN}
