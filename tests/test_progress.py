"""A morning is done when a step says so: whatever order runs and files come in, what is known at last is said."""

import shutil
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from forecasts.steps import check_judgements
from nte.area_files import load_area
from nte.settings import Settings
from nte.tables.judgements import JUDGEMENTS
from nte.warehouse import open_warehouse
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.areas import DERBYSHIRE
from tests.faults.child import run_steps

pytestmark = pytest.mark.slow
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


def resent(inbox: Path, house: House) -> None:
    """Send two months again, a third of them cancelled, the way a provider does after a migration."""
    with open_warehouse(Settings(home=house.home)) as warehouse:
        refs = warehouse.query("SELECT DISTINCT record_id FROM records WHERE source = 'police'")["record_id"]
    lines = [
        path.read_text().splitlines() for path in sorted((house.home / "accepted" / "police").glob("*.csv"))
    ]
    header, rows = lines[0][0], [row for file in lines for row in file[1:] if row.split(",")[0] in set(refs)]
    third = [row.replace(",recorded,", ",cancelled,", 1) if n % 3 == 0 else row for n, row in enumerate(rows)]
    name = f"police_{SUNDAY - timedelta(days=60)}_{SUNDAY - timedelta(days=7)}.csv"
    (inbox / "police" / name).write_text("\n".join([header, *third]) + "\n")


def as_known(house: House, at: str) -> pl.DataFrame:
    """Return every count as known at an instant."""
    with open_warehouse(Settings(home=house.home)) as warehouse:
        return warehouse.query(
            "SELECT evening, centre_code, source, definition, arg_max(coalesce(n_incidents, -1), known_at) AS n "
            f"FROM night_count_revisions WHERE known_at <= TIMESTAMPTZ '{at}' GROUP BY ALL ORDER BY ALL"
        )


def judged_again(house: House) -> tuple[int, tuple[str, ...]]:
    """Judge the last nights again; return how many judgements stand and those that come out otherwise."""
    done = check_judgements(Settings(home=house.home), AREA, [SUNDAY - timedelta(days=1), SUNDAY])
    return done.n_compared, done.differences


def test_a_year_sent_again_and_a_file_that_comes_late_leave_the_past_as_it_was_known(
    begun: Path, tmp_path: Path
) -> None:
    house = House(tmp_path / "house", begun)
    monday, tuesday, _ = MORNINGS
    house.land(monday, "emas", "ae")
    house.run(monday, "09:00")
    n_before, differing_before = judged_again(house)
    known = f"{monday} 09:00:00 Europe/London"
    before = as_known(house, known)
    assert n_before > 0
    assert differing_before == ()
    resent(house.inbox, house)
    house.land(monday)
    house.land(tuesday)
    house.run(tuesday, "09:00")
    assert as_known(house, known).equals(before)
    n_after, differing_after = judged_again(house)
    assert n_after > n_before
    assert differing_after == ()
    late = as_known(house, f"{tuesday} 08:59:59 Europe/London")
    now = as_known(house, f"{tuesday} 09:00:00 Europe/London")
    cancelled = late.join(now, on=["evening", "centre_code", "source", "definition"])
    long_ago = pl.col("evening") < SUNDAY - timedelta(days=7)
    fell = cancelled.filter(long_ago, source="police", definition="nte-violence")
    assert int(fell["n_right"].sum()) * 10 < int(fell["n"].sum()) * 9


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
