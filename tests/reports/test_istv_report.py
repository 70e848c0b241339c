"""The paper of hospitals: what is stated of each element, and no small number of attendances."""

import json
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from cli.report import report_of_hospitals
from nte.errors import MisuseError
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.definitions import SOURCES
from nte.tables.slices import ISTV_SCORECARD
from nte.warehouse import open_warehouse
from reports.istv.elements import named_period
from reports.istv.paper import Scorecard, istv_paper
from reports.papers.page import as_page
from reports.papers.paper import NOT_KNOWN, NOT_SHOWN, Paper, Section
from reports.steps import publish_warehouse
from tests.areas import derbyshire
from transforms.area_tables import sources_frame

AREA = derbyshire()
AS_OF = datetime(2026, 4, 7, 5, tzinfo=UTC)
Row = dict[str, Any]


def score(month: date, n: int = 100, **shares: float | None) -> Row:
    said: Row = {
        "source": "ae", "site_code": "RFS", "month": month, "n_attendances": n, "time_stated_share": 0.9,
        "time_exact_share": 0.6, "place_written_share": 0.8, "place_in_centre_share": 0.5, "place_elsewhere_share": 0.2,
        "place_unknown_share": 0.3, "method_stated_share": 1.0, "method_specific_share": 0.9,
        "police_informed_known_share": 0.97, "median_lag_days": 1.5, "n_silent_nights": 2,
    }  # fmt: skip
    return said | shares


CHANGE = {
    "title": "Everything",
    "first_day": date(2026, 2, 1),
    "expected_effect": "Fewer",
    "citation": "the hospital",
}
MONTHS = [score(date(2025, 3, 1)), *(score(date(2026, n, 1)) for n in (1, 2, 3))]


def paper(period: str = "2026-03", *rows: Row, least_shown: int = 8) -> Paper:
    coverage = [
        {"month": row["month"], "n_days": 31, "n_days_covered": 31, "known_share": 0.99} for row in MONTHS
    ]
    card = Scorecard(
        named_period(period), {"RFS": rows or MONTHS}, coverage, [CHANGE], "A&E", AS_OF, least_shown
    )
    return istv_paper(card, AREA)


def lines(section: Section) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {(row[0], row[1]): tuple(row[2:]) for row in section.grids[1].rows}  # type: ignore[misc]


def test_a_hospital_reads_what_is_stated_of_each_element_beside_the_year_before() -> None:
    found = lines(paper().sections[0])
    n, share, before = found["Time of the assault", "stated exactly"]
    assert (n, share.value, before.value) == (60, 0.6, 0.6)
    assert share.lower < 0.6 < share.upper
    assert found["Time of the assault", "stated, not exactly"][0] == 30
    assert [n for (element, _), (n, *_) in found.items() if element == "Place of the assault"] == [
        50,
        20,
        10,
        20,
    ]
    assert paper().sections[0].grids[0].rows == [(100, 1.5, 2)]
    late = [*MONTHS[:3], score(date(2026, 3, 1), 300, median_lag_days=4.0)]
    about = paper("2026Q1", *late).sections[0].grids[0]
    assert about.rows == [(500, 3.0, 6)]  # a month of 300 is as heavy as that
    assert [column.title for column in about.columns][
        1
    ] == "days until it reaches us, mean of its months' medians"
    unknown = [*MONTHS[:3], score(date(2026, 3, 1), median_lag_days=None)]
    assert paper("2026Q1", *unknown).sections[0].grids[0].rows == [(300, NOT_KNOWN, 6)]
    assert lines(paper("2026Q1").sections[0])["Method", "stated"][0] == 270


def test_few_attendances_are_in_words_and_no_other_number_tells_them() -> None:
    found = lines(paper().sections[0])
    assert found["Police informed", "yes or no is stated"] == ("all others", NOT_SHOWN, NOT_SHOWN)
    assert found["Police informed", "not stated"] == ("fewer than 8", NOT_SHOWN, NOT_SHOWN)
    assert (
        found["Method", "stated as 'other'; not stated"][0] == 10
    )  # none is not stated: they stand together
    exact = lines(paper(least_shown=0).sections[0])
    assert exact["Police informed", "not stated"][0] == 3
    few = paper("2026-03", score(date(2026, 3, 1), 7))
    assert few.sections[0].grids[0].rows == [("fewer than 8", NOT_SHOWN, 2)]
    assert {n for n, *_ in lines(few.sections[0]).values()} == {NOT_SHOWN}


def test_how_parts_stand_together_is_the_same_in_the_paper_of_a_year_later() -> None:
    small = score(date(2025, 3, 1), place_written_share=0.95)  # five are not written
    found = lines(paper("2026-03", small, *MONTHS[1:]).sections[0])
    assert found["Place of the assault", "not written"] == (20, found["Place of the assault", "not written"][1], NOT_SHOWN)  # fmt: skip
    own = lines(paper("2025-03", small).sections[0])
    assert own["Place of the assault", "written, but no place that we know; not written"][0] == 30


def test_what_was_kept_before_it_was_asked_for_is_not_known_and_not_nought() -> None:
    found = lines(paper("2026-03", score(date(2026, 3, 1), method_stated_share=None)).sections[0])
    assert found["Method", "stated"] == (NOT_KNOWN, NOT_KNOWN, NOT_KNOWN)
    assert found["Time of the assault", "stated exactly"][2] == NOT_KNOWN  # the year before has no month


def test_what_is_not_shown_is_not_drawn_and_the_page_says_whose_it_is() -> None:
    drawn = paper().sections[-1].drawings
    assert [drawing.title.split(":")[0] for drawing in drawn] == ["Time of the assault", "Place of the assault", "Method"]  # fmt: skip
    page = as_page(paper())
    assert page.count(">Everything recorded otherwise from 1 February 2026<") == 3  # on each drawing
    assert "Everything: Fewer. the hospital." in page
    assert "Assault attendances of RFS, March 2026" in page
    assert "Final: 31 of 31 days are accounted for; 99\u00a0% of them are usually in by now." in page
    assert "counts of fewer than 8, nought among them" in page
    assert ">3<" not in page
    assert paper().stem == "istv-RFS-2026-03-as-known-2026-04-07"


@pytest.mark.parametrize(("as_of", "is_final"), [((2026, 3, 31, 22), False), ((2026, 3, 31, 23), True)])
def test_a_quarter_is_final_from_the_local_day_after_it_on_in_words_and_as_a_dot(
    as_of: tuple[int, int, int, int], *, is_final: bool
) -> None:
    coverage = [
        {"month": row["month"], "n_days": 31, "n_days_covered": 31, "known_share": 0.99} for row in MONTHS
    ]
    card = Scorecard(
        named_period("2026Q1"),
        {"RFS": MONTHS},
        coverage,
        [],
        "A&E",
        datetime(*as_of, tzinfo=UTC),
        least_shown=8,
    )
    found = istv_paper(card, AREA)
    assert found.said.startswith("A&E. Final" if is_final else "A&E. Provisional")
    points = json.loads(found.sections[-1].drawings[0].chart.to_json())["datasets"].values()
    dots = {row["month"][:10]: row["is_final"] for rows in points for row in rows if "is_final" in row}
    assert dots == {"2025-01-01": False, "2026-01-01": is_final}  # of the year before it has one month


def test_what_is_no_hospital_or_period_is_refused_in_plain_words_and_the_last_full_month_is_the_default(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(
        MisuseError, match=r"RFS: the copy .* has no such hospital\. No attendance was counted yet\."
    ):
        report_of_hospitals(settings.published_file, AREA, "RFS")
    for text in ("2026-13", "2026Q5", "March"):
        with pytest.raises(MisuseError, match=r"is no month and no quarter\. Write one like 2026-03"):
            report_of_hospitals(settings.published_file, AREA, "RFS", text)
    own = Settings(home=tmp_path_factory.mktemp("hospitals"))
    scores = pl.DataFrame([score(date(2026, n, 1)) for n in (2, 3, 4)], ISTV_SCORECARD.schema)
    counted = pl.DataFrame(
        [(date(2026, 4, 5), "derby", "ae", AREA.alert_definition, 3, True, AS_OF)],
        NIGHT_COUNT_REVISIONS.schema,
        orient="row",
    )
    with open_warehouse(own) as warehouse:
        warehouse.append(ISTV_SCORECARD, scores)
        warehouse.append(NIGHT_COUNT_REVISIONS, counted)
        warehouse.append(SOURCES, sources_frame(AREA))
    publish_warehouse(own, AREA, AS_OF)
    found = report_of_hospitals(own.published_file, AREA, "all")
    assert (found.of, found.as_of) == ("RFS-2026-03", AS_OF)  # one hospital is all of them
    with pytest.raises(MisuseError, match=r"RTG: the copy .* has no such hospital\. Name RFS or all\."):
        report_of_hospitals(own.published_file, AREA, "RTG")
    with pytest.raises(MisuseError, match=r"counts no attendance in it\. It has 2026Q1 to 2026Q2\."):
        report_of_hospitals(own.published_file, AREA, "RFS", "2025Q1")
