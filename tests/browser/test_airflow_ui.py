"""The real Airflow, as `nte up` starts it: a person logs in, sees the DAGs, and opens Nights from the navigation."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from nte.settings import CHECKOUT
from tests.browser.chromium import DESKTOP, PHONE, browser, overflow, page_of
from tests.reports.house import furnish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DAGS = sorted(path.stem for path in (CHECKOUT / "dags").glob("*.py"))
SLOW_MS, LOOK_AGAIN_MS = 60_000, 5_000


@dataclass(frozen=True)
class Airflow:
    """A running Airflow and who may see it."""

    address: str
    passwords: dict[str, str]


def free_ports(n: int) -> list[int]:
    probes = [socket.socket() for _ in range(n)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def airflow(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """Start everything on free ports over a small published copy; the DAGs stand still."""
    home = tmp_path_factory.mktemp("up")
    furnish(home)
    port, worker_logs, trigger_logs = free_ports(3)
    theirs = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NTE_"))}
    environment = theirs | {
        "NTE_HOME": str(home),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "nte:admin,licensing-derby:viewer,somebody:viewer",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(worker_logs),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(trigger_logs),
    }
    try:
        printed = nte(environment, "up", "--port", str(port))
        assert f"http://127.0.0.1:{port}" in printed
        passwords = json.loads((home / "airflow" / "passwords.json").read_text("utf-8"))
        yield Airflow(f"http://127.0.0.1:{port}", passwords)
    finally:
        nte(environment, "stop")


def nte(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cli", *arguments],
        env=environment | {"COLUMNS": "300"}, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def log_in(page: Page, airflow: Airflow, user: str = "nte") -> None:
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", airflow.passwords[user])
    page.click("button[type=submit]")


def test_a_person_logs_in_sees_the_dags_and_opens_nights(chromium: Browser, airflow: Airflow) -> None:
    with page_of(chromium, DESKTOP, "dark") as (page, seen):
        page.set_default_timeout(SLOW_MS)
        page.goto(f"{airflow.address}/dags")
        log_in(page, airflow)
        page.wait_for_url("**/dags*")
        assert len(DAGS) >= 5
        links = [page.get_by_role("link", name=dag_id, exact=True).first for dag_id in DAGS]
        for _ in range(
            SLOW_MS // LOOK_AGAIN_MS
        ):  # the list does not say by itself that another file was read
            if all(link.is_visible() for link in links):
                break
            page.wait_for_timeout(LOOK_AGAIN_MS)
            page.reload()
        for link in links:
            expect(link).to_be_visible(timeout=SLOW_MS)

        page.get_by_role("link", name="Nights").or_(page.get_by_text("Nights", exact=True)).first.click()
        inside = page.frame_locator("iframe[title=Nights]")
        expect(inside.get_by_role("heading", level=1)).to_have_text("27 to 29 March 2026", timeout=SLOW_MS)
        expect(inside.locator("html")).to_have_attribute("data-theme", "dark")
        inside.get_by_role("link", name="Derby city centre, Saturday 28 March", exact=True).click()
        expect(inside.get_by_role("heading", level=1)).to_have_text(
            "Derby city centre, Saturday 28 March 2026", timeout=SLOW_MS
        )
        page.wait_for_url("**/plugin/nights/nights/night/2026-03-28/derby", timeout=SLOW_MS)
        assert seen.elsewhere == []


def test_a_link_from_slack_asks_for_the_login_and_then_shows_the_night(
    chromium: Browser, airflow: Airflow
) -> None:
    with page_of(chromium, PHONE, "light") as (page, seen):
        page.goto(f"{airflow.address}/nights/weekend/2026-03-28")
        assert "/auth/login" in page.url
        log_in(page, airflow)
        page.wait_for_url("**/nights/weekend/2026-03-28", timeout=SLOW_MS)
        assert "27 to 29 March 2026" in page.inner_text("h1")
        assert overflow(page) <= 0
        assert seen.elsewhere == []


@pytest.mark.parametrize(
    ("user", "seen"),
    [("licensing-derby", "fewer than 8"), ("somebody", "Nothing says which nights somebody may see")],
)
def test_a_viewer_who_comes_from_slack_sees_what_the_area_file_grants(
    chromium: Browser, airflow: Airflow, user: str, seen: str
) -> None:
    with page_of(chromium, PHONE, "dark") as (page, _):
        page.goto(f"{airflow.address}/nights/night/2026-03-28/derby")
        log_in(page, airflow, user)
        page.wait_for_url("**/nights/night/2026-03-28/derby", timeout=SLOW_MS)
        assert seen in page.inner_text("main")
        page.goto(f"{airflow.address}/nights/night/2026-03-28/chesterfield")
        assert "Police" not in page.inner_text("main")


def test_a_forged_login_sees_nothing(airflow: Airflow) -> None:
    for header in ({"Cookie": "_token=forged"}, {"Authorization": "Bearer forged"}):
        request = urllib.request.Request(f"{airflow.address}/nights/", headers=header)  # noqa: S310  our own server
        with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request, timeout=60):  # noqa: S310
            pass
        assert refused.value.code in {401, 403}
        assert "Derby" not in refused.value.read().decode()
