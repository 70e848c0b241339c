"""The pictures of README and docs, made from the demonstration: `make pictures`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from nte.settings import CHECKOUT, Settings
from tests.browser.chromium import browser, page_of
from tests.browser.serving import serve

FIGURES = CHECKOUT / "docs" / "figures"
DESK, NARROW = (1180, 1145), (620, 900)
MESSAGES = "#channel-1 > article.message"
"""Of the police channel: its first message is the demonstration's alert, its last the digest."""

STYLE = """
.notice.old, .message > div > .note { display: none; }
section.channel > h2 { position: static !important; } article.message { padding: 14px !important; }
"""
"""Without what is true of the demonstration alone: it ends on the latest Monday, and its messages wait."""


def main() -> None:
    """Photograph the demonstration of this home."""
    settings = Settings()
    if not settings.messages_page(None).is_file() or not settings.published_file.is_file():
        sys.exit(f"{settings.home} has no demonstration to photograph. Make one: make demo")
    with browser() as started, serve(settings.home) as address:
        with _page(started, DESK, address) as page:
            page.screenshot(path=FIGURES / "nights.png")
        with _page(started, NARROW, f"{address}messages") as page:
            page.locator(MESSAGES).first.screenshot(path=FIGURES / "alert.png")
            page.locator(MESSAGES).last.screenshot(path=FIGURES / "slack-digest.png")
    sys.stdout.write(f"alert.png, nights.png and slack-digest.png are made anew in {FIGURES}\n")


@contextmanager
def _page(started: Browser, size: tuple[int, int], address: str) -> Iterator[Page]:
    with page_of(started, size, "light") as (page, _):
        page.goto(address)
        page.add_style_tag(content=STYLE)
        yield page


if __name__ == "__main__":
    main()
