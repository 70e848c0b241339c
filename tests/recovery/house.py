"""A home that has worked for a while, to be copied, damaged and mended."""

import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
from rich.console import Console

from alerts.steps import pause_alerts, resume_alerts
from nte.area import Area
from nte.area_files import load_area
from nte.moment import moment
from nte.settings import Settings
from nte.tables import WAREHOUSE_TABLES
from nte.tables.alerts import ACKNOWLEDGEMENTS, ALERTS
from nte.warehouse import open_warehouse, open_warehouse_file
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.areas import DERBYSHIRE
from tests.faults.child import run_steps

LAST = date(2026, 3, 9)
NOW = f"{LAST}T09:00"
PLAN = SimulationPlan(
    seed=5, n_live_weeks=1, n_history_weeks=20, ends_on=LAST, surges=(Surge("derby", date(2026, 3, 7), 6.0),)
)
QUIET = Console(quiet=True)
Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Home:
    """One home and its area."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder / "home", inbox=self.folder / "inbox")

    @property
    def area(self) -> Area:
        return load_area(DERBYSHIRE)

    @property
    def now(self) -> datetime:
        return moment(NOW, self.area)

    def run(self, now: str = NOW) -> None:
        run_steps(self.settings.home, self.settings.inbox_folder, now)

    def tables(self) -> Tables:
        """Every table, read without touching the journal."""
        with open_warehouse_file(self.settings.warehouse_file) as warehouse:
            return {table.name: warehouse.read(table).sort(table.keys) for table in WAREHOUSE_TABLES}

    def copy(self, folder: Path) -> "Home":
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Home(folder)


def used_home(folder: Path) -> Home:
    """A home that took a history and a week, raised an alert, was answered and paused."""
    simulate_deliveries(PLAN, DERBYSHIRE, folder)
    home = Home(folder)
    home.run()
    with open_warehouse(home.settings) as warehouse:
        alert = warehouse.read(ALERTS)["alert_id"][0]
        answer = {
            "acknowledgement_id": "a", "alert_id": alert, "kind": "note", "actions": "", "note": "", "made_by": "U1", "made_at": home.now,
        }  # fmt: skip
        warehouse.merge(ACKNOWLEDGEMENTS, pl.DataFrame([answer], ACKNOWLEDGEMENTS.schema))
    pause_alerts(home.settings, home.now, "duty officer", "a feed is mended")
    resume_alerts(home.settings, home.now)
    return home


def different(before: Tables, after: Tables) -> list[str]:
    """Return the names of the tables that are not the same."""
    return [name for name, rows in before.items() if not rows.equals(after[name])]
