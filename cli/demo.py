"""The demonstration: simulated deliveries through the whole service."""

from datetime import date

from rich.console import Console

from cli.run import run_dags
from cli.simulator.deliveries import simulate_deliveries
from cli.simulator.plan import SimulationPlan
from cli.weekend import show_run
from nte.area import Area
from nte.errors import MisuseError
from nte.files import write_text
from nte.moment import moment
from nte.settings import Settings

PLAN = SimulationPlan(seed=20260406, n_live_weeks=5, n_history_weeks=130, ends_on=date(2026, 4, 6))
"""Two and a half years of history: every season twice; five live weeks: late reports have settled in the first."""
NOW = "2026-04-06T09:00"


SIMULATED = "simulated.txt"
"""Marks a home whose deliveries are simulated, so that they are never mixed with real ones."""


def run_demo(console: Console, settings: Settings, area: Area) -> None:
    """Simulate, run, show. Run again, it changes nothing and repeats no alert.

    Raises MisuseError when this home holds real deliveries.
    """
    marker = settings.home / SIMULATED
    if settings.warehouse_file.exists() and not marker.exists():
        raise MisuseError(
            f"{settings.home} holds real deliveries. Show the demonstration elsewhere: NTE_HOME=DIR make demo"
        )
    with console.status("simulating deliveries …") as status:
        if not marker.exists():
            simulate_deliveries(PLAN, settings.area, settings.home, status.update)
            write_text(
                marker, "The deliveries of this folder are simulated. Real ones need another NTE_HOME.\n"
            )
        run_dags(settings, area.time_zone, NOW, lambda dag_id: status.update(f"{dag_id} …"))
    show_run(console, settings, area, moment(NOW, area))
    console.print("Simulated deliveries. To see the service at work: make up")
