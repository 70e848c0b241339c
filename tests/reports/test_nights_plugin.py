"""The pages inside Airflow: behind the login, without a trace for a reader, light to import."""

import ast
import asyncio
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from nte.settings import CHECKOUT, Settings
from tests.reports.house import GOOD, SATURDAY

PLUGINS = str(CHECKOUT / "plugins")
NIGHT = f"/nights/night/{SATURDAY}/derby"


class Visitor:
    """Asks the app as a browser does; what the app raises after its answer is for the server's log."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def get(self, address: str, **extra: Any) -> httpx.Response:
        return asyncio.run(self._get(address, **extra))

    async def _get(self, address: str, **extra: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://nights.test") as client:
            return await client.get(address, **extra)


class User:
    """A user as Airflow's simple login has one."""

    def __init__(self, name: str, role: str) -> None:
        self.name, self.role = name, role

    def get_name(self) -> str:
        return self.name


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Import the app as the plugin does with its first request."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        patch.syspath_prepend(PLUGINS)
        with warnings.catch_warnings():  # of Airflow's own imports
            warnings.simplefilter("ignore")
            import nights_pages  # type: ignore[import-not-found,unused-ignore]

        yield nights_pages


@pytest.fixture
def outer(nights: Any) -> FastAPI:
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    from nights import NightsPlugin  # type: ignore[import-not-found,unused-ignore]

    [mounted] = NightsPlugin.fastapi_apps
    outer.mount(mounted["url_prefix"], mounted["app"])
    return outer


@pytest.fixture
def stranger(outer: FastAPI) -> Visitor:
    """Somebody who is not logged in."""
    return Visitor(outer)


@pytest.fixture
def reader(
    nights: Any, stranger: Visitor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visitor]:
    """Somebody who is."""
    monkeypatch.setenv("NTE_HOME", str(settings.home))
    nights.app.dependency_overrides[nights.get_user] = lambda: User("nte", "admin")
    yield stranger
    nights.app.dependency_overrides.clear()


def addresses(nights: Any) -> list[str]:
    """Return an address for every route of the app, and those that FastAPI makes by itself."""
    made = {
        "evening": str(SATURDAY),
        "centre_code": "derby",
        "delivery_id": GOOD,
        "channel": "nte-police",
        "rest": "anything/else",
    }
    paths = [re.sub(r"\{(\w+)(:path)?\}", lambda m: made[m[1]], r.path) for r in nights.app.routes]
    return [
        f"/nights{path}" for path in [*paths, "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"]
    ]


def test_every_route_needs_the_login(nights: Any, stranger: Visitor) -> None:
    assert len(addresses(nights)) >= 10
    assert all(isinstance(route, APIRoute) for route in nights.app.routes)
    for address in addresses(nights):
        answer = stranger.get(address)
        assert answer.status_code == 307, address
        assert answer.headers["location"].startswith("/api/v2/auth/login?next="), address
        assert "derby" not in answer.text.lower(), address


def test_nothing_but_reading_is_possible(nights: Any) -> None:
    assert {method for route in nights.app.routes for method in route.methods} == {"GET"}


@pytest.mark.parametrize(
    "address", ["/nights/", f"/nights/weekend/{SATURDAY}", NIGHT, f"/nights/delivery/{GOOD}", "/nights/messages", "/nights/for-leads", "/nights/runbook"]
)  # fmt: skip
def test_a_reader_sees_every_page(reader: Visitor, address: str) -> None:
    answer = reader.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_viewer_sees_what_the_area_file_grants_and_a_stranger_no_count(
    nights: Any, reader: Visitor
) -> None:
    for user, seen in ((User("licensing-derby", "viewer"), 200), (User("somebody", "viewer"), 403)):
        nights.app.dependency_overrides[nights.get_user] = lambda user=user: user
        for address in ("/nights/", NIGHT):
            answer = reader.get(address)
            assert answer.status_code == seen
            assert ("Derby city centre" in answer.text) == (seen == 200)
        assert reader.get("/nights/for-leads").status_code == 200
        assert reader.get(f"/nights/delivery/{GOOD}").status_code == 403
        assert reader.get(f"/nights/night/{SATURDAY}/chesterfield").status_code == 403
    assert "Nothing says which nights somebody may see. Ask the team" in answer.text


def test_links_lead_back_from_wherever_the_pages_are_mounted(reader: Visitor) -> None:
    for address, root in [("/nights/", "./"), (f"/nights/weekend/{SATURDAY}", "../"), (NIGHT, "../../")]:
        assert f'<a href="{root}runbook">' in reader.get(address).text


@pytest.mark.parametrize(
    "address",
    ["/nights/night/2026-03-28/nowhere", "/nights/night/yesterday/derby", "/nights/weekend/0000", "/nights/weekend/9999-12-31",
     "/nights/delivery/..%2f..%2fslack", "/nights/delivery/%2e%2e", "/nights/delivery/nobody", "/nights/no/such/page", "/nights/docs"],
)  # fmt: skip
def test_a_wrong_address_is_a_plain_page_with_the_next_step(reader: Visitor, address: str) -> None:
    answer = reader.get(address)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "This weekend" in answer.text
    assert "Traceback" not in answer.text


def test_before_the_first_run_a_plain_page_says_what_to_do(
    reader: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NTE_HOME", str(tmp_path))
    answer = reader.get("/nights/")
    assert answer.status_code == 503
    assert "Put deliveries into the inbox" in answer.text
    assert str(tmp_path) not in answer.text


def test_a_damaged_copy_shows_no_trace(
    reader: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NTE_HOME", str(tmp_path))
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "nte.duckdb").write_bytes(b"not a database")
    answer = reader.get("/nights/")
    assert answer.status_code == 500
    assert "The log of the API server says why" in answer.text
    assert str(tmp_path) not in answer.text


LIGHT = """
import sys, airflow.plugins_manager
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import nights
[view] = nights.NightsPlugin.external_views
print(view["name"], view["destination"])
print(sorted(name for name in set(sys.modules) - before if "." not in name))
from airflow._shared.module_loading import find_path_from_directory
print(sorted(path.rsplit("/", 1)[1] for path in find_path_from_directory(sys.argv[1], ".airflowignore", "glob")))
"""


def test_the_plugin_stands_in_the_navigation_and_costs_other_processes_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LIGHT, PLUGINS], capture_output=True, text=True, check=False,
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    place, loaded, plugins = done.stdout.strip().splitlines()[-3:]
    assert place == "Nights nav"
    assert set(ast.literal_eval(loaded)) <= {"nights", "base64"}
    assert "nights.py" in plugins
    assert "nights_pages.py" not in plugins
