"""One truth about a delivery that is not usable: judgements, analysts, ops, terminal and page say the same."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from cli.status import show_status
from nte.due import read_deliveries, state_of_source
from nte.readers import EVERYTHING
from nte.service import Part, Service, write_service
from nte.settings import Settings
from nte.warehouse import open_warehouse, read_published
from nte.words import FeedState, PartState
from reports.steps import weekend_page
from tests.areas import derbyshire
from tests.faults.child import run_steps
from tests.faults.scene import LAST, NOW, simulate_inbox

AT = datetime(LAST.year, LAST.month, LAST.day, 9, tzinfo=UTC)
SAID = {"ae": FeedState.LATE, "emas": FeedState.REFUSED, "police": FeedState.MISNAMED}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A Monday on which A&E is late, the ambulance's file lacks a column and the police's has another name."""
    folder = tmp_path_factory.mktemp("truth")
    inbox = simulate_inbox(folder)
    for path in (inbox / "ae").glob(f"ae_{LAST}.*"):
        path.unlink()
    emas = inbox / "emas" / f"emas_{LAST}.csv"
    emas.write_text(emas.read_text().replace("call_connect_at", "called", 1))
    for path in (inbox / "police").glob(f"police_{LAST}.*"):
        path.rename(path.with_name(f"Police {path.name}"))
    run_steps(folder / "home", inbox, NOW)
    return Settings(home=folder / "home", inbox=inbox)


def test_the_one_function_knows_what_is_the_matter(home: Settings) -> None:
    with open_warehouse(home) as warehouse:
        come = read_deliveries(warehouse.query, derbyshire(), AT)
    assert {s: state_of_source(derbyshire(), s, come, AT).state for s in SAID} == SAID


def test_judgements_and_analysts_read_why_the_night_is_not_known(home: Settings) -> None:
    sunday = "SELECT DISTINCT source, why_unknown FROM judgements WHERE evening = DATE '2026-03-08' AND NOT is_covered"
    assert dict(read_published(home.published_file, sunday).iter_rows()) == {
        s: str(w) for s, w in SAID.items()
    }
    start = "SELECT DISTINCT source, why_not_judged FROM start_here WHERE evening = DATE '2026-03-08' " \
        "AND centre_code = 'derby'"  # fmt: skip
    assert dict(read_published(home.published_file, start).iter_rows()) == {
        s: w.meaning for s, w in SAID.items()
    }


def test_ops_hear_of_each_what_is_the_matter(home: Settings) -> None:
    with open_warehouse(home) as warehouse:
        told = warehouse.query("SELECT message FROM outbox WHERE purpose IN ('feed', 'heartbeat')")
    said = " ".join(told["message"])
    assert "A&E assault attendances (ISTV): the delivery is late." in said
    assert "a delivery was refused" in said
    assert "the delivery is late, and a file is here under a wrong name" in said
    assert "A&E (late, since Sunday 8 March)" in said
    assert "Ambulance (refused, since Sunday 8 March)" in said
    assert "Police (misnamed, since Sunday 8 March)" in said
    assert "Nothing is late" not in said


def test_the_terminal_says_the_same(home: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    show_status(Console(width=300), home, derbyshire(), AT)
    lines = capsys.readouterr().out
    for source, state in SAID.items():
        assert re.search(rf"{state}\s+{source} \(.*{re.escape(state.meaning)}", lines), lines
        ask = f"ask {derbyshire().sources[source].contact}"
        assert f"{source}: the night of Sun 08 Mar 2026 is not accounted for; {ask}" in lines


def test_the_page_says_the_same(home: Settings) -> None:
    page = weekend_page(home, derbyshire(), None, reader=EVERYTHING, now=AT, root="")
    feeds = page.split('<h2 id="feeds">')[1]
    assert [state for state in SAID.values() if state.meaning not in feeds] == []


def test_terminal_and_page_say_the_same_of_a_part_that_hangs(
    home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    parts = (Part("scheduler", PartState.SILENT, now, "No heartbeat."), Part("triggerer", PartState.UP, now))
    write_service(home.service_file, Service(now, "http://x", parts))
    show_status(Console(width=300), home, derbyshire(), AT)
    page = weekend_page(home, derbyshire(), None, reader=EVERYTHING, now=now, root="")
    for said in (capsys.readouterr().out, page):
        assert "The scheduler is there and does not answer, since" in said
        assert "triggerer" not in said
    assert 'href="runbook#service"' in page


def test_terminal_and_page_say_when_nobody_looks_after_the_service(
    home: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    write_service(home.service_file, Service(now - timedelta(minutes=5), "http://x", ()))
    show_status(Console(width=300), home, derbyshire(), AT)
    page = weekend_page(home, derbyshire(), None, reader=EVERYTHING, now=now, root="")
    for said in (capsys.readouterr().out, page):
        assert "Nobody has looked after the service since" in said
