"""The partners' pages in a browser: WCAG 2.2 AA by axe, at phone and desk width, light and dark, from a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from reports.partners.site import pages
from tests.browser.chromium import Scheme, browser, page_of
from tests.reports.partner_pages import facts

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = (390, 844), (1280, 900)
LOOKS: list[tuple[tuple[int, int], Scheme]] = [
    (PHONE, "light"),
    (PHONE, "dark"),
    (DESK, "light"),
    (DESK, "dark"),
]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for name, text in pages(facts(is_simulated=True)).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def faults(page: Page) -> list[str]:
    found = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found.response["violations"]]


def test_the_pages_have_no_fault_that_axe_finds_and_fetch_nothing(site: Path) -> None:
    with browser() as started:
        for size, scheme in LOOKS:
            with page_of(started, size, scheme) as (page, seen):
                for name in (
                    ("index.html", "bolsover.html") if size == PHONE else ("derby.html", "about.html")
                ):
                    page.goto((site / name).as_uri())
                    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                    assert faults(page) == [], (name, size, scheme)
                    assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (name, size)
                assert (seen.complaints, seen.elsewhere) == ([], [])
        sees_a_fault(started, site)


def sees_a_fault(started: Browser, site: Path) -> None:
    """The same look finds what is wrong where something is."""
    with page_of(started, (390, 844), "light") as (page, _):
        page.goto((site / "index.html").as_uri())
        page.evaluate("document.documentElement.lang = ''; document.querySelector('h1').style.color = '#ddd'")
        assert {fault.split(":")[0] for fault in faults(page)} >= {"html-has-lang", "color-contrast"}
