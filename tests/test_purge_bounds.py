"""A purge cannot be undone: it is bound by the retention, the clock and the newest delivery, and it asks."""

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from nte.errors import MisuseError
from nte.moment import moment_of_run
from nte.settings import Settings
from nte.tables.records import PURGES, RECORDS
from nte.warehouse import open_warehouse
from tests.areas import DERBYSHIRE, derbyshire
from tests.expectations.house import House, csv_text, emas_row, police_row
from transforms.steps import count_nights, plan_purge, purge_originals, purge_records

NEWEST = date(2026, 3, 25)
NOW = datetime(2026, 3, 25, 9, tzinfo=UTC)
KEPT = 100
LAST = NEWEST - timedelta(days=KEPT)
"""Records of evenings before it may go."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A home that keeps records for a hundred days and has some of three hundred."""
    area = derbyshire()
    retention = area.retention.model_copy(update={"keep_records_days": KEPT})
    home = tmp_path / "home"
    house = House(Settings(home=home, inbox=home / "inbox"), area.model_copy(update={"retention": retention}))
    days = [NEWEST - timedelta(days=n) for n in range(1, 300, 10)]
    first, last = days[-1] - timedelta(days=1), NEWEST - timedelta(days=2)
    house.put(f"police_{first}_{last}.csv", csv_text([police_row(n, day) for n, day in enumerate(days)]))
    house.put_day("police", [police_row(999, NEWEST)], NEWEST)
    house.put_day("emas", [emas_row(1, NEWEST)], NEWEST)
    for source in ("police", "emas"):
        house.check(source, NOW)
        house.conform(source)
    count_nights(house.settings, house.area, NOW)
    return house


def n_records(house: House) -> int:
    with open_warehouse(house.settings) as warehouse:
        return warehouse.n_rows(RECORDS)


DATES = [LAST + timedelta(days=n) for n in (1, 2, 50, 99, 100, 101, 365, 3650)] + [date(9999, 12, 31)]
CLOCKS = [timedelta(days=n) for n in (0, 1, 7, 31, 365, 3650, 36500)]


def test_a_date_within_the_retention_is_refused_whatever_the_clock(house: House) -> None:
    before = n_records(house)
    for day in DATES:
        for ahead in CLOCKS:
            with pytest.raises(MisuseError, match="may still be held"):
                plan_purge(house.settings, house.area, day, NOW + ahead)
    assert n_records(house) == before
    assert plan_purge(house.settings, house.area, None, NOW + timedelta(days=3650)).before == LAST
    assert plan_purge(house.settings, house.area, None, NOW - timedelta(days=9)).before == LAST - timedelta(9)


def test_what_will_go_is_what_goes(house: House) -> None:
    plan = plan_purge(house.settings, house.area, LAST, NOW)
    assert (plan.first, plan.last, plan.n_deliveries) == (date(2025, 6, 6), date(2025, 12, 13), 1)
    assert purge_records(house.settings, house.area, plan.before, NOW) == plan.n_records == 20


def test_a_clock_that_is_ahead_takes_no_original(house: House) -> None:
    names = house.names("accepted")
    for ahead in CLOCKS:
        assert purge_originals(house.settings, house.area, NOW + ahead) == []
    assert house.names("accepted") == names


@pytest.fixture
def typed(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The same home, for the command line."""
    folder = shutil.copytree(DERBYSHIRE, tmp_path / "area")
    text = (folder / "area.toml").read_text()
    (folder / "area.toml").write_text(text.replace("keep_records_days = 2557", f"keep_records_days = {KEPT}"))
    monkeypatch.setenv("NTE_HOME", str(house.settings.home))
    monkeypatch.setenv("NTE_AREA", str(folder))
    return house


def test_the_command_says_what_will_go_and_asks(typed: House) -> None:
    before = n_records(typed)
    words = ["purge", "--before", str(LAST), "--now", "2026-03-25T10:00"]
    for answer in ("n\n", "", "\n"):
        said = CliRunner().invoke(app, words, input=answer)
        assert said.exit_code == 1
        assert "20 records of the evenings 2025-06-06 to 2025-12-13, from 1 deliveries, go for good" in (
            " ".join(said.output.split())
        )
        assert n_records(typed) == before
    assert CliRunner().invoke(app, words, input="y\n").exit_code == 0
    assert n_records(typed) == before - 20
    again = CliRunner().invoke(app, [*words, "--yes"])
    assert (again.exit_code, "nothing to remove" in again.output) == (0, True)


def test_the_command_refuses_a_date_that_is_too_late_though_nobody_is_asked(typed: House) -> None:
    before = n_records(typed)
    said = CliRunner().invoke(app, ["purge", "--before", "2030-01-01", "--yes"])
    assert isinstance(said.exception, MisuseError)
    assert n_records(typed) == before
    with open_warehouse(typed.settings) as warehouse:
        assert warehouse.n_rows(PURGES) == 0


def test_no_run_of_a_dag_works_as_of_a_date_that_has_not_come() -> None:
    area, ahead = derbyshire(), datetime(2999, 1, 1, tzinfo=UTC)
    for said, backfilled in (("2999-01-01T00:00", None), (None, ahead), ("2999-01-01T00:00", ahead)):
        with pytest.raises(MisuseError, match="ahead of this machine's clock"):
            moment_of_run(said, area, backfilled)


def test_originals_still_go_while_deliveries_come(house: House) -> None:
    """Files that were put there long ago by the machine's clock, beside a delivery of that clock's today."""
    today = datetime.now(UTC)
    later = (today + timedelta(days=60)).date()
    house.put_day("emas", [emas_row(7, later)], later)
    house.check("emas", today + timedelta(days=61))
    house.conform("emas")
    names = purge_originals(house.settings, house.area, today + timedelta(days=61))
    assert sorted(names) == sorted(os.path.basename(n) for n in [*house.names("accepted"), *names])
