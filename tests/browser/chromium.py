"""A Chromium for tests: found or skipped with the one line that installs it, and kept to this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

INSTALL = "no Chromium on this machine: apt-get install -y --no-install-recommends chromium"
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-sandbox", "--disable-dev-shm-usage",
]  # fmt: skip
PHONE, DESKTOP = (380, 800), (1280, 900)
Scheme = Literal["light", "dark"]


@dataclass
class Seen:
    """What a page did beside being looked at."""

    complaints: list[str] = field(default_factory=list)
    """Console errors and errors of scripts."""
    elsewhere: list[str] = field(default_factory=list)
    """Requests to other machines."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a Chromium with an empty profile; skip the test where there is none."""
    path = os.environ.get("NTE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip(INSTALL)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def page_of(started: Browser, size: tuple[int, int], scheme: Scheme) -> Iterator[tuple[Page, Seen]]:
    """Open a window of a size and colour scheme that notes what must not happen."""
    context = started.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page, seen = context.new_page(), Seen()
    page.set_default_timeout(30_000)
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: seen.complaints.append(str(problem)))
    page.on("request", lambda request: _note(request.url, seen))
    try:
        yield page, seen
    finally:
        context.close()


def _note(address: str, seen: Seen) -> None:
    if urlsplit(address).scheme in {"http", "https"} and urlsplit(address).hostname != "127.0.0.1":
        seen.elsewhere.append(address)


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
