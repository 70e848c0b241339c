"""What is printed, in a browser: one file that asks nobody, readable on a phone and at a desk, and printed to PDF."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reports.papers.page import as_page
from reports.papers.paper import Paper
from reports.year.paper import year_paper
from tests.browser.chromium import DESKTOP, PHONE, browser, overflow, page_of
from tests.reports import test_interventions, test_istv_report, test_quarter_report
from tests.reports.test_year_report import AREA, facts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.mark.parametrize(
    "make",
    [
        lambda: test_quarter_report.report(0),
        lambda: year_paper(facts(), AREA),
        test_istv_report.paper,
        test_interventions.paper,
    ],
    ids=["quarter", "year", "istv", "intervention"],
)
def test_a_paper_is_one_file_for_phone_desk_and_printer(
    chromium: Browser, make: Callable[[], Paper], tmp_path: Path
) -> None:
    paper = make()
    file = tmp_path / f"{paper.stem}.html"
    file.write_text(as_page(paper), encoding="utf-8")
    for size in (PHONE, DESKTOP):
        with page_of(chromium, size, "light") as (page, seen):
            page.goto(file.as_uri())
            assert paper.title == page.inner_text("h1")
            assert overflow(page) <= 0
            assert page.locator("svg").count() == sum(len(s.drawings) for s in paper.sections)
            newest = page.locator(".latest > svg").evaluate_all(
                "all => all.map(one => one.getBoundingClientRect().right)"
            )
            assert len(newest) == sum(d.is_in_time for s in paper.sections for d in s.drawings)
            assert all(right <= size[0] for right in newest)
            assert (seen.complaints, seen.elsewhere) == ([], [])
    with page_of(chromium, DESKTOP, "light") as (page, _):
        page.goto(file.as_uri())
        assert page.pdf().startswith(b"%PDF")
