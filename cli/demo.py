"""The demonstration: simulated deliveries through the whole service."""

import json
import shutil
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console

from cli.begin import begin_run
from cli.flows import run_flows
from cli.simulated import simulated_until
from cli.weekend import show_run
from nte.area import Area
from nte.errors import MisuseError
from nte.files import write_text
from nte.moment import moment
from nte.settings import Settings
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan

SEED = 20260406
N_LIVE_WEEKS = 5
"""Late reports have settled in the first of them."""
N_HISTORY_WEEKS = 130
"""Two and a half years: every season twice."""
SHOWN_AT = time(9)


def run_demo(console: Console, settings: Settings, area: Area, now: datetime) -> None:
    """Simulate until the latest Monday, run, show. Run again, it changes nothing and repeats no alert.

    Raises MisuseError when this home holds real deliveries.
    """
    if settings.warehouse_file.exists() and not settings.is_simulated:
        raise MisuseError(
            f"{settings.home} holds real deliveries. Show the demonstration elsewhere: NTE_HOME=DIR make demo"
        )
    with console.status("simulating deliveries …") as status:
        if not settings.is_simulated:
            monday = last_monday(now, area)
            simulate_deliveries(plan_until(monday), settings.area, settings.home, status.update)
            write_text(settings.simulated_file, json.dumps({"simulated_until": monday.isoformat()}))
        until = f"{simulated_until(settings.simulated_file)}T{SHOWN_AT:%H:%M}"
        as_of = moment(until, area)
        this = begin_run(settings, area, as_of, console.print, as_of=until)
        run_flows(this, lambda step: status.update(f"{step} …"))
    show_run(console, settings, area, as_of, is_brief=True)
    console.print("These deliveries are simulated. To see the service at work: make up")
    if shutil.which("nte") is None:
        here = Path(sys.executable).parent
        console.print(
            f'To type nte in this shell: export PATH="{here}:$PATH"', highlight=False, soft_wrap=True
        )


def plan_until(monday: date) -> SimulationPlan:
    """Return what is simulated: the area's usual nights, and the surge that its simulation.toml plants."""
    return SimulationPlan(
        seed=SEED, n_live_weeks=N_LIVE_WEEKS, n_history_weeks=N_HISTORY_WEEKS, ends_on=monday
    )


def last_monday(now: datetime, area: Area) -> date:
    """Return the latest Monday whose morning is over: by then the whole weekend has been delivered."""
    local = now.astimezone(area.clock.time_zone)
    today = local.date() if local.time() >= SHOWN_AT else local.date() - timedelta(days=1)
    return today - timedelta(days=today.weekday())
