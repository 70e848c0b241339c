"""The partners' pages: what they say, what they do not, and that they fetch nothing."""

import csv
import re
from datetime import date
from functools import cache
from html import unescape
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from nte.tables.slices import ISTV_SCORECARD, MONTH_COVERAGE
from reports.partners.beside import alerts_by_month, completeness, hospital_scores
from reports.partners.cells import WHOLE_AREA, Cell, Status
from reports.partners.plan import plan
from reports.partners.rows import Notes
from reports.partners.saying import say_number, say_quarter, slug_of
from reports.partners.site import Series, pages
from reports.partners.trend import Point, drawing, with_usual
from tests.reports.partner_pages import AREA, LEAST, QUARTERS, facts, quarters


@cache
def site() -> dict[str, str]:
    return pages(facts())


def words(page: str) -> str:
    """Return a page as people read it."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_there_is_a_page_for_the_area_each_district_and_the_figures_themselves() -> None:
    named = {name for name in site() if name.endswith(".html")}
    assert named == {"index.html", "about.html", *(f"{slug_of(d)}.html" for d in AREA.districts)}


def test_every_link_leads_to_a_file_of_the_site_and_nothing_is_fetched() -> None:
    for name, page in site().items():
        if name.endswith(".html"):
            links = re.findall(r'(?:href|src)="([^"]*)"', page)
            assert {link for link in links if not link.startswith("#")} <= set(site()), name
            assert "http" not in page.replace("http-equiv", ""), name
            assert "default-src 'none'" in unescape(page)


def test_a_district_reads_its_latest_quarter_beside_the_year_before_and_what_is_usual() -> None:
    said = words(site()["derby.html"])
    assert "The latest quarter: January to March 2026" in said
    assert "Violence at night, recorded by the police 80 40 39 to 71 higher than usual" in said
    assert "March 2026 1" in said
    assert "No hospital that serves Derby sends us figures." in said  # of the two, one has figures here
    assert "Chesterfield Royal Hospital" in words(site()["chesterfield.html"])


def test_a_quarter_that_is_held_against_another_way_of_recording_says_so() -> None:
    points, note = [Point(q, f"{n}", n) for n, q in enumerate(QUARTERS, start=10)], "of what"
    assert (
        Series("", points, note, "", ["2025Q1"]).verdict == "not compared, but recorded differently meanwhile"
    )
    assert Series("", points, note, "", ["2024Q4"]).verdict == "not compared"


def test_what_is_hidden_is_said_in_words_on_the_page_and_is_empty_in_the_download() -> None:
    said = words(site()["bolsover.html"])
    assert "fewer than 5 fewer than 5 not compared not compared" in said
    assert "No quarter has a number that is shown." in said
    assert "March 2026 not shown" in said
    [*rows] = csv.DictReader(site()["data/bolsover-quarters.csv"].splitlines())
    assert {(row["shown"], row["status"]) for row in rows} == {("", "small")}
    assert {
        row["district"] for row in csv.DictReader(site()["data/erewash-centres-by-year.csv"].splitlines())
    } == {"Erewash"}
    assert len(site()["data/derbyshire-quarters.csv"].splitlines()) == 1 + len(quarters())


def test_a_quarter_is_usual_within_what_chance_would_move_the_mean_of_the_four_before() -> None:
    points = with_usual(
        [Point(q, f"{n}", n) for q, n in zip(QUARTERS, (100, 100, 100, 100, 130), strict=True)]
    )
    assert [point.verdict for point in points] == ["not compared"] * 4 + ["higher than usual"]
    assert points[-1].usual == "78 to 122"  # 100 ± 1.96 × √(100 × 5/4)
    restless = with_usual(
        [Point(q, f"{n}", n) for q, n in zip(QUARTERS, (60, 140, 60, 140, 130), strict=True)]
    )
    assert restless[-1].verdict == "within the usual range"
    hidden = [Point(q, "", n) for q, n in zip(QUARTERS, (100, None, 100, 100, 130), strict=True)]
    assert with_usual(hidden)[-1].usual == "not compared"


def test_a_drawing_marks_a_changed_recording_and_is_none_without_a_number() -> None:
    points = [Point(q, f"{n}", n) for n, q in enumerate(QUARTERS, start=1)]
    assert "stroke-dasharray" in drawing(points, ["2025Q3"])
    assert "stroke-dasharray" not in drawing(points)
    assert drawing([Point(q, "not known", None) for q in QUARTERS]) == ""
    assert "<svg" in drawing([Point(q, "0", 0) for q in QUARTERS])


def test_alerts_are_told_only_where_a_shown_count_can_be_their_reason() -> None:
    rows = [row | {"shown": 11} if row["district"] == "Derby" else row for row in quarters()]
    alerts = [
        {"centre_code": code, "month": date(2026, 2, 1)} for code in ("chesterfield", "derby", "bolsover")
    ]
    found = alerts_by_month(alerts, rows, AREA, QUARTERS, date(2026, 1, 15))
    assert list(found) == ["2026-02", "2026-03"]  # of January not every night was judged
    february = found["2026-02"]
    assert (february["Chesterfield"], february["Amber Valley"], february[WHOLE_AREA]) == (1, 0, 1)
    assert (february["Derby"], february["Bolsover"]) == (None, None)
    assert alerts_by_month([], rows, AREA, QUARTERS, None) == {}


def test_shares_of_hospitals_are_rounded_and_those_of_few_are_not_told() -> None:
    row: dict[str, Any] = dict.fromkeys(ISTV_SCORECARD.names, 0.93) | {
        "source": "ae",
        "month": date(2025, 11, 1),
    }
    rows = [
        row | {"site_code": site, "n_attendances": n, "n_silent_nights": 0}
        for site, n in (("RTG", 50), ("RFS", 49))
    ]
    found = hospital_scores(pl.DataFrame(rows, ISTV_SCORECARD.schema), QUARTERS)
    assert [(r["site_code"], r["time_stated_share"]) for r in found] == [("RFS", None), ("RTG", 0.95)]


def test_completeness_is_of_the_days_of_the_quarters_that_were_given() -> None:
    rows = [
        {"month": month, "source": "police", "time_class": "day", "n_nights": 31, "n_nights_covered": n}
        for month, n in ((date(2025, 1, 1), 31), (date(2025, 3, 1), 0), (date(2024, 12, 1), 0))
    ]
    [found] = completeness(pl.DataFrame(rows, MONTH_COVERAGE.schema), quarters(), AREA)
    assert found == {
        "title": "Police",
        "span": "January to March 2025 to January to March 2026",
        "covered_share": 0.5,
    }


def test_the_map_is_to_scale_and_no_two_names_touch() -> None:
    counts = {"derby": 400, "chesterfield": 100, "bolsover": None}
    drawn = plan(AREA, counts, {"derby"})
    dots = {dot.name: dot for dot in drawn.dots}
    assert dots["Derby city centre"].radius == 2 * dots["Chesterfield"].radius
    assert dots["Glossop"].y < dots["Swadlincote"].y
    assert (dots["Bolsover"].is_shown, dots["Derby city centre"].is_own) == (False, True)
    for is_left in (True, False):
        names = sorted(dot.label_y for dot in drawn.dots if dot.is_left is is_left)
        assert all(b - a >= 17.9 for a, b in pairwise(names))


@pytest.mark.parametrize(
    ("cell", "status", "note"),
    [
        (Cell("2025Q1", "Derby", "", "police", "serious_violence"), Status.SMALL, "fewer than 5; robbery of business property: recorded differently from 1 March 2025"),
        (Cell("2025Q1", "Derby", "", "police", "nights"), Status.SHOWN, ""),  # no robbery of a business is in it
        (Cell("2024Q1", "High Peak", "", "emas", "nights"), Status.SHOWN, "town centres only; without Glossop, of which nothing is sent; all incidents: recorded differently from 1 March 2024"),
        (Cell("2025Q1", "High Peak", "", "ae", "nights"), Status.NOT_KNOWN, "not known: no deliveries account for it"),
    ],
)  # fmt: skip
def test_a_number_says_what_must_be_said_with_it(cell: Cell, status: Status, note: str) -> None:
    assert Notes(AREA, LEAST).of(cell, status) == note


def test_quarters_and_numbers_are_said_in_words() -> None:
    assert say_quarter("2025Q4") == "October to December 2025"
    said = [
        say_number(n, status, 8)
        for n, status in ((1234, "shown"), (None, "small"), (None, "protecting"), (None, "not_known"))
    ]
    assert said == ["1,234", "fewer than 8", "not shown", "not known"]
