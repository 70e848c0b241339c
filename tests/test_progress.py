"""A morning is done when a step says so: whatever order runs and files come in, what is known at last is said."""

import shutil
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from nte.area_files import load_area
from nte.settings import Settings
from nte.tables.judgements import JUDGEMENTS
from nte.warehouse import open_warehouse
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.areas import DERBYSHIRE
from tests.faults.child import run_steps

SUNDAY = date(2026, 3, 8)
MORNINGS = [SUNDAY + timedelta(days=n) for n in (1, 2, 3)]
THURSDAY = SUNDAY + timedelta(days=4)
"""On it the next weekend's bands are issued."""
PLAN = SimulationPlan(
    seed=5,
    n_live_weeks=2,
    n_history_weeks=30,
    ends_on=THURSDAY,
    surges=(Surge("derby", SUNDAY, 9.0), Surge("glossop", SUNDAY, 50.0)),
)
BEFORE, BETWEEN, AFTER = "before both runs", "between the runs", "after both runs"
ORDERS = list(product((BEFORE, BETWEEN, AFTER), repeat=3))
ALWAYS = [(BEFORE, BETWEEN, BEFORE), (AFTER, AFTER, AFTER), (BETWEEN, AFTER, BETWEEN)]
"""Few enough for every day; `make faults` runs all 27."""
AT_LAST = "12:00"
SURGE, SEEN_BY_POLICE_ALONE = (f"{centre}/{SUNDAY}/nte-violence" for centre in ("derby", "glossop"))
AREA = load_area(DERBYSHIRE)
Found = dict[str, pl.DataFrame]


class House:
    """A home whose deliveries land when they are told to."""

    def __init__(self, folder: Path, begun: Path) -> None:
        shutil.copytree(begun, folder)
        self.home, self.waiting, self.inbox = folder / "home", folder / "waiting", folder / "inbox"

    def land(self, day: date, *sources: str) -> None:
        """Let the deliveries of a day land, of all sources or only some."""
        for path in sorted(self.waiting.rglob(f"*_{day}.*")):
            if sources and path.parent.name not in sources:
                continue
            path.rename(self.inbox / path.parent.name / path.name)

    def run(self, day: date, time: str) -> None:
        """Run every step as of a local time."""
        run_steps(self.home, self.inbox, f"{day}T{time}")

    def let_judgements_be_sparse(self, day: date) -> None:
        """Leave no judgement of a morning, as when nothing changed on it."""
        with open_warehouse(Settings(home=self.home)) as warehouse:
            warehouse.replace(JUDGEMENTS, JUDGEMENTS.empty(), "as_of = ?", [AREA.clock.morning_of(day)])

    def found(self) -> Found:
        """Return final counts, bands, states of alerts and heads: what must not depend on any order."""
        with open_warehouse(Settings(home=self.home)) as warehouse:
            return {
                name: warehouse.query(f"SELECT {columns} ORDER BY ALL")
                for name, columns in {
                    "counts": "evening, centre_code, source, definition, n_incidents, is_covered FROM night_counts",
                    "bands": "evening, centre_code, source, expected, alert_limit FROM bands",
                    "alerts": "alert_id, state, headline FROM alerts",
                    "heads": "alert_id, channel, count(*) AS n FROM outbox WHERE kind = 'head' AND purpose = 'alert' "
                    "GROUP BY ALL",
                }.items()
            }


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home run until Sunday morning, with the deliveries of the next three mornings still to land."""
    folder = tmp_path_factory.mktemp("begun")
    simulate_deliveries(PLAN, DERBYSHIRE, folder)
    for day in (*MORNINGS, THURSDAY):
        for path in sorted((folder / "inbox").rglob(f"*_{day}.*")):
            (folder / "waiting" / path.parent.name).mkdir(parents=True, exist_ok=True)
            path.rename(folder / "waiting" / path.parent.name / path.name)
    run_steps(folder / "home", folder / "inbox", f"{SUNDAY}T09:00")
    return folder


@pytest.fixture(scope="module")
def straight(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What one run finds when everything was there in time."""
    house = House(tmp_path_factory.mktemp("straight") / "house", begun)
    for day in MORNINGS:
        house.land(day)
    house.run(MORNINGS[-1], AT_LAST)
    found = house.found()
    assert SURGE in found["alerts"]["alert_id"].to_list()
    return found


def differing(house: House, straight: Found) -> list[str]:
    """Return what is not as in the straight run."""
    return [name for name, rows in house.found().items() if not rows.equals(straight[name])]


@pytest.mark.parametrize(
    "order", [pytest.param(o, marks=() if o in ALWAYS else pytest.mark.campaign) for o in ORDERS]
)
def test_any_order_of_runs_and_files_says_what_one_straight_run_says(
    order: tuple[str, ...], begun: Path, straight: Found, tmp_path: Path
) -> None:
    house = House(tmp_path / "house", begun)
    for day, landed in zip(MORNINGS, order, strict=True):
        for moment, time in ((BEFORE, "07:00"), (BETWEEN, "10:00"), (AFTER, None)):
            if landed == moment:
                house.land(day)
            if time:
                house.run(day, time)
    house.run(MORNINGS[-1], AT_LAST)
    assert differing(house, straight) == []


def test_a_surge_that_lands_after_the_morning_s_run_is_alerted_by_the_next_run(
    begun: Path, tmp_path: Path
) -> None:
    """The police file of Monday is missing; by 07:00 on Tuesday nothing has come; at 10:00 all of it is there."""
    house = House(tmp_path / "house", begun)
    monday, tuesday, wednesday = MORNINGS
    house.land(monday, "emas", "ae")
    house.run(monday, "07:00")
    house.run(tuesday, "07:00")
    house.let_judgements_be_sparse(tuesday)
    assert SEEN_BY_POLICE_ALONE not in house.found()["alerts"]["alert_id"].to_list()
    house.land(monday)
    house.land(tuesday)
    house.run(tuesday, "10:00")
    assert SEEN_BY_POLICE_ALONE in house.found()["alerts"]["alert_id"].to_list()
    house.run(wednesday, "07:00")
    assert SEEN_BY_POLICE_ALONE in house.found()["heads"]["alert_id"].to_list()


def test_a_run_a_month_ahead_disturbs_nothing_that_comes_later(begun: Path, tmp_path: Path) -> None:
    straight, disturbed = (House(tmp_path / name, begun) for name in ("straight", "disturbed"))
    disturbed.run(SUNDAY + timedelta(days=31), "07:00")
    for day in (*MORNINGS, THURSDAY):
        straight.land(day)
        disturbed.land(day)
        disturbed.run(day, "07:00")
    straight.run(THURSDAY, "07:00")
    found, expected = disturbed.found(), straight.found()
    ahead = pl.col("evening") <= THURSDAY + timedelta(days=3)
    assert found["alerts"].equals(expected["alerts"])
    assert found["heads"].equals(expected["heads"])
    assert found["bands"].filter(ahead).equals(expected["bands"])
    assert expected["bands"]["evening"].max() == THURSDAY + timedelta(days=3)
