"""A person walks through the pages with a browser: phone and desktop, light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import DESKTOP, PHONE, Scheme, browser, overflow, page_of
from tests.browser.serving import serve
from tests.reports.house import GOOD, SATURDAY, furnish

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def address(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the pages over a small published copy."""
    home = tmp_path_factory.mktemp("home")
    furnish(home)
    with serve(home) as base:
        yield base


def colour(page: Page) -> int:
    """Return how bright the page's ground is, 0 to 255."""
    said = str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    return max(int(part) for part in said.removeprefix("rgb(").rstrip(")").split(","))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_from_the_weekend_to_a_night_to_the_runbook_to_a_delivery(
    chromium: Browser, address: str, size: tuple[int, int], scheme: Scheme
) -> None:
    with page_of(chromium, size, scheme) as (page, seen):
        page.goto(address)
        assert "27 to 29 March 2026" in page.inner_text("h1")
        assert "far above" in page.inner_text("#derby")
        assert (colour(page) > 200) == (scheme == "light")
        assert overflow(page) <= 0

        page.get_by_role("link", name="Derby city centre, Saturday 28 March", exact=True).click()
        page.wait_for_url("**/night/2026-03-28/derby")
        assert "Derby city centre, Saturday 28 March 2026" in page.inner_text("h1")
        assert page.locator(".chart svg").count() == 3
        assert overflow(page) <= 0

        page.get_by_role("link", name="The whole weekend").click()
        page.wait_for_url(f"**/weekend/{SATURDAY}#derby")
        assert page.locator("#derby").is_visible()
        page.get_by_role("link", name="Weekend before").click()
        page.wait_for_url("**/weekend/2026-03-20")
        page.get_by_role("link", name="Weekend after").click()
        page.wait_for_url("**/weekend/2026-03-27")

        page.locator("tr.refused").get_by_role("link", name="What to do").click()
        page.wait_for_url("**/runbook#rejected-delivery")
        assert page.get_by_role("heading", name="Rejected delivery").is_visible()
        assert overflow(page) <= 0

        page.get_by_role("link", name="This weekend").click()
        page.get_by_role("link", name="Mon 30 Mar, 06:00").first.click()
        page.wait_for_url(f"**/delivery/{GOOD}")
        assert "Accepted" in page.inner_text("body")
        assert overflow(page) <= 0

        page.goto(f"{address}messages")
        assert overflow(page) <= 0
        assert (seen.complaints, seen.elsewhere) == ([], [])


def test_the_theme_chosen_in_airflow_wins_over_that_of_the_machine(chromium: Browser, address: str) -> None:
    with page_of(chromium, DESKTOP, "light") as (page, seen):
        page.goto(address)
        page.evaluate("localStorage.setItem('theme', 'dark')")
        page.reload()
        assert colour(page) < 100
        assert seen.complaints == []


def test_verdicts_can_be_told_without_colour(chromium: Browser, address: str) -> None:
    with page_of(chromium, DESKTOP, "light") as (page, _):
        page.goto(address)
        words = {word.strip() for word in page.locator("#derby .state").all_inner_texts()}
        assert words == {"far above", "above", "filling high", "as expected", "not known"}


def test_the_keyboard_reaches_every_night(chromium: Browser, address: str) -> None:
    with page_of(chromium, DESKTOP, "light") as (page, _):
        page.goto(address)
        assert (
            page.locator("table.nights td.night > a[href]").count() == page.locator("td.night").count() == 57
        )


def test_quiet_town_centres_fold_on_a_phone_and_open_by_a_tap_and_by_their_address(
    chromium: Browser, address: str
) -> None:
    with page_of(chromium, PHONE, "light") as (page, _):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollHeight") < 3 * PHONE[1]
        assert page.locator("#derby").is_visible()
        assert not page.locator("#chesterfield").is_visible()
        page.get_by_text("18 town centres where nothing stands out").click()
        assert page.locator("#chesterfield").is_visible()
        page.goto(f"{address}weekend/{SATURDAY}#chesterfield")
        assert page.locator("#chesterfield").is_visible()
    with page_of(chromium, DESKTOP, "light") as (page, _):
        page.goto(address)
        assert page.locator("#chesterfield").is_visible()
        assert not page.get_by_text("18 town centres where nothing stands out").is_visible()


def test_a_wrong_address_on_a_phone_is_a_plain_page(chromium: Browser, address: str) -> None:
    with page_of(chromium, PHONE, "light") as (page, _):
        page.goto(f"{address}night/2026-03-28/nowhere")
        assert "There is no such page" in page.inner_text("h1")
        page.get_by_role("main").get_by_role("link", name="This weekend").click()
        assert "27 to 29 March 2026" in page.inner_text("h1")
