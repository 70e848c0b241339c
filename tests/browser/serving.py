"""The Nights pages of a home, served for a browser: the plugin's own app, its user named by a cookie."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from nte.settings import CHECKOUT

COOKIE = "user"
SERVER = """
import sys
sys.path[:0] = [{plugins!r}]
import nights, nights_pages, uvicorn
from fastapi import FastAPI, Request
class User:
    def __init__(self, name):
        self.name, self.role = name, "admin" if name == "nte" else "viewer"
    def get_name(self):
        return self.name
def user(request: Request):
    return User(request.cookies.get({cookie!r}, "nte"))
nights_pages.app.dependency_overrides[nights_pages.get_user] = user
outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
[mounted] = nights.NightsPlugin.fastapi_apps
outer.mount("/behind/a/proxy" + mounted["url_prefix"], mounted["app"])
uvicorn.run(outer, host="127.0.0.1", port={port}, log_level="warning")
"""
START_SECONDS = 180


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """Serve the pages of a home deep under a proxy's prefix; give the address of the first."""
    port = _free_port()
    code = SERVER.format(plugins=str(CHECKOUT / "plugins"), cookie=COOKIE, port=port)
    own = {
        "NTE_HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code], env=os.environ | own, cwd=CHECKOUT
    )
    try:
        base = f"http://127.0.0.1:{port}/behind/a/proxy/nights/"
        _wait_for(f"{base}runbook", process)
        yield base
    finally:
        process.terminate()
        process.wait(timeout=20)


def become(page: Page, user: str, address: str) -> None:
    """Let a window be of a user: `nte` is an Admin, anybody else a Viewer of that name."""
    page.context.add_cookies([{"name": COOKIE, "value": user, "url": address}])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=30):  # noqa: S310  our own server
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"{address} does not answer")
